import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
const { db, runWork } = floor.app().services;
const { http, transports, login, signIn } = transportsTo(floor);

const NEW_PASSWORD = 'nine grey herons over a weir';
const CHANGE = `mutation ($input: ChangePasswordInput!) {
  changePassword(input: $input) {
    __typename
    ... on ChangePasswordSuccess { success endedSessions user { email mustChangePassword } }
    ... on Error { code message }
    ... on WeakPasswordError { failedRules }
  }
}`;
const VIEWER = '{ viewer { user { email mustChangePassword } scopes } }';
const MACHINES = '{ machines { totalCount } }';

const anOperator = (overrides: Partial<Parameters<typeof aUser>[1]> = {}) =>
  aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'], ...overrides });

test.each(transports)(
  'over %s, whoever has a password of somebody else’s may choose another and nothing else',
  async (_, ask) => {
    const { email } = await anOperator({ mustChangePassword: true });
    const { accessToken: token } = await signIn(email);
    const refused = [
      MACHINES,
      '{ venues { slug } }',
      'mutation { updateProfile(input: { expectedVersion: 1 }) { __typename } }',
      'mutation { lockMachine(input: { machineId: "eA", reason: "x" }) { __typename } }',
      'subscription { machineEvents { type } }',
      '{ node(id: "eA") { id } }',
    ];
    for (const query of refused) {
      if (ask === http && query.startsWith('subscription')) continue;
      expect([query, refusalOf(await ask(query, { token }))]).toEqual([query, 'AUTH_013']);
    }
    expect((await ask(VIEWER, { token })).data.viewer).toEqual({
      user: { email, mustChangePassword: true },
      scopes: [],
    });

    const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
    expect((await ask(CHANGE, { token, input })).data.changePassword).toEqual({
      __typename: 'ChangePasswordSuccess',
      success: true,
      endedSessions: 0,
      user: { email, mustChangePassword: false },
    });
    // At once, in the same session.
    expect((await ask(MACHINES, { token })).data.machines.totalCount).toBe(1);
  },
);

test('whoever has to choose another password may sign out instead', async () => {
  const { email } = await anOperator({ mustChangePassword: true });
  const { accessToken: token } = await signIn(email);
  const { data } = await http('mutation { logout { __typename } }', { token });
  expect(data.logout.__typename).toBe('LogoutSuccess');
});

test('a new password takes the place of the old one, ends the other sessions and is on record', async () => {
  const { email, id } = await anOperator();
  const [mine, other] = [await signIn(email), await signIn(email)];
  const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
  const { data } = await http(CHANGE, { token: mine.accessToken, input });
  expect(data.changePassword).toMatchObject({ success: true, endedSessions: 1 });

  expect(refusalOf(await http(MACHINES, { token: mine.accessToken }))).toBeNull();
  expect(refusalOf(await http(MACHINES, { token: other.accessToken }))).toBe('AUTH_012');
  expect(await login(email)).toMatchObject({ code: 'AUTH_001' });
  expect((await login(email, NEW_PASSWORD)).__typename).toBe('LoginSuccess');

  const { rows } = await sql<{ type: string; payload: object }>`
    select type, payload from outbox where payload ->> 'userId' = ${id}
    union all select type, payload from event_log where payload ->> 'userId' = ${id}`.execute(db);
  expect(rows).toContainEqual({ type: 'auth.password-changed', payload: { userId: id } });
  expect(rows).toContainEqual({
    type: 'auth.session-revoked',
    payload: { userId: id, sessionId: expect.any(String), reason: 'PASSWORD_CHANGED' },
  });
  const row = await db
    .selectFrom('app_user')
    .select(['password_hash', 'password_changed_at'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  expect(row.password_changed_at).toBeInstanceOf(Date);
  expect(row.password_hash).toMatch(/^\$argon2id\$/);
});

test.each(transports)('over %s, a wrong current password changes nothing', async (_, ask) => {
  const { email } = await anOperator();
  const { accessToken: token } = await signIn(email);
  for (const currentPassword of [`${PASSWORD}!`, '', 'x'.repeat(5_000)]) {
    const input = { currentPassword, newPassword: NEW_PASSWORD };
    expect((await ask(CHANGE, { token, input })).data.changePassword).toMatchObject({
      __typename: 'InvalidCredentialsError',
      code: 'AUTH_001',
    });
  }
  expect((await login(email)).__typename).toBe('LoginSuccess');
});

test.each([
  ['iloveyou', ['TOO_SHORT', 'COMMON']],
  [PASSWORD, ['UNCHANGED']],
  [PASSWORD.replace('a', '\uff41'), ['UNCHANGED']],
  ['here is night-heron again', ['CONTAINS_IDENTITY']],
])('%j is no new password', async (newPassword, failedRules) => {
  const known = await db
    .selectFrom('app_user')
    .select('email')
    .where('username', '=', 'night-heron')
    .executeTakeFirst();
  const { email } = known ?? (await anOperator({ username: 'night-heron' }));
  const { accessToken: token } = await signIn(email);
  const input = { currentPassword: PASSWORD, newPassword };
  expect((await http(CHANGE, { token, input })).data.changePassword).toMatchObject({
    __typename: 'WeakPasswordError',
    code: 'AUTH_011',
    failedRules,
  });
});

test('of ten who change one password at once, one does', async () => {
  const { email } = await anOperator();
  const { accessToken: token } = await signIn(email);
  const answers = await Promise.all(
    Array.from({ length: 10 }, (_, at) =>
      http(CHANGE, {
        token,
        input: { currentPassword: PASSWORD, newPassword: `${NEW_PASSWORD} ${at}` },
      }),
    ),
  );
  const names = answers.map(({ data }) => data.changePassword.__typename).sort();
  expect(names).toEqual(['ChangePasswordSuccess', ...Array(9).fill('InvalidCredentialsError')]);
});

test('nobody has no password to change', async () => {
  const input = { currentPassword: PASSWORD, newPassword: NEW_PASSWORD };
  expect(refusalOf(await http(CHANGE, { input }))).toBe('AUTH_001');
});
