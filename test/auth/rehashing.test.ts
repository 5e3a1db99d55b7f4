import { hash, parseOptions } from '@node-rs/argon2';
import { expect, test } from 'vitest';
import { InvalidCredentialsError, SecondFactorRequiredError } from '../../src/auth/errors.ts';
import { findOwnCredentials } from '../../src/auth/own-credentials-store.ts';
import { ARGON2_OPTIONS, createPasswordHasher } from '../../src/auth/password-hasher.ts';
import { strengthenHash } from '../../src/auth/rehashing.ts';
import { anAuth, runWorkOn } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { appCode } from '../support/second-factor.ts';

const COST = { memoryKib: 24_576, passes: 3 };
const TODAY = { memoryCost: COST.memoryKib, timeCost: COST.passes };

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const lockOut = { failures: 100, windowMs: 60_000, addresses: 100 };
const auth = await anAuth(floor, { hashCost: COST, lockOut });

/** Somebody whose hash was made when less was asked for: `aUser` has them cheap. */
const aUserOfOld = () => aUser(runWork, { venueId: venue.id });
const signIn = (email: string, password = PASSWORD) => auth.login({ identifier: email, password }, {});
const rowOf = (id: string) =>
  floor.db
    .selectFrom('app_user')
    .select(['password_hash', 'password_changed_at', 'version', 'must_change_password'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
const hashesMade = () => auth.hashingStatistics().hashed;

test('a sign-in writes a cheaper hash anew, once, and nothing else of the account', async () => {
  const { id, email } = await aUserOfOld();
  const before = await rowOf(id);
  const made = hashesMade();
  const { accessToken } = await signIn(email);
  const after = await rowOf(id);
  expect(parseOptions(after.password_hash)).toMatchObject(TODAY);
  expect({ ...after, password_hash: before.password_hash }).toEqual(before);
  expect(await auth.actorOf(accessToken)).toMatchObject({ userId: id });

  await signIn(email);
  expect(await rowOf(id)).toEqual(after);
  expect(hashesMade()).toBe(made + 1);
});

test('a wrong password leaves the hash as it is', async () => {
  const { id, email } = await aUserOfOld();
  const before = await rowOf(id);
  await expect(signIn(email, `${PASSWORD}!`)).rejects.toThrow(InvalidCredentialsError);
  expect(await rowOf(id)).toEqual(before);
});

test('sessions opened before the hash was written anew go on', async () => {
  const { id, email } = await aUserOfOld();
  const earlier = await anAuth(floor);
  const { refreshToken } = await earlier.login({ identifier: email, password: PASSWORD }, {});
  await signIn(email);
  expect(parseOptions((await rowOf(id)).password_hash)).toMatchObject(TODAY);
  expect((await auth.refresh(refreshToken)).user?.id).toBe(id);
});

test('of eight who sign in at once with a cheaper hash, all may', async () => {
  const { id, email } = await aUserOfOld();
  const settled = await Promise.allSettled(Array.from({ length: 8 }, () => signIn(email)));
  expect(settled.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 'fulfilled'));
  expect(parseOptions((await rowOf(id)).password_hash)).toMatchObject(TODAY);
});

test('a challenge for a second factor is good after the hash was written anew for it', async () => {
  const { id, email } = await aUserOfOld();
  const earlier = await anAuth(floor);
  const { accessToken } = await earlier.login({ identifier: email, password: PASSWORD }, {});
  const actor = await earlier.actorOf(accessToken);
  const { secret } = await earlier.secondFactors.enroll(actor, PASSWORD, {});
  const { recoveryCodes } = await earlier.secondFactors.confirm(actor, appCode(secret), {});

  const refusal = await signIn(email).catch((error: unknown) => error);
  if (!(refusal instanceof SecondFactorRequiredError)) throw refusal;
  expect(parseOptions((await rowOf(id)).password_hash)).toMatchObject(TODAY);
  const [code = ''] = recoveryCodes;
  expect((await auth.verifySecondFactor({ challenge: refusal.challenge, code }, {})).user.id).toBe(id);
});

test('a password that is changed while its hash is made stays changed, and the old one opens nothing', async () => {
  const { id } = await aUserOfOld();
  const credentials = await findOwnCredentials(floor.db, id);
  if (!credentials) throw new Error('no account');
  const changed = await hash('nine grey herons over a weir', ARGON2_OPTIONS);
  const real = await createPasswordHasher({ cost: COST });
  const hasher = {
    ...real,
    async hash(password: string) {
      const made = await real.hash(password);
      await floor.db.updateTable('app_user').set({ password_hash: changed }).where('id', '=', id).execute();
      return made;
    },
  };
  expect(await strengthenHash({ db: floor.db, runWork, hasher }, credentials, PASSWORD)).toBeNull();
  expect((await rowOf(id)).password_hash).toBe(changed);
});

test('a sign-in is not refused because too many wait to have its hash written anew', async () => {
  const { id } = await aUserOfOld();
  const credentials = await findOwnCredentials(floor.db, id);
  if (!credentials) throw new Error('no account');
  const hasher = await createPasswordHasher({ cost: COST, maxRunning: 1, maxWaiting: 0 });
  const busy = hasher.hash(PASSWORD);
  expect(await strengthenHash({ db: floor.db, runWork, hasher }, credentials, PASSWORD)).toBe(credentials);
  await busy;
});
