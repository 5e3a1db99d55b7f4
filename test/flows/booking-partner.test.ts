import { expect, test } from 'vitest';
import { encodeGlobalId, slotKeyOf } from '../../src/graphql/ids.ts';
import type { Scope } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aBooking, aResource, dayAhead } from '../support/booking.ts';
import { anApiKey, aUser } from '../support/builders.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

/** What an API key is answered where a person has bookings of his own. */

const floor = await aFloorApp({ machines: 0 });
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

const RESOURCE = 'resource { id name }';
const BOOKED = `__typename ... on Error { code } ... on BookSlotSuccess {
  message slot { index ${RESOURCE} } booking { status ${RESOURCE} } }`;

test('a key that makes bookings and reads none sees what it made', async () => {
  const maker = await aKey('BOOKINGS_WRITE', 'BOOKINGS_MANAGE');
  const resource = await aResource(runWork, { venueId });
  const shown = { id: encodeGlobalId('Resource', resource.id), name: resource.name };
  const change = async (field: string, answer: string, input: object) => {
    const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${answer} } }`;
    const { data, errors } = await http(query, { token: maker, input });
    expect(errors).toBeUndefined();
    return data[field];
  };
  const slot = (index: number) => ({
    userId: encodeGlobalId('User', userId),
    resourceId: shown.id,
    date: dayAhead(resource),
    index,
  });
  const booked = await change('bookSlot', BOOKED, slot(10));
  expect(booked).toEqual({
    __typename: 'BookSlotSuccess',
    message: expect.stringMatching(/^Slot 10 of .* is booked\.$/),
    slot: { index: 10, resource: shown },
    booking: { status: 'BOOKED', resource: shown },
  });
  const held = `... on HoldSlotSuccess { hold { slot { ${RESOURCE} } } }`;
  expect((await change('holdSlot', held, slot(11))).hold.slot.resource).toEqual(shown);
  const changed = `... on UpdateResourceSuccess { ${RESOURCE} }`;
  const rename = { resourceId: shown.id, expectedVersion: 1, name: 'Corner table' };
  expect(await change('updateResource', changed, rename)).toEqual({
    resource: { ...shown, name: 'Corner table' },
  });
  for (const query of [ALL, '{ resources { totalCount } }'])
    expect(refusalOf(await http(query, { token: maker }))).toBe('AUTH_004');
});

test('a key that may only write is shown no booking', async () => {
  const writer = await aKey('BOOKINGS_WRITE');
  const resource = await aResource(runWork, { venueId });
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 9 };
  const { id } = await aBooking(runWork, { venueId, userId, slot });
  for (const node of [encodeGlobalId('Booking', id), encodeGlobalId('Resource', resource.id)]) {
    const query = `{ node(id: "${node}") { id } }`;
    expect((await http(query, { token: writer })).data).toEqual({ node: null });
  }
});
