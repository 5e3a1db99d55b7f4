/**
 * A task that runs whenever it is woken, and at the latest every `idleMs`; never twice at once.
 * A wake-up during a run causes one more run. A failed run is reported and tried again after
 * `idleMs`: losing a wake-up costs latency, never work.
 */
export interface Wakeable extends AsyncDisposable {
  wake(): void;
}

/** For one that is woken when it is time (app/due-watch.ts): so late it looks by itself, should nobody wake it. */
export const WATCHED_MS = 5_000;

export interface WakeableOptions {
  /** Answers `again` when there is more to do at once, or a number of milliseconds to come back earlier. */
  readonly run: () => Promise<'idle' | 'again' | number>;
  readonly idleMs: number;
  readonly onError: (error: unknown) => void;
}

export function startWakeable({ run, idleMs, onError }: WakeableOptions): Wakeable {
  let stopped = false;
  let woken = true;
  let interrupt: () => void = () => {};

  const finished = (async () => {
    while (!stopped) {
      woken = false;
      const pauseMs = await runOnce();
      if (stopped || woken || pauseMs === 0) continue;
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, pauseMs);
        interrupt = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  })();

  async function runOnce(): Promise<number> {
    try {
      const outcome = await run();
      if (outcome === 'again') return 0;
      return outcome === 'idle' ? idleMs : outcome;
    } catch (error) {
      onError(error);
      return idleMs;
    }
  }

  function wake(): void {
    woken = true;
    interrupt();
  }

  return {
    wake,
    async [Symbol.asyncDispose]() {
      stopped = true;
      wake();
      await finished;
    },
  };
}
