import { createLocalJWKSet, jwtVerify } from 'jose';
import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { KeyDecryptionError } from '../../src/auth/errors.ts';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { anAuth, ISSUER, runWorkOn, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase, type TestDatabase } from '../support/database.ts';

const keysIn = ({ floor }: TestDatabase) => floor.db.selectFrom('signing_key').selectAll().execute();

/** What only an operator may: the application has no right to change its keys. */
async function asOwner({ connection }: TestDatabase, statement: string): Promise<void> {
  const client = await connectClient(connection, { applicationName: 'owner' });
  try {
    await client.query(statement);
  } finally {
    await closeClient(client);
  }
}

async function aSignIn({ floor }: TestDatabase) {
  const runWork = runWorkOn(floor);
  const venue = await aVenue(runWork);
  const { email } = await aUser(runWork, { venueId: venue.id });
  return { identifier: email, password: PASSWORD };
}

test('processes that start at once on a new database share one key', async () => {
  const database = await cloneDatabase();
  const starts = await Promise.all(Array.from({ length: 5 }, () => anAuth(database.floor)));
  expect(await keysIn(database)).toHaveLength(1);
  const input = await aSignIn(database);
  const { accessToken } = await (starts[0] as (typeof starts)[0]).login(input, {});
  for (const auth of starts) expect(await auth.actorOf(accessToken)).toMatchObject({ kind: 'user' });
});

test('a token survives a restart', async () => {
  const database = await cloneDatabase();
  const input = await aSignIn(database);
  const { accessToken, user } = await (await anAuth(database.floor)).login(input, {});
  const restarted = await anAuth(database.floor);
  expect(await restarted.actorOf(accessToken)).toMatchObject({ userId: user.id });
});

test('another SECRET_KEY is refused with one clear error and changes nothing', async () => {
  const database = await cloneDatabase();
  await anAuth(database.floor);
  const kept = await keysIn(database);
  const attempt = anAuth(database.floor, { secretKey: 'another secret key of enough length' });
  await expect(attempt).rejects.toThrow(KeyDecryptionError);
  await expect(attempt).rejects.toThrow(/^SECRET_KEY does not open what is sealed/);
  expect(await keysIn(database)).toEqual(kept);
});

test('a stock client verifies a token with the published keys, which hold nothing private', async () => {
  const database = await cloneDatabase();
  const auth = await anAuth(database.floor);
  const { accessToken, user, session } = await auth.login(await aSignIn(database), {});
  const jwks = JSON.parse(JSON.stringify(auth.jwks()));
  expect(jwks).toEqual({
    keys: [
      {
        kty: 'OKP',
        crv: 'Ed25519',
        x: expect.any(String),
        kid: expect.any(String),
        alg: 'EdDSA',
        use: 'sig',
      },
    ],
  });
  const { payload, protectedHeader } = await jwtVerify(accessToken, createLocalJWKSet(jwks), {
    issuer: ISSUER,
    audience: 'floorwire-api',
  });
  expect(protectedHeader).toEqual({ alg: 'EdDSA', typ: 'at+jwt', kid: jwks.keys[0].kid });
  expect(payload).toMatchObject({
    sub: user.id,
    sid: session.id,
    venue: user.homeVenueId,
    roles: ['PLAYER'],
  });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(TOKEN_SECONDS);
});

test('a retired key signs nothing more and verifies until its tokens have expired', async () => {
  const database = await cloneDatabase();
  const input = await aSignIn(database);
  const { accessToken } = await (await anAuth(database.floor)).login(input, {});
  await asOwner(database, 'update signing_key set retired_at = now()');

  const rotated = await anAuth(database.floor);
  expect(rotated.jwks().keys).toHaveLength(2);
  expect(await rotated.actorOf(accessToken)).toMatchObject({ kind: 'user' });
  const renewed = await rotated.login(input, {});
  expect(headerOf(renewed.accessToken).kid).not.toBe(headerOf(accessToken).kid);

  await asOwner(
    database,
    `update signing_key set retired_at = now() - interval '${TOKEN_SECONDS + 61} s'
    where retired_at is not null`,
  );
  const later = await anAuth(database.floor);
  expect(later.jwks().keys).toHaveLength(1);
  await expect(later.actorOf(accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('a public key that somebody else wrote into the table is not trusted', async () => {
  const database = await cloneDatabase();
  await anAuth(database.floor);
  await asOwner(database, `update signing_key set public_jwk = public_jwk || '{"x": "${'A'.repeat(43)}"}'`);
  await expect(anAuth(database.floor)).rejects.toThrow(/does not match its public key/);
});

test('the application can neither change nor delete a key', async () => {
  const { floor } = await cloneDatabase();
  await anAuth(floor);
  await expect(sql`update signing_key set retired_at = now()`.execute(floor.db)).rejects.toThrow(
    /permission denied/,
  );
  await expect(sql`delete from signing_key`.execute(floor.db)).rejects.toThrow(/permission denied/);
});

test('neither password nor token nor private key is anywhere in the database in clear', async () => {
  const database = await cloneDatabase();
  const auth = await anAuth(database.floor);
  const { accessToken } = await auth.login(await aSignIn(database), {});
  const text = JSON.stringify(await everything(database), (_, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  expect(text).toContain('$argon2id$');
  expect(text).not.toContain(PASSWORD);
  expect(text).not.toContain(accessToken.slice(accessToken.lastIndexOf('.') + 1));
  expect(text).not.toContain('PRIVATE KEY');
  expect(text).not.toContain(Buffer.from('PRIVATE KEY').toString('hex'));
});

/** Every row of every table as PostgreSQL prints it; bytes as hexadecimal digits. */
async function everything({ connection }: TestDatabase): Promise<unknown[]> {
  const client = await connectClient(connection, { applicationName: 'owner' });
  try {
    const tables = await client.query<{ name: string }>(
      "select format('%I', table_name) as name from information_schema.tables where table_schema = 'public'",
    );
    const rows: unknown[] = [];
    for (const { name } of tables.rows) rows.push((await client.query(`select t::text from ${name} t`)).rows);
    return rows;
  } finally {
    await closeClient(client);
  }
}

const headerOf = (token: string): { kid: string } =>
  JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString());
