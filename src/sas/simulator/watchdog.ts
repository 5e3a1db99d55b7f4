/** A machine that hears no address for too long drops the link and chirps (SAS.md 5.4 and 5.5). */
import type { Clock } from '../host/port.ts';

/** No address byte for more than five seconds. */
const SILENCE_LIMIT_MS = 5_001;
const CHIRP_PERIOD_MS = 200;
/** A remainder below it may be too small to move the clock. */
const SHORTEST_WAIT_MS = 1;

export interface WatchdogOptions {
  readonly clock: Clock;
  readonly onSilence: () => void;
  readonly onChirp: () => void;
}

export interface Watchdog extends Disposable {
  /** An address byte was heard, whosesoever. */
  heard(): void;
}

export function createWatchdog({ clock, onSilence, onChirp }: WatchdogOptions): Watchdog {
  let heardAtMs = clock.nowMs();
  let isSilent = false;
  let timer = clock.setTimer(SILENCE_LIMIT_MS, look);

  function look(): void {
    const quietMs = clock.nowMs() - heardAtMs;
    if (!isSilent && quietMs < SILENCE_LIMIT_MS) {
      timer = clock.setTimer(Math.max(SHORTEST_WAIT_MS, SILENCE_LIMIT_MS - quietMs), look);
      return;
    }
    if (!isSilent) onSilence();
    isSilent = true;
    onChirp();
    timer = clock.setTimer(CHIRP_PERIOD_MS, look);
  }

  return {
    heard() {
      const nowMs = clock.nowMs();
      // The timer may be late.
      if (!isSilent && nowMs - heardAtMs >= SILENCE_LIMIT_MS) onSilence();
      heardAtMs = nowMs;
      if (!isSilent) return;
      isSilent = false;
      timer[Symbol.dispose]();
      timer = clock.setTimer(SILENCE_LIMIT_MS, look);
    },
    [Symbol.dispose]: () => timer[Symbol.dispose](),
  };
}
