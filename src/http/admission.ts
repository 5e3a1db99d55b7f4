import { principalKeyOf, type RateLimits } from '../graphql/rate-limits.ts';
import type { Actor } from '../lib/actor.ts';
import { networkOf } from '../lib/network.ts';

/** Counts an operation for the address it came from, before anything is done for it. @throws RateLimitedError */
export async function admitAddress(limits: RateLimits, address: string | null | undefined): Promise<void> {
  await limits.take('OPERATIONS_PER_ADDRESS', networkOf(address) ?? 'unknown');
}

/** Counts an operation for whoever is signed in. @throws RateLimitedError */
export async function admitActor(limits: RateLimits, actor: Actor): Promise<void> {
  const key = principalKeyOf(actor);
  if (key !== null) await limits.take('OPERATIONS_PER_USER', key);
}
