import { type Actor, mayAt, type Rights, type Role } from '../lib/actor.ts';

/** The user a decision is about, as far as it matters. */
interface Subject {
  readonly id: string;
}

/** Whether the actor may know that this user of its own venue exists, and what he is called. */
export function canSeeUser(actor: Rights, subject: Subject): boolean {
  return isSelf(actor, subject) || canSeeUsers(actor);
}

/** Whether that holds for all users of its own venue. */
export const canSeeUsers = (actor: Rights): boolean => hasRole(actor, ['ADMIN', 'OPERATOR', 'AUDITOR']);

/** Whether the actor may read how this user of its own venue is reached. */
export function canSeeEmail(actor: Rights, subject: Subject): boolean {
  return isSelf(actor, subject) || hasRole(actor, ['ADMIN', 'OPERATOR']);
}

/** Whether the actor may see what this key is, though never its secret. */
export const canSeeApiKey = (actor: Actor, key: { readonly id: string; readonly venueId: string }): boolean =>
  (actor.kind === 'partner' && actor.apiKeyId === key.id) || canSeeApiKeys(actor, key.venueId);

export const canSeeApiKeys = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN', 'AUDITOR'], scope: 'API_KEYS_READ' });

/** Who may make and revoke the keys of a venue. */
export const canManageApiKeys = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'API_KEYS_WRITE' });

/** Who may read what was done at a venue, and about who may do what there. */
export const canReadAudit = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'AUDITOR'], scope: 'AUDIT_READ' });

/** Whether the actor may make venues: floorwire itself, and whoever is ADMIN of one. */
export const canCreateVenues = (actor: Actor): boolean => hasRole(actor, ['ADMIN']);

export const canUpdateVenue = (actor: Actor, venueId: string): boolean =>
  mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'VENUES_WRITE' });

/** Whether the actor may go through the users of this venue. */
export function canListUsers(actor: Actor, venueId: string): boolean {
  return mayAt(actor, venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'USERS_READ' });
}

/** Whether the actor may look for users of its own venue by how they are reached. */
export const canSearchEmail = (actor: Actor): boolean => hasRole(actor, ['ADMIN', 'OPERATOR']);

/** Whether the actor may make users of this venue, say what they are there, and shut their accounts. */
export function canGovernUsers(actor: Actor, venueId: string): boolean {
  return mayAt(actor, venueId, { roles: ['ADMIN'], scope: 'USERS_WRITE' });
}

/** Whether the actor may see what this device is: it itself, whose it is, and who sees all of the venue. */
export const canSeeDevice = (
  actor: Rights,
  device: { readonly id: string; readonly venueId: string; readonly ownerId: string | null },
): boolean =>
  (actor.kind === 'device' && 'deviceId' in actor && actor.deviceId === device.id) ||
  (device.ownerId !== null && isSelf(actor, { id: device.ownerId }) && isOf(actor, device.venueId)) ||
  mayAt(actor, device.venueId, { roles: ['ADMIN', 'OPERATOR', 'AUDITOR'], scope: 'DEVICES_READ' });

const isOf = (actor: Rights, venueId: string): boolean => 'venueId' in actor && actor.venueId === venueId;

/** Who may make devices known at a venue. */
export const canRegisterDevices = (actor: Actor, venueId: string): boolean => isAt(actor, venueId, ['ADMIN']);

const isAt = (actor: Actor, venueId: string, wanted: readonly Role[]) =>
  hasRole(actor, wanted) && (actor.kind !== 'user' || actor.venueId === venueId);

export const isSelf = (actor: Rights, subject: Subject) =>
  actor.kind === 'user' && 'userId' in actor && actor.userId === subject.id;

const hasRole = (actor: Rights, wanted: readonly Role[]) =>
  actor.kind === 'system' || (actor.kind === 'user' && actor.roles.some((role) => wanted.includes(role)));
