import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { isOwn, mayAt, type Owned, type Rights } from '../lib/actor.ts';
import type { BookingEventType } from './events.ts';

/** Who may see what can be booked at a venue, and whether it can be had: all its people, and who is given it. */
export const canSeeSlots = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR', 'PLAYER'], scope: 'BOOKINGS_READ' });

/** Who may see every booking of a venue, and so who has which slot. */
export const canSeeBookings = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'BOOKINGS_MANAGE' });

/** Who may see this one: whoever may see all, and whose it is. */
export const canSeeBooking = (actor: Rights, owned: Owned): boolean =>
  canSeeBookings(actor, owned.venueId) || isOwn(actor, owned);

/** Who may say what can be booked, book for others, and change their bookings. */
export const canManageBookings = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'BOOKINGS_MANAGE' });

/** Who may book for this person. */
export const canBookFor = (actor: Rights, owned: Owned): boolean =>
  isOwn(actor, owned) || canManageBookings(actor, owned.venueId);

/** Whoever oversees bookings sees the same of what happens to them; whose one is sees that of his own. */
export function sightOfBooking(
  actor: Rights,
  { venueId, payload }: Pick<LoggedEvent<BookingEventType>, 'venueId' | 'payload'>,
): Sight {
  if (canSeeBookings(actor, venueId)) return 'SHARED';
  return isOwn(actor, { venueId, userId: payload.userId }) ? 'OWN' : null;
}
