/** Sees to it that a machine does what is due when it is due. */
import type { Clock } from '../host/port.ts';
import type { Cabinet } from './cabinet.ts';
import { dueDone, nextDueMs } from './due.ts';
import type { Moment } from './machine-clock.ts';

/** A timer that is early, or a thing due that cannot be done yet, is looked at again after so long. */
const SHORTEST_WAIT_MS = 1;

/** Until disposed. */
export function keepTime(cabinet: Cabinet, clock: Clock, now: () => Moment): Disposable {
  let timer: Disposable | null = null;
  let armedForMs: number | null = null;

  function arm(): void {
    const dueMs = nextDueMs(cabinet.state);
    if (dueMs === armedForMs) return;
    timer?.[Symbol.dispose]();
    armedForMs = dueMs;
    timer = dueMs === null ? null : clock.setTimer(Math.max(SHORTEST_WAIT_MS, dueMs - now().ms), look);
  }

  function look(): void {
    armedForMs = null;
    timer = null;
    cabinet.commit(dueDone(cabinet.state, { settings: cabinet.settings, moment: now() }));
    arm();
  }

  const listening = cabinet.onChange(arm);
  arm();
  return {
    [Symbol.dispose]() {
      listening[Symbol.dispose]();
      timer?.[Symbol.dispose]();
    },
  };
}
