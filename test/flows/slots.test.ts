import { afterAll, describe, expect, test } from 'vitest';
import { addDays, dayOf } from '../../src/lib/calendar.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork, slotBoard } = floor.app().services;
const port = Number(new URL(floor.app().url).port);
const { http, transports, signIn } = transportsTo(floor);
const people = await Promise.all(['anna', 'bert'].map((username) => aUser(runWork, { venueId, username })));
const anna = (await signIn('anna')).accessToken;
const bert = (await signIn('bert')).accessToken;
await Promise.all(
  people.map(({ id: userId }) => aWallet(runWork, { venueId, userId, balanceMinor: 10_000n })),
);

let made = 0;
async function aResource(input: object = {}): Promise<{ id: string; day: string }> {
  made += 1;
  const { data } = await floor.ask(
    'mutation ($input: CreateResourceInput!) { createResource(input: $input) { __typename ... on CreateResourceSuccess { resource { id timeZone } } ... on Error { message } } }',
    { as: 'ADMIN', variables: { input: { kind: 'BENCH', name: `Bench ${made}`, ...input } } },
  );
  const { id, timeZone } = data.createResource.resource;
  return { id, day: addDays(dayOf(new Date(), timeZone), 1) };
}

const DAY = `query ($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) {
  date total booked available availableSlots bookedSlots cursor
  slots { id index startTime endTime state free booking { id ownerId } } } }`;
const BOOK = `mutation ($input: BookSlotInput!) { bookSlot(input: $input) { __typename
  ... on BookSlotSuccess { success message replayed booking { id status paid { amount } } slot { index state } }
  ... on Error { code message } ... on SlotUnavailableError { alternatives { id index state } } } }`;
const CANCEL = `mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) { __typename
  ... on CancelBookingSuccess { success message booking { status refunded { amount } } slot { index state } }
  ... on Error { code } } }`;
const UPDATE = `mutation ($input: UpdateResourceInput!) { updateResource(input: $input) {
  ... on UpdateResourceSuccess { resource { version price { amount } } } ... on Error { code message } } }`;
const WATCH = `subscription ($resourceId: ID!, $date: LocalDate!, $after: Cursor, $ms: Int) {
  slots(resourceId: $resourceId, date: $date, after: $after, minIntervalMs: $ms) {
    bookedSlots cursor timestamp slots { index startsAt state booking { id } } } }`;

test('the day of several resources is asked for at once, and is that of each', async () => {
  const [one, other] = [await aResource({ kind: 'ROOM' }), await aResource({ kind: 'ROOM' })];
  const input = { resourceId: one.id, date: one.day, index: 7 };
  const booked = await http(BOOK, { token: anna, input });
  expect(booked.data.bookSlot.__typename).toBe('BookSlotSuccess');

  const SHOWN = 'date total bookedSlots slots { id index startTime state booking { id } }';
  const rooms = await floor.ask(
    `query ($date: LocalDate!) { resources(kind: ROOM) { nodes { id slots(date: $date) { ${SHOWN} } } } }`,
    { as: 'PLAYER', variables: { date: one.day } },
  );
  expect(rooms.errors).toBeUndefined();
  expect(rooms.data.resources.nodes).toHaveLength(2);
  for (const { id, slots } of rooms.data.resources.nodes) {
    const { data } = await floor.ask(
      `query ($id: ID!, $date: LocalDate!) { slots(resourceId: $id, date: $date) { ${SHOWN} } }`,
      { as: 'PLAYER', variables: { id, date: one.day } },
    );
    expect(slots).toEqual(data.slots);
    expect([id, slots.bookedSlots]).toEqual([id, id === other.id ? [] : [7]]);
  }
});

test('a resource says what it takes and how it is used', async () => {
  const openingHours = [{ weekday: 'MONDAY', opensAt: '03:00', closesAt: '15:00' }];
  const input = {
    kind: 'TABLE',
    name: 'Roulette',
    slotDuration: 'PT30M',
    price: '2.5',
    capacity: 4,
    openingHours,
  };
  const { data } = await floor.ask(
    'mutation ($input: CreateResourceInput!) { createResource(input: $input) { ... on CreateResourceSuccess { resource { name kind slotDuration price { amount currency } capacity openingHours { weekday opensAt closesAt } version } } } }',
    { as: 'OPERATOR', variables: { input } },
  );
  expect(data.createResource.resource).toEqual({
    ...input,
    price: { amount: '2.50', currency: 'USD' },
    version: 1,
  });
});

test('a resource into whose hours no slot fits is refused', async () => {
  const openingHours = [{ weekday: 'MONDAY', opensAt: '09:00', closesAt: '10:59' }];
  const create = (slotDuration: string) =>
    floor.ask(
      'mutation ($input: CreateResourceInput!) { createResource(input: $input) { __typename ... on ValidationError { issues { path } } } }',
      {
        as: 'ADMIN',
        variables: { input: { kind: 'BENCH', name: slotDuration, slotDuration, openingHours } },
      },
    );
  expect((await create('PT2H')).data.createResource).toEqual({
    __typename: 'ValidationError',
    issues: [{ path: ['input', 'slotDuration'] }],
  });
  expect((await create('PT1H59M')).data.createResource.__typename).toBe('CreateResourceSuccess');
});

test('who holds a slot is shown his hold wherever he looks, and nobody else is', async () => {
  const { id: resourceId, day: date } = await aResource();
  const HOLD = `mutation ($input: HoldSlotInput!) { holdSlot(input: $input) { ... on HoldSlotSuccess { hold { id slot { hold { id } } } } } }`;
  const { hold } = (await http(HOLD, { token: anna, input: { resourceId, date, index: 4 } })).data.holdSlot;
  expect(hold.slot).toEqual({ hold: { id: hold.id } });
  const slotsSeen = async (token: string) => {
    const query = `query ($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) { slots { state hold { id state } } } }`;
    return (await http(query, { token, variables: { resourceId, date } })).data.slots.slots;
  };
  expect((await slotsSeen(anna))[4]).toEqual({ state: 'HELD', hold: { id: hold.id, state: 'PLACED' } });
  expect((await slotsSeen(anna))[5]).toEqual({ state: 'AVAILABLE', hold: null });
  expect((await slotsSeen(bert))[4]).toEqual({ state: 'HELD', hold: null });

  const watch = async (token: string) => {
    const client = await connect({ port });
    await client.init({ accessToken: token });
    client.subscribe(
      '1',
      'subscription ($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) { slots { hold { id } } } }',
      { resourceId, date },
    );
    return client;
  };
  for (const [token, shown] of [
    [anna, { id: hold.id }],
    [bert, null],
  ] as const) {
    const client = await watch(token);
    const { payload } = await client.message('1', 'next');
    expect(payload.data.slots.slots[4].hold).toEqual(shown);
    client.socket.terminate();
  }
  const booked = await http(BOOK, { token: anna, input: { holdId: hold.id } });
  expect(booked.data.bookSlot).toMatchObject({ slot: { index: 4, state: 'BOOKED' } });
  expect((await slotsSeen(anna))[4]).toEqual({ state: 'BOOKED', hold: null });
});

test('who oversees bookings is shown of several holds on a slot his own', async () => {
  const { id: resourceId, day: date } = await aResource({ capacity: 2 });
  const HOLD = `mutation ($input: HoldSlotInput!) { holdSlot(input: $input) { ... on HoldSlotSuccess { hold { id } } } }`;
  const input = { resourceId, date, index: 4 };
  const hold = async (token: string) =>
    (await http(HOLD, { token, input })).data.holdSlot.hold as { readonly id: string };
  const [hers, his] = [await hold(anna), await hold(await floor.token('OPERATOR'))];
  const seen = '(resourceId: $resourceId, date: $date) { slots { hold { id } } }';
  for (const [token, shown] of [
    [await floor.token('ADMIN'), hers],
    [await floor.token('OPERATOR'), his],
  ] as const) {
    const query = `query ($resourceId: ID!, $date: LocalDate!) { slots${seen} }`;
    const { data } = await http(query, { token, variables: { resourceId, date } });
    expect(data.slots.slots[4].hold).toEqual(shown);
    const client = await connect({ port });
    await client.init({ accessToken: token });
    client.subscribe('1', query.replace('query', 'subscription'), { resourceId, date });
    const { payload } = await client.message('1', 'next');
    expect(payload.data.slots.slots[4].hold).toEqual(shown);
    client.socket.terminate();
  }
});

test('a resource costs at most what the database keeps, and more is told to who asks for it', async () => {
  const CREATE =
    'mutation ($input: CreateResourceInput!) { createResource(input: $input) { ... on CreateResourceSuccess { resource { id version } } ... on Error { code message } } }';
  const asAdmin = async (query: string, input: object) =>
    (await floor.ask(query, { as: 'ADMIN', variables: { input } })).data;
  const most = '9999999999.99';
  const refusal = { code: 'API_001', message: `price takes 0 to ${most} USD.` };
  const kind = 'TABLE';
  expect(await asAdmin(CREATE, { kind, name: 'Dear', price: '10000000000' })).toEqual({
    createResource: refusal,
  });
  const { createResource } = await asAdmin(CREATE, { kind, name: 'Dear', price: '9999999999' });
  const { id: resourceId, version: expectedVersion } = createResource.resource;
  const update = (price: string) => asAdmin(UPDATE, { resourceId, expectedVersion, price });
  expect(await update('10000000000')).toEqual({ updateResource: refusal });
  expect(await update(most)).toMatchObject({ updateResource: { resource: { price: { amount: most } } } });
});

describe.each(transports)('over %s', (_name, ask) => {
  test('a day has 24 slots of which the booked ones are not available, and cancelling gives one back', async () => {
    const { id: resourceId, day: date } = await aResource({ price: '7' });
    const booked = await ask(BOOK, { token: anna, input: { resourceId, date, index: 9 } });
    expect(booked.data.bookSlot).toMatchObject({
      success: true,
      message: expect.stringContaining('Slot 9'),
      booking: { status: 'BOOKED', paid: { amount: '7.00' } },
      slot: { index: 9, state: 'BOOKED' },
    });
    const read = await ask(DAY, { token: anna, variables: { resourceId, date } });
    const { slots, ...day } = read.data.slots;
    expect(day).toMatchObject({ date, total: 24, booked: 1, available: 23, bookedSlots: [9] });
    expect([...day.availableSlots, ...day.bookedSlots].sort((a, b) => a - b)).toEqual(
      slots.map(({ index }: { index: number }) => index),
    );
    expect(slots[9]).toMatchObject({
      startTime: '09:00',
      endTime: '10:00',
      booking: { id: booked.data.bookSlot.booking.id },
    });
    expect(slots[23].endTime).toBe('00:00');

    const taken = await ask(BOOK, { token: bert, input: { slotId: slots[9].id } });
    expect(taken.data.bookSlot.code).toBe('API_010');
    const [nearest] = taken.data.bookSlot.alternatives;
    expect(nearest.state).toBe('AVAILABLE');
    const instead = await ask(BOOK, { token: bert, input: { slotId: nearest.id } });
    expect(instead.data.bookSlot.success).toBe(true);

    const notHis = await ask(CANCEL, { token: bert, input: { bookingId: booked.data.bookSlot.booking.id } });
    expect(notHis.data.cancelBooking.code).toBe('API_002');
    const cancelled = await ask(CANCEL, { token: anna, input: { slotId: slots[9].id, reason: 'ill' } });
    expect(cancelled.data.cancelBooking).toMatchObject({
      success: true,
      booking: { status: 'CANCELLED', refunded: { amount: '7.00' } },
      slot: { index: 9, state: 'AVAILABLE' },
    });
  });

  test('without a token nothing is booked', async () => {
    const { id: resourceId, day: date } = await aResource();
    const refused = await ask(BOOK, { input: { resourceId, date, index: 9 } });
    expect(refused.errors?.[0]?.extensions?.code).toBe('AUTH_001');
  });
});

test('what is open, and how full the day is, is told beside how the server is doing', async () => {
  const { id: resourceId } = await aResource();
  const now = { slotId: '' };
  const today = addDays((await aResource()).day, -1);
  const { data } =
    (await transports[0]?.[1](DAY, { token: anna, variables: { resourceId, date: today } })) ?? {};
  now.slotId = data.slots.slots.at(-1).id;
  const counted =
    '{ apiInfo { bookedSlots } health { openConnections slots { date total booked available } } }';
  const before = (await floor.ask(counted, { as: 'PLAYER' })).data;
  await transports[0]?.[1](BOOK, { token: anna, input: now });
  const after = (await floor.ask(counted, { as: 'PLAYER' })).data;
  expect(after.health.slots).toEqual({
    ...before.health.slots,
    date: today,
    booked: before.health.slots.booked + 1,
    available: before.health.slots.available - 1,
  });
  expect(after.apiInfo.bookedSlots).toBe(after.health.slots.booked);
  const stats = await floor.ask('{ stats { slots { total booked available } } }', { as: 'OPERATOR' });
  const { date: _date, ...counts } = after.health.slots;
  expect(stats.data.stats.slots).toEqual(counts);
  const anonymous = await transports[0]?.[1](counted, {});
  expect(anonymous?.data).toMatchObject({ apiInfo: { bookedSlots: null }, health: { slots: null } });
});

test('a key books once, and gives its refusal again though the slot is free by then', async () => {
  const { id: resourceId, day: date } = await aResource();
  const book = async (as: string, input: object) =>
    (await transports[0]?.[1](BOOK, { token: as, input }))?.data.bookSlot;
  const first = { resourceId, date, index: 1, idempotencyKey: 'one' };
  const { booking } = await book(anna, first);
  expect(await book(anna, first)).toMatchObject({ booking, replayed: true });
  expect(await book(anna, { ...first, index: 2 })).toMatchObject({ code: 'API_004' });
  expect(await book(bert, { ...first })).toMatchObject({ code: 'API_010' });
  await transports[0]?.[1](CANCEL, { token: anna, input: { bookingId: booking.id } });
  expect(await book(bert, { ...first })).toMatchObject({ code: 'API_010' });
  expect(await book(bert, { ...first, idempotencyKey: 'two' })).toMatchObject({ success: true });
});

describe('one by its id', () => {
  const BOOKING =
    'query ($id: ID!) { booking(id: $id) { id owner { id } slot { index state booking { id } } } }';
  const RESOURCE = 'query ($id: ID!) { resource(id: $id) { id name slotDuration } }';
  const FOLLOW = `subscription ($after: Cursor) {
    bookings(mine: true, after: $after) { status slot { index state } } }`;
  const codeOf = async (query: string, token: string, id: string) =>
    (await http(query, { token, variables: { id } })).errors?.[0]?.extensions.code;

  test('is a booking with its slot, to whose it is and to who oversees them', async () => {
    const { id: resourceId, day: date } = await aResource();
    const { data } = await http(BOOK, { token: anna, input: { resourceId, date, index: 9 } });
    const { id } = data.bookSlot.booking;
    const shown = { id, slot: { index: 9, state: 'BOOKED', booking: { id } } };
    for (const token of [anna, await floor.token('AUDITOR')])
      expect((await http(BOOKING, { token, variables: { id } })).data.booking).toMatchObject(shown);
    expect(await codeOf(BOOKING, bert, id)).toBe('API_002');
    expect(await codeOf(BOOKING, await floor.token('FOREIGN_ADMIN'), id)).toBe('API_002');
    expect(await codeOf(BOOKING, anna, resourceId)).toBe('API_001');

    // What is booked stays, whatever slots there are.
    await floor.ask(UPDATE, {
      as: 'ADMIN',
      variables: {
        input: {
          resourceId,
          expectedVersion: 1,
          openingHours: [{ weekday: 'MONDAY', opensAt: '00:00', closesAt: '01:00' }],
        },
      },
    });
    expect((await http(BOOKING, { token: anna, variables: { id } })).data.booking).toMatchObject({
      id,
      slot: null,
    });
  });

  test('is a resource, to everybody of its venue', async () => {
    const { id } = await aResource({ slotDuration: 'PT30M' });
    for (const token of [anna, await floor.token('AUDITOR')])
      expect((await http(RESOURCE, { token, variables: { id } })).data.resource).toMatchObject({
        id,
        slotDuration: 'PT30M',
      });
    expect(await codeOf(RESOURCE, await floor.token('FOREIGN_ADMIN'), id)).toBe('API_002');
    expect((await http(RESOURCE, { variables: { id } })).errors?.[0]?.extensions.code).toBe('AUTH_001');
  });

  test('is told with its slot when it is followed', async () => {
    const { id: resourceId, day: date } = await aResource();
    const client = await connect({ port });
    try {
      await client.init({ accessToken: anna });
      const after = (await http('{ myBookings { cursor } }', { token: anna })).data.myBookings.cursor;
      client.subscribe('1', FOLLOW, { after });
      const { data } = await http(BOOK, { token: anna, input: { resourceId, date, index: 5 } });
      expect(data.bookSlot.success).toBe(true);
      const [frame] = await eventually(() => {
        const frames = client.messages.filter(({ type }) => type === 'next');
        return frames.length > 0 && frames;
      });
      expect(frame?.payload.data.bookings).toEqual({
        status: 'BOOKED',
        slot: { index: 5, state: 'BOOKED' },
      });
    } finally {
      client.socket.terminate();
    }
  });
});

describe('who has a slot twice', () => {
  const CANCEL_ONE = `mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) {
    ... on CancelBookingSuccess { replayed booking { id } } ... on Error { code message } } }`;
  const cancel = async (input: object) => (await http(CANCEL_ONE, { token: anna, input })).data.cancelBooking;

  async function aSlotTwice() {
    const { id: resourceId, day: date } = await aResource({ capacity: 3 });
    const input = { resourceId, date, index: 9 };
    const first = (await http(BOOK, { token: anna, input })).data.bookSlot.booking.id;
    const second = (await http(BOOK, { token: anna, input })).data.bookSlot.booking.id;
    const { data } = await http(DAY, { token: anna, variables: { resourceId, date } });
    const left = async () =>
      (
        await http('query ($id: ID!) { slot(id: $id) { bookings { id } } }', {
          token: anna,
          variables: { id: data.slots.slots[9].id },
        })
      ).data.slot.bookings.map(({ id }: { id: string }) => id);
    return { slotId: data.slots.slots[9].id, first, second, left };
  }

  test('cancels one of them by a key, however often he asks', async () => {
    const { slotId, first, second, left } = await aSlotTwice();
    const input = { slotId, idempotencyKey: `cancel-${slotId}` };
    expect(await cancel(input)).toEqual({ replayed: false, booking: { id: first } });
    expect(await cancel(input)).toEqual({ replayed: true, booking: { id: first } });
    expect(await left()).toEqual([second]);
    expect(await cancel({ ...input, slotId: undefined, bookingId: second })).toMatchObject({
      code: 'API_004',
    });
  });

  test('says which one without a key, for who asks again would cancel the other', async () => {
    const { slotId, first, second, left } = await aSlotTwice();
    expect(await cancel({ slotId })).toEqual({
      code: 'API_001',
      message: 'You have 2 bookings of this slot. Give the bookingId of one, or an idempotencyKey.',
    });
    expect(await left()).toEqual([first, second]);
    expect(await cancel({ bookingId: second })).toMatchObject({ booking: { id: second } });
    expect(await cancel({ slotId })).toMatchObject({ booking: { id: first } });
    expect(await cancel({ slotId })).toMatchObject({ code: 'API_002' });
  });

  test('is told by a key for ever that it had ended', async () => {
    const { slotId, first } = await aSlotTwice();
    await cancel({ bookingId: first });
    const input = { bookingId: first, idempotencyKey: `again-${slotId}` };
    const refused = await cancel(input);
    expect(refused).toEqual({ code: 'API_001', message: 'The booking is cancelled already.' });
    expect(await cancel(input)).toEqual(refused);
  });
});

describe('when slots have another length than what is booked', () => {
  /** A bench whose slots were an hour long when Anna booked some of them, and are as long as this now. */
  async function aChangedBench(slotDuration: string, ...indices: readonly number[]) {
    const { id: resourceId, day: date } = await aResource();
    const booked: { id: string; slotId: string }[] = [];
    for (const index of indices) {
      const day = await http(DAY, { token: anna, variables: { resourceId, date } });
      const { data } = await http(BOOK, { token: anna, input: { resourceId, date, index } });
      booked.push({ id: data.bookSlot.booking.id, slotId: day.data.slots.slots[index].id });
    }
    const input = { resourceId, expectedVersion: 1, slotDuration };
    await floor.ask(UPDATE, { as: 'ADMIN', variables: { input } });
    const read = async () =>
      (await http(DAY, { token: anna, variables: { resourceId, date } })).data.slots.slots as {
        id: string;
        startTime: string;
        booking: { id: string } | null;
      }[];
    return { date, booked, read };
  }
  const CANCEL_WHICH = `mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) {
    ... on CancelBookingSuccess { message booking { id } slot { index } } ... on Error { code } } }`;
  const cancel = async (token: string, slotId: string, idempotencyKey?: string) =>
    (await http(CANCEL_WHICH, { token, input: { slotId, idempotencyKey } })).data.cancelBooking;

  test('each that shows a booking of the caller cancels it', async () => {
    for (const half of ['09:00', '09:30']) {
      const { read } = await aChangedBench('PT30M', 9);
      const slot = (await read()).find(({ startTime }) => startTime === half);
      if (!slot?.booking) throw new Error('it shows none');
      expect(await cancel(bert, slot.id)).toEqual({ code: 'API_002' });
      expect(await cancel(anna, slot.id)).toMatchObject({ booking: { id: slot.booking.id } });
      expect((await read()).filter(({ booking }) => booking !== null)).toEqual([]);
    }
  });

  test('of two bookings in one slot the shown one is cancelled by a key, and then the other by another', async () => {
    const { read, booked } = await aChangedBench('PT2H', 8, 9);
    for (const { id } of booked) {
      const slot = (await read()).find(({ startTime }) => startTime === '08:00');
      expect(slot?.booking?.id).toBe(id);
      expect(await cancel(anna, slot?.id ?? '', `cancel-${id}`)).toMatchObject({
        booking: { id },
      });
    }
  });

  test('what is no slot any more means the booking that begins then, and is named by day and time', async () => {
    const { date, booked } = await aChangedBench('PT2H', 8, 9);
    const [, second] = booked;
    expect(await cancel(anna, second?.slotId ?? '')).toEqual({
      message: `The slot of ${date} at 09:00 is cancelled.`,
      booking: { id: second?.id },
      slot: null,
    });
  });
});

describe('a day that is watched', () => {
  const clients: SocketClient[] = [];
  afterAll(() => {
    for (const { socket } of clients) socket.terminate();
  });

  async function watch(token: string, variables: object) {
    const client = await connect({ port });
    clients.push(client);
    await client.init({ accessToken: token });
    client.subscribe('1', WATCH, variables);
    const frames = () =>
      client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.slots);
    const upTo = (count: number) => eventually(() => frames().length >= count && frames());
    return { client, frames, upTo };
  }
  const book = (token: string, input: object) => transports[0]?.[1](BOOK, { token, input });

  test('is shown as it stands and then at each change, to who has a slot of it that it is his', async () => {
    const { id: resourceId, day: date } = await aResource();
    const [hers, his] = [await watch(anna, { resourceId, date }), await watch(bert, { resourceId, date })];
    await Promise.all([hers.upTo(1), his.upTo(1)]);
    const before = slotBoard.reads();
    await book(anna, { resourceId, date, index: 5 });
    const [seenByHer, seenByHim] = [(await hers.upTo(2))[1], (await his.upTo(2))[1]];
    expect(slotBoard.reads() - before).toBe(1);
    const metrics = await (await fetch(`${floor.app().url}/metrics`)).text();
    expect(metrics).toContain(`floorwire_slot_day_reads_total ${slotBoard.reads()}\n`);
    expect(seenByHer.bookedSlots).toEqual([5]);
    expect(seenByHer.slots[5]).toMatchObject({ state: 'BOOKED', booking: { id: expect.any(String) } });
    expect(seenByHim.slots[5]).toMatchObject({ state: 'BOOKED', booking: null });
    await book(bert, { resourceId, date, index: 6 });
    expect((await hers.upTo(3))[2].slots[6].booking).toBeNull();
    expect((await his.upTo(3))[2].slots[6].booking).toMatchObject({ id: expect.any(String) });
  });

  test('is shown again to who comes back only when it is another than where he left', async () => {
    const { id: resourceId, day: date } = await aResource();
    const first = await watch(anna, { resourceId, date });
    const [{ cursor }] = await first.upTo(1);
    const same = await watch(anna, { resourceId, date, after: cursor });
    await same.client.roundTrip();
    await book(bert, { resourceId, date, index: 7 });
    expect((await same.upTo(1))[0].bookedSlots).toEqual([7]);
    const missed = await watch(anna, { resourceId, date, after: cursor });
    expect((await missed.upTo(1))[0].bookedSlots).toEqual([7]);
    const current = await watch(anna, { resourceId, date, after: same.frames()[0].cursor });
    await book(bert, { resourceId, date, index: 8 });
    expect((await current.upTo(1))[0].bookedSlots).toEqual([7, 8]);
    expect(await same.upTo(2)).toHaveLength(2);
  });

  test('is shown again to who comes back when the venue has moved to another time zone', async () => {
    const { id: resourceId, day: date } = await aResource();
    const first = await watch(anna, { resourceId, date });
    const [{ cursor, slots }] = await first.upTo(1);
    const was = await moveVenue('Asia/Tokyo');
    const back = await watch(anna, { resourceId, date, after: cursor });
    expect((await back.upTo(1))[0].slots[0].startsAt).not.toBe(slots[0].startsAt);
    await moveVenue(was);
    expect((await back.upTo(2))[1].slots[0].startsAt).toBe(slots[0].startsAt);
  });
});

async function moveVenue(timeZone: string): Promise<string> {
  const { data } = await floor.ask('{ viewer { venue { id version timeZone } } }', { as: 'ADMIN' });
  const { id, version, timeZone: was } = data.viewer.venue;
  const input = { venueId: id, expectedVersion: version, timeZone };
  await floor.ask('mutation ($input: UpdateVenueInput!) { updateVenue(input: $input) { __typename } }', {
    as: 'ADMIN',
    variables: { input },
  });
  return was;
}
