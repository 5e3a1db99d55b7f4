import { type GraphQLField, getNamedType, isInterfaceType, isObjectType } from 'graphql';
import { expect, test } from 'vitest';
import { decodeCursor, encodeCursor } from '../../src/events/cursor.ts';
import { readForgotten, readHead, readLogIdentity } from '../../src/events/log.ts';
import { pruneLog } from '../../src/events/retention.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { streamFacts } from '../../src/graphql/stream-facts.ts';
import { newId } from '../../src/lib/ids.ts';
import { aTransfer } from '../support/aft.ts';
import { someAlerts } from '../support/alert.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aBooking, aPlaceInLine, aResource, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { aBulkExport } from '../support/bulk-export.ts';
import { aMessage } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { openEventStream, type SentEvents } from '../support/event-stream.ts';
import { aHandpay } from '../support/handpay.ts';
import { aDraft } from '../support/layout.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';
import { aNotice } from '../support/notification.ts';
import { someStays } from '../support/parking.ts';
import { aMedium } from '../support/uploads.ts';

/** What holds of the cursors of every durable subscription there is, over a socket and as server-sent events. */
const floor = await aFloorApp({ machines: 1, settings: { eventRetentionMs: 5 * 86_400_000 + 999 } });
await floor.online();
/** Of the server as it runs now. */
const db = () => floor.app().services.db;
const [machineId = ''] = floor.machineIds;
const { id: walletId } = await aWallet(floor.app().services.runWork, { venueId: floor.venueId });

const resource = await aResource(floor.app().services.runWork, { venueId: floor.venueId });

const layout = await aDraft(floor.app().services.runWork, { venueId: floor.venueId });

const durable = Object.values(buildSchema().getSubscriptionType()?.getFields() ?? {}).filter(({ args }) =>
  args.some(({ name }) => name === 'after'),
);
/** What a stream takes besides. */
const ARGUMENTS: Readonly<Record<string, string>> = {
  slots: `resourceId: "${encodeGlobalId('Resource', resource.id)}", date: "${dayAhead(resource)}"`,
  layoutUpdates: `layoutId: "${encodeGlobalId('Layout', layout.id)}"`,
};
/** Those that show how things stand, once, however often it changed. */
const STATES: readonly string[] = ['slots', 'parking', 'deviceStatus', 'layoutUpdates', 'player'];
/** Whose streams are not for people. */
const READERS: Readonly<Record<string, Asker>> = { player: 'DEVICE' };
const readerOf = (name: string): Asker => READERS[name] ?? 'ADMIN';
const queryOf = ({ name, type }: GraphQLField<unknown, unknown>) => {
  const shown = getNamedType(type);
  const hasCursor = (isObjectType(shown) || isInterfaceType(shown)) && 'cursor' in shown.getFields();
  return `subscription ($after: Cursor) { ${name}(${ARGUMENTS[name] ?? ''} after: $after) { __typename ${hasCursor ? 'cursor' : ''} } }`;
};
const streams = durable.map((field) => [field.name, queryOf(field)] as const);

async function switchAcceptor(enabled: boolean): Promise<void> {
  const { data } = await floor.ask(
    'mutation ($input: SetBillAcceptorInput!) { setBillAcceptor(input: $input) { __typename } }',
    { variables: { input: { machineId, enabled } } },
  );
  expect(data.setBillAcceptor.__typename).toBe('SetBillAcceptorSuccess');
}

let bookedSlots = 0;
/** What each stream tells of, twice; of what is not here, that a bill acceptor is switched. */
const HAPPENING: Readonly<Record<string, () => Promise<unknown>>> = {
  balance: async () => {
    const { runWork } = floor.app().services;
    const deposit = { venueId: floor.venueId, walletId, amountMinor: 1n };
    await apply(runWork, [aDeposit(deposit), aDeposit(deposit)]);
  },
  bookings: async () => {
    const { runWork } = floor.app().services;
    const { venueId } = floor;
    const { id: userId } = await aUser(runWork, { venueId });
    const slot = { resourceId: resource.id, day: dayAhead(resource) };
    bookedSlots += 2;
    await aBooking(runWork, { venueId, userId, slot: { ...slot, index: bookedSlots } });
    await aBooking(runWork, { venueId, userId, slot: { ...slot, index: bookedSlots + 1 } });
  },
  parkingReservations: async () => {
    const { runWork } = floor.app().services;
    const { venueId } = floor;
    const { id: userId } = await aUser(runWork, { venueId });
    await someStays(runWork, { venueId, userId });
    await someStays(runWork, { venueId, userId });
  },
  alerts: async () => {
    const { runWork } = floor.app().services;
    await someAlerts(runWork, floor.venueId);
    await someAlerts(runWork, floor.venueId);
  },
  bulkExports: async () => {
    const { runWork } = floor.app().services;
    await aBulkExport(runWork, { venueId: floor.venueId });
    await aBulkExport(runWork, { venueId: floor.venueId });
  },
  waitlist: async () => {
    const { runWork } = floor.app().services;
    const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'ADMIN' });
    const somebody = { venueId: floor.venueId, userId: decodeIdOf('User', data.viewer.user.id) };
    await aPlaceInLine(runWork, somebody);
    await aPlaceInLine(runWork, somebody);
  },
  channels: async () => {
    const { runWork } = floor.app().services;
    await aMessage(runWork, floor);
    await aMessage(runWork, floor);
  },
  notifications: async () => {
    const { runWork } = floor.app().services;
    const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'ADMIN' });
    const somebody = { venueId: floor.venueId, userId: decodeIdOf('User', data.viewer.user.id) };
    await aNotice(runWork, somebody);
    await aNotice(runWork, somebody);
  },
  contentSync: async () => {
    const { runWork } = floor.app().services;
    await aMedium(runWork, floor);
    await aMedium(runWork, floor);
  },
  handpays: async () => {
    const { runWork } = floor.app().services;
    const of = { venueId: floor.venueId, machineId: decodeIdOf('Machine', machineId) };
    await aHandpay(runWork, of);
    await aHandpay(runWork, of);
  },
  // It is ordered, and the money is held.
  aftTransfers: async () => {
    const { runWork } = floor.app().services;
    const { venueId } = floor;
    await apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 100n })]);
    // One before it goes on by itself until it is over, and has it wait.
    await eventually(() =>
      aTransfer(runWork, { venueId, walletId, machineId: decodeIdOf('Machine', machineId) }),
    );
  },
};

async function switchTwice(): Promise<void> {
  await switchAcceptor(true);
  await switchAcceptor(false);
}

async function refusalOverSocket(query: string, options: { as: Asker; after: string }): Promise<string> {
  const { as, after } = options;
  const frames = floor.follow(query, { as, variables: { after } });
  const refusal = await frames.next().catch((errors: unknown) => errors);
  await frames.end();
  return Array.isArray(refusal) ? refusal[0].extensions.code : JSON.stringify(refusal);
}

const listen = async (query: string, options: { as?: Asker; after?: string | null; lastEventId?: string }) =>
  await openEventStream(floor.app().url, {
    query,
    token: await floor.token(options.as ?? 'ADMIN'),
    variables: { after: options.after ?? null },
    ...(options.lastEventId !== undefined && { lastEventId: options.lastEventId }),
  });

async function refusalOf(stream: SentEvents): Promise<string> {
  const last = await stream.next();
  expect(await stream.next()).toMatchObject({ event: 'complete' });
  await stream.close();
  return last?.data?.errors?.[0]?.extensions.code ?? JSON.stringify(last);
}

const positioned = async (position: bigint) =>
  encodeCursor({ log: await readLogIdentity(db()), position, snapshot: null });

/** Of what the log has forgotten, and no process has in memory. */
async function forgottenCursor(): Promise<string> {
  const position = (await readHead(db())) - 1n;
  await switchAcceptor(false);
  // What is still to be told to people stays until then.
  await eventually(async () => {
    await pruneLog(db(), { retentionMs: 0, batch: 10_000 });
    return (await readForgotten(db())) > position;
  });
  await floor.restart();
  await floor.online();
  return await positioned(position);
}

const badCursors: readonly (readonly [string, () => Promise<string>])[] = [
  ['malformed', async () => 'AAAA'],
  ['unknown', async () => Buffer.from(`2|${newId()}|1`).toString('base64url')],
  ['foreign', async () => encodeCursor({ log: newId(), position: 0n, snapshot: null })],
  ['future', async () => positioned(10n ** 12n)],
  ['pruned', forgottenCursor],
];

test('there are durable subscriptions, and clients are told which of them begin with how things stand', () => {
  expect(durable.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['machineEvents', 'billEvents', 'events']),
  );
  const told = streamFacts(buildSchema()).filter((each) => each.takesAfter && each.beginsWithState);
  expect(told.map(({ name }) => name)).toEqual([...STATES].sort());
});

test.each(badCursors)('behind a cursor that is %s nothing is followed: WS_003', async (_, make) => {
  const cursor = await make();
  for (const [name, query] of streams) {
    const as = readerOf(name);
    const refusals = {
      socket: await refusalOverSocket(query, { as, after: cursor }),
      events: await refusalOf(await listen(query, { as, after: cursor })),
      header: await refusalOf(await listen(query, { as, lastEventId: cursor })),
    };
    expect([name, refusals]).toEqual([name, { socket: 'WS_003', events: 'WS_003', header: 'WS_003' }]);
  }
});

test.each(streams.filter(([name]) => !STATES.includes(name)))(
  '%s: a frame’s cursor is its id, and Last-Event-ID goes on behind it like after',
  async (name, query) => {
    const start = await positioned(await readHead(db()));
    await (HAPPENING[name] ?? switchTwice)();
    const first = await listen(query, { after: start });
    const [one, two] = [await first.next(), await first.next()];
    await first.close();
    expect(one?.id).toBe(one?.data.data[name].cursor ?? one?.id);
    expect(one?.id).toEqual(expect.any(String));
    expect(two?.id).not.toBe(one?.id);

    const byHeader = await listen(query, { lastEventId: one?.id ?? '' });
    expect((await byHeader.next())?.id).toBe(two?.id);
    await byHeader.close();
    // A client that connects again sends what it sent at first, and the header is the newer.
    const byBoth = await listen(query, { after: start, lastEventId: one?.id ?? '' });
    expect((await byBoth.next())?.id).toBe(two?.id);
    await byBoth.close();

    const overSocket = floor.follow(query, { as: 'ADMIN', variables: { after: one?.id } });
    expect(await overSocket.next()).toEqual(two?.data.data);
    await overSocket.end();
  },
);

/** Those that tell what becomes of the entries of a list of their name, which is asked for in pages. */
const paged = durable.filter(({ name }) => {
  const listed = buildSchema().getQueryType()?.getFields()[name]?.type;
  // The channels are listed, and their messages told: each channel has a page of those.
  return name !== 'channels' && /Connection$/.test(String(listed));
});

test.each(paged.map((field) => [field.name, queryOf(field)] as const))(
  '%s: behind a page of the list comes what it does not show, and nothing else',
  async (name, query) => {
    const happen = HAPPENING[name] ?? switchTwice;
    const placeOf = (event: Awaited<ReturnType<SentEvents['next']>>) =>
      decodeCursor(event?.id ?? 'none').position;
    const firstBehind = async (after: string) => {
      const stream = await listen(query, { after });
      const place = placeOf(await stream.next());
      await stream.close();
      return place;
    };
    const start = await floor.cursor();
    await happen();
    const shown = await firstBehind(start);
    const { data, errors } = await floor.ask(`{ ${name}(last: 1) { cursor } }`, { as: 'ADMIN' });
    expect(errors).toBeUndefined();
    const then = await floor.cursor();
    await happen();

    const next = await firstBehind(then);
    const behindPage = await listen(query, { after: data[name].cursor });
    let place = placeOf(await behindPage.next());
    expect(place).toBeGreaterThan(shown);
    while (place < next) place = placeOf(await behindPage.next());
    expect(place).toBe(next);
    await behindPage.close();
  },
);

test('there are pages to go on behind', () => {
  expect(paged.map(({ name }) => name)).toEqual(
    expect.arrayContaining(['aftTransfers', 'alerts', 'bookings', 'machineEvents', 'parkingReservations']),
  );
});

test('an empty Last-Event-ID is none', async () => {
  const start = await positioned(await readHead(db()));
  await switchAcceptor(true);
  const stream = await listen('subscription ($after: Cursor) { machineEvents(after: $after) { type } }', {
    after: start,
    lastEventId: '',
  });
  expect((await stream.next())?.data.data.machineEvents.type).toBe('BILL_ACCEPTOR_ENABLED');
  await stream.close();
});

test('how long a cursor is good is told to anybody', async () => {
  const { data } = await floor.ask('{ realtimeInfo { resumeWindowSeconds } }', { as: null });
  expect(data).toEqual({ realtimeInfo: { resumeWindowSeconds: 5 * 86_400 } });
});
