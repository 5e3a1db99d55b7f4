import type { Actor, Role, Scope } from '../lib/actor.ts';

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
  ],
  OPERATOR: ['PROFILE', 'VENUES_READ', 'USERS_READ', 'MACHINES_READ', 'MACHINES_CONTROL'],
  AUDITOR: ['PROFILE', 'VENUES_READ', 'USERS_READ', 'API_KEYS_READ', 'AUDIT_READ', 'MACHINES_READ'],
  PLAYER: ['PROFILE', 'VENUES_READ'],
  DEVICE: ['DEVICE'],
  PARTNER: [],
};

/** Everything any of these roles may; nothing without a role. */
export function scopesOf(roles: readonly Role[]): ReadonlySet<Scope> {
  return new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
}

/** What the actor may at his venue: by his roles, by what his key lists, or as any device may. Nothing before he has a password of his own. */
export function scopesOfActor(actor: Actor): ReadonlySet<Scope> {
  if (actor.kind === 'user') return actor.mustChangePassword ? new Set() : scopesOf(actor.roles);
  if (actor.kind === 'device') return scopesOf(['DEVICE']);
  return new Set(actor.kind === 'partner' ? actor.scopes : []);
}
