import { expect, test } from 'vitest';
import { canSeeEmail, canSeeUser } from '../../src/auth/policy.ts';
import { scopesOf } from '../../src/auth/scopes.ts';
import { parseUserIdentity, readIdentifier, type User } from '../../src/auth/user.ts';
import { ANONYMOUS, ROLES, type Role } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { anActor } from '../support/builders.ts';

const aPerson = (roles: readonly Role[]): User => ({
  id: newId(),
  homeVenueId: newId(),
  email: 'rosa@example.com',
  username: null,
  displayName: null,
  status: 'ACTIVE',
  roles,
  grants: [],
  emailVerifiedAt: null,
  mustChangePassword: false,
  version: 1,
  createdAt: new Date(),
});

test('blanks around the words are not part of them, and nothing is null', () => {
  const identity = { email: ' Rosa@Example.com ', username: ' rosa ', displayName: ' Rosa L. ' };
  expect(parseUserIdentity(identity)).toEqual({
    email: 'Rosa@Example.com',
    username: 'rosa',
    displayName: 'Rosa L.',
  });
  expect(parseUserIdentity({ email: 'r@e' })).toEqual({ email: 'r@e', username: null, displayName: null });
});

test.each([
  { email: 'rosa' },
  { email: 'rosa@' },
  { email: 'ro sa@example.com' },
  { email: 'rosa@example.com\u0000' },
  { email: 'rösa@example.com' },
  { email: `${'r'.repeat(250)}@e.com` },
  { email: 'rosa@example.com', username: '' },
  { email: 'rosa@example.com', username: 'ro' },
  { email: 'rosa@example.com', username: 'r'.repeat(33) },
  { email: 'rosa@example.com', username: 'rosa@example.com' },
  { email: 'rosa@example.com', username: 'ro\u0000sa' },
  { email: 'rosa@example.com', username: 'r\u043esa' },
  { email: 'rosa@example.com', displayName: ' ' },
  { email: 'rosa@example.com', displayName: 'R\nosa' },
  { email: 'rosa@example.com', displayName: 'R'.repeat(101) },
])('%j names nobody', (identity) => {
  expect(() => parseUserIdentity(identity)).toThrow(expect.objectContaining({ code: 'API_001' }));
});

test('a sign-in name is an e-mail address or a username, and anything else is nobody', () => {
  expect(readIdentifier(' Rosa@example.com')).toEqual({ kind: 'email', email: 'Rosa@example.com' });
  expect(readIdentifier('rosa')).toEqual({ kind: 'username', username: 'rosa' });
  expect(readIdentifier('\u0000')).toBeNull();
  expect(readIdentifier("' or 1=1 --")).toBeNull();
});

test.each<[Role, boolean, boolean]>([
  ['ADMIN', true, true],
  ['OPERATOR', true, true],
  ['AUDITOR', true, false],
  ['PLAYER', false, false],
  ['DEVICE', false, false],
  ['PARTNER', false, false],
])('%s sees another user: %s, his e-mail address: %s', (role, seesUser, seesEmail) => {
  const actor = anActor(aPerson([role]));
  expect(canSeeUser(actor, aPerson([]))).toBe(seesUser);
  expect(canSeeEmail(actor, aPerson([]))).toBe(seesEmail);
});

test('everybody sees himself and nobody sees anybody', () => {
  const person = aPerson([]);
  expect(canSeeUser(anActor(person), person) && canSeeEmail(anActor(person), person)).toBe(true);
  expect(canSeeUser(ANONYMOUS, person) || canSeeEmail(ANONYMOUS, person)).toBe(false);
});

test('each scope is of the roles that SCHEMA.md says, AUDITOR changes nothing, and no role gives none', () => {
  const rolesWith = (scope: Parameters<ReturnType<typeof scopesOf>['has']>[0]) =>
    ROLES.filter((role) => scopesOf([role]).has(scope));
  expect(rolesWith('MACHINES_CONTROL')).toEqual(['ADMIN', 'OPERATOR']);
  expect(rolesWith('MACHINES_READ')).toEqual(['ADMIN', 'OPERATOR', 'AUDITOR']);
  expect(rolesWith('USERS_WRITE')).toEqual(['ADMIN']);
  expect(rolesWith('AUDIT_READ')).toEqual(['ADMIN', 'AUDITOR']);
  expect(rolesWith('WALLETS_READ')).toEqual(['ADMIN', 'OPERATOR', 'PLAYER', 'AUDITOR']);
  expect(rolesWith('WALLETS_USE')).toEqual(['ADMIN', 'OPERATOR', 'PLAYER']);
  expect(rolesWith('WALLETS_POST')).toEqual(['ADMIN']);
  expect([...scopesOf(['AUDITOR'])].filter((scope) => /_(WRITE|CONTROL|USE|POST)$/.test(scope))).toEqual([]);
  expect(rolesWith('PROFILE')).toEqual(['ADMIN', 'OPERATOR', 'PLAYER', 'AUDITOR']);
  expect(scopesOf([]).size).toBe(0);
  expect(scopesOf(['PLAYER', 'AUDITOR'])).toEqual(
    new Set([...scopesOf(['PLAYER']), ...scopesOf(['AUDITOR'])]),
  );
});
