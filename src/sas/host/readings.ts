/** Which meters of a machine are to be read next, and what has become of it. */
import type { MachineState, MetersRead, Reading } from './machine-state.ts';
import { planReading } from './meter-plan.ts';
import type { MeterSelection, ReadScope } from './profiles.ts';
import type { MeterReading } from './report.ts';

export interface ReadWish {
  readonly scope: ReadScope;
  /** Whether it comes before general polls. */
  readonly urgent: boolean;
  readonly waiter?: (read: MetersRead) => void;
}

/**
 * Adds a wish to what is already wanted. Every wish is met by values asked for after it was made: one that comes
 * while a read is under way has that read begin again if nobody hurried it, or waits for the next.
 */
export function wantReading(machine: MachineState, wish: ReadWish, meters: MeterSelection): void {
  const current = machine.reading;
  if (current === null) machine.reading = newReading(machine, [wish], meters);
  else if (!current.begun || !current.urgent) machine.reading = newReading(machine, [current, wish], meters);
  else {
    const wishes = machine.nextReading ? [machine.nextReading, wish] : [wish];
    machine.nextReading = newReading(machine, wishes, meters);
  }
}

/** Plans what is left anew: a poll turned out to be unknown to the machine. */
export function replanReading(machine: MachineState, reading: Reading, meters: MeterSelection): void {
  reading.steps = planReading(machine, codesOf(reading.scope, meters), reading.values);
  reading.attempts = 0;
}

/** Makes room for the next. */
export function finishReading(machine: MachineState, meters: MeterSelection): void {
  machine.reading = machine.nextReading;
  machine.nextReading = null;
  // What was planned before the last answers may ask for meters that are now known to be absent.
  if (machine.reading) replanReading(machine, machine.reading, meters);
}

function newReading(
  machine: MachineState,
  wishes: readonly (ReadWish | Reading)[],
  meters: MeterSelection,
): Reading {
  const scope = wishes.some((wish) => wish.scope === 'FULL') ? 'FULL' : 'FAST';
  const values = new Map<number, MeterReading>();
  return {
    scope,
    urgent: wishes.some((wish) => wish.urgent),
    waiters: wishes.flatMap((wish) => ('waiters' in wish ? wish.waiters : (wish.waiter ?? []))),
    values,
    steps: planReading(machine, codesOf(scope, meters), values),
    begun: false,
    attempts: 0,
    isDamaged: false,
  };
}

const codesOf = (scope: ReadScope, { fast, slow }: MeterSelection): readonly number[] =>
  scope === 'FULL' ? [...fast, ...slow.filter((code) => !fast.includes(code))] : fast;
