import type { HotReads } from '../db/hot-read.ts';
import { cursorAt, type LogPlace } from '../events/cursor.ts';
import type { DayColumns, DaySheet, SheetClaim } from './day-sheet.ts';
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
  return { ...row, ...('log' in row && { cursor: cursorAt(row) }), venueId, resourceId, day, slots };
}

type SheetRow = Pick<Resource, 'capacity' | 'status'> &
  TimeRules &
  Omit<DayColumns, 'cursor'> &
  LogPlace & { readonly claims: Columns };

/** Each column of all claims, of which there may be none. */
type Columns = Readonly<Record<string, readonly unknown[] | null>> & {
  readonly startsAt: readonly number[] | null;
  readonly endsAt: readonly number[] | null;
};

function claimsOf({ startsAt, endsAt, ...columns }: Columns): readonly SheetClaim[] {
  if (!startsAt || !endsAt) return [];
  const names = Object.keys(columns);
  return startsAt.map((startsMs, at) => {
    const claim: Record<string, unknown> = {
      startsAt: new Date(startsMs),
      endsAt: new Date(endsAt[at] ?? Number.NaN),
    };
    for (const name of names) claim[name] = columns[name]?.[at];
    return claim as unknown as SheetClaim;
  });
}
