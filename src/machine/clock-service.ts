import type { Work } from '../work.ts';
import { lockClock, type MachineClock, saveClock } from './clock-store.ts';
import { raise } from './service.ts';
import { findMachine } from './store.ts';

/** What was read of a machine's clock. */
export interface ClockReading extends Pick<MachineClock, 'shown' | 'driftSeconds' | 'isBeingSet'> {
  readonly at: Date;
  /** Whether it is further off than it may be. */
  readonly isOff: boolean;
}

/** Records how far off a clock is, and, where it was being set for that and is right now, that it was set. */
export async function recordClock(
  work: Work,
  subject: { readonly venueId: string; readonly machineId: string },
  { at: readAt, shown, driftSeconds, isOff, isBeingSet }: ClockReading,
): Promise<void> {
  const machine = await findMachine(work.tx, subject.venueId, subject.machineId);
  if (!machine) return;
  const before = await lockClock(work.tx, subject.venueId, subject.machineId);
  const wasSet = before?.isBeingSet === true && !isOff;
  const setAt = wasSet ? readAt : (before?.setAt ?? null);
  await saveClock(work.tx, { ...subject, readAt, shown, driftSeconds, isBeingSet, setAt });
  if (wasSet)
    await raise(work, machine, {
      type: 'CLOCK_SET',
      data: { driftSeconds: before.driftSeconds },
      occurredAt: readAt,
    });
}
