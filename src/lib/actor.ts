/**
 * Who is asking. Every unit of work has exactly one, and every policy decides by it.
 *
 * A domain never sees a token: `http/authenticate.ts` turns credentials into an actor.
 */
export type Role = 'ADMIN' | 'OPERATOR' | 'PLAYER' | 'DEVICE' | 'PARTNER' | 'AUDITOR';

export const ROLES = [
  'ADMIN',
  'OPERATOR',
  'PLAYER',
  'DEVICE',
  'PARTNER',
  'AUDITOR',
] as const satisfies readonly Role[];

/** What a credential may be used for, coarsely; ownership is decided by each domain's policy. */
export type Scope = (typeof SCOPES)[number];

export const SCOPES = [
  'PROFILE',
  'VENUES_READ',
  'VENUES_WRITE',
  'USERS_READ',
  'USERS_WRITE',
  'API_KEYS_READ',
  'API_KEYS_WRITE',
  'AUDIT_READ',
  'MACHINES_READ',
  'MACHINES_CONTROL',
  'MACHINES_CONFIGURE',
  'WALLETS_READ',
  'WALLETS_USE',
  'WALLETS_POST',
  'BOOKINGS_READ',
  'BOOKINGS_WRITE',
  'BOOKINGS_MANAGE',
  'PARKING_READ',
  'PARKING_WRITE',
  'PARKING_MANAGE',
  'DEVICES_READ',
  'DEVICES_CONTROL',
  'DEVICES_MANAGE',
  'SIGNAGE_READ',
  'SIGNAGE_WRITE',
  'FIRMWARE_WRITE',
  'CHANNELS_READ',
  'CHANNELS_BROADCAST',
  'REALTIME_READ',
  'REALTIME_CONTROL',
  'NOTIFICATIONS_SEND',
  'ALERTS_READ',
  'ALERTS_WRITE',
  'DEVICE',
] as const;

export interface UserActor {
  readonly kind: 'user';
  readonly userId: string;
  readonly venueId: string;
  readonly sessionId: string;
  readonly roles: readonly Role[];
  /** What he may besides what his roles allow. */
  readonly grants: readonly Scope[];
  /** Whether he may do nothing but choose another password. */
  readonly mustChangePassword: boolean;
}

/** Another system, by its API key. */
export interface PartnerActor {
  readonly kind: 'partner';
  readonly apiKeyId: string;
  readonly venueId: string;
  readonly scopes: readonly Scope[];
  /** The types of event it may follow. */
  readonly eventTypes: readonly string[];
}

/** A screen, board, gate or sensor that signed in by its serial number. */
export interface DeviceActor {
  readonly kind: 'device';
  readonly deviceId: string;
  readonly venueId: string;
  readonly sessionId: string;
}

/** A part of floorwire acting by itself: the SAS ingest, a job, the demo seed. */
export interface SystemActor {
  readonly kind: 'system';
  readonly name: string;
}

/** Nobody signed in. */
export interface AnonymousActor {
  readonly kind: 'anonymous';
}

/** Whoever showed a credential. */
export type SignedInActor = UserActor | PartnerActor | DeviceActor;

export type Actor = SignedInActor | SystemActor | AnonymousActor;

/** What an actor may, apart from who he is: those of equal rights are shown the same. Every actor is one. */
export type Rights =
  | Pick<UserActor, 'kind' | 'venueId' | 'roles' | 'grants' | 'mustChangePassword'>
  | Pick<PartnerActor, 'kind' | 'venueId' | 'scopes' | 'eventTypes'>
  | Pick<DeviceActor, 'kind' | 'venueId'>
  | SystemActor
  | AnonymousActor;

/** Where a change was asked for: what the log keeps beside who asked. */
export interface Origin {
  /** Under which number the log of the process knows the request. */
  readonly requestId: string;
  /** The network address it came from; null when it is not known. */
  readonly address: string | null;
}

export const ANONYMOUS: AnonymousActor = Object.freeze({ kind: 'anonymous' });

export const system = (name: string): SystemActor => ({ kind: 'system', name });

export const isSignedIn = (actor: Actor): actor is SignedInActor =>
  actor.kind === 'user' || actor.kind === 'partner' || actor.kind === 'device';

/** The actor's rights without the actor. */
export function rightsOf(actor: Actor): Rights {
  switch (actor.kind) {
    case 'user': {
      const { kind, venueId, roles, grants, mustChangePassword } = actor;
      return { kind, venueId, roles, grants, mustChangePassword };
    }
    case 'partner': {
      const { kind, venueId, scopes, eventTypes } = actor;
      return { kind, venueId, scopes, eventTypes };
    }
    case 'device':
      return { kind: actor.kind, venueId: actor.venueId };
    default:
      return actor;
  }
}

/**
 * Whether the actor acts at this venue and is one of these there: a person by his roles or by a grant
 * of the scope, a partner by the scope on its key. Floorwire itself may everywhere.
 */
export function mayAt(
  rights: Rights,
  venueId: string,
  { roles, scope }: { readonly roles: readonly Role[]; readonly scope: Scope },
): boolean {
  if (rights.kind === 'system') return true;
  if (rights.kind === 'anonymous' || rights.venueId !== venueId) return false;
  if (rights.kind === 'user')
    return rights.roles.some((role) => roles.includes(role)) || rights.grants.includes(scope);
  return rights.kind === 'partner' && rights.scopes.includes(scope);
}

/** Whose something is: a person's at a venue; of nobody when there is no user. */
export interface Owned {
  readonly venueId: string;
  readonly userId: string | null;
}

/** Whether it is the own of whoever asks, who acts at its venue. */
export const isOwn = (actor: Rights, { venueId, userId }: Owned): boolean =>
  actor.kind === 'user' && actor.venueId === venueId && 'userId' in actor && actor.userId === userId;

/**
 * What the actor's power hangs on: a session, or an API key. When it ends, everything that is open
 * on its behalf ends. Null for whoever showed nothing.
 */
export function credentialOf(actor: Actor): string | null {
  if (actor.kind === 'partner') return actor.apiKeyId;
  return actor.kind === 'user' || actor.kind === 'device' ? actor.sessionId : null;
}

/** The actor as the log keeps it: kind and id or name, never a name of a person. */
export function actorReference(actor: Actor): { kind: Actor['kind']; id: string | null } {
  return { kind: actor.kind, id: idOf(actor) };
}

function idOf(actor: Actor): string | null {
  switch (actor.kind) {
    case 'user':
      return actor.userId;
    case 'partner':
      return actor.apiKeyId;
    case 'device':
      return actor.deviceId;
    case 'system':
      return actor.name;
    case 'anonymous':
      return null;
  }
}
