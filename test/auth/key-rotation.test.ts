import { expect, test } from 'vitest';
import { rotateKeys } from '../../src/auth/keyring.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn, SECRET_KEY, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

async function aHouse() {
  const { connection, floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const { id: venueId } = await aVenue(runWork);
  const { email } = await aUser(runWork, { venueId });
  async function rotate(secretKey = SECRET_KEY) {
    await using owner = openDatabase({ connection, poolSize: 2, applicationName: 'owner' });
    return await rotateKeys({ runWork: createRunWork({ db: owner.db, onEvents: () => {} }), secretKey });
  }
  return { floor, rotate, signIn: { identifier: email, password: PASSWORD } };
}

const kidsOf = (auth: Awaited<ReturnType<typeof anAuth>>) => auth.jwks().keys.map(({ kid }) => kid);

test('one process rotates, another takes tokens of both keys without a restart', async () => {
  const { floor, rotate, signIn } = await aHouse();
  const [one, other] = [await anAuth(floor), await anAuth(floor)];
  const before = await one.login(signIn, {});
  const kid = await rotate();
  await one.reloadKeys();
  const after = await one.login(signIn, {});
  expect(await other.actorOf(after.accessToken)).toMatchObject({ kind: 'user' });
  expect(await other.actorOf(before.accessToken)).toMatchObject({ kind: 'user' });
  expect(kidsOf(other)).toHaveLength(2);
  expect(kidsOf(other)[0]).toBe(kid);
});

test('a running process drops the old key once its tokens have expired', async () => {
  const { floor, rotate, signIn } = await aHouse();
  let shiftMs = 0;
  const auth = await anAuth(floor, { clock: () => new Date(Date.now() + shiftMs) });
  const { accessToken } = await auth.login(signIn, {});
  const kid = await rotate();
  await auth.reloadKeys();
  expect(kidsOf(auth)).toHaveLength(2);
  shiftMs = (TOKEN_SECONDS + 61) * 1_000;
  expect(kidsOf(auth)).toEqual([kid]);
  await expect(auth.actorOf(accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('rotations at once leave one key that signs, and each venue hears of each', async () => {
  const { floor, rotate } = await aHouse();
  await anAuth(floor);
  await Promise.all([rotate(), rotate(), rotate()]);
  const keys = await floor.db.selectFrom('signing_key').select('retired_at').execute();
  expect(keys).toHaveLength(4);
  expect(keys.filter(({ retired_at }) => retired_at === null)).toHaveLength(1);
  const told = await floor.db
    .selectFrom('outbox')
    .select('type')
    .where('type', '=', 'auth.key-rotated')
    .execute();
  expect(told).toHaveLength(3);
});

test('a rotation with another SECRET_KEY changes nothing', async () => {
  const { floor, rotate } = await aHouse();
  const kids = kidsOf(await anAuth(floor));
  await expect(rotate('another secret key of enough length')).rejects.toThrow(/^SECRET_KEY does not open/);
  expect(kidsOf(await anAuth(floor))).toEqual(kids);
});
