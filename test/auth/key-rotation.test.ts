import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { openKeyring, rotateKeys } from '../../src/auth/keyring.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn, SECRET_KEY, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aGate } from '../support/gate.ts';

async function aHouse() {
  const { connection, floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const { id: venueId } = await aVenue(runWork);
  const { email } = await aUser(runWork, { venueId });
  async function rotate({ secretKey = SECRET_KEY, revokeOld = false } = {}) {
    await using owner = openDatabase({ connection, poolSize: 2, applicationName: 'owner' });
    const ownersWork = createRunWork({ db: owner.db, onEvents: () => {} });
    return (await rotateKeys({ runWork: ownersWork, secretKey, revokeOld })).kid;
  }
  return { floor, runWork, rotate, signIn: { identifier: email, password: PASSWORD } };
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
  await expect(rotate({ secretKey: 'another secret key of enough length' })).rejects.toThrow(
    /^SECRET_KEY does not open/,
  );
  expect(kidsOf(await anAuth(floor))).toEqual(kids);
});

test('a rotation that revokes takes the old keys from tokens that were accepted before; refreshing goes on', async () => {
  const { floor, rotate, signIn } = await aHouse();
  const auth = await anAuth(floor);
  const { accessToken, refreshToken, session } = await auth.login(signIn, {});
  expect(await auth.actorOf(accessToken)).toMatchObject({ sessionId: session.id });
  const [old] = kidsOf(auth);
  await rotate();
  const kid = await rotate({ revokeOld: true });
  await auth.reloadKeys();
  expect(kidsOf(auth)).toEqual([kid]);
  await expect(auth.actorOf(accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
  const renewed = await auth.refresh(refreshToken);
  expect(await auth.actorOf(renewed.accessToken)).toMatchObject({ sessionId: session.id });
  const { rows } = await sql<{ kid: string }>`
    select payload ->> 'kid' as kid from outbox where type = 'auth.key-revoked'`.execute(floor.db);
  expect(rows).toHaveLength(2);
  expect(rows.map((row) => row.kid)).toContain(old);
});

test('a flood of made-up kids takes the new key from nobody, and is two queries', async () => {
  const { floor, runWork, rotate } = await aHouse();
  await anAuth(floor);
  let queries = 0;
  const counted = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const keyring = await openKeyring({
    db: counted,
    runWork,
    secretKey: SECRET_KEY,
    tokenLifetimeSeconds: 60,
  });
  const madeUp = () => Array.from({ length: 500 }, () => randomBytes(32).toString('base64url'));
  queries = 0;
  const now = new Date();
  const first = madeUp().map((kid) => keyring.find(kid, now));
  const kid = await rotate();
  const second = madeUp().map((each) => keyring.find(each, now));
  expect(await keyring.find(kid, now)).toMatchObject({ kid, signs: true });
  expect(new Set(await Promise.all([...first, ...second]))).toEqual(new Set([null]));
  expect(queries).toBe(2);
});

test('keys that were read before a revocation do not come back after it', async () => {
  const { floor, runWork, rotate } = await aHouse();
  const [read, released] = [aGate(), aGate()];
  let hold = false;
  const slow = floor.db.withPlugin({
    transformQuery: ({ node }) => node,
    async transformResult({ result }) {
      if (!hold) return result;
      hold = false;
      read.open();
      await released.opened;
      return result;
    },
  });
  const keyring = await openKeyring({ db: slow, runWork, secretKey: SECRET_KEY, tokenLifetimeSeconds: 60 });
  hold = true;
  const earlier = keyring.reload();
  await read.opened;
  const kid = await rotate({ revokeOld: true });
  const later = keyring.reload();
  // Time enough for the later one, if it does not wait for the earlier.
  for (let queries = 0; queries < 300; queries += 1) await sql`select 1`.execute(floor.db);
  released.open();
  await Promise.all([earlier, later]);
  expect(keyring.verifying(new Date()).map((key) => key.kid)).toEqual([kid]);
});

test('what cannot be a kid is not looked for', async () => {
  const { floor, runWork } = await aHouse();
  let queries = 0;
  const db = floor.db.withPlugin({
    transformQuery: ({ node }) => {
      queries += 1;
      return node;
    },
    transformResult: async ({ result }) => result,
  });
  const keyring = await openKeyring({ db, runWork, secretKey: SECRET_KEY, tokenLifetimeSeconds: 60 });
  const before = queries;
  for (const kid of ['', 'unknown', '../../etc/passwd', 'A'.repeat(44), `${'A'.repeat(42)}=`])
    expect(await keyring.find(kid, new Date())).toBeNull();
  expect(queries).toBe(before);
  expect(await keyring.find('A'.repeat(43), new Date())).toBeNull();
  expect(queries).toBeGreaterThan(before);
});
