import type { HotReads } from '../db/hot-read.ts';
import { cursorAt, type LogPlace } from '../events/cursor.ts';
import type { ClaimColumns, DayColumns, DaySheet, SheetClaim } from './day-sheet.ts';
import type { SheetStatement } from './day-sheet-statement.ts';
import type { OwnersRead } from './day-sql.ts';
import { type TimeRules, timesOfDay } from './day-times.ts';
import type { Resource } from './resource.ts';
import { claimedSlots } from './slot.ts';

export interface SheetRead {
  readonly resourceId: string;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
  readonly statement: SheetStatement;
  /** Where who booked is read. */
  readonly owners: OwnersRead;
}

/** With the columns of the statement, which sees all at one moment. Null: no such resource. */
export async function readDaySheet(
  reads: Pick<HotReads, 'read'>,
  venueId: string,
  { resourceId, day, statement, owners }: SheetRead,
): Promise<DaySheet | null> {
  const values = [day, resourceId, venueId, ...(statement.readsOwners ? [owners.all, owners.userId] : [])];
  const [row] = await reads.read<SheetRow>(statement, values);
  if (!row) return null;
  const slots = claimedSlots(row, timesOfDay(row, day), claimsOf(row.claims));
  const cursor = 'log' in row ? cursorAt(row) : undefined;
  return Object.assign(row, { cursor, venueId, resourceId, day, slots });
}

type SheetRow = Pick<Resource, 'capacity' | 'status'> &
  TimeRules &
  Omit<DayColumns, 'cursor'> &
  LogPlace & { readonly claims: Columns };

type Column<T> = readonly T[] | null;

/** Each column of all claims, of which there may be none. */
type Columns = { readonly [Name in 'kind' | 'firstSeat']: Column<SheetClaim[Name]> } & {
  readonly startsAt: Column<number>;
  readonly endsAt: Column<number>;
} & { readonly [Name in keyof ClaimColumns]?: Column<ClaimColumns[Name]> };

/** What was not read is undefined; all claims have one shape, which is sooner read than many. */
function claimsOf(of: Columns): readonly SheetClaim[] {
  const { kind, firstSeat, startsAt, endsAt } = of;
  if (!kind || !firstSeat || !startsAt || !endsAt) return [];
  return kind.map((ofOne, at) => ({
    kind: ofOne,
    firstSeat: firstSeat[at] ?? 0,
    startsAt: new Date(startsAt[at] ?? Number.NaN),
    endsAt: new Date(endsAt[at] ?? Number.NaN),
    claimId: of.claimId?.[at],
    reason: of.reason?.[at],
    userId: of.userId?.[at],
    bookingId: of.bookingId?.[at],
    status: of.status?.[at],
    version: of.version?.[at],
    bookedAt: of.bookedAt?.[at],
    checkedInAt: of.checkedInAt?.[at],
    changedAt: of.changedAt?.[at],
    paidMinor: of.paidMinor?.[at],
    refundedMinor: of.refundedMinor?.[at],
    bookedCurrency: of.bookedCurrency?.[at],
    ownerId: of.ownerId?.[at],
    username: of.username?.[at],
    displayName: of.displayName?.[at],
  }));
}
