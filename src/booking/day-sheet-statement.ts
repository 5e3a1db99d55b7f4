import type { HotStatement } from '../db/hot-read.ts';
import { LOG_PLACE_TEXT } from '../events/cursor.ts';
import type { ClaimColumns, DayColumns, SheetColumn } from './day-sheet.ts';
import { IS_CLAIM_OF_DAY, IS_OWNER_READ, IS_RESOURCE_OF_DAY, msOf, RESOURCE_OF_DAY } from './day-sql.ts';

/** What reads the columns somebody asks for, and no others. */
export interface SheetStatement extends HotStatement {
  readonly readsOwners: boolean;
}

/** Of `slot_claim c`, `booking b` and `app_user u`. */
const CLAIM: Readonly<Record<keyof ClaimColumns, string>> = {
  claimId: 'c.id',
  reason: 'c.reason',
  userId: 'c.user_id',
  bookingId: 'c.booking_id',
  status: 'b.status',
  version: 'b.version',
  bookedAt: msOf('b.booked_at'),
  checkedInAt: msOf('b.checked_in_at'),
  changedAt: msOf('b.changed_at'),
  paidMinor: 'b.paid::text',
  refundedMinor: 'b.refunded::text',
  bookedCurrency: 'b.currency',
  ownerId: 'u.id',
  username: 'u.username',
  displayName: 'u.display_name',
};

/** When a claim is, and of what: always read. */
const TIME = {
  kind: 'c.kind',
  firstSeat: 'c.first_seat',
  startsAt: msOf('c.starts_at'),
  endsAt: msOf('c.ends_at'),
};

const DAY: Readonly<Record<keyof DayColumns, string>> = {
  resourceKind: 'resource.kind as "resourceKind"',
  resourceName: 'resource.name as "resourceName"',
  priceMinor: 'resource.price as "priceMinor"',
  currency: 'resource.currency',
  readAt: 'now() as "readAt"',
  cursor: LOG_PLACE_TEXT,
};

/** Each costs every connection the memory of a plan. Whoever asks for yet others is read all. */
const MAX_STATEMENTS = 50;

const statements = new Map<string, SheetStatement>();

export function sheetStatementOf(columns: Iterable<SheetColumn>): SheetStatement {
  const sorted = [...new Set(columns)].sort();
  const key = sorted.join();
  const known = statements.get(key);
  if (known) return known;
  const all = [...Object.keys(CLAIM), ...Object.keys(DAY)] as SheetColumn[];
  if (statements.size >= MAX_STATEMENTS && sorted.length < all.length) return sheetStatementOf(all);
  const made = statementOf(sorted, `day_sheet_${statements.size + 1}`);
  statements.set(key, made);
  return made;
}

function statementOf(columns: readonly SheetColumn[], name: string): SheetStatement {
  const ofClaims = columns.filter((column): column is keyof ClaimColumns => column in CLAIM);
  const ofDay = columns.filter((column): column is keyof DayColumns => column in DAY);
  const read: readonly (readonly [string, string])[] = [
    ...Object.entries(TIME),
    ...ofClaims.map((column) => [column, CLAIM[column]] as const),
  ];
  const readsOf = (table: string) => read.some(([, sql]) => sql.includes(`${table}.`));
  const readsOwners = readsOf('u');
  const text = `
    select resource.slot_minutes as "slotMinutes", resource.opening_hours::text as "openingHours", resource.capacity,
      resource.status, venue.time_zone as "timeZone", ${ofDay.map((column) => `${DAY[column]}, `).join('')}(
      -- A list of each column: rows by themselves would repeat its name.
      select json_build_object(${read.map(([column]) => `'${column}', json_agg("${column}")`).join()})
      from (
        select ${read.map(([column, sql]) => `${sql} as "${column}"`).join()}
        from slot_claim c ${readsOf('b') ? BOOKING : ''} ${readsOwners ? OWNER : ''}
        where ${IS_CLAIM_OF_DAY}
        order by c.starts_at, c.first_seat
      ) claim
    ) as claims
    from ${RESOURCE_OF_DAY} where ${IS_RESOURCE_OF_DAY}`;
  return { name, text, readsOwners };
}

/** Limited, and so looked up by its id: a small table would be read as a whole, at each time. */
const BOOKING = `left join lateral (select * from booking where booking.id = c.booking_id limit 1) b on true`;
const OWNER = `left join lateral (select * from app_user u where u.id = c.user_id and c.booking_id is not null and ${IS_OWNER_READ} limit 1) u on true`;
