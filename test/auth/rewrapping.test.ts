import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { KeyDecryptionError, SecondFactorRequiredError } from '../../src/auth/errors.ts';
import { rewrapSecrets } from '../../src/auth/rewrapping.ts';
import { SEALED_COLUMNS } from '../../src/auth/sealed-columns.ts';
import { openDatabase } from '../../src/db/database.ts';
import { createRunWork } from '../../src/work.ts';
import { anAuth, runWorkOn, SECRET_KEY } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { appCode, STEP_MS } from '../support/second-factor.ts';

const NEW_KEY = 'n3wKeyOfTheSameStrength-0123456789';

/** A venue with somebody who has a second factor, all sealed with SECRET_KEY. */
async function aHouse() {
  const { connection, floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const { id: venueId } = await aVenue(runWork);
  const { email, id: userId } = await aUser(runWork, { venueId });
  const signIn = { identifier: email, password: PASSWORD };
  const auth = await anAuth(floor);
  const { accessToken } = await auth.login(signIn, {});
  const actor = await auth.actorOf(accessToken);
  const { secret } = await auth.secondFactors.enroll(actor, PASSWORD, {});
  await auth.secondFactors.confirm(actor, appCode(secret), {});
  async function rewrap(secretKey = NEW_KEY, secretKeyOld = SECRET_KEY) {
    await using owner = openDatabase({ connection, poolSize: 2, applicationName: 'owner' });
    const ownersWork = createRunWork({ db: owner.db, onEvents: () => {} });
    return await rewrapSecrets({ runWork: ownersWork, secretKey, secretKeyOld });
  }
  async function signInWithCode(by: typeof auth) {
    const refusal = await by.login(signIn, {}).catch((error: unknown) => error);
    if (!(refusal instanceof SecondFactorRequiredError)) throw new Error('no challenge', { cause: refusal });
    const { challenge } = refusal;
    return await by.verifySecondFactor({ challenge, code: appCode(secret, Date.now() + STEP_MS) }, {});
  }
  const sealed = async () => [
    await floor.db.selectFrom('signing_key').select(['kid', 'private_key_encrypted']).execute(),
    await floor.db.selectFrom('second_factor').select('secret_encrypted').execute(),
  ];
  return { floor, auth, accessToken, userId, rewrap, signInWithCode, sealed };
}

test('after rewrapping the new key alone opens everything, and the old one nothing', async () => {
  const { floor, accessToken, userId, rewrap, signInWithCode } = await aHouse();
  await expect(anAuth(floor, { secretKey: NEW_KEY })).rejects.toThrow(KeyDecryptionError);
  const outcomes = await rewrap();
  expect(outcomes).toEqual(
    expect.arrayContaining([
      { table: 'signing_key', rewrapped: 1, untouched: 0 },
      { table: 'second_factor', rewrapped: 1, untouched: 0 },
    ]),
  );
  const restarted = await anAuth(floor, { secretKey: NEW_KEY });
  expect(await restarted.actorOf(accessToken)).toMatchObject({ userId });
  expect(await signInWithCode(restarted)).toMatchObject({ user: { id: userId } });
  await expect(anAuth(floor)).rejects.toThrow(KeyDecryptionError);
});

test('a server with both keys runs before, during and after; one with the old key keeps its signing keys', async () => {
  const { floor, auth, accessToken, userId, rewrap, signInWithCode } = await aHouse();
  const both = await anAuth(floor, { secretKey: NEW_KEY, secretKeyOld: SECRET_KEY });
  expect(await both.actorOf(accessToken)).toMatchObject({ userId });
  await rewrap();
  await both.reloadKeys();
  expect(await signInWithCode(both)).toMatchObject({ user: { id: userId } });
  await auth.reloadKeys();
  expect(await auth.actorOf(accessToken)).toMatchObject({ userId });
});

test('rewrapping again changes nothing and says nothing', async () => {
  const { floor, rewrap, sealed } = await aHouse();
  await rewrap();
  const kept = await sealed();
  for (const { rewrapped, untouched, table } of await rewrap()) {
    expect(rewrapped).toBe(0);
    if (['signing_key', 'second_factor'].includes(table)) expect(untouched).toBe(1);
  }
  expect(await sealed()).toEqual(kept);
  const { rows } = await sql`select from outbox where type = 'auth.secrets-rewrapped'`.execute(floor.db);
  expect(rows).toHaveLength(1);
});

test('what is sealed while servers have both keys is sealed with the new one', async () => {
  const { floor, rewrap } = await aHouse();
  const both = await anAuth(floor, { secretKey: NEW_KEY, secretKeyOld: SECRET_KEY });
  const { email } = await aUser(runWorkOn(floor), {
    venueId: (await floor.db.selectFrom('venue').select('id').executeTakeFirstOrThrow()).id,
  });
  const { accessToken } = await both.login({ identifier: email, password: PASSWORD }, {});
  await both.secondFactors.enroll(await both.actorOf(accessToken), PASSWORD, {});
  expect(await rewrap()).toContainEqual({ table: 'second_factor', rewrapped: 1, untouched: 1 });
});

test('a value that neither key opens stops all of it', async () => {
  const { floor, rewrap, sealed } = await aHouse();
  const kept = await sealed();
  await expect(rewrap(NEW_KEY, 'neither the one nor the other key')).rejects.toThrow(KeyDecryptionError);
  await floor.db
    .updateTable('second_factor')
    .set({ secret_encrypted: Buffer.alloc(48) })
    .execute();
  await expect(rewrap()).rejects.toThrow(/^SECRET_KEY does not open what is sealed/);
  expect((await sealed())[0]).toEqual(kept[0]);
});

/** Columns of bytes that are no secrets: digests and chains. */
const NOT_SEALED = /(_hash|_digest|^hash|^salt|^sha256)$/;

test('every column of bytes is a digest or is rewrapped', async () => {
  const { floor } = await cloneDatabase();
  const { rows } = await sql<{ name: string; column: string }>`
    select table_name as name, column_name as "column" from information_schema.columns
    where table_schema = 'public' and data_type = 'bytea'`.execute(floor.db);
  const sealed = rows.filter(({ column }) => !NOT_SEALED.test(column));
  expect(rows.length).toBeGreaterThan(sealed.length);
  expect(sealed.map(({ name, column }) => `${name}.${column}`).sort()).toEqual(
    SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort(),
  );
});
