import { afterAll, expect, test } from 'vitest';
import type { AccountMail } from '../../src/auth/account-mail-service.ts';
import { MAILS_PER_HOUR } from '../../src/auth/account-token.ts';
import { startAccountMail } from '../../src/auth/jobs.ts';
import { passwordPolicy } from '../../src/auth/password.ts';
import { createSealer } from '../../src/auth/sealing.ts';
import { lockUser, unlockUser } from '../../src/auth/user-standing-service.ts';
import { system } from '../../src/lib/actor.ts';
import type { Message } from '../../src/mail/mail.ts';
import { startMailroom } from '../../src/mail/mailroom.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, SECRET_KEY, signedIn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { tokenIn } from '../support/mailbox.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
const NEW_PASSWORD = 'nine grey herons over a weir';
const HOUR_MS = 3_600_000;
/** Thrown here, it would end what runs in the background; what a shifted clock makes too late is no fault. */
const faults: unknown[] = [];
const onError = (error: unknown) => {
  if (!String(error).includes('were not taken in time')) faults.push(error);
};

const sent: Message[] = [];
const mailroom = startMailroom({
  runWork,
  sealer: createSealer({ secretKey: SECRET_KEY }, 'mail'),
  transport: { send: async (_, message) => void sent.push(message) },
  onError,
});
const job = startAccountMail({
  db,
  runWork,
  mail: { mailroom, accountUrl: 'https://floor.example' },
  onError,
});
afterAll(async () => {
  await job[Symbol.asyncDispose]();
  await mailroom[Symbol.asyncDispose]();
  expect(faults).toEqual([]);
});
const mail: AccountMail = { mailroom, accountUrl: 'https://floor.example', requested: job.wake };
const auth = await anAuth(floor, { runWork, mail });

const mailsTo = (address: string) => sent.filter(({ to }) => to === address);
const tokenTo = async (address: string, count = 1) =>
  tokenIn((await eventually(() => mailsTo(address).length >= count && mailsTo(address).at(-1)))?.text ?? '');
const answered = () =>
  eventually(async () => (await db.selectFrom('account_mail_request').select('id').execute()).length === 0);
const aPlayer = (verified = true) => aUser(runWork, { venueId, isEmailVerified: verified });

/** What the database is asked by a mutation, by kind of statement. */
async function statementsOf(ask: (other: typeof auth) => Promise<void>) {
  const kinds: string[] = [];
  const listening = db.withPlugin({
    transformQuery: ({ node }) => {
      kinds.push(node.kind);
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const work = createRunWork({ db: listening, onEvents: () => {} });
  const other = await anAuth(
    { ...floor, db: listening },
    { runWork: work, mail: { ...mail, requested() {} } },
  );
  kinds.length = 0;
  const { verified, hashed } = other.hashingStatistics();
  await ask(other);
  const after = other.hashingStatistics();
  return { kinds, hashing: after.verified - verified + after.hashed - hashed };
}

test('asking for another password takes the same work for a known and an unknown address', async () => {
  const { email } = await aPlayer();
  for (const ask of ['requestPasswordReset', 'resendVerification'] as const) {
    const [known, unknown] = [
      await statementsOf((other) => other.accounts[ask](email, {})),
      await statementsOf((other) => other.accounts[ask]('nobody@example.com', {})),
    ];
    expect(unknown).toEqual(known);
    expect(known).toEqual({ kinds: ['RawNode', 'InsertQueryNode'], hashing: 0 });
  }
  job.wake();
  await answered();
  expect(mailsTo('nobody@example.com')).toEqual([]);
});

test('an account gets three such mails an hour, however often they are asked for at once', async () => {
  const { email, id } = await aPlayer();
  await Promise.all(
    Array.from({ length: 10 }, () => auth.accounts.requestPasswordReset(email.toUpperCase(), {})),
  );
  await answered();
  const count = async () =>
    (await db.selectFrom('account_token').select('email').where('user_id', '=', id).execute()).length;
  expect(await count()).toBe(MAILS_PER_HOUR);
  await tokenTo(email, MAILS_PER_HOUR);
  shiftMs = HOUR_MS + 1_000;
  await auth.accounts.requestPasswordReset(email, {});
  await answered();
  shiftMs = 0;
  expect(await count()).toBe(MAILS_PER_HOUR + 1);
});

test('a token for another password is good for an hour and not for longer', async () => {
  const { email } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  shiftMs = HOUR_MS + 1_000;
  const attempt = auth.accounts.resetPassword({ token, newPassword: NEW_PASSWORD }, {});
  await expect(attempt).rejects.toMatchObject({ code: 'AUTH_003', name: 'AccountTokenInvalidError' });
  shiftMs = HOUR_MS - 60_000;
  expect(await auth.accounts.resetPassword({ token, newPassword: NEW_PASSWORD }, {})).toBe(0);
  shiftMs = 0;
});

test('a token for an address is good for a day and not for longer', async () => {
  const { email } = await auth.registerUser({ email: 'day@example.com', password: PASSWORD });
  const token = await tokenTo(email);
  shiftMs = 24 * HOUR_MS + 1_000;
  await expect(auth.accounts.verifyEmail(token, {})).rejects.toMatchObject({ code: 'AUTH_003' });
  shiftMs = 24 * HOUR_MS - 60_000;
  expect(await auth.accounts.verifyEmail(token, {})).toBe(email);
  shiftMs = 0;
});

test('of ten who use one token at once, one does', async () => {
  const { email } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  const results = await Promise.allSettled(
    Array.from({ length: 10 }, (_, at) =>
      auth.accounts.resetPassword({ token, newPassword: `${NEW_PASSWORD} ${at}` }, {}),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'AUTH_003' });
});

test('a weak password leaves the token good, and junk reaches no hasher', async () => {
  const { email } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  const { hashed } = auth.hashingStatistics();
  const weak = auth.accounts.resetPassword({ token, newPassword: 'password' }, {});
  await expect(weak).rejects.toMatchObject({ code: 'AUTH_011' });
  for (const junk of ['', 'x', 'A'.repeat(43), '\u0000', token.slice(1)]) {
    const attempt = auth.accounts.resetPassword({ token: junk, newPassword: NEW_PASSWORD }, {});
    await expect(attempt).rejects.toMatchObject({ code: 'AUTH_003' });
  }
  expect(auth.hashingStatistics().hashed).toBe(hashed);
  await auth.accounts.resetPassword({ token: ` ${token}\n`, newPassword: NEW_PASSWORD }, {});
});

test('under nist a reset asks for fifteen characters where there is no second factor', async () => {
  const strict = await anAuth(floor, { runWork, mail, passwordPolicy: passwordPolicy('nist', 8) });
  const { email } = await aPlayer();
  await strict.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  const short = strict.accounts.resetPassword({ token, newPassword: 'kqzvtplwmxrajh' }, {});
  await expect(short).rejects.toMatchObject({ failedRules: ['TOO_SHORT'], minLength: 15 });
  expect(await strict.accounts.resetPassword({ token, newPassword: 'kqzvtplwmxrajhd' }, {})).toBe(0);
});

test('a token is good for its own purpose', async () => {
  const unverified = await auth.registerUser({ email: 'purpose@example.com', password: PASSWORD });
  const verification = await tokenTo(unverified.email);
  const asReset = auth.accounts.resetPassword({ token: verification, newPassword: NEW_PASSWORD }, {});
  await expect(asReset).rejects.toMatchObject({ code: 'AUTH_003' });
  const { email } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  await expect(auth.accounts.verifyEmail(await tokenTo(email), {})).rejects.toMatchObject({
    code: 'AUTH_003',
  });
});

test('of two changes of address only the newer can be confirmed, and what went to the old address is void', async () => {
  const user = await aPlayer();
  const actor = await signedIn(auth, user);
  await auth.accounts.requestPasswordReset(user.email, {});
  const reset = await tokenTo(user.email);
  const change = (newEmail: string) => auth.accounts.changeEmail(actor, { newEmail, password: PASSWORD }, {});
  await change('typo@example.com');
  await change('right@example.com');
  await expect(auth.accounts.verifyEmail(await tokenTo('typo@example.com'), {})).rejects.toMatchObject({
    code: 'AUTH_003',
  });
  expect(await auth.accounts.verifyEmail(await tokenTo('right@example.com'), {})).toBe('right@example.com');
  const stale = auth.accounts.resetPassword({ token: reset, newPassword: NEW_PASSWORD }, {});
  await expect(stale).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('another password makes void what was mailed before it', async () => {
  const user = await aPlayer();
  const { email } = user;
  const { accessToken } = await auth.login({ identifier: email, password: PASSWORD }, {});
  const newEmail = 'of-a-thief@example.com';
  await auth.accounts.changeEmail(await signedIn(auth, user), { newEmail, password: PASSWORD }, {});
  await auth.accounts.requestPasswordReset(email, {});
  const [change, reset] = [await tokenTo(newEmail), await tokenTo(email, 2)];
  const actor = await auth.actorOf(accessToken);
  await auth.changePassword(actor, { currentPassword: PASSWORD, newPassword: NEW_PASSWORD });
  await expect(auth.accounts.verifyEmail(change, {})).rejects.toMatchObject({ code: 'AUTH_003' });
  const stale = auth.accounts.resetPassword({ token: reset, newPassword: `${NEW_PASSWORD}!` }, {});
  await expect(stale).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('another password leaves the mail good that confirms an address', async () => {
  const { email } = await auth.registerUser({ email: 'confirms-later@example.com', password: PASSWORD });
  const token = await tokenTo(email);
  const { accessToken } = await auth.login({ identifier: email, password: PASSWORD }, {});
  const actor = await auth.actorOf(accessToken);
  await auth.changePassword(actor, { currentPassword: PASSWORD, newPassword: NEW_PASSWORD });
  expect(await auth.accounts.verifyEmail(token, {})).toBe(email);
});

test('what was mailed before an account was locked is no good once it is open again', async () => {
  const user = await aPlayer();
  const { id: userId, email } = user;
  const newEmail = 'of-another-thief@example.com';
  await auth.accounts.changeEmail(await signedIn(auth, user), { newEmail, password: PASSWORD }, {});
  await auth.accounts.requestPasswordReset(email, {});
  const [change, reset] = [await tokenTo(newEmail), await tokenTo(email, 2)];
  await runWork(system('test'), (work) => lockUser(work, { userId, venueId, reason: 'was stolen' }));
  await runWork(system('test'), (work) => unlockUser(work, { userId, venueId }));
  await expect(auth.accounts.verifyEmail(change, {})).rejects.toMatchObject({ code: 'AUTH_003' });
  const stale = auth.accounts.resetPassword({ token: reset, newPassword: NEW_PASSWORD }, {});
  await expect(stale).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('who chooses another password by mail signs in with it, however many wrong ones others tried', async () => {
  const { email: identifier } = await aPlayer();
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3'])
    for (let tries = 0; tries < 2; tries += 1)
      await auth.login({ identifier, password: 'wrong' }, { address }).catch(() => {});
  const here = { address: '192.0.2.9' };
  const locked = auth.login({ identifier, password: PASSWORD }, here);
  await expect(locked).rejects.toMatchObject({ code: 'AUTH_005' });
  await auth.accounts.requestPasswordReset(identifier, {});
  const token = await tokenTo(identifier);
  await auth.accounts.resetPassword({ token, newPassword: NEW_PASSWORD }, here);
  const { user } = await auth.login({ identifier, password: NEW_PASSWORD }, here);
  expect(user.email).toBe(identifier);
});

test('an address that another account gets meanwhile is taken', async () => {
  const user = await aPlayer();
  const change = { newEmail: 'contested@example.com', password: PASSWORD };
  await auth.accounts.changeEmail(await signedIn(auth, user), change, {});
  const token = await tokenTo(change.newEmail);
  await aUser(runWork, { venueId, email: 'Contested@example.com' });
  await expect(auth.accounts.verifyEmail(token, {})).rejects.toMatchObject({ code: 'AUTH_010' });
  const again = auth.accounts.changeEmail(await signedIn(auth, await aPlayer()), change, {});
  await expect(again).rejects.toMatchObject({ code: 'AUTH_010' });
});

test.each(['LOCKED', 'DELETED'] as const)(
  'a %s account gets no mail and its tokens are good for nothing',
  async (status) => {
    const { email, id } = await aPlayer();
    await auth.accounts.requestPasswordReset(email, {});
    const token = await tokenTo(email);
    await db.updateTable('app_user').set({ status }).where('id', '=', id).execute();
    const attempt = auth.accounts.resetPassword({ token, newPassword: NEW_PASSWORD }, {});
    await expect(attempt).rejects.toMatchObject({ code: 'AUTH_003' });
    await auth.accounts.requestPasswordReset(email, {});
    await answered();
    const tokens = await db.selectFrom('account_token').select('email').where('user_id', '=', id).execute();
    expect(tokens).toHaveLength(1);
  },
);

test('a link leads to the frontend, with the token where no web server sees it', async () => {
  const { email } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  expect(mailsTo(email).at(-1)?.text).toContain(`\nhttps://floor.example/reset-password#token=${token}\n`);
});

test('the database keeps the hash of a token and not the token', async () => {
  const { email, id } = await aPlayer();
  await auth.accounts.requestPasswordReset(email, {});
  const token = await tokenTo(email);
  const rows = await db.selectFrom('account_token').selectAll().where('user_id', '=', id).execute();
  expect(rows).toHaveLength(1);
  expect(rows[0]?.token_hash).toHaveLength(32);
  expect(JSON.stringify(rows)).not.toContain(token);
  expect(rows[0]?.token_hash.toString('base64url')).not.toBe(token);
});
