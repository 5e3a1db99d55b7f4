import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible';
import type { RedisClient } from '../events/redis.ts';
import { type RateLimitBucket, RateLimitedError, type RateLimits } from '../graphql/rate-limits.ts';
import { createTally } from '../lib/tally.ts';

/** How many points a window has. */
export interface RateLimitOptions {
  readonly operationsPerAddress: number;
  /** Of whoever is signed in, wherever he is. */
  readonly operationsPerUser: number;
  readonly credentialsPerAddress: number;
  /** Of them, those that name one account. */
  readonly credentialsPerAccount: number;
  /** Tokens that are given for a newer one. */
  readonly renewalsPerAddress: number;
  /** WebSockets that are opened. */
  readonly connectsPerAddress: number;
  readonly connectsPerUser: number;
  readonly broadcastsPerUser: number;
  readonly windowSeconds: number;
}

export const DEFAULT_RATE_LIMITS: RateLimitOptions = {
  operationsPerAddress: 6_000,
  operationsPerUser: 3_000,
  credentialsPerAddress: 15,
  credentialsPerAccount: 10,
  renewalsPerAddress: 1_000,
  connectsPerAddress: 1_000,
  connectsPerUser: 20,
  broadcastsPerUser: 60,
  windowSeconds: 60,
};

/** The limits, and how often this process has refused because of each. */
export interface RateLimiter extends RateLimits {
  readonly refusals: ReadonlyMap<RateLimitBucket, number>;
}

/** Where the processes of an installation count together. */
export interface SharedCounts {
  readonly client: RedisClient;
  /** What tells it from others that are at the same Redis. */
  readonly installation: string;
}

/**
 * Counts in Redis, together with every other process of the installation, or in memory. While Redis is away each process
 * counts by itself: no request is refused because of it, and none goes uncounted.
 */
export function createRateLimiter(options: RateLimitOptions, shared: SharedCounts | null): RateLimiter {
  const points: Readonly<Record<RateLimitBucket, number>> = {
    OPERATIONS_PER_ADDRESS: options.operationsPerAddress,
    OPERATIONS_PER_USER: options.operationsPerUser,
    CREDENTIALS_PER_ADDRESS: options.credentialsPerAddress,
    CREDENTIALS_PER_ACCOUNT: options.credentialsPerAccount,
    RENEWALS_PER_ADDRESS: options.renewalsPerAddress,
    CONNECTS_PER_ADDRESS: options.connectsPerAddress,
    CONNECTS_PER_USER: options.connectsPerUser,
    BROADCASTS_PER_USER: options.broadcastsPerUser,
  };
  const limiterOf = (bucket: RateLimitBucket) => {
    const settings = { points: points[bucket], duration: options.windowSeconds };
    const memory = new RateLimiterMemory(settings);
    if (!shared) return memory;
    return new RateLimiterRedis({
      ...settings,
      keyPrefix: `floorwire:${shared.installation}:${bucket.toLowerCase()}`,
      storeClient: shared.client,
      rejectIfRedisNotReady: true,
      insuranceLimiter: memory,
    });
  };
  const limiters: Readonly<Record<RateLimitBucket, RateLimiterMemory | RateLimiterRedis>> = {
    OPERATIONS_PER_ADDRESS: limiterOf('OPERATIONS_PER_ADDRESS'),
    OPERATIONS_PER_USER: limiterOf('OPERATIONS_PER_USER'),
    CREDENTIALS_PER_ADDRESS: limiterOf('CREDENTIALS_PER_ADDRESS'),
    CREDENTIALS_PER_ACCOUNT: limiterOf('CREDENTIALS_PER_ACCOUNT'),
    RENEWALS_PER_ADDRESS: limiterOf('RENEWALS_PER_ADDRESS'),
    CONNECTS_PER_ADDRESS: limiterOf('CONNECTS_PER_ADDRESS'),
    CONNECTS_PER_USER: limiterOf('CONNECTS_PER_USER'),
    BROADCASTS_PER_USER: limiterOf('BROADCASTS_PER_USER'),
  };

  const refusals = createTally<RateLimitBucket>();

  return {
    refusals: refusals.counts,
    async take(bucket, key) {
      try {
        await limiters[bucket].consume(key);
      } catch (refusal) {
        if (!(refusal instanceof RateLimiterRes)) throw refusal;
        refusals.add(bucket);
        throw new RateLimitedError({ bucket, retryAfterMs: Math.max(1, Math.ceil(refusal.msBeforeNext)) });
      }
    },
    async standing(bucket, key) {
      const limit = points[bucket];
      const now = await limiters[bucket].get(key);
      const resetMs = now ? Math.max(0, now.msBeforeNext) : 0;
      const remaining = Math.max(0, limit - (now?.consumedPoints ?? 0));
      return { limit, remaining, resetAt: new Date(Date.now() + resetMs) };
    },
  };
}
