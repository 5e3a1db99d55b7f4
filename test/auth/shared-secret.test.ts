import { createHmac } from 'node:crypto';
import { exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { KeyDecryptionError } from '../../src/auth/errors.ts';
import { openKeyring } from '../../src/auth/keyring.ts';
import { ACCESS_AUDIENCE, ACCESS_TYPE } from '../../src/auth/token.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, ISSUER, runWorkOn, SECRET_KEY, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

/** HS256 in place of our own keys: JWT_ALGORITHM=HS256. */
const SECRET = 'an0therSecretForTheTokensAlone!!';
const OLD_SECRET = 'theSecretOfTheYearBefore0123456!';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const player = await aUser(runWork, { venueId: venue.id });
const signIn = { identifier: player.email, password: PASSWORD };
const pairs = await anAuth(floor);
const shared = await anAuth(floor, { jwtSecrets: [SECRET] });
const { session, accessToken } = await shared.login(signIn, {});
const { signing } = await openKeyring({
  db: floor.db,
  runWork,
  secretKey: SECRET_KEY,
  tokenLifetimeSeconds: TOKEN_SECONDS,
});

const nowSeconds = () => Math.floor(Date.now() / 1000);
const HEADER = { alg: 'HS256', typ: ACCESS_TYPE };
const claims = () => ({
  iss: ISSUER,
  aud: ACCESS_AUDIENCE,
  sub: player.id,
  sid: session.id,
  venue: venue.id,
  jti: newId(),
  iat: nowSeconds(),
  nbf: nowSeconds(),
  exp: nowSeconds() + TOKEN_SECONDS,
});
const signed = (header: Record<string, unknown> = {}, secret: string | Uint8Array = SECRET) =>
  new SignJWT(claims()).setProtectedHeader({ ...HEADER, ...header }).sign(Buffer.from(secret));
const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

test('a token is what any client with the secret verifies, and what it signs is accepted', async () => {
  const [header = '', payload = '', signature] = accessToken.split('.');
  expect(JSON.parse(Buffer.from(header, 'base64url').toString())).toEqual(HEADER);
  const expected = createHmac('sha256', SECRET).update(`${header}.${payload}`).digest('base64url');
  expect(signature).toBe(expected);
  expect(await shared.actorOf(accessToken)).toMatchObject({ userId: player.id });
  expect(await shared.actorOf(await signed())).toMatchObject({ userId: player.id });
});

test('nothing is published', () => {
  expect(shared.jwks()).toEqual({ keys: [] });
});

test.each<[string, () => string | Promise<string>]>([
  ['a token of our key pair', async () => (await pairs.login(signIn, {})).accessToken],
  [
    'a token of our key pair that says HS256',
    async () => {
      const [, payload, signature] = (await pairs.login(signIn, {})).accessToken.split('.');
      return `${encode(HEADER)}.${payload}.${signature}`;
    },
  ],
  [
    'EdDSA with our own private key',
    () =>
      new SignJWT(claims())
        .setProtectedHeader({ alg: 'EdDSA', typ: ACCESS_TYPE, kid: signing.kid })
        .sign(signing.privateKey),
  ],
  ['the published key as the secret', async () => signed({}, await exportSPKI(signing.publicKey))],
  ['SECRET_KEY as the secret', () => signed({}, SECRET_KEY)],
  ['an empty kid', () => signed({ kid: '' })],
  ['the kid of a key pair', () => signed({ kid: signing.kid })],
  ['a number for a kid', () => signed({ kid: '0' })],
  ['the secret in jwk', () => signed({ jwk: { kty: 'oct', k: encode(SECRET) } })],
  ['another secret', () => signed({}, OLD_SECRET)],
  ['typ JWT', () => signed({ typ: 'JWT' })],
  ['alg none', () => new UnsecuredJWT(claims()).encode()],
  [
    'HS512',
    () =>
      new SignJWT(claims())
        .setProtectedHeader({ ...HEADER, alg: 'HS512' })
        .sign(Buffer.from(SECRET.repeat(2))),
  ],
  ['no signature', () => accessToken.slice(0, accessToken.lastIndexOf('.') + 1)],
])('with HS256 %s is AUTH_003', async (_, forge) => {
  await expect(shared.actorOf(await forge())).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('with our own keys a token of the secret is AUTH_003', async () => {
  await expect(pairs.actorOf(accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
  const withKid = await signed({ kid: signing.kid });
  await expect(pairs.actorOf(withKid)).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('another secret with the old one beside it keeps tokens, and without it sessions', async () => {
  const before = await anAuth(floor, { jwtSecrets: [OLD_SECRET] });
  const old = await before.login(signIn, {});
  const overlap = await anAuth(floor, { jwtSecrets: [SECRET, OLD_SECRET] });
  expect(await overlap.actorOf(old.accessToken)).toMatchObject({ sessionId: old.session.id });
  expect(await overlap.actorOf(accessToken)).toMatchObject({ sessionId: session.id });
  const renewed = await overlap.refresh(old.refreshToken);
  await expect(shared.actorOf(old.accessToken)).rejects.toMatchObject({ code: 'AUTH_003' });
  expect(await shared.actorOf(renewed.accessToken)).toMatchObject({ sessionId: old.session.id });
});

test('an expired token of the old secret is AUTH_002', async () => {
  const token = await new SignJWT({
    ...claims(),
    iat: nowSeconds() - 60,
    nbf: nowSeconds() - 60,
    exp: nowSeconds() - 1,
  })
    .setProtectedHeader(HEADER)
    .sign(Buffer.from(OLD_SECRET));
  const overlap = await anAuth(floor, { jwtSecrets: [SECRET, OLD_SECRET] });
  await expect(overlap.actorOf(token)).rejects.toMatchObject({ code: 'AUTH_002' });
});

test('a wrong SECRET_KEY stops the start here too', async () => {
  const attempt = anAuth(floor, { jwtSecrets: [SECRET], secretKey: 'another secret key of enough length' });
  await expect(attempt).rejects.toThrow(KeyDecryptionError);
});

test('no key pair is made where none is used', async () => {
  const empty = await cloneDatabase();
  await anAuth(empty.floor, { jwtSecrets: [SECRET] });
  expect(await empty.floor.db.selectFrom('signing_key').select('kid').execute()).toEqual([]);
});
