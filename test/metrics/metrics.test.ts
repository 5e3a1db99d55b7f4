import { expect, test } from 'vitest';
import { createHistogram } from '../../src/lib/histogram.ts';
import { createMetrics } from '../../src/metrics/metrics.ts';
import { each, inSeconds, one } from '../../src/metrics/samples.ts';
import { readScrape } from '../support/metrics.ts';

test('a scrape is written as Prometheus reads it', async () => {
  const times = createHistogram([5, 1_000]);
  times.record(2, 3);
  times.record(400);
  times.record(2_000);
  const { contentType, scrape } = createMetrics([
    { name: 'a_total', type: 'counter', help: 'As.', read: () => one(2) },
    { name: 'b', type: 'gauge', help: 'Bs by kind.', read: () => each('kind', { x: 1, y: 0.5 }) },
    {
      name: 'c_seconds',
      type: 'histogram',
      help: 'Cs.',
      read: async () => inSeconds(times.total, { k: 'v' }),
    },
    { name: 'd', type: 'gauge', help: 'Not known.', read: async () => one(undefined) },
  ]);
  expect(contentType).toBe('text/plain; version=0.0.4; charset=utf-8');
  const ours = (await scrape()).split('\n\n').slice(0, 4).join('\n\n');
  expect(ours).toBe(`# HELP a_total As.
# TYPE a_total counter
a_total 2

# HELP b Bs by kind.
# TYPE b gauge
b{kind="x"} 1
b{kind="y"} 0.5

# HELP c_seconds Cs.
# TYPE c_seconds histogram
c_seconds_bucket{k="v",le="0.005"} 3
c_seconds_bucket{k="v",le="1"} 4
c_seconds_bucket{k="v",le="+Inf"} 5
c_seconds_sum{k="v"} 2.406
c_seconds_count{k="v"} 5

# HELP d Not known.
# TYPE d gauge`);
});

test('the figures of Node.js are told beside any others, once', async () => {
  const first = createMetrics([]);
  const second = createMetrics([]);
  await first.scrape();
  const text = await second.scrape();
  expect(readScrape(text).value('process_resident_memory_bytes')).toBeGreaterThan(1_000_000);
  expect(text.match(/^# TYPE nodejs_gc_duration_seconds /gm)).toHaveLength(1);
});

test('a name is given once', () => {
  const series = { name: 'a', type: 'gauge', help: 'A.', read: () => one(1) } as const;
  expect(() => createMetrics([series, { ...series }])).toThrow('already been registered');
});
