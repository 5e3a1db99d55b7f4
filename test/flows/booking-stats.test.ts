import { expect, test } from 'vitest';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { readBookingStats } from '../../src/booking/booking-stats.ts';
import { boundsOf } from '../../src/booking/slot-times.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;

const STATS = `query ($resourceIds: [ID!]!, $from: DateTime!, $to: DateTime!) {
  bookingStats(resourceIds: $resourceIds, from: $from, to: $to) { total utilisation
    byStatus { status count } byHour { hour count } byUser { ownerId count } } }`;
const openingHours = [1, 2, 3, 4, 5, 6, 7].map((weekday) => ({ weekday, opensAt: 480, closesAt: 1_080 }));

const one = await aResource(runWork, { venueId, openingHours });
const two = await aResource(runWork, { venueId, openingHours, slotMinutes: 30, capacity: 2 });
const other = await aResource(runWork, { venueId, openingHours });
const [anna, bert] = await Promise.all([aUser(runWork, { venueId }), aUser(runWork, { venueId })]);
const book = (userId: string, { id }: { readonly id: string }, index: number, days = 1) =>
  aBooking(runWork, { venueId, userId, slot: { resourceId: id, day: dayAhead(one, days), index } });

await book(anna.id, one, 9);
await book(anna.id, one, 17);
await book(bert.id, two, 19);
await book(anna.id, two, 18);
const { id: bookingId } = await book(bert.id, one, 10);
await runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
await book(anna.id, one, 9, 2);
await book(anna.id, other, 9);

const { from, to } = boundsOf(dayAhead(one), one.timeZone);
const ids = (...resources: readonly { readonly id: string }[]) =>
  resources.map(({ id }) => encodeGlobalId('Resource', id));
const ask = (variables: object, as: 'OPERATOR' | 'PLAYER' | 'AUDITOR' = 'OPERATOR') =>
  floor.ask(STATS, { as, variables: { resourceIds: ids(one, two), from, to, ...variables } });

test('a day is counted by status, hour and person, and by how much of it was booked', async () => {
  const { data } = await ask({});
  const { byHour, ...stats } = data.bookingStats;
  expect(stats).toEqual({
    total: 5,
    byStatus: [
      { status: 'BOOKED', count: 4 },
      { status: 'CANCELLED', count: 1 },
    ],
    byUser: [
      { ownerId: encodeGlobalId('User', anna.id), count: 3 },
      { ownerId: encodeGlobalId('User', bert.id), count: 1 },
    ],
    // Three hours of ten, and of twice ten.
    utilisation: 3 / 30,
  });
  expect(byHour.map(({ hour }: { hour: number }) => hour)).toEqual(
    Array.from({ length: 24 }, (_, hour) => hour),
  );
  expect(byHour.filter(({ count }: { count: number }) => count > 0)).toEqual([
    { hour: 9, count: 3 },
    { hour: 17, count: 1 },
  ]);
});

test('a day on which clocks are changed is open as long as it is', async () => {
  const timeZone = 'Europe/Vienna';
  const venue = await aVenue(runWork, { timeZone });
  const whole = await aResource(runWork, { venueId: venue.id, slotMinutes: 1_440 });
  const { id: userId } = await aUser(runWork, { venueId: venue.id });
  const lengthOf = (day: string) => {
    const bounds = boundsOf(day, timeZone);
    return bounds.to.getTime() - bounds.from.getTime();
  };
  let days = 1;
  while (lengthOf(dayAhead(whole, days)) === 86_400_000) days += 1;
  const day = dayAhead(whole, days);
  const slot = { resourceId: whole.id, day, index: 0 };
  await aBooking(runWork, { venueId: venue.id, userId, slot });
  const counted = { venueId: venue.id, resourceIds: [whole.id], ...boundsOf(day, timeZone) };
  const { bookedSeconds, openSeconds } = await readBookingStats({ db, actor: DESK }, counted);
  expect([bookedSeconds, openSeconds]).toEqual([lengthOf(day) / 1_000, lengthOf(day) / 1_000]);
});

test('a time in which nothing is open has no utilisation', async () => {
  const { data } = await ask({ to: new Date(from.getTime() + 3_600_000) });
  expect(data.bookingStats).toMatchObject({ total: 0, utilisation: null, byUser: [] });
});

test('it is for who oversees bookings, of resources there are, in a time that is not too long', async () => {
  const refusal = async (...asked: Parameters<typeof ask>) =>
    (await ask(...asked)).errors?.[0]?.extensions.code ?? null;
  expect(await refusal({}, 'PLAYER')).toBe('AUTH_004');
  expect(await refusal({}, 'AUDITOR')).toBeNull();
  expect(await refusal({ resourceIds: ids(one, { id: newId() }) })).toBe('API_002');
  expect(await refusal({ resourceIds: [] })).toBe('API_001');
  expect(await refusal({ to: from })).toBe('API_001');
  expect(await refusal({ to: new Date(from.getTime() + 93 * 86_400_000) })).toBe('API_001');
});
