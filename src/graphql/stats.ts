import { LATENCY_BOUNDS_MS, merged, quantile, totalCount } from '../lib/histogram.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { OperationKind, OperationTimes } from './operation-times.ts';

/** How the server has been doing. */
export interface ServerStats {
  /** What is open at a venue, in all processes. */
  readonly realtime: (venueId: string) => Promise<RealtimeStats>;
  /** What this process ran, for whomever. */
  readonly operations: () => readonly OperationTimes[];
  /** Null when the database does not answer in time. */
  readonly database: () => Promise<DatabaseStats | null>;
}

export interface RealtimeStats {
  readonly processes: number;
  readonly sockets: number;
  readonly streams: number;
  readonly operations: number;
}

export interface DatabaseStats {
  readonly outboxBacklog: number;
  readonly outboxAgeSeconds: number;
  readonly logPosition: bigint;
  readonly tailLag: number;
  readonly poolTotal: number;
  readonly poolIdle: number;
  readonly poolWaiting: number;
}

declare module './context.ts' {
  interface Services {
    readonly stats: ServerStats;
  }
}

const RealtimeStatsType = builder.objectRef<RealtimeStats>('RealtimeStats').implement({
  description: 'Sockets and streams, as each process counted them about a second ago.',
  fields: (t) => ({
    processes: t.exposeInt('processes', { description: 'How many processes serve the installation.' }),
    totalConnections: t.int({
      description:
        'Sockets and streams open for people, devices and partners of the venue, in all processes: as many as `realtimeConnections` lists.',
      resolve: ({ sockets, streams }) => sockets + streams,
    }),
    sockets: t.exposeInt('sockets', { description: 'Those of them that are WebSockets.' }),
    streams: t.exposeInt('streams', { description: 'Those of them that are server-sent events.' }),
    operations: t.exposeInt('operations', {
      description: 'Operations under way on them, subscriptions most of all.',
    }),
  }),
});

const OperationKindEnum = builder.enumType('OperationKind', {
  description: 'What an operation is.',
  values: {
    QUERY: { value: 'query', description: 'It reads.' },
    MUTATION: { value: 'mutation', description: 'It changes something.' },
    SUBSCRIPTION: { value: 'subscription', description: 'It follows something.' },
  } satisfies Record<string, { value: OperationKind; description: string }>,
});

/** What ran of one kind, or with one root field, whatever came of it. */
interface OperationStat {
  readonly kind: OperationKind;
  readonly field: string | null;
  readonly times: readonly OperationTimes[];
}

const recentQuantile = (share: number, { times }: OperationStat): number | null =>
  quantile(
    share,
    merged(
      LATENCY_BOUNDS_MS,
      times.map((each) => each.times.recent()),
    ),
  );

const QUANTILE_OF =
  'of the last five minutes, in milliseconds; a subscription until it had begun. Null when there was none.';

const OperationStatType = builder.objectRef<OperationStat>('OperationStat').implement({
  description: 'How often operations of one kind ran, and how long they took.',
  fields: (t) => ({
    kind: t.expose('kind', { type: OperationKindEnum, description: 'Which kind.' }),
    field: t.exposeString('field', {
      nullable: true,
      description: 'The root field they selected, beside others perhaps; null for all of the kind.',
    }),
    count: t.field({
      type: 'BigInt',
      description: 'How many ran since the process started.',
      resolve: ({ times }) => BigInt(sum(times)),
    }),
    errors: t.field({
      type: 'BigInt',
      description:
        'How many of them were answered with `errors`; an error in a `…Result` is an answer like another.',
      resolve: ({ times }) => BigInt(sum(times.filter(({ outcome }) => outcome === 'failed'))),
    }),
    p50Ms: t.float({
      nullable: true,
      description: `What half of them did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.5, stat),
    }),
    p95Ms: t.float({
      nullable: true,
      description: `What 95 of 100 did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.95, stat),
    }),
    p99Ms: t.float({
      nullable: true,
      description: `What 99 of 100 did not exceed, ${QUANTILE_OF}`,
      resolve: (stat) => recentQuantile(0.99, stat),
    }),
  }),
});

const KINDS: readonly OperationKind[] = ['query', 'mutation', 'subscription'];

const OperationStatsType = builder.objectRef<readonly OperationTimes[]>('OperationStats').implement({
  description:
    'The operations of the process that answers, for all venues, over HTTP and WebSockets; what was refused for its document is not among them.',
  fields: (t) => ({
    byKind: t.field({
      type: [OperationStatType],
      description: 'One entry for each kind.',
      resolve: (all) => KINDS.map((kind) => statOf(all, kind, null)),
    }),
    byField: t.field({
      type: [OperationStatType],
      description: 'One entry for each root field that was selected, the most used first.',
      resolve: (all) => statsByField(all),
    }),
  }),
});

const statOf = (
  all: readonly OperationTimes[],
  kind: OperationKind,
  field: string | null,
): OperationStat => ({
  kind,
  field,
  times: all.filter((each) => each.kind === kind && each.field === field),
});

function statsByField(all: readonly OperationTimes[]): OperationStat[] {
  return KINDS.flatMap((kind) => {
    const fields = new Set(all.filter((each) => each.kind === kind).map(({ field }) => field));
    return [...fields].filter((field) => field !== null).map((field) => statOf(all, kind, field));
  }).sort((one, other) => sum(other.times) - sum(one.times));
}

const sum = (times: readonly OperationTimes[]): number =>
  times.reduce((total, each) => total + totalCount(each.times.total), 0);

const DatabaseStatsType = builder.objectRef<DatabaseStats>('DatabaseStats').implement({
  description: 'PostgreSQL, the event log in it, and the way there.',
  fields: (t) => ({
    outboxBacklog: t.exposeInt('outboxBacklog', {
      description: 'Committed events that have no place in the log yet, so nobody was told of them.',
    }),
    outboxAgeSeconds: t.exposeFloat('outboxAgeSeconds', {
      description: 'How long the first of them has been waiting; 0 when there is none.',
    }),
    logPosition: t.field({
      type: 'BigInt',
      description: 'The newest position of the log: how many events it has ever held.',
      resolve: ({ logPosition }) => logPosition,
    }),
    tailLag: t.exposeInt('tailLag', {
      description: 'Events of the log that the process that answers has yet to tell its subscribers.',
    }),
    poolTotal: t.exposeInt('poolTotal', { description: 'Connections of that process to PostgreSQL.' }),
    poolIdle: t.exposeInt('poolIdle', { description: 'Those of them that nothing uses.' }),
    poolWaiting: t.exposeInt('poolWaiting', { description: 'What waits for one to become free.' }),
  }),
});

const StatsType = builder.objectRef<ServerStats>('Stats').implement({
  description: 'How the server has been doing. `GET /metrics` tells the same, and more, to Prometheus.',
  fields: (t) => ({
    since: t.field({
      type: 'DateTime',
      description: 'When the process that answers started to count.',
      resolve: (_stats, _args, { info }) => info.startedAt,
    }),
    realtime: t.field({
      type: RealtimeStatsType,
      nullable: true,
      description: 'Sockets and streams of the venue.',
      resolve: ({ realtime }, _args, context) => realtime(venueIdOf(context)),
    }),
    operations: t.field({
      type: OperationStatsType,
      description: 'What ran, and how long it took.',
      resolve: ({ operations }) => operations(),
    }),
    database: t.field({
      type: DatabaseStatsType,
      nullable: true,
      description: 'The database; null when it does not answer within a second and a half.',
      resolve: ({ database }) => database(),
    }),
  }),
});

builder.queryField('stats', (t) =>
  t.field({
    type: StatsType,
    nullable: true,
    authScopes: { scope: 'REALTIME_READ' },
    description: 'How the server has been doing. Needs REALTIME_READ (AUTH_004).',
    resolve: (_root, _args, { stats }) => stats,
  }),
);
