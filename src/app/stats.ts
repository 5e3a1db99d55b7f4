import type { ServerStats } from '../graphql/stats.ts';
import type { HttpServer } from '../http/server.ts';
import { countByTransport, countFollowers } from '../realtime/connection-store.ts';
import { countRealtime } from '../realtime/process-store.ts';
import type { DatabaseFacts } from './database-facts.ts';
import type { Ground } from './ground.ts';

export interface StatsOptions {
  readonly ground: Pick<Ground, 'db' | 'countPool'>;
  readonly http: () => Pick<HttpServer, 'traffic' | 'fanOutCounts'>;
  readonly databaseFacts: () => Promise<DatabaseFacts | null>;
}

/** What `stats` answers, from where each number is. */
export function serverStats({ ground: { db, countPool }, http, databaseFacts }: StatsOptions): ServerStats {
  return {
    async realtime(venueId) {
      const [open, { processes }] = await Promise.all([countByTransport(db, venueId), countRealtime(db)]);
      const channels = (limit: number) => countFollowers(db, venueId, { limit });
      return { ...open, processes, channels, fanOut: http().fanOutCounts() };
    },
    operations: () => http().traffic.operations.times(),
    async database() {
      const facts = await databaseFacts();
      if (!facts) return null;
      const { idle, busy, waiting } = countPool();
      return {
        outboxBacklog: facts.outbox.events,
        outboxAgeSeconds: facts.outbox.ageSeconds,
        logPosition: facts.head,
        tailLag: facts.tailLag,
        poolTotal: idle + busy,
        poolIdle: idle,
        poolWaiting: waiting,
      };
    },
  };
}
