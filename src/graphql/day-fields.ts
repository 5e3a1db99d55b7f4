import { canSeeUser } from '../auth/policy.ts';
import type { ClaimColumns, DayColumns, DaySheet, SheetClaim, SheetColumn } from '../booking/day-sheet.ts';
import { canSeeBooking, canSeeBookings } from '../booking/policy.ts';
import type { ClaimedSlot } from '../booking/slot.ts';
import type { SlotTime } from '../booking/slot-times.ts';
import type { Rights } from '../lib/actor.ts';
import { minutesOf } from '../lib/calendar.ts';
import { formatDecimal, type Money } from '../lib/money.ts';
import { encodeGlobalId, slotKeyOf } from './ids.ts';
import { serializeLocalTime } from './scalars.ts';
import { type Shape, thing, things, value, type Write, type WrittenField } from './written-shape.ts';

/**
 * How a day is written: the same fields as `slot-type.ts`, `booking-type.ts`, `money.ts` and `user.ts` have, where
 * they need nothing but the one statement. `day-query.test.ts` sees that both ways show the same.
 */
type DayShape<T> = Shape<T, SheetColumn, Seen>;
type DayField<T> = WrittenField<T, SheetColumn, Seen>;
type SheetSlot = ClaimedSlot<SheetClaim>;

/** The day that is written, and whose eyes policies look with. */
export interface Seen {
  readonly sheet: DaySheet;
  readonly viewer: Rights;
}

const text = (of: string | null): string => JSON.stringify(of);
/** Of what holds nothing that JSON escapes. */
const quoted = (of: string): string => `"${of}"`;
const instant = (of: Date | number | null): string =>
  of === null ? 'null' : quoted(new Date(of).toISOString());
const clock = (at: Date, timeZone: string): string => quoted(serializeLocalTime(minutesOf(at, timeZone)));
const globalId = (typename: string, id: string): string => quoted(encodeGlobalId(typename, id));

/** Written of columns of a claim: those are read, and others are not seen. */
const ofClaim = <Column extends keyof ClaimColumns>(
  columns: readonly Column[],
  write: Write<SheetClaim<Column>, Seen>,
): DayField<SheetClaim> => value(columns, (claim, seen) => write(claim as SheetClaim<Column>, seen));

/** The same of columns of the day. */
const ofDay = <Column extends keyof DayColumns = never>(
  columns: readonly Column[],
  write: (sheet: DaySheet<Column>) => string,
): DayField<unknown> => value(columns, (_of, { sheet }) => write(sheet as DaySheet<Column>));

const MONEY: DayShape<Money> = {
  typename: 'Money',
  interfaces: [],
  fields: {
    amount: value([], (money) => quoted(formatDecimal(money))),
    currency: value([], ({ currency }) => quoted(currency)),
  },
};

const moneyOf = (column: 'paidMinor' | 'refundedMinor'): DayField<SheetClaim> =>
  thing([column, 'bookedCurrency'], MONEY, (claim) => {
    const { [column]: minor, bookedCurrency: currency } = claim as SheetClaim<
      typeof column | 'bookedCurrency'
    >;
    return { amountMinor: BigInt(minor), currency };
  });

const RESOURCE: DayShape<unknown> = {
  typename: 'Resource',
  interfaces: ['Node'],
  fields: {
    id: ofDay([], ({ resourceId }) => globalId('Resource', resourceId)),
    kind: ofDay(['resourceKind'], ({ resourceKind }) => quoted(resourceKind)),
    name: ofDay(['resourceName'], ({ resourceName }) => text(resourceName)),
  },
};

const OWNER: DayShape<SheetClaim> = {
  typename: 'User',
  interfaces: ['Node'],
  fields: {
    id: ofClaim(['ownerId'], ({ ownerId }) => globalId('User', String(ownerId))),
    username: ofClaim(['username'], ({ username }) => text(username)),
    displayName: ofClaim(['displayName'], ({ displayName }) => text(displayName)),
  },
};

const BOOKING: DayShape<SheetClaim> = {
  typename: 'Booking',
  interfaces: ['Node'],
  fields: {
    id: ofClaim(['bookingId'], ({ bookingId }) => globalId('Booking', String(bookingId))),
    resource: thing([], RESOURCE, (claim) => claim),
    ownerId: ofClaim(['userId'], ({ userId }) => globalId('User', String(userId))),
    owner: thing(['ownerId'], OWNER, (claim, { viewer }) => {
      const { ownerId: id } = claim as SheetClaim<'ownerId'>;
      return id !== null && viewer.kind === 'user' && canSeeUser(viewer, { id }) ? claim : null;
    }),
    startsAt: value([], ({ startsAt }) => instant(startsAt)),
    endsAt: value([], ({ endsAt }) => instant(endsAt)),
    status: ofClaim(['status'], ({ status }) => quoted(status)),
    paid: moneyOf('paidMinor'),
    refunded: moneyOf('refundedMinor'),
    bookedAt: ofClaim(['bookedAt'], ({ bookedAt }) => instant(bookedAt)),
    // What claims time is not cancelled.
    cancelledAt: value([], () => 'null'),
    cancelReason: value([], () => 'null'),
    checkedInAt: ofClaim(['checkedInAt'], ({ checkedInAt }) => instant(checkedInAt)),
    changedAt: ofClaim(['changedAt'], ({ changedAt }) => instant(changedAt)),
    version: ofClaim(['version'], ({ version }) => String(version)),
    // Only frames of a stream have one.
    cursor: value([], () => 'null'),
  },
};

type Holder = SheetClaim<'bookingId' | 'userId'>;
const HOLDER = ['bookingId', 'userId'] as const;

/** Whether it is a booking, and one for the viewer. */
function isShown(claim: SheetClaim, { sheet: { venueId }, viewer }: Seen): boolean {
  const { bookingId, userId } = claim as Holder;
  return bookingId !== null && userId !== null && canSeeBooking(viewer, { venueId, userId });
}

/** The block of a slot, for who may see such. */
const blockOf = ({ claims }: SheetSlot, { sheet: { venueId }, viewer }: Seen): SheetClaim | null =>
  canSeeBookings(viewer, venueId) ? (claims.find(({ kind }) => kind === 'BLOCK') ?? null) : null;

const ofBlock = <Column extends keyof ClaimColumns>(
  columns: readonly Column[],
  write: Write<SheetClaim<Column>, Seen>,
): DayField<SheetSlot> =>
  value(columns, (slot, seen) => {
    const block = blockOf(slot, seen);
    return block === null ? 'null' : write(block as SheetClaim<Column>, seen);
  });

/** Times are kept between requests, and with them what is written of them. */
function ofTime(write: Write<SlotTime, Seen>): DayField<SheetSlot> {
  const written = new WeakMap<SlotTime, string>();
  return value([], ({ time }, seen) => {
    const known = written.get(time);
    if (known !== undefined) return known;
    const made = write(time, seen);
    written.set(time, made);
    return made;
  });
}

const SLOT: DayShape<SheetSlot> = {
  typename: 'Slot',
  interfaces: ['Node'],
  fields: {
    id: value([], ({ time }, { sheet }) => globalId('Slot', slotKeyOf(sheet.resourceId, time.startsAt))),
    resource: thing([], RESOURCE, (slot) => slot),
    date: ofDay([], ({ day }) => quoted(day)),
    index: value([], ({ time }) => String(time.index)),
    startsAt: ofTime(({ startsAt }) => instant(startsAt)),
    endsAt: ofTime(({ endsAt }) => instant(endsAt)),
    startTime: ofTime(({ startsAt }, { sheet }) => clock(startsAt, sheet.timeZone)),
    endTime: ofTime(({ endsAt }, { sheet }) => clock(endsAt, sheet.timeZone)),
    state: value([], ({ state }) => quoted(state)),
    free: value([], ({ free }) => String(free)),
    price: thing(['priceMinor', 'currency'], MONEY, (_slot, { sheet }) => {
      const { priceMinor, currency } = sheet as DaySheet<'priceMinor' | 'currency'>;
      return { amountMinor: priceMinor, currency };
    }),
    booking: thing(
      HOLDER,
      BOOKING,
      ({ claims }, seen) => claims.find((claim) => isShown(claim, seen)) ?? null,
    ),
    bookings: things(HOLDER, BOOKING, ({ claims }, seen) => claims.filter((claim) => isShown(claim, seen))),
    blockReason: ofBlock(['reason'], ({ reason }) => text(reason)),
    blockId: ofBlock(['claimId'], ({ claimId }) => globalId('SlotBlock', claimId)),
  },
};

const indicesOf = ({ slots }: DaySheet, isAvailable: boolean): readonly number[] =>
  slots.filter(({ state }) => (state === 'AVAILABLE') === isAvailable).map(({ time }) => time.index);

export const SLOT_DAY: DayShape<DaySheet> = {
  typename: 'SlotDay',
  interfaces: [],
  fields: {
    resource: thing([], RESOURCE, (sheet) => sheet),
    date: ofDay([], ({ day }) => quoted(day)),
    slots: things([], SLOT, ({ slots }) => slots),
    availableSlots: value([], (sheet) => `[${indicesOf(sheet, true)}]`),
    bookedSlots: value([], (sheet) => `[${indicesOf(sheet, false)}]`),
    total: value([], ({ slots }) => String(slots.length)),
    available: value([], (sheet) => String(indicesOf(sheet, true).length)),
    booked: value([], (sheet) => String(indicesOf(sheet, false).length)),
    timestamp: ofDay(['readAt'], ({ readAt }) => instant(readAt)),
    cursor: ofDay(['cursor'], ({ cursor }) => quoted(cursor)),
    // Only frames of a stream leave something out.
    skipped: value([], () => '0'),
  },
};
