import type { Streams } from '../events/stream.ts';
import { isSignedIn } from '../lib/actor.ts';
import type { CommandDesk } from '../machine/command-desk.ts';
import type { Context } from './context.ts';
import { NotSignedInError } from './errors.ts';

declare module './context.ts' {
  interface Services {
    readonly streams: Streams;
    readonly commands: CommandDesk;
    /** How the serial lines and machines of one venue are doing, beside what the server itself needs. */
    readonly venueHealth: (venueId: string) => Promise<Health>;
  }
}

/** The venue the caller is signed in to. @throws NotSignedInError */
export function venueIdOf({ actor }: Context): string {
  if (!isSignedIn(actor)) throw new NotSignedInError();
  return actor.venueId;
}
