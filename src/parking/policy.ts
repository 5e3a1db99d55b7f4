import { mayAt, type Rights } from '../lib/actor.ts';

interface Owned {
  readonly venueId: string;
  readonly userId: string | null;
}

/** Who may see the lots of a venue and how full they are: all its people, and who is given it. */
export const canSeeLots = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR', 'PLAYER'], scope: 'PARKING_READ' });

/** Who may see every reservation and stay at a venue. */
export const canSeeParking = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'PARKING_MANAGE' });

/** Who may say what lots there are, reserve for others, and end their stays. */
export const canManageParking = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'PARKING_MANAGE' });

/** Who may park for this person. */
export const canParkFor = (actor: Rights, owned: Owned): boolean =>
  isOwn(actor, owned) || canManageParking(actor, owned.venueId);

export const isOwn = (actor: Rights, { venueId, userId }: Owned): boolean =>
  actor.kind === 'user' && actor.venueId === venueId && 'userId' in actor && actor.userId === userId;
