/**
 * A task that runs whenever it is woken, and at the latest every `idleMs`; never twice at once.
 * A wake-up during a run causes one more run. A failed run is reported and tried again after
 * `retryMs`: losing a wake-up costs latency, never work. Woken, it tries earlier, but the more
 * often it has failed the less it hurries.
 */
export interface Wakeable extends AsyncDisposable {
  wake(): void;
}

/** For one that is woken when there is something to do: so late it looks by itself, should nobody wake it. */
export const WATCHED_MS = 30_000;

const FIRST_REST_MS = 100;
/** As soon as this after an outage everything goes on. */
const LONGEST_REST_MS = 1_000;

export interface WakeableOptions {
  /** Answers `again` when there is more to do at once, or a number of milliseconds to come back earlier. */
  readonly run: () => Promise<'idle' | 'again' | number>;
  readonly idleMs: number;
  /** So late it tries again what failed; `idleMs` unless said otherwise. */
  readonly retryMs?: number;
  readonly onError: (error: unknown) => void;
}

export function startWakeable({ run, idleMs, retryMs = idleMs, onError }: WakeableOptions): Wakeable {
  let stopped = false;
  let woken = true;
  /** In a row. */
  let failures = 0;
  let wakeUp: () => void = () => {};
  let end: () => void = () => {};

  const finished = (async () => {
    while (!stopped) {
      woken = false;
      const pauseMs = await runOnce();
      const restMs = Math.min(retryMs, restAfter(failures));
      if (restMs > 0 && !stopped) await wait(restMs, { isWakeable: false });
      if (stopped || woken || pauseMs <= restMs) continue;
      await wait(pauseMs - restMs, { isWakeable: true });
    }
  })();

  async function runOnce(): Promise<number> {
    try {
      const outcome = await run();
      failures = 0;
      if (outcome === 'again') return 0;
      return outcome === 'idle' ? idleMs : outcome;
    } catch (error) {
      failures += 1;
      onError(error);
      return retryMs;
    }
  }

  function wait(ms: number, { isWakeable }: { readonly isWakeable: boolean }): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      end = () => {
        clearTimeout(timer);
        resolve();
      };
      wakeUp = isWakeable ? end : () => {};
    });
  }

  return {
    wake() {
      woken = true;
      wakeUp();
    },
    async [Symbol.asyncDispose]() {
      stopped = true;
      end();
      await finished;
    },
  };
}

const restAfter = (failures: number): number =>
  failures === 0 ? 0 : Math.min(LONGEST_REST_MS, FIRST_REST_MS * 2 ** (failures - 1));
