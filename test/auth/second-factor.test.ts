import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { insertAccountToken } from '../../src/auth/account-token-store.ts';
import {
  AccountLockedError,
  InvalidCredentialsError,
  SecondFactorRequiredError,
  SecondFactorWrongError,
  SessionRevokedError,
  SignInChallengeInvalidError,
} from '../../src/auth/errors.ts';
import { clearFailures } from '../../src/auth/lock-out-service.ts';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { findOwnCredentials } from '../../src/auth/own-credentials-store.ts';
import { findSecondFactor } from '../../src/auth/second-factor-store.ts';
import { revokeOwnSession } from '../../src/auth/session-service.ts';
import { listOpenSessions } from '../../src/auth/session-store.ts';
import { openOrChallenge } from '../../src/auth/sign-in-challenge-service.ts';
import type { User } from '../../src/auth/user.ts';
import { ANONYMOUS, system, type UserActor } from '../../src/lib/actor.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aGate } from '../support/gate.ts';
import { seconds } from '../support/second.ts';
import { appCode, STEP_MS, wrongCode } from '../support/second-factor.ts';

const { floor } = await cloneDatabase();
const venue = await aVenue(runWorkOn(floor), { name: 'Casino Wien' });
const MINUTE_MS = 60_000;

/** Somebody with a second factor, on a clock that starts in the middle of a step and is set forward by the test. */
async function aGuarded({ isEmailVerified = true } = {}) {
  const user = await aUser(runWorkOn(floor), { venueId: venue.id, isEmailVerified });
  let now = (Math.floor(Date.now() / STEP_MS) + 0.5) * STEP_MS;
  const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => now - Date.now() });
  const auth = await anAuth(floor, { runWork, clock: () => new Date(now) });
  const credentials = { identifier: user.email, password: PASSWORD };
  const { accessToken } = await auth.login(credentials, {});
  const actor: UserActor = await auth.actorOf(accessToken);
  const { secret, uri } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const { recoveryCodes } = await auth.secondFactors.confirm(actor, appCode(secret, now), {});
  now += STEP_MS;
  return {
    auth,
    user,
    actor,
    secret,
    uri,
    recoveryCodes,
    credentials,
    pass: (ms: number) => {
      now += ms;
    },
    /** Of the app, so many steps off. */
    code: (steps = 0, of = secret) => appCode(of, now + steps * STEP_MS),
    wrong: () => wrongCode(secret, now),
    /** The challenge of a right password. */
    async challenge(): Promise<string> {
      const refusal = await auth.login(credentials, {}).catch((error: unknown) => error);
      if (!(refusal instanceof SecondFactorRequiredError))
        throw new Error('no challenge', { cause: refusal });
      return refusal.challenge;
    },
    async verify(code: string) {
      return await auth.verifySecondFactor({ challenge: await this.challenge(), code }, {});
    },
  };
}

const sessionsOf = async ({ id }: User) => (await listOpenSessions(floor.db, id)).length;

const eventsOf = async ({ id }: User) => {
  const { rows } = await sql<{ type: string }>`
    select type from outbox where payload ->> 'userId' = ${id}
      and type not like 'auth.session-%' and type <> 'auth.user-registered'
    order by id`.execute(floor.db);
  return rows.map(({ type }) => type.replace('auth.', ''));
};

test('a right password opens nothing until a code is shown', async () => {
  const rosa = await aGuarded();
  const sessions = await sessionsOf(rosa.user);
  const challenge = await rosa.challenge();
  expect(await sessionsOf(rosa.user)).toBe(sessions);
  const signedIn = await rosa.auth.verifySecondFactor(
    { challenge, code: rosa.code() },
    { address: '192.0.2.7' },
  );
  expect(signedIn).toMatchObject({ user: { id: rosa.user.id }, session: { address: '192.0.2.7' } });
  expect(await rosa.auth.actorOf(signedIn.accessToken)).toMatchObject({ userId: rosa.user.id });
  expect((await rosa.auth.refresh(signedIn.refreshToken)).session.id).toBe(signedIn.session.id);
  expect(await eventsOf(rosa.user)).toEqual([
    'second-factor-enrolled',
    'second-factor-confirmed',
    'second-factor-required',
  ]);
});

test('a wrong password of a guarded account is answered as any other', async () => {
  const rosa = await aGuarded();
  const attempt = rosa.auth.login({ ...rosa.credentials, password: `${PASSWORD}!` }, {});
  await expect(attempt).rejects.toThrow(InvalidCredentialsError);
});

test('the app lists the account under its home venue', async () => {
  const rosa = await aGuarded();
  expect(rosa.uri).toMatch(/^otpauth:\/\/totp\/Casino%20Wien:user-\d+%40example\.com\?issuer=Casino%20Wien&/);
});

test.each([-1, 0, 1])('a code %d steps off is taken', async (steps) => {
  const rosa = await aGuarded();
  rosa.pass(STEP_MS);
  expect(await rosa.verify(rosa.code(steps))).toMatchObject({ user: { id: rosa.user.id } });
});

test.each([-2, 2])('a code %d steps off is not', async (steps) => {
  const rosa = await aGuarded();
  rosa.pass(3 * STEP_MS);
  await expect(rosa.verify(rosa.code(steps))).rejects.toThrow(SecondFactorWrongError);
});

test('a code is taken once, and none before it afterwards', async () => {
  const rosa = await aGuarded();
  rosa.pass(STEP_MS);
  const [earlier, code] = [rosa.code(-1), rosa.code()];
  await rosa.verify(code);
  await expect(rosa.verify(code)).rejects.toThrow(SecondFactorWrongError);
  await expect(rosa.verify(earlier)).rejects.toThrow(SecondFactorWrongError);
  rosa.pass(STEP_MS);
  await expect(rosa.verify(code)).rejects.toThrow(SecondFactorWrongError);
  expect(await rosa.verify(rosa.code())).toMatchObject({ user: { id: rosa.user.id } });
});

test('the code that confirmed the factor opens nothing', async () => {
  const rosa = await aGuarded();
  await expect(rosa.verify(rosa.code(-1))).rejects.toThrow(SecondFactorWrongError);
});

test('one code shown ten times at once opens one session', async () => {
  const rosa = await aGuarded();
  const challenges = await Promise.all(Array.from({ length: 10 }, () => rosa.challenge()));
  const before = await sessionsOf(rosa.user);
  const code = rosa.code();
  const results = await Promise.allSettled(
    challenges.map((challenge) => rosa.auth.verifySecondFactor({ challenge, code }, {})),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'opened'));
  // What was taken a moment ago counts as wrong, and the fifth wrong one locks.
  expect(codes.sort()).toEqual([
    ...Array.from({ length: 4 }, () => 'AUTH_005'),
    ...Array.from({ length: 5 }, () => 'AUTH_007'),
    'opened',
  ]);
  expect(await sessionsOf(rosa.user)).toBe(before + 1);
});

test('one challenge answered ten times at once opens one session', async () => {
  const rosa = await aGuarded();
  const challenge = await rosa.challenge();
  const before = await sessionsOf(rosa.user);
  const results = await Promise.allSettled(
    rosa.recoveryCodes.map((code) => rosa.auth.verifySecondFactor({ challenge, code }, {})),
  );
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  for (const result of results)
    if (result.status === 'rejected') expect(result.reason).toBeInstanceOf(SignInChallengeInvalidError);
  expect(await sessionsOf(rosa.user)).toBe(before + 1);
});

test('a recovery code is good once, also at once', async () => {
  const rosa = await aGuarded();
  const code = rosa.recoveryCodes[0] ?? '';
  const results = await Promise.allSettled([rosa.verify(code), rosa.verify(code), rosa.verify(code)]);
  expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  await expect(rosa.verify(code)).rejects.toMatchObject({
    code: 'AUTH_007',
    triesLeft: 4,
  });
  expect(await eventsOf(rosa.user)).toContain('recovery-code-used');
});

test('the recovery code of somebody else is worth nothing', async () => {
  const [rosa, otto] = [await aGuarded(), await aGuarded()];
  await expect(rosa.verify(otto.recoveryCodes[0] ?? '')).rejects.toThrow(SecondFactorWrongError);
});

test('a challenge takes five codes', async () => {
  const rosa = await aGuarded();
  const challenge = await rosa.challenge();
  for (const triesLeft of [4, 3, 2, 1, 0]) {
    const attempt = rosa.auth.verifySecondFactor({ challenge, code: rosa.wrong() }, {});
    await expect(attempt).rejects.toMatchObject({ code: 'AUTH_007', triesLeft });
  }
  const late = rosa.auth.verifySecondFactor({ challenge, code: rosa.code() }, {});
  await expect(late).rejects.toThrow(SignInChallengeInvalidError);
});

test('wrong codes count for the account, whatever the challenge: the app is locked, a recovery code is not', async () => {
  const rosa = await aGuarded();
  for (let failures = 1; failures <= 5; failures += 1)
    await expect(rosa.verify(rosa.wrong())).rejects.toThrow(SecondFactorWrongError);
  const locked = await rosa.verify(rosa.code()).catch((error: unknown) => error);
  if (!(locked instanceof AccountLockedError)) throw new Error('not locked', { cause: locked });
  expect(Math.abs(locked.retryAfterMs - 15 * MINUTE_MS)).toBeLessThan(5_000);
  const shown = { password: PASSWORD, code: rosa.code() };
  await expect(rosa.auth.secondFactors.disable(rosa.actor, shown, {})).rejects.toThrow(AccountLockedError);
  await expect(rosa.verify('0000-0000-0000-0000')).rejects.toThrow(AccountLockedError);
  const events = await eventsOf(rosa.user);
  expect(events.filter((type) => type === 'second-factor-failed')).toHaveLength(5);
  expect(events.filter((type) => type === 'sign-in-failed')).toHaveLength(5);
  expect(events.filter((type) => type === 'account-locked-out')).toHaveLength(1);
  expect(await rosa.verify(rosa.recoveryCodes[0] ?? '')).toMatchObject({ user: { id: rosa.user.id } });
  expect(await rosa.verify(rosa.code())).toMatchObject({ user: { id: rosa.user.id } });
});

test('the lock ends by itself, or by an administrator', async () => {
  const rosa = await aGuarded();
  const lock = async () => {
    for (let failures = 1; failures <= 5; failures += 1)
      await expect(rosa.verify(rosa.wrong())).rejects.toThrow(SecondFactorWrongError);
  };
  await lock();
  rosa.pass(15 * MINUTE_MS - 1_000);
  await expect(rosa.verify(rosa.code())).rejects.toThrow(AccountLockedError);
  rosa.pass(STEP_MS);
  expect(await rosa.verify(rosa.code())).toMatchObject({ user: { id: rosa.user.id } });
  await lock();
  rosa.pass(STEP_MS);
  await expect(rosa.verify(rosa.code())).rejects.toThrow(AccountLockedError);
  await runWorkOn(floor)(system('test'), (work) => clearFailures(work, rosa.user.id));
  expect(await rosa.verify(rosa.code())).toMatchObject({ user: { id: rosa.user.id } });
});

test('wrong passwords lock enrolment and removal, and no sign-in', async () => {
  const rosa = await aGuarded();
  const client = { address: '192.0.2.9' };
  const shown = { password: 'not the password', code: rosa.code() };
  for (let failures = 1; failures <= 5; failures += 1) {
    const attempt = rosa.auth.secondFactors.disable(rosa.actor, shown, client);
    await expect(attempt).rejects.toThrow(InvalidCredentialsError);
  }
  const right = rosa.auth.secondFactors.disable(rosa.actor, { ...shown, password: PASSWORD }, client);
  await expect(right).rejects.toThrow(AccountLockedError);
  const enrolment = rosa.auth.secondFactors.enroll(rosa.actor, PASSWORD, client);
  await expect(enrolment).rejects.toThrow(AccountLockedError);
  expect(await rosa.verify(rosa.code())).toMatchObject({ user: { id: rosa.user.id } });
});

test('a challenge lasts five minutes', async () => {
  const rosa = await aGuarded();
  const [inTime, late] = [await rosa.challenge(), await rosa.challenge()];
  rosa.pass(5 * MINUTE_MS - 1_000);
  await rosa.auth.verifySecondFactor({ challenge: inTime, code: rosa.code() }, {});
  rosa.pass(2_000 + STEP_MS);
  const attempt = rosa.auth.verifySecondFactor({ challenge: late, code: rosa.code() }, {});
  await expect(attempt).rejects.toThrow(SignInChallengeInvalidError);
});

test.each([
  ['the account was locked', { status: 'LOCKED' }],
  ['the account was deleted', { status: 'DELETED' }],
  ['the password was changed', { password_hash: '$argon2id$of another day' }],
] as const)('a challenge is over when %s meanwhile, and takes no code', async (_, change) => {
  const rosa = await aGuarded();
  const [challenge, code] = [await rosa.challenge(), rosa.code()];
  const row = await floor.db
    .selectFrom('app_user')
    .select(['status', 'password_hash'])
    .where('id', '=', rosa.user.id)
    .executeTakeFirstOrThrow();
  const put = (values: Partial<typeof row>) =>
    floor.db.updateTable('app_user').set(values).where('id', '=', rosa.user.id).execute();
  await put(change);
  const attempt = rosa.auth.verifySecondFactor({ challenge, code }, {});
  await expect(attempt).rejects.toThrow(SignInChallengeInvalidError);
  await put(row);
  expect(await rosa.verify(code)).toMatchObject({ user: { id: rosa.user.id } });
});

test('who has lost his role meanwhile is refused, and keeps his code', async () => {
  const rosa = await aGuarded();
  const [challenge, code] = [await rosa.challenge(), rosa.code()];
  const role = { user_id: rosa.user.id, venue_id: venue.id, role: 'PLAYER' } as const;
  await floor.db.deleteFrom('user_role').where('user_id', '=', rosa.user.id).execute();
  const attempt = rosa.auth.verifySecondFactor({ challenge, code }, {});
  await expect(attempt).rejects.toThrow(InvalidCredentialsError);
  await floor.db.insertInto('user_role').values(role).execute();
  expect(await rosa.verify(code)).toMatchObject({ user: { id: rosa.user.id } });
});

test('a challenge is over when the factor was disabled meanwhile, and sign-in is one step again', async () => {
  const rosa = await aGuarded();
  const challenge = await rosa.challenge();
  await rosa.auth.secondFactors.disable(rosa.actor, { password: PASSWORD, code: rosa.code() }, {});
  const code = rosa.recoveryCodes[0] ?? '';
  const attempt = rosa.auth.verifySecondFactor({ challenge, code }, {});
  await expect(attempt).rejects.toThrow(SignInChallengeInvalidError);
  expect(await rosa.auth.login(rosa.credentials, {})).toMatchObject({ user: { id: rosa.user.id } });
  expect(await eventsOf(rosa.user)).toContain('second-factor-disabled');
});

test('a sign-in that is under way when the factor is confirmed leaves no session', async () => {
  const user = await aUser(runWorkOn(floor), { venueId: venue.id });
  const auth = await anAuth(floor);
  const own = await auth.login({ identifier: user.email, password: PASSWORD }, {});
  const actor = await auth.actorOf(own.accessToken);
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const disabled = auth.secondFactors.disable(actor, { password: PASSWORD, code: appCode(secret) }, {});
  await expect(disabled).rejects.toThrow(NotFoundError);
  const credentials = await findOwnCredentials(floor.db, user.id);
  if (!credentials) throw new Error('no credentials');
  const [asked, held] = [aGate(), aGate()];
  const id = newId();
  const session = { id, venueId: venue.id, credentials, lifetimeSeconds: 60, client: {} };
  const signIn = runWorkOn(floor)(ANONYMOUS, async (work) => {
    const refreshTokenHash = randomBytes(32);
    const conditions = { challengeHash: randomBytes(32), requireVerifiedEmail: false };
    const { kind } = await openOrChallenge(work, { ...session, refreshTokenHash }, conditions);
    asked.open();
    await held.opened;
    return kind;
  });
  await asked.opened;
  const confirmed = auth.secondFactors.confirm(actor, appCode(secret), {});
  // Time enough for it, if it does not wait for the sign-in.
  for (let queries = 0; queries < 200; queries += 1) await sql`select 1`.execute(floor.db);
  held.open();
  expect(await signIn).toBe('opened');
  expect((await confirmed).endedSessions).toEqual([id]);
  expect((await listOpenSessions(floor.db, user.id)).map((each) => each.id)).toEqual([own.session.id]);
});

test('a session that ended before its first code was shown confirms nothing, and its owner goes on', async () => {
  const user = await aUser(runWorkOn(floor), { venueId: venue.id });
  const auth = await anAuth(floor);
  const signIn = async () => {
    const { accessToken, session } = await auth.login({ identifier: user.email, password: PASSWORD }, {});
    return { actor: await auth.actorOf(accessToken), session };
  };
  const [thief, own] = [await signIn(), await signIn()];
  const { secret } = await auth.secondFactors.enroll(thief.actor, PASSWORD, {});
  const newPassword = 'nine herons over a weir';
  await auth.changePassword(own.actor, { currentPassword: PASSWORD, newPassword });
  const confirmed = auth.secondFactors.confirm(thief.actor, appCode(secret), {});
  await expect(confirmed).rejects.toThrow(SessionRevokedError);
  expect((await listOpenSessions(floor.db, user.id)).map(({ id }) => id)).toEqual([own.session.id]);
  expect(await auth.login({ identifier: user.email, password: newPassword }, {})).toMatchObject({
    user: { id: user.id },
  });
});

test('a session that is being ended confirms nothing', async () => {
  const user = await aUser(runWorkOn(floor), { venueId: venue.id });
  const auth = await anAuth(floor);
  const signedIn = await auth.login({ identifier: user.email, password: PASSWORD }, {});
  const actor = await auth.actorOf(signedIn.accessToken);
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const meanwhile = seconds(floor, runWorkOn(floor));
  await expect(
    meanwhile(
      (work) => revokeOwnSession(work, actor, actor.sessionId),
      () => auth.secondFactors.confirm(actor, appCode(secret), {}),
    ),
  ).rejects.toThrow(SessionRevokedError);
  expect(await findSecondFactor(floor.db, user.id)).toBeNull();
});

test('guessing the first code of a secret that waits for it comes to an end too', async () => {
  const user = await aUser(runWorkOn(floor), { venueId: venue.id });
  const auth = await anAuth(floor);
  const { accessToken } = await auth.login({ identifier: user.email, password: PASSWORD }, {});
  const actor = await auth.actorOf(accessToken);
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  for (let tries = 1; tries <= 5; tries += 1)
    await expect(auth.secondFactors.confirm(actor, wrongCode(secret), {})).rejects.toMatchObject({
      code: 'AUTH_007',
    });
  await expect(auth.secondFactors.confirm(actor, appCode(secret), {})).rejects.toMatchObject({
    code: 'AUTH_005',
    retryAfterMs: expect.any(Number),
  });
  const again = await auth.secondFactors.enroll(actor, PASSWORD, {});
  const { recoveryCodes } = await auth.secondFactors.confirm(actor, appCode(again.secret), {});
  expect(recoveryCodes).toHaveLength(10);
});

test('the database has neither secret nor recovery code nor challenge in clear', async () => {
  const rosa = await aGuarded();
  const challenge = await rosa.challenge();
  const secrets = [rosa.secret, challenge, ...rosa.recoveryCodes];
  const digits = (text: string) => Buffer.from(text).toString('hex');
  const bytes = Buffer.from(challenge, 'base64url').toString('hex');
  for (const table of ['second_factor', 'recovery_code', 'sign_in_challenge', 'outbox']) {
    const { rows } = await sql<{ text: string }>`select t::text as text from ${sql.table(table)} t`.execute(
      floor.db,
    );
    expect(rows.length).toBeGreaterThan(0);
    const text = rows.map((row) => row.text).join();
    for (const secret of [...secrets, ...secrets.map(digits), bytes]) expect(text).not.toContain(secret);
  }
});

/** The owner of an address gives its account another password by mail. */
async function resetByMail({ auth, user }: Awaited<ReturnType<typeof aGuarded>>, newPassword: string) {
  const { token, hash } = makeOpaqueToken();
  const { id: userId, email } = user;
  await runWorkOn(floor)(ANONYMOUS, (work) =>
    insertAccountToken(
      work.tx,
      { userId, venueId: venue.id, purpose: 'RESET_PASSWORD', email },
      { hash, at: work.now, expiresAt: new Date(work.now.getTime() + 3_600_000) },
    ),
  );
  await auth.accounts.resetPassword({ token, newPassword }, {});
}

test('a password by mail is no way around the second factor', async () => {
  const rosa = await aGuarded();
  const password = 'nine herons over a weir';
  await resetByMail(rosa, password);
  const attempt = rosa.auth.login({ identifier: rosa.user.email, password }, {});
  await expect(attempt).rejects.toThrow(SecondFactorRequiredError);
  expect(await eventsOf(rosa.user)).not.toContain('second-factor-disabled');
});

test('one that somebody set with an address that was not his keeps its owner out of nothing', async () => {
  const squatter = await aGuarded({ isEmailVerified: false });
  const challenge = await squatter.challenge();
  const password = 'nine herons over a weir';
  await resetByMail(squatter, password);
  const { user, accessToken } = await squatter.auth.login({ identifier: squatter.user.email, password }, {});
  expect(user.id).toBe(squatter.user.id);
  expect(await eventsOf(squatter.user)).toContain('second-factor-disabled');
  await expect(squatter.auth.verifySecondFactor({ challenge, code: squatter.code() }, {})).rejects.toThrow(
    SignInChallengeInvalidError,
  );
  // By now the address is shown to be his: what he sets himself stays.
  const owner = await squatter.auth.actorOf(accessToken);
  const { secret } = await squatter.auth.secondFactors.enroll(owner, password, {});
  await squatter.auth.secondFactors.confirm(owner, squatter.code(0, secret), {});
  await resetByMail(squatter, `${password}!`);
  const attempt = squatter.auth.login({ identifier: user.email, password: `${password}!` }, {});
  await expect(attempt).rejects.toThrow(SecondFactorRequiredError);
});
