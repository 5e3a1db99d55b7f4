import type { RateTerms } from './rate.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * What a stay costs, in minor units. Each begun `perMinutes` since its beginning has its price, and of those that begin
 * within the same 24 hours since then no more than the cap is paid. Who leaves within the grace pays nothing; who
 * stays longer pays from the beginning. Null terms: it costs nothing.
 */
export function chargeOf(
  terms: RateTerms | null,
  { startedAt, endedAt }: { readonly startedAt: Date; readonly endedAt: Date },
): bigint {
  const stayedMs = endedAt.getTime() - startedAt.getTime();
  if (!terms || stayedMs <= terms.graceMinutes * MINUTE_MS) return 0n;
  const { priceMinor, perMinutes, dailyCapMinor } = terms;
  const begunBy = (ms: number) => BigInt(Math.ceil(ms / (perMinutes * MINUTE_MS)));
  if (dailyCapMinor === null) return begunBy(stayedMs) * priceMinor;
  let charge = 0n;
  for (let fromMs = 0; fromMs < stayedMs; fromMs += DAY_MS) {
    const begun = begunBy(Math.min(stayedMs, fromMs + DAY_MS)) - begunBy(fromMs);
    charge += least(begun * priceMinor, dailyCapMinor);
  }
  return charge;
}

const least = (one: bigint, other: bigint): bigint => (one < other ? one : other);
