import { type Distribution, totalCount } from '../lib/histogram.ts';
import type { Sample } from './metrics.ts';

/** A number that is known, or none. */
export const one = (value: number | null | undefined): readonly Sample[] =>
  value === null || value === undefined ? [] : [{ value }];

/** A number for each value of one label. */
export const each = (
  label: string,
  values: ReadonlyMap<string, number> | Readonly<Record<string, number>>,
): readonly Sample[] =>
  [...(values instanceof Map ? values : Object.entries(values))].map(([name, value]) => ({
    value,
    labels: { [label]: name },
  }));

/** Milliseconds as the cumulative buckets of a histogram of seconds. */
export function inSeconds(
  distribution: Distribution,
  labels: Readonly<Record<string, string>> = {},
): readonly Sample[] {
  const { bounds, counts, sum } = distribution;
  let below = 0;
  const buckets = bounds.map((bound, at): Sample => {
    below += counts[at] ?? 0;
    return { part: 'bucket', value: below, labels: { ...labels, le: String(bound / 1_000) } };
  });
  const count = totalCount(distribution);
  return [
    ...buckets,
    { part: 'bucket', value: count, labels: { ...labels, le: '+Inf' } },
    { part: 'sum', value: sum / 1_000, labels },
    { part: 'count', value: count, labels },
  ];
}
