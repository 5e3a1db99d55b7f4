import { createHash, randomBytes } from 'node:crypto';

/** A realtime token as it is handed out once, and what is kept of it. */
export interface NewRealtimeToken {
  readonly realtimeToken: string;
  readonly hash: Buffer;
}

/** How long a socket may be opened with it, and how long that socket lives. */
export const REALTIME_TOKEN_SECONDS = 1_800;

const BYTES = 32;
const PREFIX = 'rt_';
const SHAPE = /^rt_[A-Za-z0-9_-]{43}$/;

/** 256 random bits in base64url behind a prefix that tells it from every other kind of token. */
export function makeRealtimeToken(): NewRealtimeToken {
  const realtimeToken = `${PREFIX}${randomBytes(BYTES).toString('base64url')}`;
  return { realtimeToken, hash: hashOf(realtimeToken) };
}

/** Whether a text means to be a realtime token, good or not. */
export const isRealtimeToken = (text: string): boolean => text.startsWith(PREFIX);

/** The SHA-256 to look a token up by, null for what was never given out as one. */
export const realtimeTokenHash = (text: string): Buffer | null => (SHAPE.test(text) ? hashOf(text) : null);

const hashOf = (realtimeToken: string): Buffer => createHash('sha256').update(realtimeToken).digest();
