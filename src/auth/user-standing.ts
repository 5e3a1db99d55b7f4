import { ROLES, type Role, type Scope } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import { ROLE_OF_GRANT } from './scopes.ts';

/** What a person can be at a venue. A device and a partner are no people. */
const ROLES_OF_PEOPLE: readonly Role[] = ROLES.filter((role) => role !== 'DEVICE' && role !== 'PARTNER');

/** Roles of a person, each once and in alphabetical order. @throws ValidationError */
export function parseRoles(roles: readonly Role[]): readonly Role[] {
  const strange = roles.findIndex((role) => !ROLES_OF_PEOPLE.includes(role));
  if (strange >= 0)
    throw new ValidationError(`A person can be ${ROLES_OF_PEOPLE.join(', ')}.`, {
      field: ['roles', strange],
    });
  return [...new Set(roles)].sort();
}

/** Grants of a person of these roles, each once and in alphabetical order. @throws ValidationError for what he cannot be granted */
export function parseGrants(grants: readonly Scope[], roles: readonly Role[]): readonly Scope[] {
  for (const [at, scope] of grants.entries()) {
    const field = ['grants', at];
    const role = ROLE_OF_GRANT.get(scope);
    if (!role) throw new ValidationError(`${scope} comes with a role and is granted to nobody.`, { field });
    if (!roles.includes(role))
      throw new ValidationError(`${scope} is granted beside the role ${role}.`, { field });
  }
  return [...new Set(grants)].sort();
}

/** What somebody with these grants keeps of them when he is of these roles. */
export const grantsKept = (grants: readonly Scope[], roles: readonly Role[]): readonly Scope[] =>
  grants.filter((scope) => roles.some((role) => role === ROLE_OF_GRANT.get(scope)));
