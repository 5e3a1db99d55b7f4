import { randomInt } from 'node:crypto';

/** Without those that are read or heard as another. */
const SIGNS = 'abcdefghjkmnpqrstuvwxyz23456789';
const GROUPS = 5;
const GROUP_LENGTH = 4;

/** A password to be handed over and changed: 99 random bits, `7kqf-x2mw-…`. */
export function makeTemporaryPassword(): string {
  const group = () => Array.from({ length: GROUP_LENGTH }, () => SIGNS[randomInt(SIGNS.length)]).join('');
  return Array.from({ length: GROUPS }, group).join('-');
}
