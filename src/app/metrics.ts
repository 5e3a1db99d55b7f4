import type { SlotBoard } from '../booking/slot-board.ts';
import type { RedisConnection } from '../events/redis.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
import type { HttpServer } from '../http/server.ts';
import { createMetrics, type Metrics } from '../metrics/metrics.ts';
import { each } from '../metrics/samples.ts';
import type { ValueBoard } from '../signage/value-board.ts';
import type { DatabaseFacts } from './database-facts.ts';
import { databaseSeries } from './database-series.ts';
import type { Ground } from './ground.ts';
import { realtimeSeries } from './realtime-series.ts';
import { trafficSeries } from './traffic-series.ts';

export interface MetricsOptions {
  readonly ground: Ground;
  readonly http: () => HttpServer;
  readonly rateLimits: RateLimiter;
  readonly databaseFacts: () => Promise<DatabaseFacts | null>;
  /** Null where processes share none. */
  readonly redis: Pick<RedisConnection, 'look'> | null;
  readonly slotBoard: Pick<SlotBoard, 'reads'>;
  readonly valueBoard: Pick<ValueBoard, 'reads'>;
  readonly version: string;
}

/** Everything `/metrics` tells, by name; what the figures of Node.js itself are called is prom-client's. */
export function floorMetrics(options: MetricsOptions): Metrics {
  return createMetrics([
    {
      name: 'floorwire_build_info',
      type: 'gauge',
      help: 'Always 1; which version runs.',
      read: () => each('version', { [options.version]: 1 }),
    },
    ...realtimeSeries(options),
    ...trafficSeries(options),
    ...databaseSeries(options),
  ]);
}
