import { print } from 'graphql';
import { afterAll, describe, expect, test } from 'vitest';
import { bookSeries } from '../../src/booking/series-service.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { formatSpan } from '../../src/lib/time.ts';
import { sendNotification } from '../../src/notification/sending-service.ts';
import { aFloorApp } from '../support/app.ts';
import { aPlaceInLine, aResource, aSlot, dayAhead } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { graphql } from '../support/gql/gql.ts';
import type { NoticesSubscription } from '../support/gql/graphql.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, transports, signIn } = transportsTo(floor);
const port = Number(new URL(floor.app().url).port);
/** The machine is loaded. */

const LIST = `query ($types: [NotificationType!], $unreadOnly: Boolean!, $first: Int, $after: String) {
  notifications(types: $types, unreadOnly: $unreadOnly, first: $first, after: $after) {
    cursor unreadCount totalCount pageInfo { hasNextPage endCursor }
    nodes { id type severity message data event createdAt readAt cursor } } }`;
const STREAM = `subscription ($types: [NotificationType!], $after: Cursor) {
  notifications(types: $types, after: $after) { __typename
    ... on Notification { id type message data cursor }
    ... on NotificationsRead { notificationIds readAt cursor }
    ... on NotificationsDeleted { notificationIds deletedAt cursor } } }`;
const BOOK = `mutation ($input: BookSlotInput!) { bookSlot(input: $input) {
  ... on BookSlotSuccess { booking { id } } ... on Error { code message } } }`;
const CANCEL = 'mutation ($input: CancelBookingInput!) { cancelBooking(input: $input) { __typename } }';
const READ = `mutation ($input: MarkNotificationsReadInput!) { markNotificationsRead(input: $input) {
  ... on MarkNotificationsReadSuccess { count notificationIds unreadCount } ... on Error { code } } }`;
const DELETE = `mutation ($input: DeleteNotificationsInput!) { deleteNotifications(input: $input) {
  ... on DeleteNotificationsSuccess { count notificationIds unreadCount } ... on Error { code } } }`;
const SEND = `mutation ($input: SendNotificationInput!) { sendNotification(input: $input) {
  ... on SendNotificationSuccess { recipients replayed } ... on Error { code message } } }`;
const PREFER = `mutation ($input: SetNotificationPreferenceInput!) { setNotificationPreference(input: $input) {
  ... on SetNotificationPreferenceSuccess { preferences { type inApp email } } ... on Error { code } } }`;

async function somebody(roles: Parameters<typeof aUser>[1]['roles'] = ['PLAYER']) {
  const { id, email } = await aUser(runWork, { venueId, roles });
  const { accessToken: token } = await signIn(email);
  return { id, globalId: encodeGlobalId('User', id), token };
}
type Somebody = Awaited<ReturnType<typeof somebody>>;

const list = async ({ token }: Pick<Somebody, 'token'>, variables: object = {}) =>
  (await http(LIST, { token, variables: { unreadOnly: false, ...variables } })).data.notifications;

/** Once there are that many. */
const told = (who: Somebody, count: number, variables: object = {}) =>
  eventually(async () => {
    const page = await list(who, variables);
    return page.nodes.length >= count && page;
  });

const send = async (input: object, token?: string) =>
  (await http(SEND, { token: token ?? (await floor.token('OPERATOR')), input })).data.sendNotification;

/** Tells one person so many things, one after the other. */
async function tell(who: Somebody, messages: readonly string[], type = 'SYSTEM') {
  for (const message of messages)
    expect(await send({ to: { userIds: [who.globalId] }, type, message })).toMatchObject({ recipients: 1 });
}

/** Likewise, in one work. */
const tellAll = (userId: string, messages: readonly string[]) =>
  runWork(system('test'), async (work) => {
    for (const message of messages)
      await sendNotification(work, {
        venueId,
        to: { userIds: [userId] },
        type: 'SYSTEM',
        severity: 'INFO',
        message,
        data: {},
        idempotencyKey: null,
        mails: false,
      });
  });

async function aFreeSlot() {
  const resource = await aResource(runWork, { venueId });
  const input = { resourceId: encodeGlobalId('Resource', resource.id), date: dayAhead(resource), index: 9 };
  const { time } = await aSlot(runWork, resource, { index: 9 });
  return { resource, input, slot: time };
}

const clients: SocketClient[] = [];
afterAll(() => {
  for (const { socket } of clients) socket.terminate();
});

async function follow({ token }: Pick<Somebody, 'token'>, variables: object = {}) {
  const client = await connect({ port });
  clients.push(client);
  await client.init({ accessToken: token });
  client.subscribe('1', STREAM, variables);
  await client.roundTrip();
  return {
    client,
    frames: () =>
      client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.notifications),
  };
}

describe.each(transports)('over %s', (_name, ask) => {
  test('who books and cancels is told so once for each, in the words of the venue’s clock', async () => {
    const [anna, bert] = [await somebody(), await somebody()];
    const { resource, input, slot } = await aFreeSlot();
    const { booking } = (await ask(BOOK, { token: anna.token, input })).data.bookSlot;
    await ask(CANCEL, { token: anna.token, input: { bookingId: booking.id, reason: 'rain' } });

    const page = await told(anna, 2);
    const span = formatSpan(slot.startsAt, slot.endsAt, 'Europe/Vienna');
    const data = {
      bookingId: booking.id,
      resourceId: input.resourceId,
      startsAt: slot.startsAt.toISOString(),
    };
    expect(page.nodes).toMatchObject([
      {
        type: 'BOOKING',
        severity: 'WARNING',
        message: `Cancelled: ${resource.name}, ${span}. Reason: rain`,
        data: { ...data, status: 'CANCELLED' },
        event: 'booking.cancelled',
      },
      {
        type: 'BOOKING',
        severity: 'SUCCESS',
        message: `Booked: ${resource.name}, ${span}.`,
        data: { ...data, status: 'BOOKED' },
        event: 'booking.placed',
        readAt: null,
      },
    ]);
    expect(page).toMatchObject({ unreadCount: 2, totalCount: 2 });
    expect((await list(bert)).nodes).toEqual([]);
  });

  test('what is read and thrown away is so in every tab, and only one’s own', async () => {
    const [anna, bert] = [await somebody(), await somebody()];
    await tell(anna, ['one', 'two', 'three']);
    await tell(bert, ['his']);
    const page = await told(anna, 3);
    const ids: string[] = page.nodes.map(({ id }: { id: string }) => id);
    const [other] = (await told(bert, 1)).nodes;
    const tab = await follow(anna, { after: page.cursor });

    const mixed = { ids: [ids[0], other.id] };
    for (const [query, name] of [
      [READ, 'markNotificationsRead'],
      [DELETE, 'deleteNotifications'],
    ] as const) {
      expect((await ask(query, { token: anna.token, input: mixed })).data[name].code).toBe('API_002');
      for (const vague of [
        { ids, all: true },
        { all: true, types: [] },
      ])
        expect((await ask(query, { token: anna.token, input: vague })).data[name].code).toBe('API_001');
    }
    const read = async (input: object) =>
      (await ask(READ, { token: anna.token, input })).data.markNotificationsRead;
    expect(await read({ ids: [ids[0]] })).toEqual({ count: 1, notificationIds: [ids[0]], unreadCount: 2 });
    expect(await read({ ids: [ids[0]] })).toEqual({ count: 0, notificationIds: [], unreadCount: 2 });
    expect(await read({ all: true, until: page.nodes[2].createdAt })).toEqual({
      count: 1,
      notificationIds: [ids[2]],
      unreadCount: 1,
    });
    expect((await list(anna, { unreadOnly: true })).nodes.map(({ id }: { id: string }) => id)).toEqual([
      ids[1],
    ]);
    const drop = async (input: object) =>
      (await ask(DELETE, { token: anna.token, input })).data.deleteNotifications;
    expect(await drop({ all: true, readOnly: true })).toEqual({
      count: 2,
      notificationIds: expect.arrayContaining([ids[0], ids[2]]),
      unreadCount: 1,
    });
    expect(await drop({ all: true, types: ['WALLET'] })).toEqual({
      count: 0,
      notificationIds: [],
      unreadCount: 1,
    });
    expect(await drop({ ids: [ids[1]] })).toEqual({ count: 1, notificationIds: [ids[1]], unreadCount: 0 });
    expect((await list(anna)).nodes).toEqual([]);
    expect((await list(bert)).nodes).toHaveLength(1);

    const frames = await eventually(() => tab.frames().length >= 4 && tab.frames());
    expect(frames).toMatchObject([
      { __typename: 'NotificationsRead', notificationIds: [ids[0]] },
      { __typename: 'NotificationsRead', notificationIds: [ids[2]] },
      { __typename: 'NotificationsDeleted', notificationIds: expect.arrayContaining([ids[0], ids[2]]) },
      { __typename: 'NotificationsDeleted', notificationIds: [ids[1]] },
    ]);
    expect((await follow(bert, { after: page.cursor })).frames()).toEqual([]);
  });
});

test('a list and the stream behind its cursor are the whole, in the order of the log, each once', async () => {
  const anna = await somebody();
  const words = Array.from({ length: 60 }, (_, at) => `word ${at}`);
  const sending = tell(anna, words);
  const pages = [await list(anna, { first: 100 })];
  await told(anna, 20, { first: 100 });
  pages.push(await list(anna, { first: 100 }));
  const streams = await Promise.all(pages.map(({ cursor }) => follow(anna, { after: cursor })));
  await sending;
  for (const [at, { frames }] of streams.entries()) {
    const before = pages[at].nodes.map(({ message }: { message: string }) => message).reverse();
    await eventually(() => before.length + frames().length >= words.length);
    expect([...before, ...frames().map(({ message }) => message)]).toEqual(words);
  }
});

test('what came while a socket was away arrives once when it comes back, and in order', async () => {
  const [anna, bert] = [await somebody(), await somebody()];
  const start = await list(anna);
  const first = await follow(anna, { after: start.cursor });
  const others = await follow(bert, { after: start.cursor });
  await tell(anna, ['before']);
  const [seen] = await eventually(() => first.frames().length === 1 && first.frames());
  first.client.socket.terminate();
  const missed = Array.from({ length: 20 }, (_, at) => `missed ${at}`);
  await tell(anna, missed);
  const second = await follow(anna, { after: seen.cursor });
  await tell(anna, ['after']);
  await eventually(() => second.frames().length >= 21);
  expect(second.frames().map(({ message }) => message)).toEqual([...missed, 'after']);
  expect(others.frames()).toEqual([]);
});

test('a thousand notices arrive in the order of their cursors', { timeout: 120_000 }, async () => {
  const anna = await somebody();
  const stream = await follow(anna, { after: (await list(anna)).cursor });
  const words = Array.from({ length: 1_000 }, (_, at) => `word ${at}`);
  // Several at once, so that places in the log are not simply those in which it was asked for.
  const queue = [...words];
  const sendSome = async () => {
    while (queue.length > 0) await tellAll(anna.id, queue.splice(0, 25));
  };
  await Promise.all(Array.from({ length: 4 }, sendSome));
  await eventually(() => stream.frames().length >= words.length, { deadlineMs: 60_000 });
  expect(new Set(stream.frames().map(({ message }) => message))).toEqual(new Set(words));
  expect(stream.frames()).toHaveLength(words.length);
  const again = await follow(anna, { after: stream.frames()[0].cursor });
  await eventually(() => again.frames().length >= words.length - 1);
  expect(again.frames()).toEqual(stream.frames().slice(1));
});

test('only the types that are asked for are delivered and listed', async () => {
  const anna = await somebody();
  const after = (await list(anna)).cursor;
  const stream = await follow(anna, { after, types: ['BOOKING', 'PARKING_LOT'] });
  await tell(anna, ['not this'], 'SYSTEM');
  await tell(anna, ['this'], 'BOOKING');
  await eventually(() => stream.frames().length > 0);
  await http(READ, { token: anna.token, input: { all: true } });
  await eventually(() => stream.frames().length > 1);
  const [shown] = (await list(anna, { types: ['BOOKING'] })).nodes;
  expect(stream.frames()).toMatchObject([
    { __typename: 'Notification', message: 'this' },
    { __typename: 'NotificationsRead', notificationIds: [shown.id] },
  ]);
});

test('who waits is told what is kept for him, and until when', async () => {
  const anna = await somebody();
  const { booking } = await aPlaceInLine(runWork, { venueId, userId: anna.id });
  const bookingId = encodeGlobalId('Booking', booking.id);
  await http(CANCEL, { token: await floor.token('OPERATOR'), input: { bookingId } });
  const [offered] = (await told(anna, 1, { types: ['WAITLIST'] })).nodes;
  expect(offered).toMatchObject({
    event: 'booking.slot-offered',
    message: expect.stringMatching(/^Free for you: .* It is kept until .*\.$/),
    data: { status: 'OFFERED', waitlistEntryId: expect.any(String), expiresAt: expect.any(String) },
  });
  expect(decodeIdOf('WaitlistEntry', offered.data.waitlistEntryId)).toEqual(expect.any(String));
});

test('of a series he is told once, and not of each of its bookings', async () => {
  const anna = await somebody();
  const { resource, slot } = await aFreeSlot();
  const first = { resourceId: resource.id, startsAt: slot.startsAt };
  const rule = 'FREQ=DAILY;COUNT=3';
  await runWork(system('test'), (work) =>
    bookSeries(work, { venueId, userId: anna.id, first, rule, onConflict: 'SKIP' }),
  );
  const told = await eventually(async () => {
    const { nodes } = await list(anna);
    return nodes.some(({ event }: { event: string }) => event === 'booking.series-booked') && nodes;
  });
  expect(told).toMatchObject([{ message: expect.stringMatching(/^Booked: .*, 3 times from /) }]);
  expect(told).toHaveLength(1);
});

test('who is paid by another is told, and what he does himself is no news to him', async () => {
  const [anna, bert] = [await somebody(), await somebody()];
  const wallet = await aWallet(runWork, { venueId, userId: anna.id });
  const his = await aWallet(runWork, { venueId, userId: bert.id });
  await apply(runWork, [aDeposit({ venueId, walletId: wallet.id, amountMinor: 1_250n })]);
  const transfer = `mutation ($input: TransferBetweenWalletsInput!) { transferBetweenWallets(input: $input) { __typename } }`;
  const input = {
    fromWalletId: encodeGlobalId('Wallet', wallet.id),
    toWalletId: encodeGlobalId('Wallet', his.id),
    amount: '2.50',
    currency: 'USD',
    idempotencyKey: newId(),
  };
  const done = await http(transfer, { token: anna.token, input });
  expect(done.data.transferBetweenWallets.__typename).toBe('TransferBetweenWalletsSuccess');
  const [received] = (await told(bert, 1)).nodes;
  expect(received).toMatchObject({
    type: 'WALLET',
    message: 'A transfer: $2.50. Your wallet has $2.50 now.',
    data: { walletId: input.toWalletId, cause: 'TRANSFER' },
  });
  const { nodes } = await told(anna, 1);
  expect(nodes.map(({ message }: { message: string }) => message)).toEqual([
    'Paid in: $12.50. Your wallet has $12.50 now.',
  ]);
});

test('what is sent to a role is shown to who has it, as long as he has it', async () => {
  const [operator, player] = [await somebody(['OPERATOR', 'PLAYER']), await somebody()];
  const stream = await follow(operator, { after: (await list(operator)).cursor, types: ['SYSTEM'] });
  const data = { walletId: 'as it is', nested: [1, null, 'ü'] };
  const sent = await send({ to: { roles: ['OPERATOR'] }, message: 'The line is down.', data });
  expect(sent.recipients).toBeGreaterThanOrEqual(2);
  const [shown] = await eventually(() => stream.frames().length > 0 && stream.frames());
  expect(shown).toMatchObject({ message: 'The line is down.', data });
  const [listed] = (await list(operator, { types: ['SYSTEM'] })).nodes;
  expect(listed).toMatchObject({ id: shown.id, data, event: null });
  expect((await list(player)).nodes).toEqual([]);

  const roles = `mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }`;
  const input = { userId: operator.globalId, roles: ['PLAYER'] };
  await http(roles, { token: await floor.token('ADMIN'), input });
  await eventually(async () => (await list(operator, { types: ['SYSTEM'] })).nodes.length === 0);
  const node = await http('query ($id: ID!) { node(id: $id) { id } }', {
    token: operator.token,
    variables: { id: shown.id },
  });
  expect(node.data.node).toBeNull();
});

test('what is sent once by a key is sent once', async () => {
  const anna = await somebody();
  const input = {
    to: { userIds: [anna.globalId] },
    message: 'Come in.',
    data: { b: 1, a: 2 },
    idempotencyKey: newId(),
  };
  const answers = await Promise.all([send(input), send(input), send(input)]);
  expect(answers.map(({ recipients }) => recipients)).toEqual([1, 1, 1]);
  expect(answers.filter(({ replayed }) => !replayed)).toHaveLength(1);
  expect((await send({ ...input, message: 'Go away.' })).code).toBe('API_004');
  expect((await list(anna)).nodes).toHaveLength(1);
});

test.each([
  ['a stranger among them', { to: { userIds: [encodeGlobalId('User', newId())] } }, 'API_002'],
  ['nobody', { to: {} }, 'API_001'],
  ['two audiences', { to: { everybody: true, roles: ['ADMIN'] } }, 'API_001'],
  ['words of floorwire', { to: { everybody: true }, type: 'SECURITY' }, 'API_001'],
  ['nothing', { to: { everybody: true }, message: '  ' }, 'API_001'],
  ['a text PostgreSQL keeps not', { to: { everybody: true }, data: { text: 'a\0b' } }, 'API_001'],
  ['half a character', { to: { everybody: true }, data: ['\ud800'] }, 'API_001'],
  ['too much', { to: { everybody: true }, data: 'x'.repeat(4_095) }, 'API_001'],
  ['a number that has lost digits', { to: { everybody: true }, data: { total: 2 ** 60 } }, 'API_001'],
])('sending %s is refused', async (_what, input, code) => {
  expect((await send({ message: 'Hello.', ...input })).code).toBe(code);
});

test('an announcement to everybody is one row each, and everybody’s alone', async () => {
  const people = await Promise.all([somebody(), somebody(), somebody(['AUDITOR'])]);
  const [anna, bert, auditor] = people as [Somebody, Somebody, Somebody];
  await http(PREFER, { token: bert.token, input: { type: 'SYSTEM', inApp: false } });
  const { recipients } = await send({ to: { everybody: true }, message: 'We close early.' });
  const rows = await db
    .selectFrom('notification')
    .select(['user_id', 'is_shown'])
    .where('message', '=', 'We close early.')
    .execute();
  expect(rows).toHaveLength(recipients);
  expect(new Set(rows.map(({ user_id }) => user_id)).size).toBe(recipients);
  const whom = rows.map(({ user_id }) => user_id);
  expect(whom).toEqual(expect.arrayContaining([anna.id, auditor.id]));
  expect(whom).not.toContain(bert.id);
  expect((await list(anna)).nodes).toHaveLength(1);
  expect((await list(bert)).nodes).toEqual([]);

  const events = `{ events(last: 100, types: ["notification.created", "notification.sent"]) { nodes { type payload } } }`;
  const sent = expect.objectContaining({ message: 'We close early.', recipients });
  await eventually(async () => {
    const { nodes } = (await http(events, { token: auditor.token })).data.events;
    expect(nodes).toContainEqual({ type: 'notification.sent', payload: sent });
    const created = nodes.filter(({ type }: { type: string }) => type === 'notification.created');
    expect(created.map(({ payload }: { payload: { userId: string } }) => payload.userId)).toEqual([
      auditor.globalId,
    ]);
    return true;
  });
});

test('what is not wanted in the app is not told, but for the account', async () => {
  const anna = await somebody();
  const prefer = async (input: object) =>
    (await http(PREFER, { token: anna.token, input })).data.setNotificationPreference;
  expect((await prefer({ type: 'SECURITY', inApp: false })).code).toBe('API_001');
  const { preferences } = await prefer({ type: 'SYSTEM', inApp: false });
  expect(preferences).toContainEqual({ type: 'SYSTEM', inApp: false, email: false });
  expect(preferences).toContainEqual({ type: 'PARKING_LOT', inApp: false, email: false });
  expect(preferences).toContainEqual({ type: 'SECURITY', inApp: true, email: true });
  const to = { userIds: [anna.globalId] };
  expect(await send({ to, message: 'one' })).toMatchObject({ recipients: 0 });
  await prefer({ type: 'SYSTEM', email: true });
  const viewer = await http('{ viewer { notificationPreferences { type inApp email } } }', anna);
  expect(viewer.data.viewer.notificationPreferences).toContainEqual({
    type: 'SYSTEM',
    inApp: false,
    email: true,
  });
  await prefer({ type: 'SYSTEM', inApp: null });
  expect(await send({ to, message: 'two' })).toMatchObject({ recipients: 1 });
});

test('staff is told of doors and of nobody’s play, and players are not', async () => {
  const [operator, player] = [await somebody(['OPERATOR']), await somebody()];
  floor.egms[0]?.raise(0x11);
  const [shown] = (await told(operator, 1, { types: ['MACHINE'] })).nodes;
  expect(shown).toMatchObject({ severity: 'WARNING', message: expect.stringContaining('door open') });
  expect(shown.data.machineId).toBe(floor.machineIds[0]);
  expect((await list(player)).nodes).toEqual([]);
});

test('a machine whose queue overflows again and again is told of once in a quarter of an hour', async () => {
  const operator = await somebody(['OPERATOR']);
  const messages = async (count: number): Promise<string[]> =>
    (await told(operator, count, { types: ['MACHINE'] })).nodes.map(({ message }: { message: string }) =>
      message.replace(/^.*: /, ''),
    );
  const [egm] = floor.egms;
  const overflow = async (times: number) =>
    await eventually(async () => {
      egm?.raise(0x70);
      const events = db.selectFrom('machine_event').where('type', '=', 'QUEUE_OVERFLOW').select('id');
      return (await events.execute()).length >= times;
    });
  await overflow(3);
  egm?.raise(0x11);
  const [lost, door] = ['Exception queue overflow.', 'Slot (main) door open.'];
  expect(await messages(2)).toEqual([door, lost]);
  const told15MinutesAgo = { told_at: new Date(Date.now() - 16 * 60_000) };
  await db.updateTable('notice_told').set(told15MinutesAgo).execute();
  await overflow(4);
  expect(await messages(3)).toEqual([lost, door, lost]);
});

test('who changes his password is told so', async () => {
  const { email } = await aUser(runWork, { venueId });
  const token = (await signIn(email)).accessToken;
  const change = `mutation ($input: ChangePasswordInput!) { changePassword(input: $input) { __typename } }`;
  const input = { currentPassword: 'a tractor hums at noon', newPassword: 'another tractor hums at night' };
  expect((await http(change, { token, input })).data.changePassword.__typename).toBe('ChangePasswordSuccess');
  const page = await eventually(async () => {
    const found = await list({ token });
    return found.nodes.length > 0 && found;
  });
  expect(page.nodes).toMatchObject([{ type: 'SECURITY', message: 'Your password was changed.', data: {} }]);
});

test('notices are for people who are let in', async () => {
  expect(refusalOf(await http('{ notifications { totalCount } }'))).toBe('AUTH_001');
  const partner = await floor.ask('{ notifications { totalCount } }', { as: 'PARTNER' });
  expect(refusalOf(partner)).toBe('AUTH_004');
  const device = await floor.ask('{ notifications { totalCount } }', { as: 'DEVICE' });
  expect(refusalOf(device)).toBe('AUTH_004');
  const input = { to: { everybody: true }, message: 'Hello.' };
  expect(refusalOf(await http(SEND, { token: await floor.token('PLAYER'), input }))).toBe('AUTH_004');
  expect(refusalOf(await http(SEND, { token: await floor.token('AUDITOR'), input }))).toBe('AUTH_004');
});

const NOTICES = graphql(
  `subscription Notices {
    notifications { __typename
      ... on Notification { message } ... on NotificationsRead { readAt } ... on NotificationsDeleted { deletedAt } } }`,
);

/** With a kind of item more than these it does not compile. */
function wordFor(item: NoticesSubscription['notifications']): string {
  switch (item.__typename) {
    case 'Notification':
      return `told ${item.message}`;
    case 'NotificationsRead':
      return `read ${Number.isFinite(Date.parse(item.readAt))}`;
    case 'NotificationsDeleted':
      return `deleted ${Number.isFinite(Date.parse(item.deletedAt))}`;
    default:
      return item satisfies never;
  }
}

test('a client that knows each kind of item by its type is told each kind, and no other', async () => {
  const anna = await somebody();
  const client = await connect({ port });
  await client.init({ accessToken: anna.token });
  client.subscribe('s', print(NOTICES));
  await client.roundTrip();
  const words = () =>
    client.messages
      .filter(({ id, type }) => id === 's' && type === 'next')
      .map(({ payload }) => wordFor(payload.data.notifications));
  await send({ to: { userIds: [anna.globalId] }, message: 'Hello.' });
  await eventually(() => words().length === 1);
  await http(READ, { token: anna.token, input: { all: true } });
  await eventually(() => words().length === 2);
  await http(DELETE, { token: anna.token, input: { all: true } });
  await eventually(() => words().length === 3);
  expect(words()).toEqual(['told Hello.', 'read true', 'deleted true']);
});

test('an operator counts the notices of the venue, and not of others', async () => {
  const counts = async (as: 'OPERATOR' | 'FOREIGN_ADMIN' = 'OPERATOR') =>
    (await floor.ask('{ stats { notices { unread lastDay mailsDue } } }', { as })).data.stats.notices;
  const anna = await somebody();
  const own = async () => {
    const { unread, lastDay } = await counts();
    return [unread, lastDay];
  };
  const [unread, lastDay] = await own();
  const theirs = await counts('FOREIGN_ADMIN');
  for (const message of ['one', 'two']) await send({ to: { userIds: [anna.globalId] }, message });
  expect(await own()).toEqual([unread + 2, lastDay + 2]);
  await http(READ, { token: anna.token, input: { all: true } });
  expect(await own()).toEqual([unread, lastDay + 2]);
  expect(await counts('FOREIGN_ADMIN')).toEqual(theirs);
});
