import { expect } from 'vitest';
import type { OAuthProviderName } from '../../src/auth/oauth.ts';
import type { AuthServices } from '../../src/auth/service.ts';
import type { UserActor } from '../../src/lib/actor.ts';
import { type FakeProvider, type ProviderPerson, REDIRECT_URI } from './oauth-provider.ts';

let count = 0;

/** Somebody nobody knows here. */
export function aPerson(
  overrides: Partial<ProviderPerson> = {},
): ProviderPerson & { readonly email: string } {
  count += 1;
  return { subject: String(1_000 + count), email: `person-${count}@example.com`, ...overrides };
}

/** How somebody goes to a provider. */
export interface Journey {
  readonly through?: OAuthProviderName;
  readonly venue?: string;
  /** Links instead of signing in. */
  readonly linker?: { readonly actor: UserActor; readonly password: string | null };
}

/** Goes to the provider and comes back, as far as the page that completes. */
export async function comeBack(
  { auth, provider }: { readonly auth: AuthServices; readonly provider: FakeProvider },
  person: ProviderPerson,
  { through = 'GOOGLE', venue, linker }: Journey = {},
) {
  const wish = { provider: through, redirectUri: REDIRECT_URI };
  const { authorizationUrl, state, verifier } = await (linker
    ? auth.oauth.beginLink(linker.actor, { ...wish, password: linker.password }, {})
    : auth.oauth.begin({ ...wish, venue }));
  const back = await provider.agree(authorizationUrl, person);
  expect(back.state).toBe(state);
  return { ...back, verifier };
}
