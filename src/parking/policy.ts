import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { isOwn, mayAt, type Owned, type Rights } from '../lib/actor.ts';
import type { ReservationEventType } from './events.ts';

/** Who may see the lots of a venue and how full they are: all its people, and who is given it. */
export const canSeeLots = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR', 'PLAYER'], scope: 'PARKING_READ' });

/** Who may see every reservation and stay at a venue. */
export const canSeeParking = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'PARKING_MANAGE' });

/** Who may see this reservation or stay: whoever may see all, and whose it is. */
export const canSeeParkingOf = (rights: Rights, owned: Owned): boolean =>
  canSeeParking(rights, owned.venueId) || isOwn(rights, owned);

/** Who may say what lots there are, reserve for others, and end their stays. */
export const canManageParking = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'PARKING_MANAGE' });

/** Who may park for this person. */
export const canParkFor = (actor: Rights, owned: Owned): boolean =>
  isOwn(actor, owned) || canManageParking(actor, owned.venueId);

/** Whoever oversees parking sees the same of what happens to reservations; whose one is sees that of his own. */
export function sightOfReservation(
  actor: Rights,
  { venueId, payload }: Pick<LoggedEvent<ReservationEventType>, 'venueId' | 'payload'>,
): Sight {
  if (canSeeParking(actor, venueId)) return 'SHARED';
  return isOwn(actor, { venueId, userId: payload.userId }) ? 'OWN' : null;
}
