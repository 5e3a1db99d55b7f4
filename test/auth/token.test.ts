import { expect, test } from 'vitest';
import { openKeyring } from '../../src/auth/keyring.ts';
import { createTokens } from '../../src/auth/token.ts';
import { newId } from '../../src/lib/ids.ts';
import { anAuth, ISSUER, runWorkOn, SECRET_KEY, TOKEN_SECONDS } from '../support/auth.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { forgedTokens, tokenForger } from '../support/forged-tokens.ts';

const { floor } = await cloneDatabase();
const runWork = runWorkOn(floor);
const venue = await aVenue(runWork);
const player = await aUser(runWork, { venueId: venue.id });
const auth = await anAuth(floor);
const signIn = () => auth.login({ identifier: player.email, password: PASSWORD }, {});
const { session, accessToken, refreshToken } = await signIn();
const other = await aUser(runWork, { venueId: venue.id, roles: ['ADMIN'] });
const { session: foreign } = await auth.login({ identifier: other.email, password: PASSWORD }, {});

const keyring = await openKeyring({
  db: floor.db,
  runWork,
  secretKey: SECRET_KEY,
  tokenLifetimeSeconds: TOKEN_SECONDS,
});
const { kid, privateKey, publicKey } = keyring.signing;
const forgery = {
  kid,
  privateKey,
  publicKey,
  issuer: ISSUER,
  lifetimeSeconds: TOKEN_SECONDS,
  holderId: player.id,
  venueId: venue.id,
  sessionId: session.id,
  foreignSessionId: foreign.id,
  accessToken,
  otherAccessToken: (await signIn()).accessToken,
  refreshToken,
};
const { claims, byHand } = tokenForger(forgery);
const forged = await forgedTokens(forgery);

test('a token with our key and these claims is accepted: the table below changes one thing each', async () => {
  expect(await auth.authenticate(byHand({}))).toEqual({
    actor: {
      kind: 'user',
      userId: player.id,
      venueId: venue.id,
      sessionId: session.id,
      roles: ['PLAYER'],
      grants: [],
      mustChangePassword: false,
    },
    expiresAt: expect.any(Date),
    keyId: auth.jwks().keys[0]?.kid,
  });
});

test.each(forged)('$name is $code', async ({ token, code }) => {
  await expect(auth.authenticate(token)).rejects.toMatchObject({ code });
});

test('every changed character of a genuine token makes it AUTH_003', async () => {
  const attempts = Array.from(accessToken, (sign, at) => {
    if (sign === '.' || at === accessToken.length - 1) return null;
    return `${accessToken.slice(0, at)}${sign === 'A' ? 'B' : 'A'}${accessToken.slice(at + 1)}`;
  }).filter((token) => token !== null);
  const results = await Promise.allSettled(attempts.map((token) => auth.actorOf(token)));
  const codes = results.map((result) => (result.status === 'rejected' ? result.reason.code : 'accepted'));
  expect(new Set(codes)).toEqual(new Set(['AUTH_003']));
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

test('a token for another venue has no power, however lately its session was asked for', async () => {
  const elsewhere = byHand({}, claims({ venue: newId() }));
  await auth.authenticate(accessToken);
  await expect(auth.authenticate(elsewhere)).rejects.toMatchObject({ code: 'AUTH_012' });
  expect(await auth.authenticate(accessToken)).toMatchObject({ actor: { venueId: venue.id } });
});

test('the roles a token claims count for nothing', async () => {
  expect((await auth.actorOf(byHand({}, claims({ roles: ['ADMIN'] })))).roles).toEqual(['PLAYER']);
});

test.each(['ECONNREFUSED', '53200', '57014', '58030'])(
  'a key that cannot be looked for (%s) says nothing about a token',
  async (code) => {
    const fault = Object.assign(new Error('not now'), { code });
    const tokens = createTokens({
      keys: {
        algorithm: 'EdDSA',
        signing: { kid, key: privateKey },
        find: () => Promise.reject(fault),
        accepts: () => false,
        published: () => ({ keys: [] }),
        reload: async () => {},
      },
      issuer: ISSUER,
      lifetimeSeconds: TOKEN_SECONDS,
      clock: () => new Date(),
    });
    await expect(tokens.verify(accessToken)).rejects.toBe(fault);
  },
);
