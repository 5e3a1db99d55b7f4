import type { RateLimitOptions } from '../../src/http/rate-limiter.ts';

/** For tests of something else: more than any of them asks. */
export const NO_RATE_LIMITS: RateLimitOptions = {
  operationsPerAddress: 10_000_000,
  operationsPerUser: 10_000_000,
  credentialsPerAddress: 10_000_000,
  renewalsPerAddress: 10_000_000,
  credentialsPerAccount: 10_000_000,
  connectsPerAddress: 10_000_000,
  connectsPerUser: 10_000_000,
  broadcastsPerUser: 10_000_000,
  windowSeconds: 60,
};
