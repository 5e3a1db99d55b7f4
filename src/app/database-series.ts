import type { Series } from '../metrics/metrics.ts';
import { each, one } from '../metrics/samples.ts';
import type { MetricsOptions } from './metrics.ts';

/** PostgreSQL and Redis, and the way there. */
export const databaseSeries = (options: MetricsOptions): readonly Series[] => [
  ...poolSeries(options),
  ...factSeries(options),
  ...redisSeries(options),
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
const factSeries = ({ databaseFacts }: MetricsOptions): readonly Series[] => [
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
    read: async () => each('state', (await databaseFacts())?.lines.states ?? {}),
  },
  {
    name: 'floorwire_sas_lines_silent',
    type: 'gauge',
    help: 'Serial lines of all venues that are up, and on which no machine answers any more.',
    read: async () => one((await databaseFacts())?.lines.silent),
  },
  {
    name: 'floorwire_machines',
    type: 'gauge',
    help: 'Machines of all venues by connection.',
    read: async () => each('connection', (await databaseFacts())?.machines ?? {}),
  },
  {
    name: 'floorwire_alerts_open',
    type: 'gauge',
    help: 'Alerts of all venues that go on, by severity.',
    read: async () => each('severity', (await databaseFacts())?.alerts ?? {}),
  },
];

const redisSeries = ({ redis }: MetricsOptions): readonly Series[] => {
  if (!redis) return [];
  return [
    {
      name: 'floorwire_redis_up',
      type: 'gauge',
      help: 'Whether Redis served this process at this scrape; only where REDIS_URL is set.',
      read: async () => one((await redis.look()).standing === 'SERVES' ? 1 : 0),
    },
  ];
};

const toNumber = (value: bigint | undefined): number | null => (value === undefined ? null : Number(value));
