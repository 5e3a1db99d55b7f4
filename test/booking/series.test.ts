import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { setBookingLimit } from '../../src/booking/booking-limit-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { updateResource } from '../../src/booking/resource-service.ts';
import type { OnConflict } from '../../src/booking/series.ts';
import { bookSeries, type CancelSeries, cancelSeries } from '../../src/booking/series-service.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { boundsOf } from '../../src/booking/slot-times.ts';
import { addDays, minutesOf } from '../../src/lib/calendar.ts';
import { createRunWork } from '../../src/work.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aWallet } from '../support/money.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
let venueId: string;
let resource: Resource;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});
beforeEach(async () => {
  shiftMs = 0;
  resource = await aResource(runWork, { venueId });
});

const aPlayer = async (of = venueId) => (await aUser(runWork, { venueId: of })).id;

interface Asked {
  readonly of?: Resource;
  readonly day?: string;
  readonly index?: number;
  readonly rule?: string;
  readonly onConflict?: OnConflict;
}
const book = (
  userId: string,
  {
    of = resource,
    day = dayAhead(of),
    index = 19,
    rule = 'FREQ=DAILY;COUNT=5',
    onConflict = 'FAIL',
  }: Asked = {},
) =>
  runWork(DESK, (work) =>
    bookSeries(work, {
      venueId: of.venueId,
      userId,
      first: { resourceId: of.id, day, index },
      rule,
      onConflict,
    }),
  );
const cancel = (seriesId: string, fields: Partial<CancelSeries> = {}) =>
  runWork(DESK, (work) =>
    cancelSeries(work, { venueId, seriesId, from: null, reason: null, refund: 'RULE', ...fields }),
  );
const bookOne = (userId: string, daysAhead: number, of = resource) =>
  aBooking(runWork, {
    venueId,
    userId,
    slot: { resourceId: of.id, day: dayAhead(of, daysAhead), index: 19 },
  });
const bookingsOf = (seriesId: string) =>
  db.selectFrom('booking').selectAll().where('series_id', '=', seriesId).orderBy('starts_at').execute();
const claimsOf = ({ id }: Resource) =>
  db.selectFrom('slot_claim').selectAll().where('resource_id', '=', id).orderBy('starts_at').execute();
const balanceOf = async (id: string) =>
  (await db.selectFrom('ledger_account').select('balance').where('id', '=', id).executeTakeFirstOrThrow())
    .balance;

describe.each(['Europe/Vienna', 'America/New_York'])('in %s', (timeZone) => {
  test('ten weeks over a change of clocks are booked at 19:00 each', async () => {
    const venue = await aVenue(runWork, { timeZone });
    const table = await aResource(runWork, { venueId: venue.id });
    const change = nextChangeOfClocks(table);
    const series = await book(await aPlayer(venue.id), {
      of: table,
      day: addDays(change, -35),
      rule: 'FREQ=WEEKLY;COUNT=10',
    });
    const starts = (await bookingsOf(series.id)).map(({ starts_at }) => starts_at);
    expect(starts).toHaveLength(10);
    expect(new Set(starts.map((start) => minutesOf(start, timeZone)))).toEqual(new Set([19 * 60]));
    expect(new Set(starts.map((start) => start.getUTCHours())).size).toBe(2);
  });
});

describe.each(['Europe/Vienna', 'Australia/Lord_Howe'])(
  'in %s, on days around a change of clocks',
  (timeZone) => {
    const bookDays = async (slotMinutes: number, index: number) => {
      const venue = await aVenue(runWork, { timeZone });
      const table = await aResource(runWork, { venueId: venue.id, slotMinutes });
      const change = nextChangeOfClocks(table);
      const days = [-1, 0, 1].map((after) => addDays(change, after));
      const series = await book(await aPlayer(venue.id), {
        of: table,
        day: days[0] ?? '',
        index,
        rule: 'FREQ=DAILY;COUNT=3',
      });
      return { days, booked: await bookingsOf(series.id) };
    };

    test('slots of two hours are booked at 10:00 each', async () => {
      const { booked } = await bookDays(120, 5);
      expect(booked.map(({ starts_at }) => minutesOf(starts_at, timeZone))).toEqual([600, 600, 600]);
    });

    test('whole days are booked, as long as they are', async () => {
      const { days, booked } = await bookDays(1_440, 0);
      expect(booked.map(({ starts_at: from, ends_at: to }) => ({ from, to }))).toEqual(
        days.map((day) => boundsOf(day, timeZone)),
      );
    });
  },
);

/** The first day that is no 24 hours long, with five weeks before it. */
function nextChangeOfClocks({ timeZone }: Resource): string {
  for (let ahead = 36; ; ahead += 1) {
    const day = dayAhead({ timeZone }, ahead);
    const { from, to } = boundsOf(day, timeZone);
    if (to.getTime() - from.getTime() !== 86_400_000) return day;
  }
}

describe('when some of it is taken', () => {
  beforeEach(async () => {
    await bookOne(await aPlayer(), 2);
    await bookOne(await aPlayer(), 4);
  });

  test('nothing is booked, and each of those is told', async () => {
    const before = await claimsOf(resource);
    const refusal = await book(await aPlayer()).catch((error: unknown) => error);
    expect(refusal).toMatchObject({
      code: 'API_014',
      conflicts: before.map(({ starts_at }) => ({ startsAt: starts_at, why: 'TAKEN' })),
    });
    expect(await claimsOf(resource)).toEqual(before);
  });

  test('the others are booked where that is wanted, and it remembers what it left out', async () => {
    const series = await book(await aPlayer(), { onConflict: 'SKIP' });
    expect(series.skipped.map(({ why }) => why)).toEqual(['TAKEN', 'TAKEN']);
    expect(await bookingsOf(series.id)).toHaveLength(3);
    expect(await claimsOf(resource)).toHaveLength(5);
  });

  test('a series of which nothing is left is none', async () => {
    const rule = 'FREQ=DAILY;INTERVAL=2;COUNT=2';
    const day = dayAhead(resource, 2);
    await expect(book(await aPlayer(), { day, rule, onConflict: 'SKIP' })).rejects.toMatchObject({
      code: 'API_014',
    });
  });
});

test('a day on which the resource is closed is left out, or refuses the series', async () => {
  const first = dayAhead(resource);
  const weekday = new Date(`${first}T12:00:00Z`).getUTCDay() || 7;
  const openingHours = [weekday, (weekday % 7) + 1].map((each) => ({
    weekday: each,
    opensAt: 0,
    closesAt: 1_440,
  }));
  const table = await aResource(runWork, { venueId, openingHours });
  await expect(book(await aPlayer(), { of: table })).rejects.toMatchObject({
    conflicts: [{ why: 'NO_SLOT' }, { why: 'NO_SLOT' }, { why: 'NO_SLOT' }],
  });
  const series = await book(await aPlayer(), { of: table, onConflict: 'SKIP' });
  expect(await bookingsOf(series.id)).toHaveLength(2);
});

test('no series is booked of what is closed', async () => {
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, status: 'CLOSED' }),
  );
  const refused = book(await aPlayer(), { rule: 'FREQ=DAILY;COUNT=2', onConflict: 'SKIP' });
  await expect(refused).rejects.toMatchObject({
    conflicts: [{ why: 'NOT_BOOKABLE' }, { why: 'NOT_BOOKABLE' }],
  });
});

test('what goes beyond the days that can be booked is refused', async () => {
  const table = await aResource(runWork, { venueId, bookableDays: 10 });
  await expect(book(await aPlayer(), { of: table, rule: 'FREQ=DAILY;COUNT=11' })).rejects.toMatchObject({
    code: 'API_001',
  });
  await book(await aPlayer(), { of: table, rule: 'FREQ=DAILY;COUNT=10' });
});

test('a hold stands in the way of a series until it expires', async () => {
  const userId = await aPlayer();
  const slot = { resourceId: resource.id, day: dayAhead(resource, 2), index: 19 };
  await runWork(DESK, (work) =>
    holdSlot(work, { venueId, userId, slot, expiresInSeconds: 60, holdsPrice: false }),
  );
  await expect(book(await aPlayer())).rejects.toMatchObject({ code: 'API_014' });
  shiftMs = 61_000;
  await book(await aPlayer());
});

test('series that race for the same slots, with others who move, sell each once', async () => {
  const players = await Promise.all(Array.from({ length: 9 }, () => aPlayer()));
  const moving = await Promise.all(
    players.slice(0, 3).map((userId, at) =>
      aBooking(runWork, {
        venueId,
        userId,
        slot: { resourceId: resource.id, day: dayAhead(resource, 9 + at), index: 19 },
      }),
    ),
  );
  const results = await Promise.allSettled([
    ...players.map((userId, at) =>
      book(userId, {
        day: dayAhead(resource, 1 + (at % 3)),
        rule: 'FREQ=DAILY;COUNT=12',
        onConflict: at % 3 === 0 ? 'FAIL' : 'SKIP',
      }),
    ),
    ...moving.map(({ id: bookingId }, at) =>
      runWork(DESK, (work) =>
        rescheduleBooking(work, {
          venueId,
          bookingId,
          slot: { resourceId: resource.id, day: dayAhead(resource, 1 + at), index: 19 },
        }),
      ),
    ),
  ]);
  for (const result of results)
    if (result.status === 'rejected') expect(['API_010', 'API_014']).toContain(result.reason.code);
  const claims = await claimsOf(resource);
  expect(new Set(claims.map(({ starts_at }) => starts_at.getTime())).size).toBe(claims.length);
  // Day 14 is only reached by those that begin on the third day.
  expect(claims.length).toBeGreaterThanOrEqual(12);
});

describe('money', () => {
  test('ten slots cost ten prices, each posted for its booking, and what is cancelled comes back', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 100n });
    const userId = await aPlayer();
    const { currency } = priced;
    const wallet = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 1_000n });
    const series = await book(userId, { of: priced, rule: 'FREQ=DAILY;COUNT=10' });
    expect(await balanceOf(wallet.id)).toBe(0n);
    const bookings = await bookingsOf(series.id);
    const references = await db
      .selectFrom('ledger_transaction')
      .select('reference')
      .where('kind', '=', 'FEE')
      .execute();
    expect(references.map(({ reference }) => reference)).toEqual(
      expect.arrayContaining(bookings.map(({ id }) => `booking:${id}`)),
    );
    const cancelled = await cancel(series.id, { from: dayAhead(priced, 8) });
    expect(cancelled.map(({ id }) => id)).toEqual(bookings.slice(7).map(({ id }) => id));
    expect(await balanceOf(wallet.id)).toBe(300n);
    expect(await claimsOf(priced)).toHaveLength(7);
  });

  test('who cannot pay all has nothing, and is told what there is', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 100n });
    const userId = await aPlayer();
    const { currency } = priced;
    const wallet = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 499n });
    await expect(book(userId, { of: priced })).rejects.toMatchObject({
      code: 'API_020',
      availableMinor: 499n,
    });
    expect([await balanceOf(wallet.id), await claimsOf(priced)]).toEqual([499n, []]);
  });
});

test('cancelling leaves what has begun, and doing it twice at once cancels each once', async () => {
  const series = await book(await aPlayer());
  const [first] = await bookingsOf(series.id);
  shiftMs = (first?.starts_at.getTime() ?? 0) - Date.now() + 60_000;
  const both = await Promise.all([cancel(series.id), cancel(series.id)]);
  expect(both.map(({ length }) => length).sort()).toEqual([0, 4]);
  expect((await bookingsOf(series.id)).map(({ status }) => status)).toEqual([
    'BOOKED',
    ...Array(4).fill('CANCELLED'),
  ]);
});

test('from a day on those are cancelled that begin on it, the first at its midnight, and none that has begun', async () => {
  const series = await book(await aPlayer(), { index: 0 });
  const statuses = async () => (await bookingsOf(series.id)).map(({ status }) => status);
  await cancel(series.id, { from: dayAhead(resource, 5) });
  expect(await statuses()).toEqual([...Array(4).fill('BOOKED'), 'CANCELLED']);
  const [first] = await bookingsOf(series.id);
  shiftMs = (first?.starts_at.getTime() ?? 0) - Date.now() + 60_000;
  await cancel(series.id, { from: dayAhead(resource, 0) });
  expect(await statuses()).toEqual(['BOOKED', ...Array(4).fill('CANCELLED')]);
});

test('a series is told, and each of its bookings', async () => {
  const series = await book(await aPlayer());
  await cancel(series.id, { from: dayAhead(resource, 5) });
  const { rows } = await sql<{
    type: string;
    count: number;
  }>`select type, count(*)::integer as count from outbox
    where payload->>'seriesId' = ${series.id} group by type order by type`.execute(db);
  expect(rows).toEqual([
    { type: 'booking.cancelled', count: 1 },
    { type: 'booking.placed', count: 5 },
    { type: 'booking.series-booked', count: 1 },
    { type: 'booking.series-cancelled', count: 1 },
  ]);
});

test('the limits of a person count the slots of a series he gets, and not those it leaves out', async () => {
  const { id: limited } = await aVenue(runWork);
  const table = await aResource(runWork, { venueId: limited });
  const [first, second, third] = [await aPlayer(limited), await aPlayer(limited), await aPlayer(limited)];
  await runWork(DESK, (work) =>
    setBookingLimit(work, { venueId: limited, role: 'PLAYER', window: 'ACTIVE', maximum: 4 }),
  );
  await expect(book(first, { of: table })).rejects.toMatchObject({ code: 'API_012', count: 0 });
  expect(await claimsOf(table)).toEqual([]);
  await book(first, { of: table, rule: 'FREQ=DAILY;COUNT=4' });
  await expect(book(first, { of: table, index: 20, rule: 'FREQ=DAILY;COUNT=1' })).rejects.toMatchObject({
    code: 'API_012',
    count: 4,
  });
  const both = await Promise.allSettled(
    [second, second, third].map((userId, index) =>
      book(userId, { of: table, index: 3 + index, rule: 'FREQ=DAILY;COUNT=3' }),
    ),
  );
  expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  const skipping = {
    of: table,
    day: dayAhead(table, 2),
    rule: 'FREQ=DAILY;COUNT=5',
    onConflict: 'SKIP',
  } as const;
  expect((await book(await aPlayer(limited), skipping)).skipped).toHaveLength(3);
});
