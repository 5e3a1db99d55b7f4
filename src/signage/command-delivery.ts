import { system } from '../lib/actor.ts';
import { startWakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { recordDelivered } from './command-service.ts';

/** Notes which commands were sent down the streams of their devices: many at a time, after they were. */
export interface CommandDeliveries extends AsyncDisposable {
  /** That this one was. */
  delivered(commandId: string): void;
}

/** Until what could not be written is tried again. */
const RETRY_MS = 1_000;
const BATCH = 500;

export function startCommandDeliveries({
  runWork,
  onError,
}: {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}): CommandDeliveries {
  const waiting = new Set<string>();

  const loop = startWakeable({
    idleMs: RETRY_MS,
    onError,
    run: async () => ((await write()) ? 'again' : 'idle'),
  });

  /** Whether there was anything to write. */
  async function write(): Promise<boolean> {
    const batch = [...waiting].slice(0, BATCH);
    if (batch.length === 0) return false;
    await runWork(system('device-commands'), (work) => recordDelivered(work, batch));
    for (const id of batch) waiting.delete(id);
    return true;
  }

  return {
    delivered(commandId) {
      waiting.add(commandId);
      loop.wake();
    },
    async [Symbol.asyncDispose]() {
      await loop[Symbol.asyncDispose]();
      // What was handed over meanwhile.
      await write().catch(onError);
    },
  };
}
