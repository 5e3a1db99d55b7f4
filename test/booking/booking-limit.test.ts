import { beforeEach, describe, expect, test } from 'vitest';
import { type LimitWindow, spanOf } from '../../src/booking/booking-limit.ts';
import { refuseOverLimit, setBookingLimit } from '../../src/booking/booking-limit-service.ts';
import { bookHeldSlot, cancelBooking } from '../../src/booking/booking-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { bookSlot } from '../../src/booking/slot-booking-service.ts';
import { holdSlot, releaseSlotHold } from '../../src/booking/slot-hold-service.ts';
import { boundsOf } from '../../src/booking/slot-times.ts';
import type { Role } from '../../src/lib/actor.ts';
import { instantOf } from '../../src/lib/calendar.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { meanwhile } from '../support/meanwhile.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
let venueId: string;
let resource: Resource;

beforeEach(async () => {
  shiftMs = 0;
  venueId = (await aVenue(runWork, { timeZone: 'Europe/Vienna' })).id;
  resource = await aResource(runWork, { venueId });
});

const aPerson = async (roles: readonly Role[] = ['PLAYER']) =>
  (await aUser(runWork, { venueId, roles: [...roles] })).id;
const limit = (window: LimitWindow, maximum: number | null, role: Role = 'PLAYER') =>
  runWork(DESK, (work) => setBookingLimit(work, { venueId, role, window, maximum }));
const at = (index: number, days = 1) => ({ resourceId: resource.id, day: dayAhead(resource, days), index });
const book = (userId: string, index: number, days = 1) =>
  aBooking(runWork, { venueId, userId, slot: at(index, days) });
const hold = (userId: string, index: number, days = 1) =>
  runWork(DESK, (work) =>
    holdSlot(work, { venueId, userId, slot: at(index, days), expiresInSeconds: 120, holdsPrice: false }),
  );
const bookHeld = (holdId: string) => runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId }));
const cancel = (bookingId: string) =>
  runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
const move = (bookingId: string, index: number, days = 1) =>
  runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(index, days) }));
const limitReached = (fields: object = {}) => ({ code: 'API_012', ...fields });

test('of two a day the third is refused, and the next day has two again', async () => {
  await limit('DAY', 2);
  const userId = await aPerson();
  await book(userId, 1);
  await book(userId, 4);
  await expect(book(userId, 3)).rejects.toMatchObject(
    limitReached({
      window: 'DAY',
      maximum: 2,
      count: 2,
      resetsAt: instantOf(dayAhead(resource, 2), 0, resource.timeZone),
    }),
  );
  await book(userId, 1, 2);
  await book(await aPerson(), 3);
});

test('what is cancelled does not count', async () => {
  await limit('DAY', 1);
  const userId = await aPerson();
  const { id } = await book(userId, 1);
  await expect(book(userId, 4)).rejects.toMatchObject(limitReached());
  await cancel(id);
  await book(userId, 4);
});

test('what is held is counted once when a booking moves into it', async () => {
  await limit('DAY', 1);
  const userId = await aPerson();
  const { id } = await book(userId, 1);
  await hold(userId, 4, 2);
  await move(id, 4, 2);
  await expect(book(userId, 5, 2)).rejects.toMatchObject(limitReached({ count: 1 }));
});

test('who did not come is counted', async () => {
  await limit('DAY', 1);
  const userId = await aPerson();
  const { id } = await book(userId, 1);
  await db.updateTable('booking').set({ status: 'NO_SHOW' }).where('id', '=', id).execute();
  await expect(book(userId, 4)).rejects.toMatchObject(limitReached());
});

describe('a hold', () => {
  test('counts as long as it lives, and once with what it becomes', async () => {
    await limit('DAY', 2);
    const userId = await aPerson();
    await book(userId, 1);
    const held = await hold(userId, 4);
    await expect(hold(userId, 3)).rejects.toMatchObject(limitReached({ count: 2 }));
    await expect(book(userId, 3)).rejects.toMatchObject(limitReached({ count: 2 }));
    await bookHeld(held.id);
    await expect(book(userId, 3)).rejects.toMatchObject(limitReached({ count: 2 }));
  });

  test('that was released, or whose time is over, does not count', async () => {
    await limit('DAY', 1);
    const userId = await aPerson();
    const { id: holdId } = await hold(userId, 1);
    await runWork(DESK, (work) => releaseSlotHold(work, { venueId, holdId }));
    await hold(userId, 4);
    await expect(book(userId, 3)).rejects.toMatchObject(limitReached());
    shiftMs = 121_000;
    await book(userId, 3);
  });
});

test('moving within a day is possible at the limit, into a full one it is not', async () => {
  await limit('DAY', 1);
  const userId = await aPerson();
  await book(userId, 1, 1);
  const { id } = await book(userId, 1, 2);
  await move(id, 5, 2);
  await expect(move(id, 5, 1)).rejects.toMatchObject(limitReached({ window: 'DAY' }));
  await move(id, 5, 3);
});

test('ACTIVE counts what is not over, on whatever day', async () => {
  await limit('ACTIVE', 2);
  const userId = await aPerson();
  await book(userId, 1, 1);
  await book(userId, 1, 40);
  await expect(book(userId, 1, 80)).rejects.toMatchObject(limitReached({ window: 'ACTIVE', resetsAt: null }));
  shiftMs = 3 * 86_400_000;
  await book(userId, 1, 80);
});

test.each(['WEEK', 'MONTH'] as const)('a %s has so many, wherever in it they lie', async (window) => {
  await limit(window, 1);
  const userId = await aPerson();
  const length = { WEEK: 7, MONTH: 31 }[window];
  const booked: Date[] = [];
  for (let days = 1; days <= 2 * length + 1; days += 1)
    await book(userId, 1, days).then(
      ({ startsAt }) => booked.push(startsAt),
      (error) => expect(error).toMatchObject(limitReached({ window, count: 1 })),
    );
  const spans = booked.map((startsAt) =>
    spanOf(window, startsAt, { timeZone: resource.timeZone, now: new Date() }).from.getTime(),
  );
  expect(new Set(spans).size).toBe(spans.length);
  expect(spans.length).toBeGreaterThanOrEqual(2);
});

describe('of several roles', () => {
  test('the most generous counts', async () => {
    await limit('DAY', 1, 'PLAYER');
    await limit('DAY', 2, 'OPERATOR');
    const userId = await aPerson(['PLAYER', 'OPERATOR']);
    await book(userId, 1);
    await book(userId, 4);
    await expect(book(userId, 3)).rejects.toMatchObject(limitReached({ maximum: 2 }));
  });

  test('one without a limit is without limits', async () => {
    await limit('DAY', 0, 'PLAYER');
    await expect(book(await aPerson(['PLAYER']), 1)).rejects.toMatchObject(limitReached({ maximum: 0 }));
    await book(await aPerson(['PLAYER', 'ADMIN']), 1);
  });

  test('those count that he has now, and at this venue', async () => {
    const userId = await aPerson();
    await book(userId, 1);
    await limit('DAY', 1);
    await db
      .insertInto('user_role')
      .values({ user_id: userId, venue_id: (await aVenue(runWork)).id, role: 'ADMIN' })
      .execute();
    await expect(book(userId, 4)).rejects.toMatchObject(limitReached());
    await db
      .insertInto('user_role')
      .values({ user_id: userId, venue_id: venueId, role: 'OPERATOR' })
      .execute();
    await book(userId, 4);
  });
});

test('a limit is of a venue: neither his role at another lifts it, nor does it count what he has there', async () => {
  const elsewhere = (await aVenue(runWork)).id;
  const there = await aResource(runWork, { venueId: elsewhere });
  const userId = await aPerson();
  await db.insertInto('user_role').values({ user_id: userId, venue_id: elsewhere, role: 'PLAYER' }).execute();
  await limit('DAY', 1);
  const slot = { resourceId: there.id, day: dayAhead(there), index: 1 };
  await aBooking(runWork, { venueId: elsewhere, userId, slot });
  await book(userId, 1);
  await expect(book(userId, 4)).rejects.toMatchObject(limitReached({ count: 1 }));
});

test('of two that are booked at once the second is over the limit', async () => {
  await limit('DAY', 1);
  const userId = await aPerson();
  const first = (work: Work) => bookSlot(work, { venueId, userId, slot: at(1) });
  const second = await meanwhile({ floor, runWork }, first, () => book(userId, 4));
  expect(second).toMatchObject({ status: 'rejected', reason: limitReached({ count: 1 }) });
});

test('a limit that is lifted limits nothing', async () => {
  await limit('DAY', 0);
  await limit('DAY', null);
  await book(await aPerson(), 1);
});

test.each([-1, 10_001])('%d is no limit', async (maximum) => {
  await expect(limit('DAY', maximum)).rejects.toMatchObject({ code: 'API_001' });
});

test('several slots are counted together, each in its own window', async () => {
  await limit('DAY', 2);
  await limit('ACTIVE', 4);
  const userId = await aPerson();
  await book(userId, 1);
  const wish = (...times: readonly (readonly [number, number])[]) =>
    runWork(DESK, (work) =>
      refuseOverLimit(work, {
        venueId,
        userId,
        startsAt: times.map(([days, hour]) =>
          instantOf(dayAhead(resource, days), hour * 60, resource.timeZone),
        ),
        timeZone: resource.timeZone,
      }),
    );
  await wish([1, 5], [2, 5], [2, 6]);
  await expect(wish([1, 5], [1, 6])).rejects.toMatchObject(limitReached({ window: 'DAY', count: 1 }));
  await expect(wish([1, 5], [2, 5], [3, 5], [4, 5])).rejects.toMatchObject(
    limitReached({ window: 'ACTIVE', count: 1 }),
  );
});

describe('where clocks are changed', () => {
  const hours = (window: LimitWindow, iso: string) => {
    const span = spanOf(window, new Date(iso), { timeZone: 'Europe/Vienna', now: new Date() });
    return [(span.to.getTime() - span.from.getTime()) / 3_600_000, span.from.toISOString()];
  };

  test.each([
    ['DAY', '2027-03-28T21:59:00Z', 23, '2027-03-27T23:00:00.000Z'],
    ['DAY', '2027-10-31T22:59:00Z', 25, '2027-10-30T22:00:00.000Z'],
    ['WEEK', '2027-03-28T12:00:00Z', 167, '2027-03-21T23:00:00.000Z'],
    ['WEEK', '2027-10-31T12:00:00Z', 169, '2027-10-24T22:00:00.000Z'],
    ['MONTH', '2027-03-01T00:00:00Z', 743, '2027-02-28T23:00:00.000Z'],
    ['MONTH', '2027-10-31T22:59:00Z', 745, '2027-09-30T22:00:00.000Z'],
  ] as const)('the %s of %s has %d hours', (window, iso, length, from) => {
    expect(hours(window, iso)).toEqual([length, from]);
  });

  test('a day of 25 hours that is booked whole counts until it is over', () => {
    const day = boundsOf('2027-10-31', 'Europe/Vienna');
    const now = new Date(day.to.getTime() - 60_000);
    const span = spanOf('ACTIVE', now, { timeZone: 'Europe/Vienna', now });
    expect(span.from.getTime()).toBeLessThanOrEqual(day.from.getTime());
  });
});
