import type { Clock } from './port.ts';

/**
 * Rings once when its time has come, unless it is set anew or stopped before.
 *
 * A line sets it for every poll, and nearly always stops it again: so a timer that is under way is left to run, and
 * looks when it ends how much longer it has to.
 */
export class Alarm implements Disposable {
  readonly #clock: Clock;
  readonly #ring: () => void;
  #timer: Disposable | null = null;
  #timerEndsAtMs = Number.POSITIVE_INFINITY;
  #atMs = Number.POSITIVE_INFINITY;

  constructor(clock: Clock, ring: () => void) {
    this.#clock = clock;
    this.#ring = ring;
  }

  /** Rings in `ms` milliseconds, and not when it would have rung otherwise. */
  set(ms: number): void {
    this.#atMs = this.#clock.nowMs() + ms;
    if (this.#timerEndsAtMs > this.#atMs) this.#startTimer(ms);
  }

  stop(): void {
    this.#atMs = Number.POSITIVE_INFINITY;
  }

  /** Leaves no timer behind that would keep a process alive. */
  [Symbol.dispose](): void {
    this.stop();
    this.#timer?.[Symbol.dispose]();
    this.#timer = null;
    this.#timerEndsAtMs = Number.POSITIVE_INFINITY;
  }

  #startTimer(ms: number): void {
    this.#timer?.[Symbol.dispose]();
    this.#timerEndsAtMs = this.#clock.nowMs() + ms;
    this.#timer = this.#clock.setTimer(ms, () => this.#timerEnded());
  }

  #timerEnded(): void {
    this.#timer = null;
    this.#timerEndsAtMs = Number.POSITIVE_INFINITY;
    const restMs = this.#atMs - this.#clock.nowMs();
    if (restMs === Number.POSITIVE_INFINITY) return;
    if (restMs > 0) {
      this.#startTimer(restMs);
      return;
    }
    this.stop();
    this.#ring();
  }
}
