import { meterCode, modulusOf } from '../sas/codec/meters.ts';
import { meterDelta } from './meter.ts';

/** What a machine has counted of transfers since the comparison before, beside what the books say of the same time. */
export interface AftReconciliation {
  readonly id: string;
  readonly venueId: string;
  readonly machineId: string;
  /** 1, 2, 3 … of the machine. */
  readonly number: number;
  readonly reason: ReconciliationReason;
  readonly outcome: ReconciliationOutcome;
  /** When the one before ended; null for a first one. */
  readonly from: Date | null;
  readonly to: Date;
  /** Which machine was compared: since when it stands there, as `Machine.exchangedAt` says. */
  readonly exchangedAt: Date | null;
  /** In the order of their codes. */
  readonly meters: readonly ReconciledMeter[];
}

/** A driver began to drive the line, or the machine was never compared; a transfer was over; an hour had gone by. */
export type ReconciliationReason = 'START' | 'TRANSFER' | 'HOUR';

/**
 * BASELINE: the first one of a machine, or of another in its place, which only says where the meters stand. RESET: a meter was cleared or replaced, so that
 * nobody can tell what was counted.
 */
export type ReconciliationOutcome = 'BASELINE' | 'EQUAL' | 'DIFFERENT' | 'RESET';

/** One of the meters A0 to BD. Amounts are in cents, as machines count. */
export interface ReconciledMeter {
  readonly code: number;
  /** The counter rolls over at 100^bytes. */
  readonly bcdBytes: number;
  /** As it stood when the comparison before ended; null where it was not known. */
  readonly opening: bigint | null;
  /** As it stands; as it stood where it was not told. */
  readonly closing: bigint;
  /** What it moved, roll-overs included; null where that cannot be told. */
  readonly counted: bigint | null;
  /** What the transfers in the ledger moved. */
  readonly booked: bigint;
}

interface ReadMeter {
  readonly value: bigint;
  readonly bcdBytes: number;
}

const CASHABLE_IN = meterCode('AFT_CASHABLE_IN_CENTS');
const CASHABLE_OUT = meterCode('AFT_CASHABLE_OUT_CENTS');

/** In cents, what transfers moved by the books. */
export interface BookedCents {
  readonly toMachine: bigint;
  readonly fromMachine: bigint;
}

/** Whether those meters were read that the books have something to say of. */
export const isComparable = (read: ReadonlyMap<number, ReadMeter>): boolean =>
  read.has(CASHABLE_IN) && read.has(CASHABLE_OUT);

/**
 * Each meter that was read now or before, with what it moved. What no transfer of ours moves is booked as nothing. One
 * that was not told now stays as it was, to be compared when it is.
 */
export function compareMeters(
  known: readonly ReconciledMeter[],
  { read, booked }: { readonly read: ReadonlyMap<number, ReadMeter>; readonly booked: BookedCents },
): readonly ReconciledMeter[] {
  const before = new Map(known.map((meter) => [meter.code, meter]));
  const byBooks = new Map([
    [CASHABLE_IN, booked.toMachine],
    [CASHABLE_OUT, booked.fromMachine],
  ]);
  return [...new Set([...before.keys(), ...read.keys()])]
    .sort((a, b) => a - b)
    .flatMap(
      (code) =>
        moved(code, { before: before.get(code), now: read.get(code), booked: byBooks.get(code) ?? 0n }) ?? [],
    );
}

function moved(
  code: number,
  {
    before,
    now,
    booked,
  }: {
    readonly before: ReconciledMeter | undefined;
    readonly now: ReadMeter | undefined;
    readonly booked: bigint;
  },
): ReconciledMeter | null {
  if (!now) return before ? { ...before, opening: before.closing, counted: null, booked } : null;
  const { value: closing, bcdBytes } = now;
  if (!before) return { code, bcdBytes, opening: null, closing, counted: null, booked };
  const opening = before.closing;
  // A large transfer takes a counter further across zero than is believed without the books.
  const expected = (opening + booked) % modulusOf(bcdBytes);
  if (bcdBytes === before.bcdBytes && closing === expected)
    return { code, bcdBytes, opening, closing, counted: booked, booked };
  const change = meterDelta('COUNTER', { value: opening, bcdBytes: before.bcdBytes }, now);
  const counted = change.kind === 'step' ? change.delta : change.kind === 'same' ? 0n : null;
  return { code, bcdBytes, opening, closing, counted, booked };
}

/** What a meter counted beyond the books; negative where it counted less, and null where it agrees or nobody can tell. */
export const differenceOf = ({ counted, booked }: ReconciledMeter): bigint | null =>
  counted === null || counted === booked ? null : counted - booked;

/** It was cleared or replaced. */
export const wentBack = ({ opening, closing, counted }: ReconciledMeter): boolean =>
  opening !== null && closing < opening && counted === null;

/** Where one went back the others may have been cleared too, and have counted on since. */
export function outcomeOf(meters: readonly ReconciledMeter[]): ReconciliationOutcome {
  if (meters.some(wentBack)) return 'RESET';
  return meters.some((meter) => differenceOf(meter) !== null) ? 'DIFFERENT' : 'EQUAL';
}

/** How a machine stands before it is compared. */
export interface ReconciliationStanding {
  readonly machineId: string;
  /** Whether it may be doing a transfer now, or did one of which nobody knows what became. */
  readonly isUnderWay: boolean;
  /** Transfers that are over and in no comparison yet. */
  readonly unreconciled: number;
  /** When it was last compared; null: never, or only another one in its place. */
  readonly lastAt: Date | null;
}

const HOUR_MS = 3_600_000;

/** Why it is to be compared now; null when it is not. */
export function reasonFor(
  { isUnderWay, unreconciled, lastAt }: ReconciliationStanding,
  { now, isStart }: { readonly now: Date; readonly isStart: boolean },
): ReconciliationReason | null {
  if (isUnderWay) return null;
  if (unreconciled > 0) return 'TRANSFER';
  if (isStart || lastAt === null) return 'START';
  return now.getTime() - lastAt.getTime() >= HOUR_MS ? 'HOUR' : null;
}
