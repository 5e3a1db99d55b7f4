import { setTimeout as pause } from 'node:timers/promises';
import { sql } from 'kysely';
import { afterEach, expect, test } from 'vitest';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { openDatabase } from '../../src/db/database.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { updateDevice } from '../../src/signage/device-service.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aBookingNow, aResource, DESK } from '../support/booking.ts';
import { BROADCAST, MESSAGES } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice } from '../support/device.ts';
import { afterEachFile } from '../support/each-file.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

/** The console of a board: whoever has booked it follows what it says, for as long as his slot lasts. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
afterEachFile(() => owner[Symbol.asyncDispose]());
const port = Number(new URL(floor.app().url).port);
const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
const userId = decodeIdOf('User', data.viewer.user.id);

const sockets: SocketClient[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.close();
});

/** A board, and the hour in which somebody has it. */
async function aBoardOfTheHour() {
  const resource = await aResource(runWork, { venueId });
  const board = await aSignedInDevice(floor, 'LAB_BOARD');
  await runWork(DESK, (work) =>
    updateDevice(work, { venueId, deviceId: board.id, expectedVersion: 1, resourceId: resource.id }),
  );
  const id = encodeGlobalId('Device', board.id);
  return {
    id,
    channel: `device:${id}`,
    moveTo: (resourceId: string | null) =>
      runWork(DESK, (work) =>
        updateDevice(work, { venueId, deviceId: board.id, expectedVersion: 2, resourceId }),
      ),
    book: () => aBookingNow(floor, { userId, resourceId: resource.id }),
    async say(line: string) {
      const { data } = await board.ask(BROADCAST, { input: { type: 'console', data: line, deviceId: id } });
      return data.broadcast;
    },
    async refusalOf(to: object) {
      const { errors } = await board.ask(BROADCAST, { input: { type: 'console', ...to } });
      return errors?.[0]?.extensions.code;
    },
  };
}

async function follow(channel: string, after?: string): Promise<SocketClient> {
  const accessToken = await floor.token('PLAYER');
  const client = await connect({ port });
  sockets.push(client);
  await client.init({ accessToken });
  client.subscribe('console', MESSAGES, { names: [channel], after });
  return client;
}
const refusal = async (client: SocketClient) =>
  (await client.message('console', 'error')).payload[0].extensions.code;

/** From now on, for so long, whatever was booked. What claims time refers to it, so that both change at once. */
async function cutTo(bookingId: string, seconds: number): Promise<Date> {
  const now = new Date();
  const ends = new Date(now.getTime() + seconds * 1_000);
  await sql`with cut as (update booking set starts_at = ${now}, ends_at = ${ends} where id = ${bookingId})
    update slot_claim set starts_at = ${now}, ends_at = ${ends} where booking_id = ${bookingId}`.execute(
    owner.db,
  );
  return ends;
}

const LASTS_SECONDS = 12;

test('the stream shows what the board says in the slot, not what it said before, and is complete when the slot ends', async () => {
  const board = await aBoardOfTheHour();
  expect(await refusal(await follow(board.channel))).toBe('WS_007');

  const after = await floor.cursor();
  await board.say('whoever was here before me');
  const booking = await board.book();
  const ends = await cutTo(booking.id, LASTS_SECONDS);
  const client = await follow(board.channel, after);
  expect(await board.say('hello')).toMatchObject({ __typename: 'BroadcastSuccess' });
  const frame = await client.message('console', 'next');
  expect(frame.payload.data.channels).toMatchObject({ data: 'hello', type: 'console' });

  // A timer of our own for the same moment: a busy computer keeps both waiting.
  const boundary = pause(ends.getTime() - Date.now());
  const completed = client.message('console', 'complete').then(() => Date.now());
  await boundary;
  await withinASecond(floor, () => completed);
  expect(await completed).toBeGreaterThanOrEqual(ends.getTime() - 1);

  expect(await refusal(await follow(board.channel))).toBe('WS_007');
}, 120_000);

test('what was said before the slot is not read either, and what is said in it is', async () => {
  const board = await aBoardOfTheHour();
  const before = await board.say('whoever was here before me');
  const { id: bookingId } = await board.book();
  await cutTo(bookingId, 3_600);
  const read = async (as: Asker) => {
    const { data, errors } = await floor.ask(
      `query ($name: String!, $id: ID!) { node(id: $id) { id }
        channel(name: $name) { lastMessageAt messages(first: 10) { totalCount nodes { id data } } } }`,
      { as, variables: { name: board.channel, id: before.channelMessage.id } },
    );
    expect(errors).toBeUndefined();
    return data;
  };
  expect(await read('PLAYER')).toEqual({
    node: null,
    channel: { lastMessageAt: null, messages: { totalCount: 0, nodes: [] } },
  });
  const { id } = (await board.say('hello')).channelMessage;
  expect((await read('PLAYER')).channel).toEqual({
    lastMessageAt: expect.any(String),
    messages: { totalCount: 1, nodes: [{ id, data: 'hello' }] },
  });
  const { data } = await floor.ask('query ($id: ID!) { node(id: $id) { id } }', {
    as: 'PLAYER',
    variables: { id },
  });
  expect(data.node).toEqual({ id });
  expect((await read('ADMIN')).channel.messages.totalCount).toBe(2);
}, 120_000);

test('who has booked a board finds it, and nobody else', async () => {
  const board = await aBoardOfTheHour();
  const devices = async () =>
    (await floor.ask('{ devices { totalCount nodes { id } } }', { as: 'PLAYER' })).data.devices;
  const isListed = async () => (await devices()).nodes.some(({ id }: { id: string }) => id === board.id);
  expect(await isListed()).toBe(false);
  const { id: bookingId } = await board.book();
  expect(await isListed()).toBe(true);
  await runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
  expect(await isListed()).toBe(false);
}, 120_000);

test('with the booking that is cancelled goes the stream', async () => {
  const board = await aBoardOfTheHour();
  const { id: bookingId } = await board.book();
  const client = await follow(board.channel);
  // Only what is followed is heard.
  await eventually(async () => (await board.say('hello')).delivered > 0);
  await client.message('console', 'next');
  await runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
  expect(await refusal(client)).toBe('WS_007');
}, 120_000);

test('with the board that is moved to another bench goes the stream', async () => {
  const board = await aBoardOfTheHour();
  await board.book();
  const client = await follow(board.channel);
  await eventually(async () => (await board.say('hello')).delivered > 0);
  await client.message('console', 'next');
  await board.moveTo((await aResource(runWork, { venueId })).id);
  expect(await refusal(client)).toBe('WS_007');
}, 120_000);

test('a stream that is begun in the very moment in which its board is moved is refused', async () => {
  const board = await aBoardOfTheHour();
  await board.book();
  const accessToken = await floor.token('ADMIN');
  const [bench, watcher] = [await aResource(runWork, { venueId }), await connect({ port })];
  sockets.push(watcher);
  await watcher.init({ accessToken });
  // Whoever is told of a move is told when rights have followed it.
  const moves =
    'subscription ($after: Cursor) { events(types: ["signage.device-updated"], after: $after) { type } }';
  watcher.subscribe('moves', moves, { after: await floor.cursor() });
  const { services } = floor.app();
  const { heldDevices } = services;
  let reads = 0;
  Object.assign(services, {
    async heldDevices(...asked: Parameters<typeof heldDevices>) {
      const held = await heldDevices(...asked);
      reads += 1;
      if (reads === 1) {
        await board.moveTo(bench.id);
        await watcher.message('moves', 'next');
      }
      return held;
    },
  });
  try {
    expect(await refusal(await follow(board.channel))).toBe('WS_007');
  } finally {
    Object.assign(services, { heldDevices });
  }
}, 120_000);

test('a device speaks on its own channel, and on no other', async () => {
  const board = await aBoardOfTheHour();
  const other = await aBoardOfTheHour();
  expect(await board.say('mine')).toMatchObject({ channelMessage: { channel: board.channel } });
  for (const to of [{ deviceId: other.id }, { channel: 'emergency-alerts' }, {}])
    expect(await board.refusalOf(to)).toBe('AUTH_004');
});
