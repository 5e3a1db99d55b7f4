import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aMailbox } from '../support/mailbox.ts';
import { connect } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';
import { withinASecond } from '../support/within-a-second.ts';

const folder = join(await temporaryFolder(), 'mail');
const settings = { mail: { kind: 'FILES', folder, from: 'Floor <floor@casino.example>' } as const };
const floor = await aFloorApp({ machines: 0, settings: { ...settings, requireVerifiedEmail: true } });
const { db, runWork } = floor.app().services;
const { http, transports, login, signIn } = transportsTo(floor);
const { mailsTo, tokenTo } = aMailbox(folder);

const NEW_PASSWORD = 'nine grey herons over a weir';
const EXTRAS: Readonly<Record<string, string>> = {
  verifyEmail: '... on VerifyEmailSuccess { email }',
  resetPassword: '... on ResetPasswordSuccess { endedSessions }',
};
/** One of the mutations with its input, and what it answered. */
const perform = async (ask: typeof http, field: string, input: object, token?: string) => {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const document = `mutation ($input: ${type}Input!) {
    ${field}(input: $input) { __typename ... on ${type}Success { message } ${EXTRAS[field] ?? ''} ... on Error { code message } }
  }`;
  const answer = await ask(document, { input, token });
  return answer.data?.[field] ?? refusalOf(answer);
};

let count = 0;
const anAddress = () => {
  count += 1;
  return `mail-flow-${count}@example.com`;
};
const aPlayer = () =>
  aUser(runWork, { venueId: floor.venueId, email: anAddress(), roles: ['PLAYER', 'OPERATOR'] });

const typesOf = async (userId: string) => {
  const { rows } = await sql<{ type: string; payload: object }>`
    select type, payload from event_log where payload ->> 'userId' = ${userId}
    union all select type, payload from outbox where payload ->> 'userId' = ${userId}`.execute(db);
  return rows;
};

test.each(transports)('over %s, who registers signs in once he has confirmed his address', async (_, ask) => {
  const email = anAddress();
  const register = { email, password: PASSWORD, venue: 'casino' };
  expect((await perform(ask, 'register', register)).__typename).toBe('RegisterSuccess');
  const token = await tokenTo(email);

  expect(await login(email)).toMatchObject({ __typename: 'EmailNotVerifiedError', code: 'AUTH_008' });
  expect(await login(email, `${PASSWORD}!`)).toMatchObject({ __typename: 'InvalidCredentialsError' });

  expect(await perform(ask, 'verifyEmail', { token })).toMatchObject({
    __typename: 'VerifyEmailSuccess',
    email,
  });
  const { accessToken } = await signIn(email);
  const { data } = await ask('{ viewer { user { emailVerified } } }', { token: accessToken });
  expect(data.viewer.user.emailVerified).toBe(true);
  expect(await perform(ask, 'verifyEmail', { token })).toMatchObject({
    __typename: 'AccountTokenInvalidError',
    code: 'AUTH_003',
  });
});

test('who signed in before an address had to be confirmed goes on once he has confirmed it', async () => {
  const email = anAddress();
  await perform(http, 'register', { email, password: PASSWORD });
  const mailed = await tokenTo(email);
  const verified = (at: Date | null) =>
    db.updateTable('app_user').set({ email_verified_at: at }).where('email', '=', email).execute();
  await verified(new Date());
  const { accessToken: token, refreshToken } = await signIn(email);
  const { data } = await http(
    'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { token } } }',
    {
      token,
    },
  );
  const realtimeToken = data.issueRealtimeToken.token;
  // As it was while nobody was asked.
  await verified(null);

  await eventually(async () => refusalOf(await http('{ venues { slug } }', { token })) === 'AUTH_008');
  const refused = { __typename: 'EmailNotVerifiedError', code: 'AUTH_008' };
  for (const _again of [1, 2])
    expect(await perform(http, 'refreshToken', { refreshToken })).toMatchObject(refused);
  for (const shown of [{ accessToken: token }, { realtimeToken }]) {
    const socket = await connect({ port: Number(new URL(floor.app().url).port) });
    socket.send({ type: 'connection_init', payload: shown });
    expect(await socket.closed()).toMatchObject({
      code: 4403,
      reason: expect.stringContaining('Confirm the e-mail address first'),
    });
  }

  await perform(http, 'verifyEmail', { token: mailed });
  expect(await perform(http, 'refreshToken', { refreshToken })).toMatchObject({
    __typename: 'RefreshTokenSuccess',
  });
  await eventually(async () => (await http('{ venues { slug } }', { token })).data !== undefined);
});

test('the mail is sent again to an address that waits for it, and to no other', async () => {
  const email = anAddress();
  await perform(http, 'register', { email, password: PASSWORD });
  const first = await tokenTo(email);
  const again = await perform(http, 'resendVerification', { email });
  const second = await tokenTo(email, { count: 2 });
  expect(second).not.toBe(first);
  const nobody = await perform(http, 'resendVerification', { email: 'nobody@example.com' });
  expect(nobody).toEqual(again);

  await perform(http, 'verifyEmail', { token: first });
  expect(await perform(http, 'verifyEmail', { token: second })).toMatchObject({ code: 'AUTH_003' });
  expect(await perform(http, 'resendVerification', { email })).toEqual(again);
  await eventually(
    async () => (await db.selectFrom('account_mail_request').select('id').execute()).length === 0,
  );
  expect(await mailsTo(email)).toHaveLength(2);
  expect(await mailsTo('nobody@example.com')).toEqual([]);
});

test.each(transports)(
  'over %s, a new password by mail ends every session within a second',
  async (_, ask) => {
    const { email, id } = await aPlayer();
    const { accessToken: token, refreshToken } = await signIn(email);
    const open = await connect({ port: Number(new URL(floor.app().url).port) });
    await open.init({ accessToken: token });
    await db.updateTable('app_user').set({ must_change_password: true }).where('id', '=', id).execute();

    const asked = await perform(ask, 'requestPasswordReset', { email });
    expect(await perform(ask, 'requestPasswordReset', { email: 'nobody@example.com' })).toEqual(asked);
    const reset = { token: await tokenTo(email), newPassword: NEW_PASSWORD };
    expect(await perform(ask, 'resetPassword', reset)).toMatchObject({
      __typename: 'ResetPasswordSuccess',
      endedSessions: 1,
    });
    await withinASecond(floor, async () => expect(await open.closed()).toMatchObject({ code: 4493 }));
    expect(refusalOf(await http('{ venues { slug } }', { token }))).toBe('AUTH_012');
    expect(await perform(http, 'refreshToken', { refreshToken })).toMatchObject({ code: 'AUTH_012' });

    expect(await perform(ask, 'resetPassword', reset)).toMatchObject({ code: 'AUTH_003' });
    expect(await login(email)).toMatchObject({ code: 'AUTH_001' });
    const again = await signIn(email, NEW_PASSWORD);
    expect(refusalOf(await http('{ machines { totalCount } }', { token: again.accessToken }))).toBeNull();

    const events = await typesOf(id);
    expect(events).toContainEqual({ type: 'auth.password-reset-requested', payload: { userId: id } });
    expect(events).toContainEqual({ type: 'auth.password-reset', payload: { userId: id } });
    expect(events).toContainEqual({
      type: 'auth.session-revoked',
      payload: { userId: id, sessionId: expect.any(String), reason: 'PASSWORD_RESET' },
    });
  },
);

test('the request behind a mail is on record with its address', async () => {
  const { email, id } = await aPlayer();
  await perform(http, 'requestPasswordReset', { email });
  await tokenTo(email);
  const row = await eventually(() =>
    db
      .selectFrom('event_log')
      .select('origin')
      .where('type', '=', 'auth.password-reset-requested')
      .where(sql<boolean>`payload ->> 'userId' = ${id}`)
      .executeTakeFirst(),
  );
  expect(row.origin).toEqual({ requestId: expect.any(String), address: '127.0.0.1' });
});

test('a password reset confirms the address: he reads its mail', async () => {
  const email = anAddress();
  await perform(http, 'register', { email, password: PASSWORD });
  await tokenTo(email);
  await perform(http, 'requestPasswordReset', { email });
  const token = await tokenTo(email, { count: 2 });
  await perform(http, 'resetPassword', { token, newPassword: NEW_PASSWORD });
  expect((await login(email, NEW_PASSWORD)).__typename).toBe('LoginSuccess');
});

test.each(transports)(
  'over %s, an account gets another address when that one is confirmed',
  async (_, ask) => {
    const { email, id } = await aPlayer();
    const { accessToken } = await signIn(email);
    const newEmail = anAddress();
    expect(
      await perform(ask, 'changeEmail', { newEmail, password: `${PASSWORD}!` }, accessToken),
    ).toMatchObject({
      __typename: 'InvalidCredentialsError',
    });
    expect(
      (await perform(ask, 'changeEmail', { newEmail, password: PASSWORD }, accessToken)).__typename,
    ).toBe('ChangeEmailSuccess');
    const token = await tokenTo(newEmail);
    const [notice] = await eventually(async () => {
      const mails = await mailsTo(email);
      return mails.length > 0 && mails;
    });
    expect(notice?.subject).toBe('Your e-mail address is being changed');
    expect(notice?.text).not.toContain(newEmail);
    expect((await login(email)).__typename).toBe('LoginSuccess');

    expect(await perform(ask, 'verifyEmail', { token })).toMatchObject({ email: newEmail });
    const { data } = await ask('{ viewer { user { email emailVerified version } } }', { token: accessToken });
    expect(data.viewer.user).toEqual({ email: newEmail, emailVerified: true, version: 2 });
    expect(await login(email)).toMatchObject({ code: 'AUTH_001' });
    expect((await login(newEmail)).__typename).toBe('LoginSuccess');
    expect(await typesOf(id)).toContainEqual({ type: 'auth.email-changed', payload: { userId: id } });
  },
);

test('an address of another, one’s own and one that is none are refused', async () => {
  const [mine, other] = [await aPlayer(), await aPlayer()];
  const { accessToken } = await signIn(mine.email);
  const change = (newEmail: string) =>
    perform(http, 'changeEmail', { newEmail, password: PASSWORD }, accessToken);
  expect(await change(other.email.toUpperCase())).toMatchObject({
    __typename: 'EmailTakenError',
    code: 'AUTH_010',
  });
  expect(await change(mine.email)).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
  expect(await change('no address')).toBe('API_001');
  for (let at = 0; at < 3; at += 1) await change(anAddress());
  expect(await change(anAddress())).toMatchObject({ __typename: 'MailLimitError', code: 'API_005' });
});

test('mails carry a token and never a password', async () => {
  const { email } = await aPlayer();
  await perform(http, 'requestPasswordReset', { email });
  const token = await tokenTo(email);
  await perform(http, 'resetPassword', { token, newPassword: NEW_PASSWORD });
  for (const { text } of await mailsTo(email)) expect(text).not.toMatch(/heron|tractor|\$argon2/);
});
