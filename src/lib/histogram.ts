/**
 * How values are spread: how many lie up to each of some bounds. However many are recorded, it keeps
 * as many numbers as there are bounds.
 */
export interface Histogram {
  /** The value, so many times over. */
  record(value: number, times?: number): void;
  /** Everything since it was made. */
  readonly total: Distribution;
  /** What was recorded in the last five minutes, the one that runs counted as one of them. */
  recent(): Distribution;
}

export interface Distribution {
  readonly bounds: readonly number[];
  /** How many were above the bound before and not above this one; the last: above them all. */
  readonly counts: readonly number[];
  readonly sum: number;
}

/** For what should take milliseconds and may take seconds. */
export const LATENCY_BOUNDS_MS: readonly number[] = [
  0.25, 0.5, 1, 1.5, 2, 3, 5, 7.5, 10, 15, 20, 30, 50, 75, 100, 150, 200, 300, 500, 750, 1_000, 1_500, 2_000,
  3_000, 5_000, 10_000,
];

const SLICE_MS = 60_000;
const SLICES = 5;

/** @param nowMs of a clock that never goes back */
export function createHistogram(
  bounds: readonly number[],
  nowMs: () => number = () => performance.now(),
): Histogram {
  const total = nothing(bounds);
  let slices: readonly Slice[] = [];

  function currentSlice(): Slice {
    const now = nowMs();
    const last = slices.at(-1);
    if (last && now < last.endsMs) return last;
    const endsMs = (Math.floor(now / SLICE_MS) + 1) * SLICE_MS;
    const slice = { ...nothing(bounds), endsMs };
    slices = [...slices.filter((each) => each.endsMs > endsMs - SLICES * SLICE_MS), slice];
    return slice;
  }

  return {
    total,
    record(value, times = 1) {
      const at = bucketOf(bounds, value);
      add(total, at, value, times);
      add(currentSlice(), at, value, times);
    },
    recent() {
      currentSlice();
      return merged(bounds, slices);
    },
  };
}

/** All of them together. They have the same bounds. */
export function merged(bounds: readonly number[], parts: readonly Distribution[]): Distribution {
  const all = nothing(bounds);
  for (const { counts, sum } of parts) {
    for (const [at, count] of counts.entries()) all.counts[at] = (all.counts[at] ?? 0) + count;
    all.sum += sum;
  }
  return all;
}

export const totalCount = ({ counts }: Distribution): number => counts.reduce((sum, count) => sum + count, 0);

/**
 * The value that this share of all does not exceed, taken as spread evenly between two bounds; the
 * last bound when it is above that, null when there is none.
 */
export function quantile(share: number, distribution: Distribution): number | null {
  const { bounds, counts } = distribution;
  const rank = share * totalCount(distribution);
  if (rank === 0) return null;
  let below = 0;
  for (const [at, upper] of bounds.entries()) {
    const inside = counts[at] ?? 0;
    const lower = bounds[at - 1] ?? 0;
    if (below + inside >= rank) return lower + ((rank - below) / inside) * (upper - lower);
    below += inside;
  }
  return bounds.at(-1) ?? null;
}

interface Slice extends Counted {
  readonly endsMs: number;
}

interface Counted extends Distribution {
  readonly counts: number[];
  sum: number;
}

const nothing = (bounds: readonly number[]): Counted => ({
  bounds,
  counts: new Array<number>(bounds.length + 1).fill(0),
  sum: 0,
});

function add(to: Counted, at: number, value: number, times: number): void {
  to.counts[at] = (to.counts[at] ?? 0) + times;
  to.sum += value * times;
}

/** The first whose bound is not below the value. */
function bucketOf(bounds: readonly number[], value: number): number {
  let low = 0;
  let high = bounds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((bounds[middle] ?? 0) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
