import { type Actor, type Rights, type Role, SCOPES, type Scope } from '../lib/actor.ts';

/** SCHEMA.md 2, the table of roles. What a partner may, its key lists. */
const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  ADMIN: [
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
  ],
  OPERATOR: [
    'PROFILE',
    'VENUES_READ',
    'USERS_READ',
    'MACHINES_READ',
    'MACHINES_CONTROL',
    'WALLETS_READ',
    'WALLETS_USE',
    'BOOKINGS_READ',
    'BOOKINGS_WRITE',
    'BOOKINGS_MANAGE',
    'PARKING_READ',
    'PARKING_WRITE',
    'PARKING_MANAGE',
    'DEVICES_READ',
    'DEVICES_CONTROL',
    'SIGNAGE_READ',
    'SIGNAGE_WRITE',
    'CHANNELS_READ',
    'CHANNELS_BROADCAST',
    'REALTIME_READ',
    'REALTIME_CONTROL',
    'NOTIFICATIONS_SEND',
    'ALERTS_READ',
    'ALERTS_WRITE',
  ],
  AUDITOR: [
    'PROFILE',
    'VENUES_READ',
    'USERS_READ',
    'API_KEYS_READ',
    'AUDIT_READ',
    'MACHINES_READ',
    'WALLETS_READ',
    'BOOKINGS_READ',
    'PARKING_READ',
    'DEVICES_READ',
    'SIGNAGE_READ',
    'CHANNELS_READ',
    'REALTIME_READ',
    'ALERTS_READ',
  ],
  PLAYER: [
    'PROFILE',
    'VENUES_READ',
    'WALLETS_READ',
    'WALLETS_USE',
    'BOOKINGS_READ',
    'BOOKINGS_WRITE',
    'PARKING_READ',
    'PARKING_WRITE',
    'CHANNELS_READ',
  ],
  DEVICE: ['DEVICE', 'CHANNELS_READ'],
  PARTNER: [],
};

/**
 * What an API key can have. A partner is another company: it manages neither people nor keys, does not
 * say which port a machine hangs on, does not read who did what, and has no wallet of its own to use: what that
 * scope opens, WALLETS_POST does too.
 */
export const PARTNER_SCOPES: readonly Scope[] = [
  'VENUES_READ',
  'MACHINES_READ',
  'MACHINES_CONTROL',
  'WALLETS_READ',
  'WALLETS_POST',
  'BOOKINGS_READ',
  'BOOKINGS_WRITE',
  'BOOKINGS_MANAGE',
  'PARKING_READ',
  'PARKING_WRITE',
  'PARKING_MANAGE',
  'DEVICES_READ',
  'DEVICES_CONTROL',
  'SIGNAGE_READ',
  'SIGNAGE_WRITE',
  'FIRMWARE_WRITE',
  'CHANNELS_READ',
  'CHANNELS_BROADCAST',
  'NOTIFICATIONS_SEND',
  'ALERTS_READ',
  'ALERTS_WRITE',
];

/**
 * What a person can be granted at a venue besides what his roles allow, and the role he needs for it.
 * `user_grant_known` says the same.
 */
export const ROLE_OF_GRANT: ReadonlyMap<Scope, Role> = new Map([['WALLETS_POST', 'OPERATOR']]);

/** Everything any of these roles may; nothing without a role. */
export function scopesOf(roles: readonly Role[]): ReadonlySet<Scope> {
  return new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
}

/** What the actor may at his venue: by his roles and grants, by what his key lists, or as any device may. Nothing before he has a password of his own. */
export function scopesOfActor(rights: Rights): ReadonlySet<Scope> {
  if (rights.kind === 'user') {
    const { roles, grants, mustChangePassword } = rights;
    return mustChangePassword ? NO_SCOPES : scopesOfUser(roles, grants);
  }
  if (rights.kind === 'device') return scopesOf(['DEVICE']);
  return new Set(rights.kind === 'partner' ? rights.scopes : []);
}

const NO_SCOPES: ReadonlySet<Scope> = new Set();

/** Of a session that is remembered, each request brings the same lists. */
function scopesOfUser(roles: readonly Role[], grants: readonly Scope[]): ReadonlySet<Scope> {
  const known = scopesByRoles.get(roles);
  if (known?.grants === grants) return known.scopes;
  const scopes = new Set([...scopesOf(roles), ...grants]);
  scopesByRoles.set(roles, { grants, scopes });
  return scopes;
}

const scopesByRoles = new WeakMap<
  readonly Role[],
  { readonly grants: readonly Scope[]; readonly scopes: ReadonlySet<Scope> }
>();

/** What the actor can hand on: nobody more than he has, and floorwire itself anything. */
export const grantableScopesOf = (actor: Actor): ReadonlySet<Scope> =>
  actor.kind === 'system' ? new Set(SCOPES) : scopesOfActor(actor);
