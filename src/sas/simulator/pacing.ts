import type { Clock } from '../host/port.ts';
import type { Faults } from './faults.ts';

/** 11 bits at 19200 baud (SAS.md 2). */
const BYTE_MS = 11 / 19.2;

/**
 * One direction of a wire on which every byte takes its time: a message arrives when its last byte has, and what comes
 * behind it begins then.
 */
export function createPacing(clock: Clock): Faults {
  let isFreeAtMs = Number.NEGATIVE_INFINITY;
  // Timers may end in another order than they should by less than a millisecond; messages do not overtake.
  const onTheWay: (() => void)[] = [];

  return (message, deliver) => {
    const now = clock.nowMs();
    isFreeAtMs = Math.max(now, isFreeAtMs) + message.length * BYTE_MS;
    onTheWay.push(() => deliver(message));
    clock.setTimer(isFreeAtMs - now, () => onTheWay.shift()?.());
  };
}
