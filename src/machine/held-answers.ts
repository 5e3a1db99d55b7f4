import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { LineLeaseLostError } from './errors.ts';
import type { SasLine } from './machine.ts';

/** Which answers of one kind the machines of a line may still hold, on record for whoever drives it next. */
export interface HeldAnswers extends AsyncDisposable {
  /** What was held at the start, and its machine has not been told of since. */
  left(machineId: string): string | null;
  /** This is on record, with the mark that its machine holds it. */
  add(machineId: string, eventId: string): void;
  /** The machine was told of its last one. */
  acknowledged(machineId: string): void;
}

/** An answer by the id it is on record by. */
export interface HeldAnswer {
  readonly machineId: string;
  readonly eventId: string;
}

const INGEST = system('sas');
const IDLE_MS = 60_000;
const RETRY_MS = 250;

/** Takes the marks away as soon as it can, all there are in one transaction. Disposing does so once more. */
export function startHeldAnswers(options: {
  readonly line: SasLine;
  /** By machine, what it may hold from before. */
  readonly held: ReadonlyMap<string, string>;
  /** Takes the marks away. */
  readonly release: (tx: Kysely<Database>, released: readonly HeldAnswer[]) => Promise<void>;
  readonly runWork: RunWork;
  readonly logger: Logger;
}): HeldAnswers {
  const { line, runWork, release, logger } = options;
  const held = new Map(options.held);
  const left = new Map(options.held);
  const told = new Map<string, string>();

  async function write(): Promise<void> {
    const released = [...told].map(([machineId, eventId]) => ({ machineId, eventId }));
    if (released.length === 0) return;
    await runWork(INGEST, (work) => release(work.tx, released));
    for (const { machineId, eventId } of released)
      if (told.get(machineId) === eventId) told.delete(machineId);
  }

  const writer = startWakeable({
    idleMs: RETRY_MS,
    onError: (error) => logger.warn({ err: error, line: line.name }, 'acknowledgements not on record yet'),
    async run() {
      await write();
      return told.size > 0 ? 'again' : IDLE_MS;
    },
  });

  return {
    left: (machineId) => left.get(machineId) ?? null,
    add(machineId, eventId) {
      left.delete(machineId);
      held.set(machineId, eventId);
    },
    acknowledged(machineId) {
      left.delete(machineId);
      const eventId = held.get(machineId);
      if (eventId === undefined) return;
      held.delete(machineId);
      told.set(machineId, eventId);
      writer.wake();
    },
    async [Symbol.asyncDispose]() {
      await writer[Symbol.asyncDispose]();
      await write().catch((error: unknown) => {
        if (!(error instanceof LineLeaseLostError))
          logger.warn({ err: error, line: line.name }, 'acknowledgements not on record');
      });
    },
  };
}
