import type { LoggedEvent } from '../events/events.ts';
import { newId } from '../lib/ids.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { type AttemptParts, LEASE_MS, LostError, tryOnce } from './attempt.ts';
import { type Attempt, takeWaiting } from './attempt-store.ts';
import { EXPORTS } from './bulk-export.ts';
import './events.ts';

export interface RunnerOptions extends AttemptParts {
  /** So many are written at a time in this process. */
  readonly atOnce: number;
  /** So many of one venue at a time, in all processes. */
  readonly perVenue: number;
}

/** Writes what was asked for; hears what was cancelled. */
export interface ExportRunner extends Wakeable {
  hear(event: LoggedEvent): void;
}

interface UnderWay {
  readonly bulkExportId: string;
  readonly ended: Promise<void>;
  readonly losing: AbortController;
}

/** Any number of processes may run it: each export is written by one of them, and taken up when that one dies. */
export function startExportRunner(options: RunnerOptions): ExportRunner {
  const { runWork, atOnce, perVenue, onError } = options;
  const stopping = new AbortController();
  const underWay = new Set<UnderWay>();

  const take = (attemptId: string) =>
    runWork(EXPORTS, ({ tx, now }) =>
      takeWaiting(tx, { attemptId, now, perVenue, until: new Date(now.getTime() + LEASE_MS) }),
    );

  function begin(attempt: Attempt): void {
    const losing = new AbortController();
    const ended = tryOnce(options, attempt, { stopping: stopping.signal, losing })
      .catch(onError)
      .finally(() => {
        underWay.delete(one);
        runner.wake();
      });
    const one: UnderWay = { bulkExportId: attempt.export.id, ended, losing };
    underWay.add(one);
  }

  const runner = startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      while (underWay.size < atOnce && !stopping.signal.aborted) {
        const attempt = await take(newId());
        if (!attempt) break;
        begin(attempt);
      }
      return 'idle';
    },
  });

  return {
    wake: runner.wake,
    hear(event) {
      if (event.type === 'export.started') runner.wake();
      if (event.type !== 'export.cancelled') return;
      for (const { bulkExportId, losing } of underWay)
        if (bulkExportId === event.payload.bulkExportId) losing.abort(new LostError());
    },
    async [Symbol.asyncDispose]() {
      stopping.abort();
      await runner[Symbol.asyncDispose]();
      await Promise.all([...underWay].map(({ ended }) => ended));
    },
  };
}
