import { createHash, randomBytes } from 'node:crypto';

/** A token as it is handed out once, and what is kept of it. */
export interface OpaqueToken {
  readonly token: string;
  readonly hash: Buffer;
}

const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

/**
 * 256 random bits in base64url, which need no salt to keep their hash from being undone.
 *
 * @param prefix what tells a kind of token from every other at a glance
 */
export function makeOpaqueToken(prefix = ''): OpaqueToken {
  const token = `${prefix}${randomBytes(BYTES).toString('base64url')}`;
  return { token, hash: sha256(token) };
}

/** The SHA-256 to look a token up by, null for what was never given out as one. */
export function opaqueTokenHash(text: string, prefix = ''): Buffer | null {
  const isOne = text.startsWith(prefix) && SHAPE.test(text.slice(prefix.length));
  return isOne ? sha256(text) : null;
}

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();
