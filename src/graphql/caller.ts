import { type DeviceActor, isSignedIn, type UserActor } from '../lib/actor.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { NotSignedInError } from './errors.ts';

/** The venue the caller is signed in to. @throws NotSignedInError */
export function venueIdOf({ rights }: Pick<Context, 'rights'>): string {
  if (!('venueId' in rights)) throw new NotSignedInError();
  return rights.venueId;
}

/**
 * The person who asks.
 *
 * @throws NotSignedInError; PermissionDeniedError for a key or a device, which no sign-in makes a person
 */
export function signedInUser(actor: Context['actor']): UserActor {
  if (actor.kind === 'user') return actor;
  if (isSignedIn(actor)) throw new PermissionDeniedError('do what only a person can');
  throw new NotSignedInError();
}

/** The person or device that asks, in a session. @throws NotSignedInError */
export function signedInHolder(actor: Context['actor']): UserActor | DeviceActor {
  if (actor.kind !== 'user' && actor.kind !== 'device') throw new NotSignedInError();
  return actor;
}
