import type { Work } from '../work.ts';
import { definitionOf, type MeterSnapshot, type MeterValue, meterDelta } from './meter.ts';
import { type MeterGap, UNREAD_MS } from './meter-report.ts';
import { saveGaps } from './meter-report-store.ts';
import { findMeters, lockReadings, saveChangedMeters, saveReadings } from './meter-store.ts';
import { raise } from './service.ts';
import { findMachinesByIds, touchMachines } from './store.ts';

/** What one read of a machine's meters gave: some or all of them. */
export interface MeterReading {
  readonly machineId: string;
  readonly venueId: string;
  readonly readAt: Date;
  readonly values: ReadonlyMap<number, { readonly value: bigint; readonly bcdBytes: number }>;
}

/** An unchanged machine's `readAt` is written this often, and no more. */
const REFRESH_MS = 5_000;
/** No process holds on to a reading for longer. */
const LATE_MS = 60_000;

/**
 * Records readings of machines of one venue, one per machine at most: current values, history,
 * where none was read for long, and an event where a counter was reset. A reading older than what is known (of a process that
 * drove the line before) is passed over. Answers the machines whose meters changed, complete.
 */
export async function recordMeters(
  work: Work,
  venueId: string,
  readings: readonly MeterReading[],
): Promise<readonly MeterSnapshot[]> {
  if (readings.length === 0) return [];
  const machineIds = readings.map((reading) => reading.machineId);
  const exchangedAt = await lockReadings(work.tx, machineIds);
  const before = new Map(
    (await findMeters(work.tx, venueId, machineIds)).map((snapshot) => [snapshot.machineId, snapshot]),
  );
  const outcomes = readings
    .map((reading) => ({ reading, known: before.get(reading.machineId) ?? null }))
    .filter(({ reading, known }) => !known || !isLate(reading, known))
    .map(({ reading, known }) => compare(reading, known, exchangedAt.get(reading.machineId) ?? null));
  const changed = outcomes.filter((outcome) => outcome.changed.length > 0);
  const written = outcomes.filter((outcome) => outcome.changed.length > 0 || isStale(outcome));

  await saveChangedMeters(
    work.tx,
    changed.map((outcome) => ({ ...outcome.after, values: outcome.changed })),
  );
  await saveReadings(
    work.tx,
    written.map((outcome) => outcome.after),
  );
  await saveGaps(
    work.tx,
    outcomes.flatMap((outcome) => gapBefore(outcome) ?? []),
  );
  await touchMachines(
    work.tx,
    written.map(({ after }) => after.machineId),
    work.now,
  );
  await announceResets(work, venueId, changed);
  return changed.map((outcome) => outcome.after);
}

/** Behind what is known by moments. By more, somebody has set a clock back, and the meters go on. */
function isLate(reading: MeterReading, known: MeterSnapshot): boolean {
  const behindMs = known.readAt.getTime() - reading.readAt.getTime();
  return behindMs > 0 && behindMs < LATE_MS;
}

/** A reading beside what was known before it. */
interface Comparison {
  readonly before: MeterSnapshot | null;
  readonly after: MeterSnapshot;
  readonly changed: readonly MeterValue[];
  readonly resets: readonly Reset[];
}

interface Reset {
  readonly code: number;
  readonly from: bigint;
  readonly to: bigint;
}

/** What the machine had counted that stood there until it was exchanged says nothing of the one that does now. */
function compare(reading: MeterReading, before: MeterSnapshot | null, exchangedAt: Date | null): Comparison {
  const { machineId, venueId, readAt } = reading;
  const values = new Map(before?.values.map((meter) => [meter.code, meter]));
  const isOfThis = (meter: MeterValue) => exchangedAt === null || meter.changedAt >= exchangedAt;
  const changed: MeterValue[] = [];
  const resets: Reset[] = [];
  for (const [code, { value, bcdBytes }] of reading.values) {
    const last = values.get(code);
    const old = last && isOfThis(last) ? last : null;
    const change = old && meterDelta(definitionOf(code)?.kind ?? 'COUNTER', old, { value, bcdBytes });
    if (change?.kind === 'same') continue;
    const meter = {
      code,
      value,
      bcdBytes,
      delta: change?.kind === 'step' ? change.delta : null,
      changedAt: readAt,
    };
    if (old && change?.kind === 'reset') resets.push({ code, from: old.value, to: value });
    changed.push(meter);
    values.set(code, meter);
  }
  const after: MeterSnapshot = {
    machineId,
    venueId,
    readAt,
    version: (before?.version ?? 0n) + (changed.length > 0 || !before ? 1n : 0n),
    values: [...values.values()].sort((a, b) => a.code - b.code),
  };
  return { before, after, changed, resets };
}

/** Between this reading and the one before, when nobody had read the machine for long. */
function gapBefore({ before, after }: Comparison): MeterGap | null {
  if (!before || after.readAt.getTime() - before.readAt.getTime() <= UNREAD_MS) return null;
  const { machineId, venueId, readAt } = after;
  return { machineId, venueId, from: before.readAt, to: readAt };
}

const isStale = ({ before, after }: Comparison) =>
  !before || after.readAt.getTime() - before.readAt.getTime() >= REFRESH_MS;

async function announceResets(
  work: Work,
  venueId: string,
  comparisons: readonly Comparison[],
): Promise<void> {
  const resets = new Map(
    comparisons.filter((each) => each.resets.length > 0).map((each) => [each.after.machineId, each]),
  );
  for (const machine of await findMachinesByIds(work.tx, venueId, [...resets.keys()])) {
    for (const { code, from, to } of resets.get(machine.id)?.resets ?? []) {
      await raise(work, machine, {
        type: 'METER_RESET',
        data: { meter: definitionOf(code)?.name ?? null, code, from: from.toString(), to: to.toString() },
        occurredAt: resets.get(machine.id)?.after.readAt ?? work.now,
      });
    }
  }
}
