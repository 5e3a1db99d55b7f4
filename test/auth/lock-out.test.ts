import { sql } from 'kysely';
import { beforeEach, expect, test } from 'vitest';
import { AccountLockedError, InvalidCredentialsError } from '../../src/auth/errors.ts';
import { startFailureRetention } from '../../src/auth/jobs.ts';
import { DEFAULT_LOCK_OUT, lockAfter } from '../../src/auth/lock-out.ts';
import { createLockOut } from '../../src/auth/lock-out-service.ts';
import type { SignedIn } from '../../src/auth/sign-in.ts';
import { unlockUser } from '../../src/auth/user-standing-service.ts';
import { ANONYMOUS, system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn, SECRET_KEY } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';

const { floor } = await cloneDatabase();
const MINUTE = 60_000;
const HERE = '192.0.2.1';
let shiftMs = 0;
const runWork = createRunWork({ db: floor.db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const venue = await aVenue(runWorkOn(floor));
const [auth, elsewhere] = [await anAuth(floor, { runWork }), await anAuth(floor, { runWork })];

beforeEach(() => {
  shiftMs = 0;
});

/** How a try came out: the code it was refused with, or null for a sign-in. */
async function attempt(
  identifier: string,
  {
    password = 'wrong',
    address = HERE,
    at = auth,
  }: { password?: string; address?: string; at?: typeof auth } = {},
): Promise<string | null> {
  const outcome = await at.login({ identifier, password }, { address }).catch((error: unknown) => error);
  if (outcome instanceof InvalidCredentialsError || outcome instanceof AccountLockedError)
    return outcome.code;
  expect((outcome as SignedIn).accessToken).toBeTypeOf('string');
  return null;
}

async function fail(identifier: string, times: number, address = HERE): Promise<(string | null)[]> {
  const codes: (string | null)[] = [];
  for (let i = 0; i < times; i += 1) codes.push(await attempt(identifier, { address }));
  return codes;
}

const right = (identifier: string, options: { address?: string; at?: typeof auth } = {}) =>
  attempt(identifier, { password: PASSWORD, ...options });
const someone = () => aUser(runWork, { venueId: venue.id });
const events = async (type: string, userId: string | null) =>
  (await floor.db.selectFrom('outbox').select(['type', 'venue_id', 'payload']).execute())
    .filter((event) => event.type === type && (event.payload as { userId: unknown }).userId === userId)
    .map(({ payload }) => payload);

test('five wrong passwords lock the name out, and the right one is refused too, without a comparison', async () => {
  const { email } = await someone();
  expect(await fail(email, 5)).toEqual(Array(5).fill('AUTH_001'));
  const { verified } = auth.hashingStatistics();
  expect(await right(email)).toBe('AUTH_005');
  expect(await attempt(email)).toBe('AUTH_005');
  expect(auth.hashingStatistics().verified).toBe(verified);
});

test('the refusal says until when, and then the right password signs in', async () => {
  const { email } = await someone();
  await fail(email, 5);
  shiftMs = 5 * MINUTE;
  const error = await auth
    .login({ identifier: email, password: PASSWORD }, { address: HERE })
    .catch((e) => e);
  expect(error).toBeInstanceOf(AccountLockedError);
  expect(error.retryAfterMs).toBeGreaterThan(9.9 * MINUTE);
  expect(error.retryAfterMs).toBeLessThanOrEqual(10 * MINUTE);
  expect(Math.abs(error.until.getTime() - Date.now() - 15 * MINUTE)).toBeLessThan(10_000);
  shiftMs = 14.9 * MINUTE;
  expect(await right(email)).toBe('AUTH_005');
  shiftMs = 15.1 * MINUTE;
  expect(await right(email)).toBeNull();
});

test('a name without an account is locked out like any other', async () => {
  expect(await fail('nobody@example.com', 6)).toEqual([...Array(5).fill('AUTH_001'), 'AUTH_005']);
});

test('the name is the same in whatever case and with blanks around it', async () => {
  const { email } = await someone();
  for (const name of [email, email.toUpperCase(), ` ${email}`, `${email} `, email]) {
    expect(await attempt(name)).toBe('AUTH_001');
  }
  expect(await right(email)).toBe('AUTH_005');
});

test('the names of an account are locked out together, and those of nobody each by itself', async () => {
  const { email } = await aUser(runWork, { venueId: venue.id, username: 'two-names' });
  const names = [email, 'two-names', 'Two-Names', email.toUpperCase(), 'two-names'];
  for (const name of names) expect(await attempt(name)).toBe('AUTH_001');
  const { verified } = auth.hashingStatistics();
  for (const name of [email, 'two-names']) expect(await right(name)).toBe('AUTH_005');
  expect(auth.hashingStatistics().verified).toBe(verified);
  expect(await right('two-names', { address: '192.0.2.2' })).toBeNull();

  expect(await fail('no-name@example.com', 6)).toEqual([...Array(5).fill('AUTH_001'), 'AUTH_005']);
  expect(await attempt('no-name')).toBe('AUTH_001');
});

test('a name of nobody is one however it is written, as that of an account is', async () => {
  const name = 'no-account@example.com';
  for (const written of [name, name.toUpperCase(), 'No-Account@example.com', ` ${name}`, `${name} `])
    expect(await attempt(written)).toBe('AUTH_001');
  expect(await attempt(name)).toBe('AUTH_005');
});

test('a sign-in by one name forgets the failures by another', async () => {
  const { email } = await aUser(runWork, { venueId: venue.id, username: 'other-name' });
  await fail('other-name', 4);
  expect(await right(email)).toBeNull();
  expect(await fail('other-name', 5)).toEqual(Array(5).fill('AUTH_001'));
});

test('whoever types the id of an account, or what stands for it, locks nobody out', async () => {
  const { id, email } = await someone();
  for (const typed of [id, `account ${id}`]) await fail(typed, 5);
  const { accessToken } = await auth.login({ identifier: email, password: PASSWORD }, { address: HERE });
  const change = auth.changePassword(
    await auth.actorOf(accessToken),
    { currentPassword: 'wrong', newPassword: 'nine grey herons over a weir' },
    { address: HERE },
  );
  await expect(change).rejects.toThrow(InvalidCredentialsError);
});

test('a lock-out at one process holds at another', async () => {
  const { email } = await someone();
  await fail(email, 5);
  expect(await right(email, { at: elsewhere })).toBe('AUTH_005');
});

test('who is locked out at one address signs in at another', async () => {
  const { email } = await someone();
  await fail(email, 5);
  expect(await right(email, { address: '192.0.2.2' })).toBeNull();
  expect(await right(email)).toBe('AUTH_005');
});

test('one subscriber’s IPv6 addresses are one', async () => {
  const { email } = await someone();
  for (let i = 1; i <= 5; i += 1) await attempt(email, { address: `2001:db8:0:1::${i}` });
  expect(await right(email, { address: '2001:db8:0:1:ffff::9' })).toBe('AUTH_005');
  expect(await right(email, { address: '2001:db8:0:2::1' })).toBeNull();
});

test('failures from three addresses lock the account for all, failures from two do not', async () => {
  const { email } = await someone();
  await fail(email, 4, '192.0.2.1');
  await fail(email, 4, '192.0.2.2');
  expect(await right(email, { address: '192.0.2.9' })).toBeNull();
  await fail(email, 1, '192.0.2.3');
  expect(await right(email, { address: '192.0.2.9' })).toBe('AUTH_005');
});

test('a sign-in forgets the failures of its address', async () => {
  const { email } = await someone();
  await fail(email, 4);
  expect(await right(email)).toBeNull();
  expect(await fail(email, 5)).toEqual(Array(5).fill('AUTH_001'));
});

test('failures count for a quarter of an hour', async () => {
  const { email } = await someone();
  await fail(email, 4);
  shiftMs = 15.1 * MINUTE;
  await fail(email, 4);
  expect(await right(email)).toBeNull();
});

test('of twenty wrong passwords at once exactly five are answered and counted', async () => {
  const user = await someone();
  const answers = await Promise.all(
    Array.from({ length: 20 }, (_, i) => attempt(user.email, { at: i % 2 ? auth : elsewhere })),
  );
  expect(answers.filter((code) => code === 'AUTH_001')).toHaveLength(5);
  expect(answers.filter((code) => code === 'AUTH_005')).toHaveLength(15);
  expect(await events('auth.sign-in-failed', user.id)).toHaveLength(5);
  expect(await events('auth.account-locked-out', user.id)).toHaveLength(1);
});

test('a right guess that comes out while wrong ones lock the subject is refused', async () => {
  const lockOut = createLockOut({ secretKey: SECRET_KEY, policy: DEFAULT_LOCK_OUT });
  const guess = { kind: 'SECOND_FACTOR', subject: newId(), address: HERE } as const;
  const wrong = { userId: null, venueId: venue.id, reason: 'WRONG_SECOND_FACTOR' } as const;
  await runWork(ANONYMOUS, (work) => lockOut.check(work, guess));
  for (let i = 0; i < 5; i += 1) await runWork(ANONYMOUS, (work) => lockOut.fail(work, guess, wrong));
  await expect(runWork(ANONYMOUS, (work) => lockOut.pass(work, guess))).rejects.toThrow(AccountLockedError);
  // Neither a failure of another kind nor one of another subject.
  await runWork(ANONYMOUS, (work) => lockOut.check(work, { ...guess, kind: 'PASSWORD' }));
  await runWork(ANONYMOUS, (work) => lockOut.check(work, { ...guess, subject: newId() }));
});

test('open sessions and their renewal go on while the name is locked out', async () => {
  const { email } = await someone();
  const { accessToken, refreshToken } = await auth.login(
    { identifier: email, password: PASSWORD },
    { address: HERE },
  );
  await fail(email, 5);
  expect(await right(email)).toBe('AUTH_005');
  expect(await auth.actorOf(accessToken)).toMatchObject({ kind: 'user' });
  expect((await auth.refresh(refreshToken)).accessToken).toBeTypeOf('string');
});

test('failures are on record with who, why and how far the lock reaches, and name nobody', async () => {
  const user = await someone();
  const away = await aVenue(runWork);
  await attempt(user.email);
  await auth
    .login({ identifier: user.email, password: PASSWORD, venue: away.slug }, { address: HERE })
    .catch(() => undefined);
  await fail(user.email, 3);
  expect(await events('auth.sign-in-failed', user.id)).toEqual([
    { userId: user.id, reason: 'WRONG_PASSWORD' },
    { userId: user.id, reason: 'NOT_ADMITTED' },
    ...Array(3).fill({ userId: user.id, reason: 'WRONG_PASSWORD' }),
  ]);
  expect(await events('auth.account-locked-out', user.id)).toEqual([
    { userId: user.id, kind: 'PASSWORD', scope: 'ADDRESS' },
  ]);
  await attempt('ghost@example.com');
  expect(await events('auth.sign-in-failed', null)).toContainEqual({
    userId: null,
    reason: 'UNKNOWN_ACCOUNT',
  });
  const { rows } = await sql<{
    kept: string;
  }>`select sign_in_failure::text as kept from sign_in_failure`.execute(floor.db);
  expect(rows.length).toBeGreaterThan(5);
  expect(rows.filter(({ kept }) => /@|ghost/.test(kept))).toEqual([]);
});

test('the right password of a closed account counts as a wrong one', async () => {
  const { id, email } = await someone();
  await floor.db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', id).execute();
  for (let i = 0; i < 5; i += 1) expect(await right(email)).toBe('AUTH_001');
  expect(await right(email)).toBe('AUTH_005');
});

test('guesses at the current password of a session lock themselves out, and not the name', async () => {
  const { email } = await someone();
  const signedIn = await auth.login({ identifier: email, password: PASSWORD }, { address: HERE });
  const actor = await auth.actorOf(signedIn.accessToken);
  const change = (currentPassword: string) =>
    auth
      .changePassword(
        actor,
        { currentPassword, newPassword: 'nine grey herons over a weir' },
        { address: HERE },
      )
      .catch((error) => error.code);
  for (let i = 0; i < 5; i += 1) expect(await change('wrong')).toBe('AUTH_001');
  expect(await change(PASSWORD)).toBe('AUTH_005');
  expect(await right(email)).toBeNull();
});

test('an administrator’s unlocking lifts every lock-out of the account', async () => {
  const { id, email } = await someone();
  for (const address of ['192.0.2.1', '192.0.2.2', '192.0.2.3']) await fail(email, 3, address);
  expect(await right(email, { address: '192.0.2.9' })).toBe('AUTH_005');
  await runWork(system('test'), (work) => unlockUser(work, { userId: id, venueId: venue.id }));
  expect(await events('auth.user-unlocked', id)).toHaveLength(1);
  expect(await right(email)).toBeNull();
});

test('failures that count no more are deleted, others stay', async () => {
  const count = async () => (await floor.db.selectFrom('sign_in_failure').select('id').execute()).length;
  const { email } = await someone();
  await fail(email, 2);
  shiftMs = 16 * MINUTE;
  await fail('nobody-else@example.com', 1);
  await using _job = startFailureRetention({
    runWork,
    retentionMs: 15 * MINUTE,
    onError: (error) => expect.unreachable(String(error)),
  });
  await eventually(async () => (await count()) === 1);
});

test.each([
  [{ fromAddress: 4, inAll: 4, addresses: 1 }, null],
  [{ fromAddress: 5, inAll: 5, addresses: 1 }, 'ADDRESS'],
  [{ fromAddress: 4, inAll: 8, addresses: 2 }, null],
  [{ fromAddress: 1, inAll: 4, addresses: 4 }, null],
  [{ fromAddress: 1, inAll: 5, addresses: 3 }, 'ACCOUNT'],
  [{ fromAddress: 5, inAll: 7, addresses: 3 }, 'ACCOUNT'],
])('after %j the lock is %s', (count, expected) => {
  expect(lockAfter(count, { failures: 5, windowMs: 1, addresses: 3 })).toBe(expected);
});
