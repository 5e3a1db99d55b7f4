import type { RedisConnection } from '../events/redis.ts';
import type { RateLimiter } from '../http/rate-limiter.ts';
import type { HttpServer } from '../http/server.ts';
import { createMetrics, type Metrics, type Series } from '../metrics/metrics.ts';
import { each, inSeconds, one } from '../metrics/samples.ts';
import type { DatabaseFacts } from './database-facts.ts';
import type { Ground } from './ground.ts';

export interface MetricsOptions {
  readonly ground: Ground;
  readonly http: () => HttpServer;
  readonly rateLimits: RateLimiter;
  readonly databaseFacts: () => Promise<DatabaseFacts | null>;
  /** Null where processes share none. */
  readonly redis: Pick<RedisConnection, 'ping'> | null;
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
    ...poolSeries(options),
    ...databaseSeries(options),
    ...redisSeries(options),
  ]);
}

const realtimeSeries = ({ http }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_sockets',
    type: 'gauge',
    help: 'WebSockets open now.',
    read: () => one(http().connectionCount),
  },
  {
    name: 'floorwire_sse_streams',
    type: 'gauge',
    help: 'Streams of server-sent events open now.',
    read: () => one(http().streamCount),
  },
  {
    name: 'floorwire_socket_closes_total',
    type: 'counter',
    help: 'WebSockets that ended, by close code; "other" is a code of the client\'s own choosing.',
    read: () => each('code', http().traffic.closes.counts),
  },
];

const trafficSeries = ({ http, rateLimits }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_http_responses_total',
    type: 'counter',
    help: 'HTTP answers by class of status, those of other paths than /graphql too.',
    read: () => each('status', http().traffic.answers.counts),
  },
  {
    name: 'floorwire_operation_duration_seconds',
    type: 'histogram',
    help: 'Operations over HTTP and WebSockets by kind, a subscription until it had begun; failed: answered with errors.',
    read: () =>
      http()
        .traffic.operations.times()
        .filter(({ field }) => field === null)
        .flatMap(({ kind, outcome, times }) => inSeconds(times.total, { kind, outcome })),
  },
  {
    name: 'floorwire_errors_total',
    type: 'counter',
    help: 'Errors answered in `errors`, by code; SYS_001 is a fault of the server.',
    read: () => each('code', http().traffic.errors.counts),
  },
  {
    name: 'floorwire_rate_limit_refusals_total',
    type: 'counter',
    help: 'Requests refused because their address, user or account had used its limit up.',
    read: () => each('bucket', rateLimits.refusals),
  },
];

const poolSeries = ({ ground }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_database_connections',
    type: 'gauge',
    help: 'Connections of this process to PostgreSQL by state, without those that listen or hold a lock.',
    read: () => {
      const { idle, busy } = ground.countPool();
      return each('state', { idle, busy });
    },
  },
  {
    name: 'floorwire_database_waiting',
    type: 'gauge',
    help: 'What waits for a connection to PostgreSQL.',
    read: () => one(ground.countPool().waiting),
  },
];

/** Of all processes together, except for the tail. None but the first is told while the database does not answer. */
const databaseSeries = ({ databaseFacts }: MetricsOptions): readonly Series[] => [
  {
    name: 'floorwire_database_up',
    type: 'gauge',
    help: 'Whether PostgreSQL answered this scrape in time.',
    read: async () => one((await databaseFacts()) ? 1 : 0),
  },
  {
    name: 'floorwire_outbox_events',
    type: 'gauge',
    help: 'Committed events without a place in the log: how far the sequencer is behind.',
    read: async () => one((await databaseFacts())?.outbox.events),
  },
  {
    name: 'floorwire_outbox_age_seconds',
    type: 'gauge',
    help: 'How long the first of them has been waiting; 0 when there is none.',
    read: async () => one((await databaseFacts())?.outbox.ageSeconds),
  },
  {
    name: 'floorwire_log_position',
    type: 'gauge',
    help: 'The newest position of the event log.',
    read: async () => one(toNumber((await databaseFacts())?.head)),
  },
  {
    name: 'floorwire_tail_lag_events',
    type: 'gauge',
    help: 'Events of the log that this process has not published to its subscribers yet.',
    read: async () => one((await databaseFacts())?.tailLag),
  },
  {
    name: 'floorwire_sas_lines',
    type: 'gauge',
    help: 'Serial lines of all venues by state.',
    read: async () => each('state', (await databaseFacts())?.lines ?? {}),
  },
  {
    name: 'floorwire_machines',
    type: 'gauge',
    help: 'Machines of all venues by connection.',
    read: async () => each('connection', (await databaseFacts())?.machines ?? {}),
  },
];

const redisSeries = ({ redis }: MetricsOptions): readonly Series[] => {
  if (!redis) return [];
  return [
    {
      name: 'floorwire_redis_up',
      type: 'gauge',
      help: 'Whether Redis answered this scrape; only where REDIS_URL is set.',
      read: async () => one((await redis.ping()) === null ? 0 : 1),
    },
  ];
};

const toNumber = (value: bigint | undefined): number | null => (value === undefined ? null : Number(value));
