import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { OpenNow, RealtimeConnection } from './connection.ts';
import { deleteConnections, putConnections } from './connection-store.ts';
import { deleteDeadProcesses, deleteProcess, renewLease } from './process-store.ts';

/** How soon the others see what opened and closed here. */
const LOOK_MS = 500;
/** How often a process says that it lives, when nothing else is to be said. */
export const HEARTBEAT_MS = 5_000;
/** Of one statement. */
const BATCH = 2_000;

export interface RegistryOptions {
  readonly db: Kysely<Database>;
  /** A new one for each start. */
  readonly processId: string;
  readonly openNow: () => OpenNow;
  readonly onError: (error: unknown) => void;
}

/**
 * Keeps on record what is open in this process, for as long as the process lives.
 *
 * It looks twice a second and writes what is different, however many connections came and went between:
 * a crowd costs a statement and no connection waits for it. Disposing it takes all off the record.
 */
export function startRegistry({ db, processId, openNow, onError }: RegistryOptions): Wakeable {
  let written: ReadonlyMap<string, RealtimeConnection> = new Map();
  let saidMs = Number.NEGATIVE_INFINITY;
  let cleanedMs = Number.NEGATIVE_INFINITY;
  let said = '';

  async function look(): Promise<void> {
    const { sockets, streams, operations, connections } = openNow();
    const open = new Map([...connections].map((connection) => [connection.id, connection]));
    const counts = { sockets, streams, operations };
    const isDue = performance.now() - saidMs >= HEARTBEAT_MS || JSON.stringify(counts) !== said;
    if (!isDue && isWritten(open, written)) return;

    await db.transaction().execute(async (tx) => {
      const { isNew } = await renewLease(tx, { id: processId, ...counts });
      // It was taken for dead, or a crash of PostgreSQL has emptied the tables.
      const known = isNew ? new Map<string, RealtimeConnection>() : written;
      const changed = [...open.values()].filter((each) => known.get(each.id) !== each);
      for (const batch of inBatches(changed)) await putConnections(tx, processId, batch);
      for (const batch of inBatches([...known.keys()].filter((id) => !open.has(id))))
        await deleteConnections(tx, processId, batch);
    });
    written = open;
    said = JSON.stringify(counts);
    saidMs = performance.now();
  }

  async function cleanUp(): Promise<void> {
    if (performance.now() - cleanedMs < HEARTBEAT_MS) return;
    await deleteDeadProcesses(db);
    cleanedMs = performance.now();
  }

  const loop = startWakeable({
    idleMs: LOOK_MS,
    onError,
    async run() {
      await look();
      await cleanUp();
      return 'idle';
    },
  });
  return {
    wake: loop.wake,
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      await deleteProcess(db, processId).catch(onError);
    },
  };
}

function isWritten(
  open: ReadonlyMap<string, RealtimeConnection>,
  written: ReadonlyMap<string, RealtimeConnection>,
): boolean {
  if (open.size !== written.size) return false;
  for (const [id, connection] of open) if (written.get(id) !== connection) return false;
  return true;
}

function* inBatches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += BATCH) yield items.slice(at, at + BATCH);
}
