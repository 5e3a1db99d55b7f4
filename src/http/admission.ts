import {
  describeBucket,
  principalKeyOf,
  type RateLimitBucket,
  RateLimitedError,
  type RateLimits,
} from '../graphql/rate-limits.ts';
import type { Actor } from '../lib/actor.ts';
import { networkOf } from '../lib/network.ts';
import { ConnectionLimitError } from './errors.ts';

/** Counts an operation for the address it came from, before anything is done for it. @throws RateLimitedError */
export async function admitAddress(limits: RateLimits, address: string | null | undefined): Promise<void> {
  await limits.take('OPERATIONS_PER_ADDRESS', networkOf(address) ?? 'unknown');
}

/** Counts an operation for whoever is signed in. @throws RateLimitedError */
export async function admitActor(limits: RateLimits, actor: Actor): Promise<void> {
  const key = principalKeyOf(actor);
  if (key !== null) await limits.take('OPERATIONS_PER_USER', key);
}

/** Counts a WebSocket for the address it comes from. @throws ConnectionLimitError */
export async function admitSocketFrom(limits: RateLimits, address: string | null | undefined): Promise<void> {
  await takeConnect(limits, 'CONNECTS_PER_ADDRESS', networkOf(address) ?? 'unknown');
}

/** Counts a WebSocket for whoever opens it. @throws ConnectionLimitError */
export async function admitSocketOf(limits: RateLimits, actor: Actor): Promise<void> {
  const key = principalKeyOf(actor);
  if (key !== null) await takeConnect(limits, 'CONNECTS_PER_USER', key);
}

async function takeConnect(limits: RateLimits, bucket: RateLimitBucket, key: string): Promise<void> {
  try {
    await limits.take(bucket, key);
  } catch (error) {
    if (!(error instanceof RateLimitedError)) throw error;
    const { retryAfterMs } = error;
    throw new ConnectionLimitError(describeBucket(bucket), { retryAfterMs, cause: error });
  }
}
