import { ROLES, type Role } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';

/** What a person can be at a venue. A device and a partner are no people. */
const ROLES_OF_PEOPLE: readonly Role[] = ROLES.filter((role) => role !== 'DEVICE' && role !== 'PARTNER');

/** Roles of a person, each once and in alphabetical order. @throws ValidationError */
export function parseRoles(roles: readonly Role[]): readonly Role[] {
  if (!roles.every((role) => ROLES_OF_PEOPLE.includes(role)))
    throw new ValidationError(`A person can be ${ROLES_OF_PEOPLE.join(', ')}.`);
  return [...new Set(roles)].sort();
}
