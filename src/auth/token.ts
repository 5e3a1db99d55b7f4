import { createHash } from 'node:crypto';
import { errors, type JWTHeaderParameters, type JWTPayload, jwtVerify, SignJWT } from 'jose';
import { isOfCircumstance } from '../db/errors.ts';
import type { Role } from '../lib/actor.ts';
import { isUuid, newId } from '../lib/ids.ts';
import { TokenExpiredError, TokenInvalidError } from './errors.ts';
import { createExpiringCache } from './expiring-cache.ts';
import type { TokenKeys, VerificationKey } from './token-keys.ts';

/** Whose power a token stands for; what that power is, the session row says. */
export interface TokenSubject {
  /** The user or the device. */
  readonly holderId: string;
  readonly venueId: string;
  readonly sessionId: string;
}

export interface IssueTerms {
  /** A hint for clients, never read here. */
  readonly roles: readonly Role[];
  readonly sessionExpiresAt: Date;
}

export interface VerifiedToken extends TokenSubject {
  readonly expiresAt: Date;
  /** Whose signature vouches for it. */
  readonly keyId: string;
}

export interface IssuedToken {
  readonly accessToken: string;
  readonly expiresAt: Date;
  readonly expiresInSeconds: number;
}

export interface Tokens {
  /** A token that ends with its session at the latest. */
  issue(subject: TokenSubject & IssueTerms): Promise<IssuedToken>;
  /** @throws TokenExpiredError, TokenInvalidError */
  verify(accessToken: string): Promise<VerifiedToken>;
}

export interface TokensOptions {
  readonly keys: TokenKeys;
  /** The `iss` of every token: the URL of this installation. */
  readonly issuer: string;
  readonly lifetimeSeconds: number;
  readonly clock: () => Date;
}

/** The `aud` of access tokens. Other kinds of token have another. */
export const ACCESS_AUDIENCE = 'floorwire-api';
export const ACCESS_TYPE = 'at+jwt';

const MAX_TOKEN_LENGTH = 4_096;
const MAX_REMEMBERED = 10_000;
/** How far the clocks of two processes may be apart. Expiry is not stretched by it. */
const CLOCK_TOLERANCE_SECONDS = 5;
/** Whatever else a header could say (`jwk`, `jku`, `x5u`, `crit` …) would let a token speak for its own key. */
const HEADER_PARAMETERS: readonly string[] = ['alg', 'typ', 'kid'];

/** Access tokens: JWTs signed with what `keys` has, checked as RFC 8725 and RFC 9068 ask. */
export function createTokens(options: TokensOptions): Tokens {
  // By the token's SHA-256, so that memory holds no usable token.
  const remembered = createExpiringCache<VerifiedToken>(MAX_REMEMBERED);
  return {
    issue: (subject) => issue(options, subject),
    async verify(accessToken) {
      if (accessToken.length > MAX_TOKEN_LENGTH) throw new TokenInvalidError();
      const digest = createHash('sha256').update(accessToken).digest('base64');
      const now = options.clock();
      const known = remembered.get(digest, now.getTime());
      // A key can be revoked before its tokens expire.
      if (known && options.keys.accepts(known.keyId, now)) return known;
      const token = await verify(options, accessToken);
      remembered.set(digest, token, token.expiresAt.getTime());
      return token;
    },
  };
}

async function issue(
  { keys, issuer, lifetimeSeconds, clock }: TokensOptions,
  { holderId, venueId, sessionId, roles, sessionExpiresAt }: TokenSubject & IssueTerms,
): Promise<IssuedToken> {
  const issuedAt = Math.floor(clock().getTime() / 1000);
  const sessionEndsAt = Math.floor(sessionExpiresAt.getTime() / 1000);
  const expiresAt = Math.min(issuedAt + lifetimeSeconds, sessionEndsAt);
  const { kid, key } = keys.signing;
  const accessToken = await new SignJWT({ sid: sessionId, venue: venueId, roles })
    .setProtectedHeader({ alg: keys.algorithm, typ: ACCESS_TYPE, ...(kid !== null && { kid }) })
    .setIssuer(issuer)
    .setAudience(ACCESS_AUDIENCE)
    .setSubject(holderId)
    .setIssuedAt(issuedAt)
    .setNotBefore(issuedAt)
    .setExpirationTime(expiresAt)
    .setJti(newId())
    .sign(key);
  const expiresInSeconds = Math.max(expiresAt - issuedAt, 0);
  return { accessToken, expiresAt: new Date(expiresAt * 1000), expiresInSeconds };
}

async function verify(options: TokensOptions, accessToken: string): Promise<VerifiedToken> {
  const now = options.clock();
  try {
    const { payload, keyId } = await verifySignature(options, accessToken, now);
    const token = { ...readClaims(payload), keyId };
    if (token.expiresAt <= now) throw new TokenExpiredError();
    return token;
  } catch (error) {
    // A key that could not be looked for says nothing about the token.
    if (error instanceof TokenExpiredError || isOfCircumstance(error)) throw error;
    // Thrown only after the signature was found genuine.
    if (error instanceof errors.JWTExpired) throw new TokenExpiredError({ cause: error });
    throw new TokenInvalidError({ cause: error });
  }
}

/** Tries each key the token can be signed with. jose looks at the header before it asks for one. */
async function verifySignature({ keys, issuer, lifetimeSeconds }: TokensOptions, token: string, now: Date) {
  let candidates: readonly VerificationKey[] | undefined;
  for (let at = 0; ; at += 1) {
    try {
      const getKey = async (header: JWTHeaderParameters) => {
        candidates ??= await candidatesFor(keys, header, now);
        return candidates[at]?.key ?? refuse();
      };
      const { payload } = await jwtVerify(token, getKey, {
        algorithms: [keys.algorithm],
        typ: ACCESS_TYPE,
        issuer,
        audience: ACCESS_AUDIENCE,
        requiredClaims: ['sub', 'sid', 'venue', 'jti', 'iat', 'nbf', 'exp'],
        maxTokenAge: lifetimeSeconds,
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: now,
      });
      return { payload, keyId: candidates?.[at]?.id ?? refuse() };
    } catch (error) {
      const isAnothers = error instanceof errors.JWSSignatureVerificationFailed;
      if (!isAnothers || candidates?.[at + 1] === undefined) throw error;
    }
  }
}

async function candidatesFor(keys: TokenKeys, header: JWTHeaderParameters, now: Date) {
  const foreign = Object.keys(header).filter((name) => !HEADER_PARAMETERS.includes(name));
  return foreign.length > 0 ? refuse() : await keys.find(header.kid, now);
}

function refuse(): never {
  throw new TokenInvalidError();
}

function readClaims({ sub, sid, venue, exp }: JWTPayload): Omit<VerifiedToken, 'keyId'> {
  return {
    holderId: readUuid(sub),
    sessionId: readUuid(sid),
    venueId: readUuid(venue),
    expiresAt: new Date((exp ?? 0) * 1000),
  };
}

function readUuid(claim: unknown): string {
  if (typeof claim !== 'string' || !isUuid(claim)) throw new TokenInvalidError();
  return claim;
}
