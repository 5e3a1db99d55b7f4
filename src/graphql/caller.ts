import type { DeviceActor, UserActor } from '../lib/actor.ts';
import type { Context } from './context.ts';
import { NotSignedInError } from './errors.ts';

/** The venue the caller is signed in to. @throws NotSignedInError */
export function venueIdOf({ rights }: Pick<Context, 'rights'>): string {
  if (!('venueId' in rights)) throw new NotSignedInError();
  return rights.venueId;
}

/** The person who asks. @throws NotSignedInError */
export function signedInUser(actor: Context['actor']): UserActor {
  if (actor.kind !== 'user') throw new NotSignedInError();
  return actor;
}

/** The person or device that asks, in a session. @throws NotSignedInError */
export function signedInHolder(actor: Context['actor']): UserActor | DeviceActor {
  if (actor.kind !== 'user' && actor.kind !== 'device') throw new NotSignedInError();
  return actor;
}
