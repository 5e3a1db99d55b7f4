import { modulusOf } from '../sas/codec/meters.ts';

/** A stretch in which nobody read a machine's meters. Its counters went on. */
export interface MeterGap {
  readonly machineId: string;
  readonly venueId: string;
  readonly from: Date;
  readonly to: Date;
}

/** A machine is read every few seconds; one that was not for so long was not read meanwhile. */
export const UNREAD_MS = 60_000;

/** What one counter moved between two instants. */
export interface MeterMovement {
  readonly code: number;
  /** As last read up to the first instant; null when nothing tells. */
  readonly opening: bigint | null;
  /** As last read up to the second one. */
  readonly closing: bigint;
  /** The sum of all differences between, roll-overs included; what a reset swallowed is not in it. */
  readonly delta: bigint;
  /** How often it was cleared or replaced. */
  readonly resets: number;
  /** Since when it is counted; null: from the first instant on. */
  readonly countedFrom: Date | null;
}

/** A counter as it is, and what its history says of a span of time. */
export interface CounterHistory {
  readonly code: number;
  readonly current: { readonly value: bigint; readonly bcdBytes: number; readonly changedAt: Date };
  /** The last value up to the beginning; null when none is kept. */
  readonly before: bigint | null;
  /** The first change behind the beginning, which may lie behind the end. */
  readonly next: { readonly value: bigint; readonly delta: bigint | null; readonly readAt: Date } | null;
  /** All changes in the span: their sum, how many told no difference, and the last value. */
  readonly delta: bigint;
  readonly unknown: number;
  readonly last: bigint | null;
}

/** Null when the counter was not read before the end of the span. */
export function movementOf(
  history: CounterHistory,
  span: { readonly from: Date; readonly to: Date },
): MeterMovement | null {
  const { code, next, delta, unknown, last } = history;
  const opening = openingOf(history, span.from);
  const closing = last ?? opening;
  if (closing === null) return null;
  const isFirstRead = opening === null;
  return {
    code,
    opening,
    closing,
    delta,
    resets: isFirstRead ? unknown - 1 : unknown,
    countedFrom: isFirstRead ? (next?.readAt ?? null) : null,
  };
}

/** History is kept for a while only: what stood before can follow from the change behind it, or from there being none. */
function openingOf({ current, before, next }: CounterHistory, from: Date): bigint | null {
  if (before !== null) return before;
  if (!next) return current.changedAt <= from ? current.value : null;
  if (next.delta === null) return null;
  const opening = next.value - next.delta;
  return opening < 0n ? opening + modulusOf(current.bcdBytes) : opening;
}
