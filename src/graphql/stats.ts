import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { type DatabaseStats, DatabaseStatsType } from './database-stats.ts';
import { OperationStatsType } from './operation-stats.ts';
import type { OperationTimes } from './operation-times.ts';
import { type RealtimeStats, RealtimeStatsType } from './realtime-stats.ts';

/** How the server has been doing. */
export interface ServerStats {
  /** What is open at a venue, in all processes. */
  readonly realtime: (venueId: string) => Promise<RealtimeStats>;
  /** What this process ran, for whomever. */
  readonly operations: () => readonly OperationTimes[];
  /** Null when the database does not answer in time. */
  readonly database: () => Promise<DatabaseStats | null>;
}

declare module './context.ts' {
  interface Services {
    readonly stats: ServerStats;
  }
}

export const StatsType = builder.objectRef<ServerStats>('Stats').implement({
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
