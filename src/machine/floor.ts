import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Logger } from '../lib/logger.ts';
import type { RunWork } from '../work.ts';
import { startCommandRunner } from './commands.ts';
import { type LineSignals, startLineIngest } from './ingest.ts';
import { listAllLines } from './line-store.ts';
import type { SasLine } from './machine.ts';
import { listMachinesOfLine } from './store.ts';

/** Lets one process at a time drive a line: `start` when it is this one, its end when it no longer is. */
export type LineOwnership = (line: SasLine, start: () => Promise<AsyncDisposable>) => AsyncDisposable;

export interface FloorOptions {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly portFolder: string;
  readonly own: LineOwnership;
  readonly signals: LineSignals;
  readonly logger: Logger;
}

export interface Floor extends AsyncDisposable {
  /** A command waits for a line; nothing happens when another process drives it. */
  commandQueued(lineId: string): void;
}

/** Drives the serial lines of all venues, as far as no other process does. */
export async function startFloor(options: FloorOptions): Promise<Floor> {
  const drivers = new Map<string, LineDriver>();
  const owned = (await listAllLines(options.db)).map((line) =>
    options.own(line, async () => {
      const driver = await startLine(options, line);
      drivers.set(line.id, driver);
      return {
        async [Symbol.asyncDispose]() {
          drivers.delete(line.id);
          await driver[Symbol.asyncDispose]();
        },
      };
    }),
  );
  return {
    commandQueued: (lineId) => drivers.get(lineId)?.wake(),
    async [Symbol.asyncDispose]() {
      await Promise.all(owned.map((ownership) => ownership[Symbol.asyncDispose]()));
    },
  };
}

interface LineDriver extends AsyncDisposable {
  wake(): void;
}

async function startLine(
  { db, runWork, portFolder, signals, logger }: FloorOptions,
  line: SasLine,
): Promise<LineDriver> {
  const machines = await listMachinesOfLine(db, line.venueId, line.id);
  const ingest = startLineIngest({
    line,
    machines,
    runWork,
    portFolder,
    signals,
    // Nothing is on record before the runner is there: the host has only begun to open its port.
    onOnline: (machineId) => runner.reassert(machineId),
    logger,
  });
  const { host, metersWritten } = ingest;
  const runner = startCommandRunner({ line, host, metersWritten, db, runWork, logger });
  logger.info({ line: line.name, port: line.port, machines: machines.length }, 'driving line');
  return {
    wake: runner.wake,
    async [Symbol.asyncDispose]() {
      // The host first: a command under way then fails at once instead of waiting for its machine.
      await ingest[Symbol.asyncDispose]();
      await runner[Symbol.asyncDispose]();
    },
  };
}
