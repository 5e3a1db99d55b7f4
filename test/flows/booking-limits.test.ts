import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { addDays, dayOf } from '../../src/lib/calendar.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { transports, signIn } = transportsTo(floor);
const limited = await aUser(runWork, { venueId, username: 'limited' });

const SET = `mutation ($input: SetBookingLimitInput!) { setBookingLimit(input: $input) { __typename
  ... on SetBookingLimitSuccess { limit { role window maximum } } ... on Error { code } } }`;
const BOOK = `mutation ($input: BookSlotInput!) { bookSlot(input: $input) { __typename
  ... on BookSlotSuccess { replayed } ... on Error { code }
  ... on BookingLimitError { window maximum count resetsAt } } }`;

const set = async (input: object, as: 'OPERATOR' | 'PLAYER' = 'OPERATOR') =>
  await floor.ask(SET, { as, variables: { input } });

test('who manages bookings limits them, and everybody sees how', async () => {
  const weekly = { role: 'PLAYER', window: 'WEEK', maximum: 7 };
  expect((await set(weekly)).data.setBookingLimit.limit).toEqual(weekly);
  expect((await set(weekly, 'PLAYER')).errors?.[0]?.extensions.code).toBe('AUTH_004');
  expect((await set({ ...weekly, maximum: -1 })).data.setBookingLimit.code).toBe('API_001');
  expect((await set({ ...weekly, role: 'DEVICE' })).data.setBookingLimit.code).toBe('API_001');
  const seen = async () =>
    (await floor.ask('{ bookingLimits { role window maximum } }', { as: 'PLAYER' })).data.bookingLimits;
  expect(await seen()).toEqual([weekly]);
  expect((await set({ ...weekly, maximum: null })).data.setBookingLimit.limit).toBeNull();
  expect(await seen()).toEqual([]);
});

test.each(transports)(
  'over %s ten at once book two of two a day, and the others are told',
  async (_, ask) => {
    await set({ role: 'PLAYER', window: 'DAY', maximum: 2 });
    const token = (await signIn('limited')).accessToken;
    const resource = await aResource(runWork, { venueId });
    const resourceId = encodeGlobalId('Resource', resource.id);
    // A day of its own for each transport.
    const days = 1 + transports.findIndex(([, each]) => each === ask);
    const date = addDays(dayOf(new Date(), resource.timeZone), days);
    const book = async (index: number, idempotencyKey?: string) =>
      (await ask(BOOK, { token, input: { resourceId, date, index, idempotencyKey } })).data.bookSlot;
    const answers = await Promise.all(Array.from({ length: 10 }, (_each, index) => book(index)));
    const refused = answers.filter(({ code }) => code === 'API_012');
    expect(refused).toHaveLength(8);
    expect(refused[0]).toMatchObject({
      __typename: 'BookingLimitError',
      window: 'DAY',
      maximum: 2,
      count: 2,
      resetsAt: expect.stringMatching(/Z$/),
    });
    const booked = await runWork({ kind: 'system', name: 'test' }, ({ tx }) =>
      tx
        .selectFrom('booking')
        .select('id')
        .where('user_id', '=', limited.id)
        .where('resource_id', '=', resource.id)
        .execute(),
    );
    expect(booked).toHaveLength(2);

    const key = `limit-${days}`;
    const first = await book(12, key);
    expect(first.code).toBe('API_012');
    await set({ role: 'PLAYER', window: 'DAY', maximum: null });
    expect(await book(12, key)).toEqual(first);
  },
);
