import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import {
  type AftReconciliation,
  compareMeters,
  differenceOf,
  outcomeOf,
  type ReconciledMeter,
  type ReconciliationReason,
  wentBack,
} from './aft-reconciliation.ts';
import {
  findLastReconciliation,
  findUnreconciled,
  insertReconciliation,
} from './aft-reconciliation-store.ts';
import type { AftDifference } from './events.ts';
import type { Machine } from './machine.ts';
import { definitionOf } from './meter.ts';
import { raise } from './service.ts';
import { findMachine } from './store.ts';

export interface AftMetersRead {
  readonly venueId: string;
  readonly machineId: string;
  readonly reason: ReconciliationReason;
  /** How many transfers were over and in no comparison before the meters were read, when none was under way. */
  readonly unreconciled: number;
  /** Of these `isComparable` holds. */
  readonly read: ReadonlyMap<number, { readonly value: bigint; readonly bcdBytes: number }>;
}

/**
 * Holds what a machine has counted since it was last compared against what the ledger says of the same transfers, and
 * announces each meter that differs, or was reset. Null when that cannot be told now: a transfer began or ended while
 * the meters were read.
 */
export async function reconcile(
  work: Work,
  { venueId, machineId, reason, unreconciled, read }: AftMetersRead,
): Promise<AftReconciliation | null> {
  const { isUnderWay, transferIds, booked } = await findUnreconciled(work.tx, venueId, machineId);
  // What was read lies between two looks at the books: where both show the same, it belongs to what they show.
  if (isUnderWay || transferIds.length !== unreconciled) return null;
  const machine = await findMachine(work.tx, venueId, machineId);
  if (!machine) return null;
  const { exchangedAt } = machine;
  const newest = await findLastReconciliation(work.tx, venueId, machineId);
  // Where another machine stood before, its meters say nothing of this one.
  const last = newest && isSameInstant(newest.exchangedAt, exchangedAt) ? newest : null;
  const meters = compareMeters(last?.meters ?? [], { read, booked });
  const reconciliation: AftReconciliation = {
    id: newId(),
    venueId,
    machineId,
    number: (newest?.number ?? 0) + 1,
    reason,
    outcome: last ? outcomeOf(meters) : 'BASELINE',
    from: last?.to ?? null,
    to: work.now,
    exchangedAt,
    meters,
  };
  await insertReconciliation(work.tx, reconciliation, transferIds);
  if (reconciliation.outcome === 'RESET') await announceResets(work, machine, reconciliation);
  if (last && reconciliation.outcome === 'DIFFERENT')
    await announceDifferences(work, machine, { ...reconciliation, from: last.to });
  return reconciliation;
}

async function announceResets(
  work: Work,
  machine: Machine,
  { meters, to }: AftReconciliation,
): Promise<void> {
  for (const { code, opening, closing } of meters.filter(wentBack)) {
    const data = { meter: nameOf(code), code, from: String(opening), to: closing.toString() };
    await raise(work, machine, { type: 'METER_RESET', data, occurredAt: to });
  }
}

async function announceDifferences(
  work: Work,
  machine: Machine,
  { from, to, meters }: AftReconciliation & { readonly from: Date },
): Promise<void> {
  const interval = { from: from.toISOString(), to: to.toISOString() };
  const differences = meters.flatMap((meter) => snapshotOf(meter) ?? []);
  for (const difference of differences)
    await raise(work, machine, {
      type: 'AFT_DISCREPANCY',
      data: { ...difference, ...interval },
      occurredAt: to,
    });
  work.emit({
    type: 'machine.aft-discrepancy-found',
    venueId: machine.venueId,
    machineId: machine.id,
    ...interval,
    differences,
  });
}

function snapshotOf(meter: ReconciledMeter): AftDifference | null {
  const { code, counted, booked } = meter;
  const difference = differenceOf(meter);
  if (difference === null || counted === null) return null;
  return {
    meter: nameOf(code),
    code,
    countedCents: counted.toString(),
    bookedCents: booked.toString(),
    differenceCents: difference.toString(),
  };
}

const isSameInstant = (one: Date | null, other: Date | null): boolean => one?.getTime() === other?.getTime();

const nameOf = (code: number): string | null => definitionOf(code)?.name ?? null;
