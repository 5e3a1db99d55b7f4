/** A clock that stands still while the machine does. */
export interface SteadyClock extends Disposable {
  /** Since it was made. */
  readonly elapsedMs: number;
}

const TICK_MS = 20;

/** For what is promised within seconds: however late a tick of this process is, it is one tick. */
export function steadyClock(): SteadyClock {
  let ticks = 0;
  const ticking = setInterval(() => {
    ticks += 1;
  }, TICK_MS);
  return {
    get elapsedMs() {
      return ticks * TICK_MS;
    },
    [Symbol.dispose]: () => clearInterval(ticking),
  };
}
