import type { Kysely } from 'kysely';
import { afterAll } from 'vitest';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import type { Database } from '../../src/db/schema.ts';
import { type EventLog, startEventLog } from '../../src/events/event-log.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { cloneDatabase } from './database.ts';

declare module '../../src/events/events.ts' {
  interface EventMap {
    'test.counted': { readonly subject: string; readonly number: number };
    'test.ended': { readonly subject: string };
  }
  interface SignalMap {
    'test.changed': { readonly subject: string; readonly number: number };
  }
}

export const TEST_VENUE = '018f0000-0000-7000-8000-000000000001';

/** A database with its log running in this process, and units of work on it. */
export async function aRunningLog(): Promise<{ db: Kysely<Database>; log: EventLog; runWork: RunWork }> {
  const { connection } = await cloneDatabase();
  const floor = openDatabase({ connection, poolSize: 24, applicationName: 'log test', role: APP_ROLE });
  const log = await startEventLog({
    db: floor.db,
    connection,
    onError: (error) => console.error(error),
  });
  afterAll(async () => {
    await log[Symbol.asyncDispose]();
    await floor[Symbol.asyncDispose]();
  });
  const runWork = createRunWork({ db: floor.db, onEvents: log.committed });
  return { db: floor.db, log, runWork };
}
