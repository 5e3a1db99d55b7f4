import type { Role } from '../lib/actor.ts';

/** What a token may be used for, coarsely; ownership is decided by each domain's policy. */
export type Scope = 'PROFILE' | 'VENUES_READ' | 'MACHINES_READ' | 'MACHINES_CONTROL';

export const SCOPES = [
  'PROFILE',
  'VENUES_READ',
  'MACHINES_READ',
  'MACHINES_CONTROL',
] as const satisfies readonly Scope[];

/** SCHEMA.md 2, the table of roles. A device does only what its own fields allow; a partner, what its key lists. */
const SCOPES_OF_ROLE: Readonly<Record<Role, readonly Scope[]>> = {
  ADMIN: ['PROFILE', 'VENUES_READ', 'MACHINES_READ', 'MACHINES_CONTROL'],
  OPERATOR: ['PROFILE', 'VENUES_READ', 'MACHINES_READ', 'MACHINES_CONTROL'],
  AUDITOR: ['PROFILE', 'VENUES_READ', 'MACHINES_READ'],
  PLAYER: ['PROFILE', 'VENUES_READ'],
  DEVICE: [],
  PARTNER: [],
};

/** Everything any of these roles may; nothing without a role. */
export function scopesOf(roles: readonly Role[]): ReadonlySet<Scope> {
  return new Set(roles.flatMap((role) => SCOPES_OF_ROLE[role]));
}
