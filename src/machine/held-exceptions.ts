import { system } from '../lib/actor.ts';
import type { Logger } from '../lib/logger.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { LineLeaseLostError } from './errors.ts';
import { releaseExceptions } from './held-exception-store.ts';
import type { SasLine } from './machine.ts';

/** Which exceptions the machines of a line may still hold, on record for whoever drives it next. */
export interface HeldExceptions extends AsyncDisposable {
  /** This event is on record, with the mark that its machine holds it. */
  add(machineId: string, eventId: string): void;
  /** The machine was told of its last one. */
  acknowledged(machineId: string): void;
}

const INGEST = system('sas');
const IDLE_MS = 60_000;
const RETRY_MS = 250;

/** Takes the marks away as soon as it can, all there are in one transaction. Disposing does so once more. */
export function startHeldExceptions(options: {
  readonly line: SasLine;
  readonly held: ReadonlyMap<string, string>;
  readonly runWork: RunWork;
  readonly logger: Logger;
}): HeldExceptions {
  const { line, runWork, logger } = options;
  const held = new Map(options.held);
  const told = new Map<string, string>();

  async function write(): Promise<void> {
    const released = [...told].map(([machineId, eventId]) => ({ machineId, eventId }));
    if (released.length === 0) return;
    await runWork(INGEST, (work) => releaseExceptions(work.tx, released));
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
    add: (machineId, eventId) => void held.set(machineId, eventId),
    acknowledged(machineId) {
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
