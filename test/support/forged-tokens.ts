import { generateKeyPairSync, KeyObject, randomBytes, sign } from 'node:crypto';
import { exportJWK, exportSPKI, SignJWT } from 'jose';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { makeRealtimeToken } from '../../src/auth/realtime-token.ts';
import { ACCESS_AUDIENCE, ACCESS_TYPE } from '../../src/auth/token.ts';
import { newId } from '../../src/lib/ids.ts';

/** What a forger can have at most: the installation's key, and genuine tokens of it. */
export interface Forgery {
  readonly kid: string;
  readonly privateKey: CryptoKey;
  readonly publicKey: CryptoKey;
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly holderId: string;
  readonly venueId: string;
  readonly sessionId: string;
  /** A session of somebody else at the same venue. */
  readonly foreignSessionId: string;
  readonly accessToken: string;
  /** Of the same user in another session. */
  readonly otherAccessToken: string;
  readonly refreshToken: string;
}

export interface ForgedToken {
  readonly name: string;
  readonly token: string;
  readonly code: 'AUTH_002' | 'AUTH_003' | 'AUTH_012';
}

type Json = Record<string, unknown>;
type CryptoKey = Parameters<typeof KeyObject.from>[0];

const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const nowSeconds = () => Math.floor(Date.now() / 1000);

/** Writes tokens one of whose properties is wrong. */
export function tokenForger(forgery: Forgery) {
  const { kid, privateKey, issuer, holderId, venueId, sessionId, lifetimeSeconds } = forgery;
  const header = { alg: 'EdDSA', typ: ACCESS_TYPE, kid };
  const ownKey = KeyObject.from(privateKey);
  const claims = (changes: Json = {}): Json => ({
    iss: issuer,
    aud: ACCESS_AUDIENCE,
    sub: holderId,
    sid: sessionId,
    venue: venueId,
    roles: ['ADMIN'],
    jti: newId(),
    iat: nowSeconds(),
    nbf: nowSeconds(),
    exp: nowSeconds() + lifetimeSeconds,
    ...changes,
  });
  /** With any header and payload, which jose would not write. */
  function byHand(headerChanges: Json, payload: unknown = claims(), key = ownKey): string {
    const body = `${encode({ ...header, ...headerChanges })}.${encode(payload)}`;
    return `${body}.${sign(null, Buffer.from(body), key).toString('base64url')}`;
  }
  return { header, claims, byHand, ownKey };
}

/** Around a hundred and fifty tokens, each of which must be refused with its code. */
export async function forgedTokens(forgery: Forgery): Promise<readonly ForgedToken[]> {
  return [
    ...(await ofAnotherAlgorithm(forgery)),
    ...(await ofAnotherKey(forgery)),
    ...withAnotherHeader(forgery),
    ...withOtherClaims(forgery),
    ...ofAnotherTimeOrSession(forgery),
    ...tampered(forgery),
    ...ofAnotherKind(forgery),
  ];
}

const refused = (entries: readonly (readonly [string, string])[]): ForgedToken[] =>
  entries.map(([name, token]) => ({ name, token, code: 'AUTH_003' }));

async function ofAnotherAlgorithm(forgery: Forgery): Promise<ForgedToken[]> {
  const { header, claims, byHand } = tokenForger(forgery);
  const signature = forgery.accessToken.split('.')[2] ?? '';
  const unsigned = (alg: string, end = '') => `${encode({ ...header, alg })}.${encode(claims())}.${end}`;
  const pem = await exportSPKI(forgery.publicKey);
  const jwk = await exportJWK(forgery.publicKey);
  const der = KeyObject.from(forgery.publicKey).export({ type: 'spki', format: 'der' });
  const secrets: readonly (readonly [string, Uint8Array])[] = [
    ['our public key as PEM', Buffer.from(pem)],
    ['our public key as PEM without its last line feed', Buffer.from(pem.trim())],
    ['our public key as DER', der],
    ['our public key as JWK', Buffer.from(JSON.stringify(jwk))],
    ['the published x', Buffer.from(jwk.x ?? '', 'base64url')],
    ['the published x as text', Buffer.from(jwk.x ?? '')],
    ['our kid', Buffer.from(forgery.kid)],
    ['a zero byte', Buffer.alloc(1)],
  ];
  const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
  const p256 = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey;
  const p384 = generateKeyPairSync('ec', { namedCurve: 'P-384' }).privateKey;
  const hmac = await Promise.all(
    (['HS256', 'HS384', 'HS512'] as const).flatMap((alg) =>
      secrets.map(async ([name, secret]) => {
        const token = await new SignJWT(claims()).setProtectedHeader({ ...header, alg }).sign(secret);
        return [`${alg} with ${name} as the secret`, token] as const;
      }),
    ),
  );
  const asymmetric = await Promise.all(
    (
      [
        ['RS256', rsa],
        ['PS256', rsa],
        ['ES256', p256],
        ['ES384', p384],
      ] as const
    ).map(
      async ([alg, key]) =>
        [
          `${alg} with a stranger's key`,
          await new SignJWT(claims()).setProtectedHeader({ ...header, alg }).sign(key),
        ] as const,
    ),
  );
  return refused([
    ...['none', 'None', 'NONE', 'nOnE', 'none ', ''].map((alg) => [`alg "${alg}"`, unsigned(alg)] as const),
    ['alg none beside a genuine signature', unsigned('none', signature)],
    ...hmac,
    ...asymmetric,
    ...([undefined, null, 1, ['EdDSA'], 'eddsa', 'Ed25519', 'Ed448', 'RS256'] as const).map(
      (alg) => [`alg ${JSON.stringify(alg)} over our signature`, byHand({ alg })] as const,
    ),
  ]);
}

async function ofAnotherKey(forgery: Forgery): Promise<ForgedToken[]> {
  const { claims, byHand } = tokenForger(forgery);
  const stranger = generateKeyPairSync('ed25519');
  const strangers = { ...(await exportJWK(stranger.publicKey)), alg: 'EdDSA', kid: 'his' };
  const ours = await exportJWK(forgery.publicKey);
  const byStranger = (header: Json) => byHand(header, claims(), stranger.privateKey);
  const url = 'http://127.0.0.1:1/jwks.json';
  return refused([
    ["a stranger's key under our kid", byStranger({})],
    ["a stranger's key under his kid", byStranger({ kid: 'his' })],
    ["a stranger's key in jwk", byStranger({ jwk: strangers })],
    ["a stranger's key in jwk under his kid", byStranger({ jwk: strangers, kid: 'his' })],
    ["a stranger's key behind jku", byStranger({ jku: url, kid: 'his' })],
    ["a stranger's key behind x5u", byStranger({ x5u: url, kid: 'his' })],
    ["a stranger's certificate in x5c", byStranger({ x5c: ['MIIB'], kid: 'his' })],
    [
      "an expired token of a stranger's key",
      byHand({}, claims({ exp: nowSeconds() - 60 }), stranger.privateKey),
    ],
    ['our key and a jwk', byHand({ jwk: ours })],
    ['our key and a jku', byHand({ jku: url })],
    ['our key and an x5u', byHand({ x5u: url })],
    ['our key and an x5c', byHand({ x5c: ['MIIB'] })],
    ['our key and an x5t', byHand({ x5t: 'AAAA' })],
  ]);
}

function withAnotherHeader(forgery: Forgery): ForgedToken[] {
  const { byHand } = tokenForger(forgery);
  const kids: readonly unknown[] = [
    undefined,
    null,
    '',
    1,
    true,
    [forgery.kid],
    { kid: forgery.kid },
    'unknown',
    '../../../../dev/null',
    '/etc/passwd',
    "' or '1'='1",
    "'; drop table signing_key; --",
    'http://127.0.0.1:1/key',
    '__proto__',
    'constructor',
    `${forgery.kid} `,
    `${forgery.kid}\u0000`,
    forgery.kid.toLowerCase() === forgery.kid ? forgery.kid.toUpperCase() : forgery.kid.toLowerCase(),
    'x'.repeat(1_000),
    '🗝',
  ];
  return refused([
    ...kids.map((kid) => [`kid ${JSON.stringify(kid)?.slice(-40)}`, byHand({ kid })] as const),
    ...([undefined, null, '', 1, 'JWT', 'refresh+jwt', 'logout+jwt', [ACCESS_TYPE]] as const).map(
      (typ) => [`typ ${JSON.stringify(typ)}`, byHand({ typ })] as const,
    ),
    ['an unknown crit', byHand({ crit: ['exotic'], exotic: 1 })],
    ['an empty crit', byHand({ crit: [] })],
    ['crit b64', byHand({ crit: ['b64'], b64: false })],
    ['b64', byHand({ b64: true })],
    ['zip', byHand({ zip: 'DEF' })],
    ['cty', byHand({ cty: 'JWT' })],
    ['a made-up parameter', byHand({ admin: true })],
  ]);
}

function withOtherClaims(forgery: Forgery): ForgedToken[] {
  const { claims, byHand } = tokenForger(forgery);
  const { issuer, holderId, sessionId, venueId, lifetimeSeconds } = forgery;
  // However long it takes until it is shown.
  const tooEarly = nowSeconds() + Math.floor(lifetimeSeconds / 2);
  const required = ['iss', 'aud', 'sub', 'sid', 'venue', 'jti', 'iat', 'nbf', 'exp'];
  const wrong: readonly (readonly [string, readonly unknown[]])[] = [
    ['iss', ['https://elsewhere.example', `${issuer}/`, issuer.toUpperCase(), '', null, 1]],
    ['aud', ['floorwire-realtime', [], ['elsewhere'], `${ACCESS_AUDIENCE} `, '*', null]],
    ['sub', ["x' or '1'='1", '', null, 1, [holderId], holderId.toUpperCase(), `user:${holderId}`]],
    ['sid', ['', null, 1, [sessionId], { $ne: null }, sessionId.toUpperCase(), '../other']],
    ['venue', ['', null, 'casino', [venueId], '*']],
    ['exp', ['never', null, [nowSeconds() + 60]]],
    ['iat', [tooEarly, Date.now(), 'now']],
    ['nbf', [tooEarly, Date.now(), 'now']],
  ];
  return refused([
    ...required.map((claim) => [`no ${claim}`, byHand({}, claims({ [claim]: undefined }))] as const),
    ...wrong.flatMap(([claim, values]) =>
      values.map(
        (value) => [`${claim} ${JSON.stringify(value)}`, byHand({}, claims({ [claim]: value }))] as const,
      ),
    ),
    ...([[], null, 'text', 1] as const).map(
      (payload) => [`a payload that is ${JSON.stringify(payload)}`, byHand({}, payload)] as const,
    ),
  ]);
}

/** Genuine in all but the time or the session. */
function ofAnotherTimeOrSession(forgery: Forgery): ForgedToken[] {
  const { claims, byHand } = tokenForger(forgery);
  const now = nowSeconds();
  const old = now - 2 * forgery.lifetimeSeconds;
  const entry = (name: string, code: ForgedToken['code'], changes: Json): ForgedToken => ({
    name,
    code,
    token: byHand({}, claims(changes)),
  });
  return [
    entry('one whose exp has passed', 'AUTH_002', { iat: old, nbf: old, exp: now - 1 }),
    entry('one that ended in 1970', 'AUTH_002', { exp: 0 }),
    entry('one older than tokens may be, whatever its exp', 'AUTH_002', {
      iat: old,
      nbf: old,
      exp: now + 600,
    }),
    entry("one for somebody else's session", 'AUTH_012', { sid: forgery.foreignSessionId }),
    entry('one for a session that never was', 'AUTH_012', { sid: newId() }),
    entry('one for a user that never was', 'AUTH_012', { sub: newId() }),
    entry('one for another venue', 'AUTH_012', { venue: newId() }),
  ];
}

function tampered(forgery: Forgery): ForgedToken[] {
  const { header, claims } = tokenForger(forgery);
  const { accessToken, otherAccessToken } = forgery;
  const [head = '', payload = '', signature = ''] = accessToken.split('.');
  const [, otherPayload = '', otherSignature = ''] = otherAccessToken.split('.');
  const changedAt = (text: string, at: number) =>
    `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`;
  const places = (text: string) => [0, Math.floor(text.length / 2), text.length - 2];
  return refused([
    ...places(head).map(
      (at) => [`header changed at ${at}`, `${changedAt(head, at)}.${payload}.${signature}`] as const,
    ),
    ...places(payload).map(
      (at) => [`payload changed at ${at}`, `${head}.${changedAt(payload, at)}.${signature}`] as const,
    ),
    ...places(signature).map(
      (at) => [`signature changed at ${at}`, `${head}.${payload}.${changedAt(signature, at)}`] as const,
    ),
    ['another payload', `${head}.${encode(claims())}.${signature}`],
    ['another header', `${encode({ ...header, x: 1 })}.${payload}.${signature}`],
    ["another token's payload", `${head}.${otherPayload}.${signature}`],
    ["another token's signature", `${head}.${payload}.${otherSignature}`],
    ['header and payload swapped', `${payload}.${head}.${signature}`],
    ['no signature', `${head}.${payload}.`],
    ['two parts', `${head}.${payload}`],
    ['one part', head],
    ['four parts', `${accessToken}.${encode({})}`],
    ['a dot before', `.${accessToken}`],
    ['a dot behind', `${accessToken}.`],
    ['the shape of a JWE', `${encode({ alg: 'dir', enc: 'A256GCM' })}..AAAA.AAAA.AAAA`],
    ['a cut signature', accessToken.slice(0, -2)],
    ['half of it', accessToken.slice(0, accessToken.length / 2)],
    ['twice', `${accessToken}${accessToken}`],
    ['in small letters', accessToken.toLowerCase()],
    ['backwards', [...accessToken].reverse().join('')],
    ['a signature of zeros', `${head}.${payload}.${Buffer.alloc(64).toString('base64url')}`],
    ['a random signature', `${head}.${payload}.${randomBytes(64).toString('base64url')}`],
    ['a header that is no JSON', `${Buffer.from('{').toString('base64url')}.${payload}.${signature}`],
    ['parts that are no base64url', '%%%.%%%.%%%'],
    ['a letter that only looks like one', `ｅ${accessToken.slice(1)}`],
    ['dots', '..'],
    ['a token of 5,000 characters', 'a'.repeat(5_000)],
    ['a genuine token made huge', byHugeClaim(forgery)],
  ]);
}

const byHugeClaim = (forgery: Forgery): string => {
  const { byHand, claims } = tokenForger(forgery);
  return byHand({}, claims({ padding: 'x'.repeat(5_000) }));
};

/** Things that are good elsewhere, or look it. */
function ofAnotherKind(forgery: Forgery): ForgedToken[] {
  return refused([
    ['a refresh token of this session', forgery.refreshToken],
    ['a refresh token nobody was given', makeOpaqueToken().token],
    ['a realtime token nobody was given', makeRealtimeToken().token],
    ['the beginning of a realtime token', 'rt_'],
    ['the shape of an API key', `fw_${'a'.repeat(8)}_${'A'.repeat(43)}`],
    ['the beginning of an API key', 'fw_'],
    ['a word', 'undefined'],
    ['JSON', '{"sub":"admin"}'],
    ['SQL', "'or'1'='1"],
  ]);
}
