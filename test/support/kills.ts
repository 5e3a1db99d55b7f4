import { setTimeout as pause } from 'node:timers/promises';
import type { FloorDatabase } from '../../src/db/database.ts';
import { eventually } from './deadline.ts';
import { faultsOfDelivery, faultsOfLog } from './delivery.ts';
import { headOfLog, machineEventsLogged } from './logged-events.ts';
import { keepLocking } from './machine-locking.ts';
import type { MortalServer } from './mortal-server.ts';
import { type ResumingReader, startResumingReader } from './resuming-reader.ts';
import { report } from './soak.ts';

export interface KillsOptions {
  readonly server: MortalServer;
  /** Of its present life: with it its database may go. */
  readonly openDatabase: () => Promise<FloorDatabase>;
  readonly token: string;
  /** As the API writes them: each has somebody who locks and unlocks it all the time. */
  readonly machineIds: readonly string[];
  readonly readers: number;
  readonly kills: number;
  /** What is acknowledged at least between two kills. */
  readonly acknowledgedPerLife: number;
}

export interface Outcome {
  /** Of the log and of each reader's delivery. */
  readonly faults: readonly string[];
  readonly acknowledged: number;
  readonly logged: number;
  /** How often each reader came back. */
  readonly resumed: readonly number[];
}

const LIFE_MS = 120_000;
const CATCH_UP_MS = 90_000;
/** At whichever moment of a command the kill falls. */
const MOMENT_MS = 250;
/** One of so many readers goes and comes by himself all the time. */
const FLAPPING = 3;
const FLAP_MS = 600;
const REPORT_EVERY = 10;

/**
 * Kills the server again and again while machines are locked and unlocked and readers follow, and
 * compares at the end what was acknowledged, what is in the log and what each reader received.
 */
export async function killUnderLoad(options: KillsOptions): Promise<Outcome> {
  const { server, token, machineIds, kills, acknowledgedPerLife } = options;
  const start = await withDatabase(options, headOfLog);
  const readers = Array.from({ length: options.readers }, () =>
    startResumingReader({
      url: () => server.webSocketUrl,
      token,
      query: 'subscription ($after: Cursor!) { machineEvents(after: $after) { id cursor } }',
      after: start.cursor,
    }),
  );
  const flapping = readers
    .filter((_, at) => at % FLAPPING === 0)
    .map(({ cut }) => setInterval(() => void (Math.random() < 0.5 && cut()), FLAP_MS));
  const lockings = machineIds.map((machineId, at) =>
    keepLocking({ server, token, machineId, name: String(at) }),
  );
  const acknowledged = () => lockings.reduce((sum, locking) => sum + locking.acknowledged.length, 0);

  try {
    for (let kill = 0; kill < kills; kill += 1) {
      const enough = acknowledged() + acknowledgedPerLife;
      await eventually(() => acknowledged() >= enough, { deadlineMs: LIFE_MS });
      await pause(Math.random() * MOMENT_MS);
      await server.kill();
      if ((kill + 1) % REPORT_EVERY === 0) report(`${kill + 1} kills, ${acknowledged()} acknowledged`);
    }
  } finally {
    for (const timer of flapping) clearInterval(timer);
    await Promise.all(lockings.map((locking) => locking.stop()));
  }

  // Machines may go on by themselves: what is on record now must arrive, what comes later may.
  const readLogged = () => withDatabase(options, (db) => machineEventsLogged(db, start.position));
  const due = await readLogged();
  const last = due.at(-1)?.id;
  const isThere = ({ received, refusal }: ResumingReader) =>
    refusal !== null || received.some(({ id }) => id === last);
  await eventually(() => readers.every(isThere), { deadlineMs: CATCH_UP_MS }).catch(() => {});
  await Promise.all(readers.map((reader) => reader.end()));
  const logged = (await readLogged()).map(({ id }) => id);
  const reasons = due.flatMap(({ snapshot }) =>
    snapshot.type === 'LOCKED' ? [String(snapshot.data?.reason)] : [],
  );
  return {
    faults: [
      ...faultsOfLog(
        reasons,
        lockings.map((locking) => locking.acknowledged),
      ),
      ...readers.flatMap(({ received, refusal }, at) => {
        const ids = received.map(({ id }) => id);
        const end = Math.max(due.length, logged.lastIndexOf(ids.at(-1) ?? '') + 1);
        const faults = faultsOfDelivery(ids, logged.slice(0, end));
        if (refusal !== null) faults.unshift(`it was refused: ${refusal}`);
        return faults.map((fault) => `reader ${at}: ${fault}`);
      }),
    ],
    acknowledged: acknowledged(),
    logged: due.length,
    resumed: readers.map(({ sessions }) => sessions - 1),
  };
}

async function withDatabase<T>(
  { openDatabase }: KillsOptions,
  read: (db: FloorDatabase['db']) => Promise<T>,
): Promise<T> {
  await using database = await openDatabase();
  return await read(database.db);
}
