import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { appCode } from '../support/second-factor.ts';
import { connect } from '../support/socket-client.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';
import { withinASecond } from '../support/within-a-second.ts';

/** Nobody listens there: what is posted waits. */
const mail = { kind: 'SMTP', url: 'smtp://127.0.0.1:1', from: 'floor@casino.example' } as const;
const floor = await aFloorApp({ machines: 0, settings: { mail } });
const { db, runWork } = floor.app().services;
const { http, transports, login, signIn } = transportsTo(floor);
const port = Number(new URL(floor.app().url).port);

const MACHINES = '{ machines { totalCount } }';
const DELETE = `mutation ($input: DeleteMyAccountInput!) {
  deleteMyAccount(input: $input) {
    __typename ... on DeleteMyAccountSuccess { success endedSessions } ... on Error { code }
  }
}`;
const REFRESH = `mutation ($input: RefreshTokenInput!) {
  refreshToken(input: $input) {
    __typename ... on RefreshTokenSuccess { accessToken refreshToken } ... on Error { code }
  }
}`;
const perform = async (field: string, input: object, token?: string) => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const more = field === 'enrollSecondFactor' ? '... on EnrollSecondFactorSuccess { secret }' : '';
  const document = `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ${more} } }`;
  return (await http(document, { input, token })).data[field];
};
const anOperator = (overrides: Partial<Parameters<typeof aUser>[1]> = {}) =>
  aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'], ...overrides });
const deleteMine = async (token: string, password = PASSWORD, ask = http) =>
  (await ask(DELETE, { token, input: { password } })).data.deleteMyAccount;
const renew = async (refreshToken: string) =>
  (await http(REFRESH, { input: { refreshToken } })).data.refreshToken;

/** Tables with rows of this user. */
async function tablesAbout(userId: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.columns
    where table_schema = 'public' and column_name = 'user_id' order by table_name`.execute(db);
  const found: string[] = [];
  for (const { name } of rows) {
    const query = sql`select from ${sql.table(name)} where user_id = ${userId} limit 1`;
    if ((await query.execute(db)).rows.length > 0) found.push(name);
  }
  return found;
}

/** Tables in which this text is, in whatever case. */
async function tablesNaming(text: string): Promise<string[]> {
  const { rows } = await sql<{ name: string }>`
    select table_name as name from information_schema.tables
    where table_schema = 'public' and table_type = 'BASE TABLE' order by table_name`.execute(db);
  const found: string[] = [];
  for (const { name } of rows) {
    const query = sql`select from ${sql.table(name)} as t where position(${text.toLowerCase()} in lower(t::text)) > 0 limit 1`;
    if ((await query.execute(db)).rows.length > 0) found.push(name);
  }
  return found;
}

test.each(transports)(
  'over %s, a deleted account is felt by every session and socket within a second',
  async (_, ask) => {
    const { email } = await anOperator();
    const [mine, other] = [await signIn(email), await signIn(email)];
    const client = await connect({ port });
    await client.init({ accessToken: other.accessToken });
    client.subscribe('events', 'subscription { machineEvents { type } }');

    expect(await deleteMine(mine.accessToken, PASSWORD, ask)).toEqual({
      __typename: 'DeleteMyAccountSuccess',
      success: true,
      endedSessions: 2,
    });
    await withinASecond(floor, async () => {
      expect(await client.closed()).toMatchObject({ code: 4493, reason: expect.stringMatching(/^WS_006 /) });
      for (const { accessToken, refreshToken } of [mine, other]) {
        expect(refusalOf(await http(MACHINES, { token: accessToken }))).toBe('AUTH_012');
        expect(await renew(refreshToken)).toMatchObject({ code: 'AUTH_012' });
        const refused = await connect({ port });
        refused.send({ type: 'connection_init', payload: { accessToken } });
        expect(await refused.closed()).toMatchObject({ code: 4403 });
      }
    });
    expect(await login(email)).toMatchObject({ __typename: 'InvalidCredentialsError', code: 'AUTH_001' });
  },
);

test('of ten renewals that meet the deletion none leaves a session that goes on', async () => {
  const { email, id } = await anOperator();
  const [mine, other] = [await signIn(email), await signIn(email)];
  const renewals = Array.from({ length: 10 }, () => renew(other.refreshToken));
  const [deleted, ...renewed] = await Promise.all([deleteMine(mine.accessToken), ...renewals]);
  expect(deleted.__typename).toBe('DeleteMyAccountSuccess');
  const successors = renewed.filter(({ __typename }) => __typename === 'RefreshTokenSuccess');
  expect(successors.length).toBeLessThanOrEqual(1);
  for (const { accessToken, refreshToken } of [mine, other, ...successors]) {
    expect(refusalOf(await http(MACHINES, { token: accessToken }))).toBe('AUTH_012');
    expect((await renew(refreshToken)).__typename).not.toBe('RefreshTokenSuccess');
  }
  const open = db.selectFrom('auth_session').select('id').where('revoked_at', 'is', null);
  expect(await open.where('user_id', '=', id).execute()).toEqual([]);
});

test('what names somebody, how he signs in and what waits for him go with his account', async () => {
  const names = { email: 'Wanda.Gone@example.com', username: 'wanda-gone', displayName: 'Wanda Gone' };
  const { id } = await anOperator({ ...names, grants: ['WALLETS_POST'] });
  const { accessToken: token } = await signIn(names.email);
  await perform('changeEmail', { newEmail: 'Wanda.Next@example.com', password: PASSWORD }, token);
  const { secret } = await perform('enrollSecondFactor', { password: PASSWORD }, token);
  await perform('confirmSecondFactor', { code: appCode(secret) }, token);
  expect(await login(names.email)).toMatchObject({ __typename: 'SecondFactorRequiredError' });
  await login(names.email, 'wrong');
  await eventually(async () => (await tablesAbout(id)).includes('notification'));
  expect(await tablesAbout(id)).toEqual([
    'account_token',
    'auth_session',
    'mail_outbox',
    'notification',
    'recovery_code',
    'second_factor',
    'sign_in_challenge',
    'sign_in_failure',
    'user_grant',
    'user_role',
  ]);
  expect(await tablesNaming('wanda')).toEqual(['account_token', 'app_user']);

  expect(await deleteMine(token)).toMatchObject({ success: true });
  expect(await tablesAbout(id)).toEqual(['auth_session']);
  expect(await tablesNaming('wanda')).toEqual([]);
  const sessions = await db
    .selectFrom('auth_session')
    .select(['address', 'user_agent'])
    .where('user_id', '=', id)
    .execute();
  expect(sessions.every(({ address, user_agent }) => address === null && user_agent === null)).toBe(true);
  const left = await db.selectFrom('app_user').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
  expect(left).toMatchObject({ status: 'DELETED', username: null, display_name: null });
});

test('the names are free again, and whoever takes them has an account of his own', async () => {
  const names = { email: 'free@example.com', username: 'free-again' };
  const { id } = await anOperator(names);
  await deleteMine((await signIn(names.email)).accessToken);
  expect(await perform('register', { ...names, password: PASSWORD, venue: 'casino' })).toEqual({
    __typename: 'RegisterSuccess',
  });
  const { accessToken } = await signIn(names.username);
  const actor = await floor.app().services.auth.actorOf(accessToken);
  expect(actor.userId).not.toBe(id);
  expect(actor.roles).toEqual(['PLAYER']);
});

test('the log says by id that the account is gone, and keeps what was done before', async () => {
  const { email, id } = await anOperator();
  await deleteMine((await signIn(email)).accessToken);
  const events = await eventually(async () => {
    const { rows } = await sql<{ type: string; payload: object; actor: object }>`
      select type, payload, actor from audit_entry where payload ->> 'userId' = ${id} order by position`.execute(
      db,
    );
    return rows.some(({ type }) => type === 'auth.user-deleted') && rows;
  });
  expect(events.map(({ type }) => type)).toEqual([
    'auth.user-registered',
    'auth.session-opened',
    'auth.session-revoked',
    'auth.user-deleted',
  ]);
  expect(events[2]?.payload).toMatchObject({ reason: 'USER_DELETED' });
  expect(events[3]).toMatchObject({ payload: { userId: id }, actor: { kind: 'user', id } });
});

test('a wrong password deletes nothing, and five lock further ones out', async () => {
  const { email } = await anOperator();
  const { accessToken: token } = await signIn(email);
  for (let tries = 1; tries < 5; tries += 1)
    expect(await deleteMine(token, `${PASSWORD}!`)).toEqual({
      __typename: 'InvalidCredentialsError',
      code: 'AUTH_001',
    });
  await deleteMine(token, `${PASSWORD}!`);
  expect(await deleteMine(token)).toEqual({ __typename: 'AccountLockedError', code: 'AUTH_005' });
  expect(refusalOf(await http(MACHINES, { token }))).toBeNull();
});

test('the last ADMIN of a venue stays, and of two who go at once one stays', async () => {
  const admin = await floor.token('ADMIN');
  expect(await deleteMine(admin)).toEqual({ __typename: 'LastAdminError', code: 'API_001' });
  expect(refusalOf(await http(MACHINES, { token: admin }))).toBeNull();

  const { email } = await anOperator({ roles: ['ADMIN'] });
  const { accessToken: second } = await signIn(email);
  const answers = await Promise.all([deleteMine(admin), deleteMine(second)]);
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
    'DeleteMyAccountSuccess',
    'LastAdminError',
  ]);
});
