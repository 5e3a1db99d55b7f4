import { createHash, randomBytes } from 'node:crypto';

/** A refresh token as it is handed out once, and what is kept of it. */
export interface NewRefreshToken {
  readonly refreshToken: string;
  readonly hash: Buffer;
}

const BYTES = 32;
const SHAPE = /^[A-Za-z0-9_-]{43}$/;

/** 256 random bits in base64url. No salt is needed to keep a hash of that from being undone. */
export function makeRefreshToken(): NewRefreshToken {
  const refreshToken = randomBytes(BYTES).toString('base64url');
  return { refreshToken, hash: hashOf(refreshToken) };
}

/** The SHA-256 to look a token up by, null for what was never given out as one. */
export const refreshTokenHash = (text: string): Buffer | null => (SHAPE.test(text) ? hashOf(text) : null);

const hashOf = (refreshToken: string): Buffer => createHash('sha256').update(refreshToken).digest();
