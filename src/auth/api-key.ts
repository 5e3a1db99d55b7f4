import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SCOPES, type Scope } from '../lib/actor.ts';
import { PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';
import { PARTNER_SCOPES } from './scopes.ts';

/** What a partner system asks with, at one venue. */
export interface ApiKey {
  readonly id: string;
  readonly venueId: string;
  /** Which system it is for, in the words of who made it. */
  readonly name: string;
  /** How the key begins: no secret, and no other key's. */
  readonly prefix: string;
  readonly scopes: readonly Scope[];
  /** The types of event it may follow. */
  readonly eventTypes: readonly string[];
  /** The user who made it; null when floorwire did. */
  readonly createdBy: string | null;
  readonly createdAt: Date;
  /** Null: not by itself. */
  readonly expiresAt: Date | null;
  /** At most about a minute behind. */
  readonly lastUsedAt: Date | null;
  readonly revokedAt: Date | null;
}

/** A key as it is handed out once, and what is kept of it. */
export interface NewSecret {
  readonly secret: string;
  readonly prefix: string;
  readonly hash: Buffer;
}

export interface ApiKeyTerms {
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly eventTypes: readonly string[];
  readonly expiresAt: Date | null;
}

export type ApiKeyStatus = 'ACTIVE' | 'EXPIRED' | 'REVOKED';

/** How every key begins, so that it is told from other tokens, by us and by who searches code for secrets. */
export const API_KEY_MARK = 'fw_';

const PREFIX_BYTES = 6;
const SECRET_BYTES = 32;
const SHAPE = /^(fw_[0-9a-f]{12})_[A-Za-z0-9_-]{43}$/;
const MAX_YEARS = 10;

/** `fw_`, twelve hexadecimal digits, `_`, and 256 random bits in base64url. */
export function makeSecret(): NewSecret {
  const prefix = `${API_KEY_MARK}${randomBytes(PREFIX_BYTES).toString('hex')}`;
  const secret = `${prefix}_${randomBytes(SECRET_BYTES).toString('base64url')}`;
  return { secret, prefix, hash: hashOf(secret) };
}

/** The prefix to look a key up by; null for what was never given out as one. */
export const prefixOf = (secret: string): string | null => SHAPE.exec(secret)?.[1] ?? null;

/** No salt is needed to keep a hash of 256 random bits from being undone. It takes the same time for any answer. */
export const isSecretOf = (secret: string, hash: Buffer): boolean => timingSafeEqual(hashOf(secret), hash);

const hashOf = (secret: string): Buffer => createHash('sha256').update(secret).digest();

export function statusOf(
  { expiresAt, revokedAt }: Pick<ApiKey, 'expiresAt' | 'revokedAt'>,
  now: Date,
): ApiKeyStatus {
  if (revokedAt) return 'REVOKED';
  return expiresAt && expiresAt <= now ? 'EXPIRED' : 'ACTIVE';
}

/**
 * What a new key may, its name trimmed and nothing in it twice.
 *
 * @throws ValidationError
 * @throws PermissionDeniedError for a scope that whoever makes it does not have himself
 */
export function parseTerms(
  input: ApiKeyTerms,
  {
    ownScopes,
    followable,
    now,
  }: {
    readonly ownScopes: ReadonlySet<Scope>;
    /** Each type of event a key may list, and the scope it must have for it. */
    readonly followable: ReadonlyMap<string, Scope>;
    readonly now: Date;
  },
): ApiKeyTerms {
  const scopes = parseScopes(input.scopes, ownScopes);
  return {
    name: parseName(input.name),
    scopes,
    eventTypes: parseEventTypes(input.eventTypes, { scopes, followable }),
    expiresAt: parseExpiry(input.expiresAt, now),
  };
}

function parseScopes(wanted: readonly Scope[], ownScopes: ReadonlySet<Scope>): Scope[] {
  if (wanted.length === 0) throw new ValidationError('scopes takes at least one scope.', { field: 'scopes' });
  for (const [at, scope] of wanted.entries()) {
    if (!PARTNER_SCOPES.includes(scope))
      throw new ValidationError(`An API key can have ${PARTNER_SCOPES.join(', ')}, and not ${scope}.`, {
        field: ['scopes', at],
      });
    if (!ownScopes.has(scope)) throw new PermissionDeniedError(`grant ${scope}, which you do not have`);
  }
  return SCOPES.filter((scope) => wanted.includes(scope));
}

function parseEventTypes(
  wanted: readonly string[],
  { scopes, followable }: { scopes: readonly Scope[]; followable: ReadonlyMap<string, Scope> },
): string[] {
  for (const [at, type] of wanted.entries()) {
    const field = ['eventTypes', at];
    const scope = followable.get(type);
    if (!scope)
      throw new ValidationError(`eventTypes takes ${[...followable.keys()].join(', ')} and nothing else.`, {
        field,
      });
    if (!scopes.includes(scope))
      throw new ValidationError(`To follow ${type}, a key needs ${scope}.`, { field });
  }
  return [...new Set(wanted)].sort();
}

function parseExpiry(expiresAt: Date | null, now: Date): Date | null {
  if (!expiresAt) return null;
  const latest = new Date(now);
  latest.setUTCFullYear(now.getUTCFullYear() + MAX_YEARS);
  if (expiresAt <= now || expiresAt > latest)
    throw new ValidationError(`expiresAt takes a time to come, within ${MAX_YEARS} years.`, {
      field: 'expiresAt',
    });
  return expiresAt;
}
