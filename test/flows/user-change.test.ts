import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { setUserRoles } from '../../src/auth/user-standing-service.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { type Role, system } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { connect } from '../support/socket-client.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';
import { withinASecond } from '../support/within-a-second.ts';

const floor = await aFloorApp({ machines: 1 });
const { db, runWork } = floor.app().services;
const { http, transports, login, signIn } = transportsTo(floor);
const adminToken = await floor.token('ADMIN');

const port = Number(new URL(floor.app().url).port);

const MACHINES = '{ machines { totalCount } }';
const USER = 'user { id email username displayName roles status emailVerified mustChangePassword version }';
const CREATE = `mutation ($input: CreateUserInput!) {
  createUser(input: $input) {
    __typename ... on CreateUserSuccess { temporaryPassword ${USER} } ... on Error { code }
  }
}`;
const SET_ROLES = `mutation ($input: SetUserRolesInput!) {
  setUserRoles(input: $input) {
    __typename ... on SetUserRolesSuccess { endedSessions ${USER} } ... on Error { code }
    ... on VersionConflictError { currentVersion }
  }
}`;
const LOCK = `mutation ($input: LockUserInput!) {
  lockUser(input: $input) { __typename ... on LockUserSuccess { endedSessions ${USER} } ... on Error { code } }
}`;
const UNLOCK = `mutation ($input: UnlockUserInput!) {
  unlockUser(input: $input) { __typename ... on UnlockUserSuccess { ${USER} } ... on Error { code } }
}`;
const REFRESH = `mutation ($input: RefreshTokenInput!) {
  refreshToken(input: $input) { __typename ... on RefreshTokenSuccess { accessToken } ... on Error { code } }
}`;

const idOf = (user: { readonly id: string }) => encodeGlobalId('User', user.id);
const someone = (roles: readonly Role[] = ['PLAYER'], venueId = floor.venueId) =>
  aUser(runWork, { venueId, roles });
const setRoles = async (user: { readonly id: string }, roles: readonly Role[], more: object = {}) =>
  (await http(SET_ROLES, { token: adminToken, input: { userId: idOf(user), roles, ...more } })).data
    .setUserRoles;
const lock = async (user: { readonly id: string }, token = adminToken) =>
  (await http(LOCK, { token, input: { userId: idOf(user), reason: 'lost his phone' } })).data.lockUser;
const unlock = async (user: { readonly id: string }, token = adminToken) =>
  (await http(UNLOCK, { token, input: { userId: idOf(user) } })).data.unlockUser;
const giveRole = (user: { readonly id: string }, venueId: string, role: Role) =>
  db.insertInto('user_role').values({ user_id: user.id, venue_id: venueId, role }).execute();

async function foreignVenue(): Promise<string> {
  const { id } = await db
    .selectFrom('venue')
    .select('id')
    .where('slug', '=', 'elsewhere')
    .executeTakeFirstOrThrow();
  return id;
}

/** What is on record about this user, the newest last. */
const onRecord = (userId: string) =>
  eventually(async () => {
    // First what waits: what goes over in between is in both, and not in neither.
    const { rows: waiting } = await sql`select from outbox where payload ->> 'userId' = ${userId}`.execute(
      db,
    );
    const { rows } = await sql<{ type: string; payload: object; actor: object; origin: object }>`
      select type, payload, actor, origin from event_log
      where payload ->> 'userId' = ${userId} and type like 'auth.%' order by position
    `.execute(db);
    return waiting.length === 0 && rows;
  });

test.each(transports)(
  'over %s, a made user signs in with his temporary password and changes it first',
  async (name, ask) => {
    const email = `rosa-${name.replace(' ', '-')}@example.com`;
    const input = { email, displayName: 'Rosa', roles: ['OPERATOR', 'AUDITOR', 'OPERATOR'] };
    const { data } = await ask(CREATE, { token: adminToken, input });
    const { temporaryPassword, user } = data.createUser;
    expect(temporaryPassword).toMatch(/^[a-z2-9]{4}(-[a-z2-9]{4}){4}$/);
    expect(user).toEqual({
      id: expect.any(String),
      email,
      username: null,
      displayName: 'Rosa',
      roles: ['AUDITOR', 'OPERATOR'],
      status: 'ACTIVE',
      emailVerified: true,
      mustChangePassword: true,
      version: 1,
    });

    const { accessToken: token } = await signIn(email, temporaryPassword);
    expect(refusalOf(await ask(MACHINES, { token }))).toBe('AUTH_013');
    const change = 'mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }';
    const passwords = { currentPassword: temporaryPassword, newPassword: PASSWORD };
    await ask(change, { token, input: passwords });
    expect((await ask(MACHINES, { token })).data.machines.totalCount).toBe(1);
  },
);

test('a given password is not told again, and need not be changed when that is said', async () => {
  const input = {
    email: 'olga@example.com',
    username: 'olga',
    password: PASSWORD,
    mustChangePassword: false,
    roles: ['PLAYER'],
  };
  const { data } = await http(CREATE, { token: adminToken, input });
  expect(data.createUser).toMatchObject({ temporaryPassword: null, user: { mustChangePassword: false } });
  const { accessToken: token } = await signIn('olga');
  expect((await http('{ viewer { roles } }', { token })).data.viewer.roles).toEqual(['PLAYER']);
});

test.each([
  [{ roles: [] }, 'ValidationError'],
  [{ roles: ['PLAYER', 'DEVICE'] }, 'ValidationError'],
  [{ roles: ['PARTNER'] }, 'ValidationError'],
  [{ username: 'no' }, 'ValidationError'],
  [{ username: 'ADMIN' }, 'UsernameTakenError'],
  [{ email: 'USER-MADE@example.com' }, 'EmailTakenError'],
  [{ password: 'password1234' }, 'WeakPasswordError'],
])('%j makes no user: %s', async (overrides, error) => {
  await http(CREATE, { token: adminToken, input: { email: 'user-made@example.com', roles: ['PLAYER'] } });
  const input = { email: 'new@example.com', roles: ['PLAYER'], ...overrides };
  expect((await http(CREATE, { token: adminToken, input })).data.createUser.__typename).toBe(error);
});

test.each(transports)('over %s, new roles are the rights of every open session at once', async (_, ask) => {
  const user = await someone(['AUDITOR']);
  const { accessToken: token } = await signIn(user.email);
  expect(refusalOf(await ask(MACHINES, { token }))).toBeNull();
  expect(await setRoles(user, ['PLAYER'])).toMatchObject({
    __typename: 'SetUserRolesSuccess',
    endedSessions: 0,
    user: { roles: ['PLAYER'], version: 2 },
  });
  expect(refusalOf(await ask(MACHINES, { token }))).toBe('AUTH_004');
  await setRoles(user, ['OPERATOR']);
  expect(refusalOf(await ask(MACHINES, { token }))).toBeNull();
});

test('roles that another process changed are felt though nobody tells', async () => {
  const user = await someone(['AUDITOR']);
  const { accessToken: token } = await signIn(user.email);
  expect(refusalOf(await http(MACHINES, { token }))).toBeNull();
  const elsewhere = createRunWork({ db, onEvents: () => {} });
  const to = { userId: user.id, venueId: floor.venueId, roles: ['PLAYER'] } as const;
  await elsewhere(system('test'), (work) => setUserRoles(work, to));
  // Within a second, which the tests of sessions show by a clock of theirs.
  await eventually(async () => refusalOf(await http(MACHINES, { token })) === 'AUTH_004');
});

test('whoever has no role left at the venue is signed out there, and only there', async () => {
  const user = await someone();
  const elsewhere = await foreignVenue();
  await giveRole(user, elsewhere, 'OPERATOR');
  const here = await signIn(user.email);
  const there = await floor
    .app()
    .services.auth.login({ identifier: user.email, password: PASSWORD, venue: 'elsewhere' }, {});
  const client = await connect({ port });
  await client.init({ accessToken: here.accessToken });

  expect(await setRoles(user, [])).toMatchObject({ endedSessions: 1, user: { roles: [] } });
  expect(await client.closed()).toMatchObject({ code: 4493 });
  expect(refusalOf(await http(MACHINES, { token: here.accessToken }))).toBe('AUTH_012');
  expect(await login(user.email)).toMatchObject({ code: 'AUTH_001' });
  expect((await http('{ viewer { roles } }', { token: there.accessToken })).data.viewer.roles).toEqual([
    'OPERATOR',
  ]);
});

test('the same roles again change nothing, and are not on record', async () => {
  const user = await someone(['OPERATOR', 'PLAYER']);
  expect(await setRoles(user, ['PLAYER', 'OPERATOR', 'PLAYER'])).toMatchObject({ user: { version: 1 } });
  expect((await onRecord(user.id)).map(({ type }) => type)).toEqual(['auth.user-registered']);
});

test('roles are set by who read the current version', async () => {
  const user = await someone();
  await setRoles(user, ['OPERATOR'], { expectedVersion: 1 });
  expect(await setRoles(user, ['AUDITOR'], { expectedVersion: 1 })).toEqual({
    __typename: 'VersionConflictError',
    code: 'API_003',
    currentVersion: 2,
  });
});

test('nobody is a device, and the last ADMIN stays one', async () => {
  expect(await setRoles(await someone(), ['DEVICE'])).toMatchObject({ __typename: 'ValidationError' });
  const { userId } = await floor.app().services.auth.actorOf(adminToken);
  const admin = { id: userId };
  const refused = { __typename: 'LastAdminError', code: 'API_001' };
  expect(await setRoles(admin, ['OPERATOR'])).toEqual(refused);
  expect(await setRoles(admin, [])).toEqual(refused);

  // An ADMIN who cannot sign in is none.
  const other = await someone(['ADMIN']);
  const { accessToken } = await signIn(other.email);
  await lock(other);
  expect(await setRoles(admin, ['OPERATOR'])).toEqual(refused);
  expect(refusalOf(await http(MACHINES, { token: accessToken }))).toBe('AUTH_012');
});

test.each(transports)(
  'over %s, locking ends every session, socket and stream within a second',
  async (_, ask) => {
    const user = await someone(['OPERATOR']);
    const [first, second] = [await signIn(user.email), await signIn(user.email)];
    const client = await connect({ port });
    await client.init({ accessToken: second.accessToken });
    client.subscribe('events', 'subscription { machineEvents { type } }');

    const { data } = await ask(LOCK, { token: adminToken, input: { userId: idOf(user), reason: ' left ' } });
    expect(data.lockUser).toMatchObject({ endedSessions: 2, user: { status: 'LOCKED', version: 2 } });
    await withinASecond(floor, async () => {
      expect(await client.closed()).toMatchObject({ code: 4493, reason: expect.stringMatching(/^WS_006 /) });
      for (const { accessToken, refreshToken } of [first, second]) {
        expect(refusalOf(await http(MACHINES, { token: accessToken }))).toBe('AUTH_012');
        const refused = await connect({ port });
        refused.send({ type: 'connection_init', payload: { accessToken } });
        expect(await refused.closed()).toMatchObject({ code: 4403 });
        const answer = await ask(REFRESH, { input: { refreshToken } });
        expect(answer.data.refreshToken).toEqual({ __typename: 'SessionRevokedError', code: 'AUTH_012' });
      }
    });
    expect((await login(user.email)).__typename).not.toBe('LoginSuccess');

    expect(await unlock(user)).toMatchObject({ user: { status: 'ACTIVE', version: 3 } });
    expect(refusalOf(await http(MACHINES, { token: first.accessToken }))).toBe('AUTH_012');
    const { accessToken: token } = await signIn(user.email);
    expect(refusalOf(await http(MACHINES, { token }))).toBeNull();
  },
);

test('an account that wrong sign-ins have locked out is opened too, on record', async () => {
  const user = await someone();
  for (let tries = 0; tries < 5; tries += 1) await login(user.email, 'not his password');
  expect(await login(user.email)).toMatchObject({ code: 'AUTH_005' });
  expect(await unlock(user)).toMatchObject({ user: { status: 'ACTIVE', version: 1 } });
  await signIn(user.email);
  expect((await onRecord(user.id)).map(({ type }) => type)).toContain('auth.user-unlocked');
});

test('ten refreshes at once with a lock leave nothing that is good for anything', async () => {
  const user = await someone(['OPERATOR']);
  const { refreshToken } = await signIn(user.email);
  const refresh = async () => (await http(REFRESH, { input: { refreshToken } })).data.refreshToken;
  const answers = await Promise.all([...Array.from({ length: 10 }, refresh), lock(user)]);
  const renewed = answers.filter(({ __typename }) => __typename === 'RefreshTokenSuccess');
  expect(renewed.length).toBeLessThanOrEqual(1);
  expect(answers.at(-1)).toMatchObject({ user: { status: 'LOCKED' } });
  for (const { accessToken: token } of renewed) {
    await eventually(async () => refusalOf(await http(MACHINES, { token })) === 'AUTH_012');
  }
});

test('ten sign-ins at once with a lock leave no session open', async () => {
  const user = await someone(['OPERATOR']);
  const outcomes = await Promise.all([...Array.from({ length: 10 }, () => login(user.email)), lock(user)]);
  expect(outcomes.at(-1)).toMatchObject({ user: { status: 'LOCKED' } });
  const open = await db
    .selectFrom('auth_session')
    .select('id')
    .where('user_id', '=', user.id)
    .where('revoked_at', 'is', null)
    .execute();
  expect(open).toEqual([]);
});

test('ten refreshes at once with a demotion give at most one successor, which may no more than he does now', async () => {
  const user = await someone(['AUDITOR']);
  const { refreshToken } = await signIn(user.email);
  const refresh = async () => (await http(REFRESH, { input: { refreshToken } })).data.refreshToken;
  const answers = await Promise.all([setRoles(user, ['PLAYER']), ...Array.from({ length: 10 }, refresh)]);
  const renewed = answers.filter(({ __typename }) => __typename === 'RefreshTokenSuccess');
  expect(renewed.length).toBeLessThanOrEqual(1);
  for (const { accessToken: token } of renewed)
    expect(['AUTH_004', 'AUTH_012']).toContain(refusalOf(await http(MACHINES, { token })));
});

test('nobody locks himself, nor the last ADMIN of another venue', async () => {
  const { userId } = await floor.app().services.auth.actorOf(adminToken);
  expect(await lock({ id: userId })).toMatchObject({ __typename: 'ValidationError' });
  const guest = await someone();
  const { id: venueId } = await db
    .insertInto('venue')
    .values({ id: crypto.randomUUID(), slug: 'small', name: 'Small', time_zone: 'UTC', currency: 'EUR' })
    .returning('id')
    .executeTakeFirstOrThrow();
  await giveRole(guest, venueId, 'ADMIN');
  expect(await lock(guest)).toMatchObject({ __typename: 'LastAdminError' });
});

test('an account is locked at its home venue alone, its roles are set where they are', async () => {
  const guest = await someone(['OPERATOR'], await foreignVenue());
  expect(await setRoles(guest, ['PLAYER'])).toMatchObject({ code: 'API_002' });
  await giveRole(guest, floor.venueId, 'AUDITOR');
  expect(await lock(guest)).toEqual({ __typename: 'NotOwnerError', code: 'API_011' });
  expect(await unlock(guest)).toEqual({ __typename: 'NotOwnerError', code: 'API_011' });
  expect(await setRoles(guest, ['PLAYER'])).toMatchObject({ user: { roles: ['PLAYER'] } });
  const rows = await db.selectFrom('user_role').select('role').where('user_id', '=', guest.id).execute();
  expect(rows.map(({ role }) => role).toSorted()).toEqual(['OPERATOR', 'PLAYER']);
  expect(await lock(guest, await floor.token('FOREIGN_ADMIN'))).toMatchObject({ user: { status: 'LOCKED' } });
});

test('locking and roles are on record: who did it, from where, and no name', async () => {
  const { userId } = await floor.app().services.auth.actorOf(adminToken);
  const user = await someone();
  await setRoles(user, ['OPERATOR'], { grants: ['WALLETS_POST'] });
  await lock(user);
  await lock(user);
  await unlock(user);
  await unlock(user);
  const [, ...events] = await onRecord(user.id);
  expect(events.map(({ type, payload }) => [type, payload])).toEqual([
    ['auth.roles-changed', { userId: user.id, roles: ['OPERATOR'], grants: ['WALLETS_POST'] }],
    ['auth.user-locked', { userId: user.id, reason: 'lost his phone' }],
    ['auth.user-unlocked', { userId: user.id }],
  ]);
  for (const { actor, origin } of events) {
    expect(actor).toEqual({ kind: 'user', id: userId });
    expect(origin).toEqual({ requestId: expect.any(String), address: '127.0.0.1' });
  }
});
