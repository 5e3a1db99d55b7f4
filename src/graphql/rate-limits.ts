import type { Actor } from '../lib/actor.ts';
import { DomainError } from '../lib/errors.ts';

/** What is counted: every operation, every use of a field that takes a credential, every renewal of one, every WebSocket that is opened, every broadcast. */
export type RateLimitBucket =
  | 'OPERATIONS_PER_ADDRESS'
  | 'OPERATIONS_PER_USER'
  | 'CREDENTIALS_PER_ADDRESS'
  | 'CREDENTIALS_PER_ACCOUNT'
  | 'RENEWALS_PER_ADDRESS'
  | 'CONNECTS_PER_ADDRESS'
  | 'CONNECTS_PER_USER'
  | 'BROADCASTS_PER_USER';

/** Points that come back all at once when the window is over. */
export interface RateLimitStanding {
  readonly limit: number;
  readonly remaining: number;
  /** When all of them are back. */
  readonly resetAt: Date;
}

/** Counts requests, the same on every process where they share a Redis. */
export interface RateLimits {
  /** Takes a point. @throws RateLimitedError when there is none left */
  take(bucket: RateLimitBucket, key: string): Promise<void>;
  standing(bucket: RateLimitBucket, key: string): Promise<RateLimitStanding>;
}

declare module './context.ts' {
  interface Services {
    readonly rateLimits: RateLimits;
  }
}

const WORDS: Readonly<Record<RateLimitBucket, string>> = {
  OPERATIONS_PER_ADDRESS: 'Too many requests from this address.',
  OPERATIONS_PER_USER: 'Too many requests with this sign-in.',
  CREDENTIALS_PER_ADDRESS: 'Too many sign-ins from this address.',
  CREDENTIALS_PER_ACCOUNT: 'Too many sign-ins for this account from this address.',
  RENEWALS_PER_ADDRESS: 'Too many renewals of tokens from this address.',
  CONNECTS_PER_ADDRESS: 'Too many new sockets from this address.',
  CONNECTS_PER_USER: 'Too many new sockets with this sign-in.',
  BROADCASTS_PER_USER: 'Too many messages with this sign-in.',
};

/** What there was too much of, in a sentence. */
export const describeBucket = (bucket: RateLimitBucket): string => WORDS[bucket];

/** The caller asks more often than he may. */
export class RateLimitedError extends DomainError {
  readonly code = 'API_005';
  readonly bucket: RateLimitBucket;
  readonly retryAfterMs: number;
  constructor(
    { bucket, retryAfterMs }: { readonly bucket: RateLimitBucket; readonly retryAfterMs: number },
    options?: ErrorOptions,
  ) {
    super(`${describeBucket(bucket)} Wait, then send it again.`, options);
    this.bucket = bucket;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Under which name somebody is counted, whichever of his sessions he asks in; null for nobody. */
export function principalKeyOf(actor: Actor): string | null {
  if (actor.kind === 'user') return `user:${actor.userId}`;
  if (actor.kind === 'partner') return `key:${actor.apiKeyId}`;
  return actor.kind === 'device' ? `device:${actor.deviceId}` : null;
}
