import type { DeviceKind } from '../../src/auth/device.ts';
import type { Answer, FloorApp } from './app.ts';
import { aDevice } from './builders.ts';
import { noteSecrets } from './secrets.ts';

/** A device that has signed in. */
export interface SignedInDevice {
  readonly id: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  ask(query: string, variables?: Record<string, unknown>): Promise<Answer<any>>;
}

/** A device of the floor's venue, or of another one, that has signed in. */
export async function aSignedInDevice(
  floor: FloorApp,
  kind: DeviceKind,
  { id: venueId, slug }: { readonly id: string; readonly slug: string } = {
    id: floor.venueId,
    slug: 'casino',
  },
): Promise<SignedInDevice> {
  const { auth, runWork } = floor.app().services;
  const { id, ...credentials } = await aDevice(runWork, { venueId, kind });
  const trace = { userAgent: 'device', address: '127.0.0.1' };
  const signedIn = await auth.authenticateDevice({ venue: slug, ...credentials }, trace);
  noteSecrets(signedIn);
  return {
    id,
    async ask(query, variables) {
      const response = await fetch(`${floor.app().url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: `Bearer ${signedIn.accessToken}` },
        body: JSON.stringify({ query, variables }),
      });
      return (await response.json()) as never;
    },
  };
}
