import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../src/auth/user.ts';
import { checkInBooking, markNoShows } from '../../src/booking/attendance-service.ts';
import type { Booking } from '../../src/booking/booking.ts';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { giveBackSlots } from '../../src/booking/departure.ts';
import { hasMachineNow } from '../../src/booking/possession.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aMachine } from '../support/floor.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { worksAt } from '../support/works-at.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const MINUTE_MS = 60_000;
let nowMs = Date.now();
const runWork = worksAt(createRunWork({ db, onEvents: () => {} }), () => nowMs);
let venueId: string;
let resource: Resource;
let player: User;
let booking: Booking;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
  resource = await aResource(runWork, { venueId, noShowMinutes: 20 });
  player = await aUser(runWork, { venueId });
});
let index = 0;
beforeEach(async () => {
  nowMs = Date.now();
  index += 1;
  const slot = { resourceId: resource.id, day: dayAhead(resource, 2), index };
  booking = await aBooking(runWork, { venueId, userId: player.id, slot });
});

/** So many milliseconds after the beginning. */
const fromBeginning = (ms: number) => {
  nowMs = booking.startsAt.getTime() + ms;
};
const checkIn = (by: typeof DESK | User = player) =>
  runWork('kind' in by ? by : anActor(by), (work) =>
    checkInBooking(work, { venueId, bookingId: booking.id }),
  );
const cancel = (by: typeof DESK | User = player) =>
  runWork('kind' in by ? by : anActor(by), (work) =>
    cancelBooking(work, { venueId, bookingId: booking.id, reason: null, refund: 'RULE' }),
  );
const move = (by: typeof DESK | User = player) =>
  runWork('kind' in by ? by : anActor(by), (work) =>
    rescheduleBooking(work, {
      venueId,
      bookingId: booking.id,
      slot: { resourceId: resource.id, day: dayAhead(resource, 4), index },
    }),
  );
const markMissing = () => runWork(DESK, (work) => markNoShows(work, { limit: 100 }));
const statusOf = async () => {
  const row = db.selectFrom('booking').select('status').where('id', '=', booking.id);
  return (await row.executeTakeFirstOrThrow()).status;
};
const toldOf = async () => {
  const { rows } = await sql<{ type: string }>`
    select type from outbox where payload ->> 'bookingId' = ${booking.id} order by id`.execute(db);
  return rows.map(({ type }) => type);
};
const ended = { name: 'BookingEndedError' };

describe('one comes', () => {
  test('a quarter of an hour before the beginning at the earliest', async () => {
    fromBeginning(-15 * MINUTE_MS - 1);
    await expect(checkIn()).rejects.toMatchObject(ended);
    fromBeginning(-15 * MINUTE_MS);
    expect(await checkIn()).toMatchObject({ status: 'CHECKED_IN', checkedInAt: new Date(nowMs), version: 2 });
  });

  test('before the end at the latest', async () => {
    nowMs = booking.endsAt.getTime();
    await expect(checkIn()).rejects.toMatchObject(ended);
    nowMs -= 1;
    expect(await checkIn()).toMatchObject({ status: 'CHECKED_IN' });
  });

  test('once, which is told once', async () => {
    fromBeginning(0);
    const first = await checkIn();
    nowMs += MINUTE_MS;
    expect(await checkIn()).toEqual(first);
    expect(await toldOf()).toEqual(['booking.placed', 'booking.checked-in']);
  });

  test('to nothing that is cancelled', async () => {
    await cancel();
    fromBeginning(0);
    await expect(checkIn(DESK)).rejects.toMatchObject(ended);
    expect(await statusOf()).toBe('CANCELLED');
  });
});

describe('who does not come in time', () => {
  test('is missing from that moment on, which is told once', async () => {
    fromBeginning(20 * MINUTE_MS - 1);
    await markMissing();
    expect(await statusOf()).toBe('BOOKED');
    nowMs += 1;
    await Promise.all([markMissing(), markMissing()]);
    expect(await statusOf()).toBe('NO_SHOW');
    expect(await toldOf()).toEqual(['booking.placed', 'booking.no-show-marked']);
  });

  test('is waited for at the time it was moved to', async () => {
    const moved = await move(DESK);
    fromBeginning(20 * MINUTE_MS);
    await markMissing();
    expect(await statusOf()).toBe('BOOKED');
    nowMs = moved.startsAt.getTime() + 20 * MINUTE_MS;
    await markMissing();
    expect(await statusOf()).toBe('NO_SHOW');
  });

  test('has come all the same when he comes before the end', async () => {
    fromBeginning(21 * MINUTE_MS);
    await markMissing();
    expect(await checkIn()).toMatchObject({ status: 'CHECKED_IN' });
    await markMissing();
    expect(await statusOf()).toBe('CHECKED_IN');
  });

  test('is not missing where he comes in that moment', async () => {
    fromBeginning(20 * MINUTE_MS);
    const coming = (work: Work) => checkInBooking(work, { venueId, bookingId: booking.id });
    expect(await meanwhile({ floor, runWork }, coming, markMissing)).toMatchObject({ status: 'fulfilled' });
    expect(await statusOf()).toBe('CHECKED_IN');
  });
});

describe.each([
  ['gives it back', cancel, 'booking.cancelled'],
  ['moves it', move, 'booking.rescheduled'],
] as const)('one %s', (_name, giveUp, told) => {
  test('until it begins', async () => {
    fromBeginning(0);
    await expect(giveUp()).rejects.toMatchObject(ended);
    nowMs -= 1;
    expect(await giveUp()).toMatchObject({ version: 2 });
    expect(await toldOf()).toEqual(['booking.placed', told]);
  });

  test('no more when one has come', async () => {
    fromBeginning(-10 * MINUTE_MS);
    await checkIn();
    await expect(giveUp()).rejects.toMatchObject(ended);
  });
});

test('what has begun, and whoever came to it, the desk gives back once', async () => {
  fromBeginning(MINUTE_MS);
  await checkIn();
  expect(await cancel(DESK)).toMatchObject({ status: 'CANCELLED' });
  await expect(cancel(DESK)).rejects.toMatchObject(ended);
});

test('a machine is whose booking it is, from its beginning until its end', async () => {
  const { id: machineId } = await aMachine(runWork, { venueId });
  const seat = await aResource(runWork, { venueId, kind: 'MACHINE', machineId });
  const slot = (index: number) => ({ resourceId: seat.id, day: dayAhead(seat, 2), index });
  const { id: stranger } = await aUser(runWork, { venueId });
  const { startsAt, endsAt } = await aBooking(runWork, { venueId, userId: player.id, slot: slot(9) });
  const hasIt = (at: Date, of: Partial<Parameters<typeof hasMachineNow>[1]> = {}) =>
    runWork(DESK, (work) =>
      hasMachineNow({ ...work, now: at }, { venueId, machineId, userId: player.id, ...of }),
    );
  const before = (at: Date) => new Date(at.getTime() - 1);
  expect(
    await Promise.all([before(startsAt), startsAt, before(endsAt), endsAt].map((at) => hasIt(at))),
  ).toEqual([false, true, true, false]);
  const other = await aMachine(runWork, { venueId });
  expect(await hasIt(startsAt, { machineId: other.id })).toBe(false);
  expect(await hasIt(startsAt, { userId: stranger })).toBe(false);
  const { startsAt: heldAt } = await runWork(DESK, (work) =>
    holdSlot(work, {
      venueId,
      userId: stranger,
      slot: slot(12),
      expiresInSeconds: 900,
      holdsPrice: false,
    }),
  );
  expect(await hasIt(heldAt, { userId: stranger })).toBe(false);
});

test('who deletes his account gives back what has not begun, and leaves what has', async () => {
  const leave = () => runWork(DESK, (work) => giveBackSlots(work, player.id));
  fromBeginning(0);
  await leave();
  expect(await statusOf()).toBe('BOOKED');
  nowMs -= 1;
  await leave();
  expect(await statusOf()).toBe('CANCELLED');
});
