import { expect, test } from 'vitest';
import { encodeGlobalId, slotKeyOf } from '../../src/graphql/ids.ts';
import type { Scope } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, dayAhead } from '../support/booking.ts';
import { anApiKey, aUser } from '../support/builders.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

/** What an API key is answered where a person has bookings of his own. */

const floor = await aFloorApp({ machines: 1 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http, socket } = transportsTo(floor);
const aKey = async (...scopes: Scope[]) => (await anApiKey(runWork, { venueId, scopes })).secret;
const agent = await aKey('BOOKINGS_READ', 'BOOKINGS_WRITE');
const desk = await aKey('BOOKINGS_READ', 'BOOKINGS_WRITE', 'BOOKINGS_MANAGE');
const { id: userId } = await aUser(runWork, { venueId });

const OWN = {
  myBookings: '{ myBookings { totalCount } }',
  myWaitlist: '{ myWaitlist { id } }',
  calendarFeeds: '{ calendarFeeds { id } }',
  createCalendarFeed:
    'mutation { createCalendarFeed(input: { name: "Phone" }) { __typename ... on Error { code } } }',
};
const ALL = '{ bookings { totalCount } }';
const FOLLOW = (mine: boolean) => `subscription { bookings(mine: ${mine}) { id } }`;
const CANCEL = `mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) {
  ... on CancelBookingSuccess { booking { status } } ... on Error { code message } } }`;

test.each(Object.entries(OWN))(
  '%s is of people: a key may not, whatever its scopes',
  async (_name, query) => {
    for (const token of [agent, desk]) expect(refusalOf(await http(query, { token }))).toBe('AUTH_004');
    expect(refusalOf(await http(query))).toBe('AUTH_001');
  },
);

test('a key that does not oversee bookings has none to list or to follow', async () => {
  expect(refusalOf(await http(ALL, { token: agent }))).toBe('AUTH_004');
  expect(refusalOf(await socket(FOLLOW(false), { token: agent }))).toBe('AUTH_004');
  expect(refusalOf(await socket(FOLLOW(true), { token: desk }))).toBe('AUTH_004');
  expect((await http(ALL, { token: desk })).data.bookings.totalCount).toBe(0);
});

test('a key says which booking it cancels: by a slot it has none', async () => {
  const resource = await aResource(runWork, { venueId });
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 9 };
  const { id, startsAt } = await aBooking(runWork, { venueId, userId, slot });
  const slotId = encodeGlobalId('Slot', slotKeyOf(resource.id, startsAt));
  const cancel = async (input: object) => (await http(CANCEL, { token: desk, input })).data?.cancelBooking;
  expect(await cancel({ slotId })).toEqual({ code: 'API_001', message: 'Say which booking: bookingId.' });
  expect(await cancel({ bookingId: encodeGlobalId('Booking', id) })).toEqual({
    booking: { status: 'CANCELLED' },
  });
});
