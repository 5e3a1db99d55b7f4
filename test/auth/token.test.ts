import { generateKeyPairSync, KeyObject, sign } from 'node:crypto';
import { exportJWK, exportSPKI, SignJWT, UnsecuredJWT } from 'jose';
import { expect, test } from 'vitest';
import { openKeyring } from '../../src/auth/keyring.ts';
import { ACCESS_AUDIENCE, ACCESS_TYPE } from '../../src/auth/token.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, ISSUER, runWorkOn, SECRET_KEY, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const player = await aUser(runWork, { venueId: venue.id });
const auth = await anAuth(floor);
const { session, accessToken } = await auth.login({ identifier: player.email, password: PASSWORD }, {});

const keyring = await openKeyring({
  db: floor.db,
  runWork,
  secretKey: SECRET_KEY,
  tokenLifetimeSeconds: TOKEN_SECONDS,
});
const { kid, privateKey, publicKey } = keyring.signing;
const strangers = generateKeyPairSync('ed25519');
const ownKey = KeyObject.from(privateKey);
const strangersJwk = await exportJWK(strangers.publicKey);

const nowSeconds = () => Math.floor(Date.now() / 1000);
const HEADER = { alg: 'EdDSA', typ: ACCESS_TYPE, kid };

const claims = (overrides: Record<string, unknown> = {}): Record<string, unknown> => ({
  iss: ISSUER,
  aud: ACCESS_AUDIENCE,
  sub: player.id,
  sid: session.id,
  venue: venue.id,
  roles: ['PLAYER'],
  jti: newId(),
  iat: nowSeconds(),
  nbf: nowSeconds(),
  exp: nowSeconds() + TOKEN_SECONDS,
  ...overrides,
});

/** A token with our own key, so that only what it says can be wrong with it. */
const signed = (payload: Record<string, unknown>, header: Record<string, unknown> = {}) =>
  new SignJWT(payload).setProtectedHeader({ ...HEADER, ...header }).sign(privateKey);

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** As `signed`, for headers that jose refuses to write. */
function signedByHand(
  header: Record<string, unknown>,
  payload: Record<string, unknown>,
  key = strangers.privateKey,
) {
  const body = `${encode({ ...HEADER, ...header })}.${encode(payload)}`;
  return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
}

const tampered = (change: (parts: [string, string, string]) => string[]) =>
  change(accessToken.split('.') as [string, string, string]).join('.');

test('a token with our key and these claims is accepted: the table below changes one thing each', async () => {
  expect(await auth.authenticate(await signed(claims()))).toEqual({
    actor: {
      kind: 'user',
      userId: player.id,
      venueId: venue.id,
      sessionId: session.id,
      roles: ['PLAYER'],
      mustChangePassword: false,
    },
    expiresAt: expect.any(Date),
  });
});

test.each<[string, () => string | Promise<string>]>([
  ['nothing', () => ''],
  ['no token', () => 'let me in'],
  ['dots', () => '..'],
  ['a token of 5,000 characters', () => 'a'.repeat(5_000)],
  ['a genuine token made huge', () => signed(claims({ padding: 'x'.repeat(5_000) }))],
  ['alg none', () => new UnsecuredJWT(claims()).encode()],
  ['alg none with our header', () => `${encode({ ...HEADER, alg: 'none' })}.${encode(claims())}.`],
  ['no signature', () => tampered(([header, payload]) => [header, payload, ''])],
  [
    'HS256 with our public key as the secret',
    async () =>
      new SignJWT(claims())
        .setProtectedHeader({ ...HEADER, alg: 'HS256' })
        .sign(Buffer.from(await exportSPKI(publicKey))),
  ],
  [
    'HS256 with the published x as the secret',
    () =>
      new SignJWT(claims())
        .setProtectedHeader({ ...HEADER, alg: 'HS256' })
        .sign(Buffer.from(keyring.signing.publicJwk.x, 'base64url')),
  ],
  ["a stranger's key under our kid", () => signedByHand({}, claims())],
  ["a stranger's key under his kid", () => signedByHand({ kid: 'his' }, claims())],
  ["a stranger's key in jwk", () => signedByHand({ jwk: strangersJwk }, claims())],
  ["a stranger's key behind jku", () => signedByHand({ jku: 'http://127.0.0.1:1/jwks.json' }, claims())],
  ['our key and a jwk', () => signed(claims(), { jwk: keyring.signing.publicJwk })],
  ['our key and a jku', () => signed(claims(), { jku: 'http://127.0.0.1:1/jwks.json' })],
  ['our key and an x5u', () => signed(claims(), { x5u: 'http://127.0.0.1:1/cert.pem' })],
  ['our key and an unknown crit', () => signedByHand({ crit: ['exotic'], exotic: 1 }, claims(), ownKey)],
  ['our key and b64', () => signed(claims(), { crit: ['b64'], b64: true })],
  ['an unknown kid', () => signed(claims(), { kid: 'unknown' })],
  ['a path as kid', () => signed(claims(), { kid: '../../etc/passwd' })],
  ['a property of objects as kid', () => signed(claims(), { kid: '__proto__' })],
  ['no kid', () => signed(claims(), { kid: undefined })],
  ['typ JWT', () => signed(claims(), { typ: 'JWT' })],
  ['no typ', () => signed(claims(), { typ: undefined })],
  ['another issuer', () => signed(claims({ iss: 'https://elsewhere.example' }))],
  ['another audience', () => signed(claims({ aud: 'floorwire-realtime' }))],
  ['an nbf ahead', () => signed(claims({ nbf: nowSeconds() + 60 }))],
  ['an iat ahead', () => signed(claims({ iat: nowSeconds() + 60 }))],
  ['an exp that is text', () => signedByHand({}, claims({ exp: 'never' }), ownKey)],
  ['a subject that is no id', () => signed(claims({ sub: "x' or '1'='1" }))],
  ['a session that is a list', () => signed(claims({ sid: [session.id] }))],
  ['a session in capitals', () => signed(claims({ sid: session.id.toUpperCase() }))],
  ['a changed payload', () => tampered(([header, , signature]) => [header, encode(claims()), signature])],
  [
    'a changed header',
    () => tampered(([, payload, signature]) => [encode({ ...HEADER, x: 1 }), payload, signature]),
  ],
  ['a cut signature', () => accessToken.slice(0, -2)],
  ['four parts', () => `${accessToken}.${encode({})}`],
])('%s is AUTH_003', async (_, forge) => {
  await expect(auth.actorOf(await forge())).rejects.toMatchObject({
    name: 'TokenInvalidError',
    code: 'AUTH_003',
  });
});

test.each(['iss', 'aud', 'sub', 'sid', 'venue', 'jti', 'iat', 'nbf', 'exp'])(
  'a token without %s is AUTH_003',
  async (claim) => {
    const { [claim]: _, ...rest } = claims();
    await expect(auth.actorOf(await signed(rest))).rejects.toMatchObject({ code: 'AUTH_003' });
  },
);

test('every changed character of a genuine token makes it AUTH_003', async () => {
  const attempts = Array.from(accessToken, (sign, at) => {
    if (sign === '.' || at === accessToken.length - 1) return null;
    return `${accessToken.slice(0, at)}${sign === 'A' ? 'B' : 'A'}${accessToken.slice(at + 1)}`;
  }).filter((token) => token !== null);
  const results = await Promise.allSettled(attempts.map((token) => auth.actorOf(token)));
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'accepted'));
  expect(new Set(codes)).toEqual(new Set(['AUTH_003']));
});

test.each([
  ['whose exp has passed', { iat: -7_200, nbf: -7_200, exp: -1 }],
  ['that is older than tokens may be, whatever its exp', { iat: -7_200, nbf: -7_200, exp: 7_200 }],
])('a genuine token %s is AUTH_002', async (_, times) => {
  const shifted = Object.fromEntries(Object.entries(times).map(([claim, by]) => [claim, nowSeconds() + by]));
  const token = await signed(claims(shifted));
  await expect(auth.actorOf(token)).rejects.toMatchObject({ name: 'TokenExpiredError', code: 'AUTH_002' });
});

test("an expired token of a stranger's key is AUTH_003: its time is not told", async () => {
  const token = signedByHand({}, claims({ exp: nowSeconds() - 60 }));
  await expect(auth.actorOf(token)).rejects.toMatchObject({ code: 'AUTH_003' });
});

test('a token that was accepted before ends to the second, remembered or not', async () => {
  let shiftMs = 0;
  const shifted = await anAuth(floor, { clock: () => new Date(Date.now() + shiftMs) });
  const { expiresAt } = await shifted.authenticate(accessToken);
  const endsAt = expiresAt?.getTime() ?? 0;
  shiftMs = endsAt - Date.now() - 5_000;
  expect(await shifted.actorOf(accessToken)).toMatchObject({ kind: 'user' });
  shiftMs = endsAt - Date.now();
  await expect(shifted.actorOf(accessToken)).rejects.toMatchObject({ code: 'AUTH_002' });
});

test('a genuine token for a session of somebody else has no power', async () => {
  const other = await aUser(runWork, { venueId: venue.id, roles: ['ADMIN'] });
  const { session: his } = await auth.login({ identifier: other.email, password: PASSWORD }, {});
  const token = await signed(claims({ sid: his.id }));
  await expect(auth.actorOf(token)).rejects.toMatchObject({ code: 'AUTH_012' });
});

test('the roles a token claims count for nothing', async () => {
  expect((await auth.actorOf(await signed(claims({ roles: ['ADMIN'] })))).roles).toEqual(['PLAYER']);
});
