/** Somebody with a key: now and then the main door of a simulated machine is opened and closed again. */
import { type Clock, systemClock } from '../../host/port.ts';
import type { Egm } from '../egm.ts';
import { between, type Random } from '../random.ts';

export interface DoorOptions {
  readonly random: Random;
  readonly clock?: Clock;
  /** How long the door stays closed, and open, from and to. */
  readonly closedMs?: readonly [number, number];
  readonly openMs?: readonly [number, number];
}

const DEFAULTS = {
  closedMs: [120_000, 600_000],
  openMs: [3_000, 12_000],
} as const satisfies Partial<DoorOptions>;

/** Opens and closes until disposed; an open door is closed then. */
export function doors(egm: Egm, options: DoorOptions): Disposable {
  const { random, clock = systemClock, closedMs, openMs } = { ...DEFAULTS, ...options };
  let timer: Disposable;

  function later([from, to]: readonly [number, number], step: () => void): void {
    timer = clock.setTimer(between(random, from, to), step);
  }

  function open(): void {
    egm.openDoor();
    later(openMs, close);
  }

  function close(): void {
    egm.closeDoor();
    later(closedMs, open);
  }

  if (egm.state().slotDoorOpen) later(openMs, close);
  else later(closedMs, open);
  return {
    [Symbol.dispose]() {
      timer[Symbol.dispose]();
      egm.closeDoor();
    },
  };
}
