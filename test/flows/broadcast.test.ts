import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { DESK } from '../support/booking.ts';
import { anApiKey, aUser, PASSWORD } from '../support/builders.ts';
import { BROADCAST, channelsOf } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice } from '../support/device.ts';
import { transportsTo } from '../support/transports.ts';

/** What becomes of a message: it arrives as it was sent, is counted, kept and on record. */
const floor = await aFloorApp({ machines: 0 });
const { names, ids, broadcast, follow, followed } = await channelsOf(floor);
const { VENUE } = names;
const { db, runWork } = floor.app().services;

test('a message to nobody is delivered to nobody, and is kept', async () => {
  const input = { channel: 'maintenance-updates', type: 'lift', data: { floor: 2 } };
  const { delivered, channelMessage } = await broadcast(input);
  expect(delivered).toBe(0);
  const { data } = await floor.ask(
    '{ channel(name: "maintenance-updates") { kind subscribers lastMessageAt messages(first: 1) { totalCount nodes { id type data delivered } } } }',
  );
  expect(data.channel).toMatchObject({
    kind: 'CUSTOM',
    subscribers: 0,
    lastMessageAt: expect.any(String),
    messages: {
      totalCount: 1,
      nodes: [{ id: channelMessage.id, type: 'lift', data: { floor: 2 }, delivered: 0 }],
    },
  });
});

const VALUES: readonly unknown[] = [
  null,
  true,
  0,
  -1.5e-7,
  2 ** 53 - 1,
  '123456789012345678901234567890',
  'π → 😀 \u0000 \ud800 \u2028 "\\',
  [],
  {},
  [[[1, 'two', null]]],
  { zebra: 1, aa: { b: [], a: null }, '': 'empty', constructor: 'x', userId: ids.player },
];

test.each(VALUES.map((value) => [JSON.stringify(value).slice(0, 40), value] as const))(
  '%s comes out as it went in, in the answer, the stream, the list and the log',
  async (_, data) => {
    const frames = follow('ADMIN', { names: [VENUE] });
    await followed({ [VENUE]: 1 });
    const { channelMessage } = await broadcast({ type: 'round/trip', data });
    const text = JSON.stringify(data);
    expect(JSON.stringify(channelMessage.data)).toBe(text);
    const frame = (await frames.next()).channels;
    expect(frame).toMatchObject({
      type: 'round/trip',
      channel: VENUE,
      sender: { kind: 'USER' },
      delivered: null,
    });
    expect(JSON.stringify(frame.data)).toBe(text);
    const listed = await floor.ask(
      'query ($name: String!) { channel(name: $name) { messages(first: 1) { nodes { data } } } }',
      {
        variables: { name: VENUE },
      },
    );
    expect(JSON.stringify(listed.data.channel.messages.nodes[0].data)).toBe(text);
    const logged = await floor.ask(
      '{ events(types: ["channel.message-sent"], last: 1) { nodes { payload } } }',
      {
        as: 'ADMIN',
      },
    );
    expect(logged.data.events.nodes[0].payload).toMatchObject({ messageType: 'round/trip', data: text });
    await frames.end();
    await followed({});
  },
);

const TOO_DEEP = JSON.parse(`${'['.repeat(34)}${']'.repeat(34)}`);

test.each([
  ['a number that has lost digits', { data: JSON.parse('12345678901234567890') }],
  ['more than 16 KiB', { data: 'x'.repeat(16_384) }],
  ['33 levels and more', { data: TOO_DEEP }],
  ['a type with a blank', { type: 'two words' }],
  ['an empty type', { type: '' }],
  ['two targets', { userId: ids.player, channel: VENUE }],
])('%s is a ValidationError', async (_, input) => {
  expect(await broadcast(input)).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
});

test('what is within the limits is sent', async () => {
  expect(await broadcast({ data: 'x'.repeat(16_382) })).toMatchObject({ __typename: 'BroadcastSuccess' });
  expect(await broadcast({ data: JSON.parse(`${'['.repeat(33)}${']'.repeat(33)}`) })).toMatchObject({
    __typename: 'BroadcastSuccess',
  });
});

test('by one key a message is said once, and what was said is told again', async () => {
  const frames = follow('PLAYER');
  await followed({ [VENUE]: 1, [`user:${ids.player}`]: 1 });
  const idempotencyKey = newId();
  const input = { data: { a: 1, b: 2 }, idempotencyKey };
  const answers = await Promise.all(Array.from({ length: 5 }, () => broadcast(input)));
  expect(new Set(answers.map(({ channelMessage }) => channelMessage.id)).size).toBe(1);
  expect(answers.filter(({ isReplay }) => !isReplay)).toHaveLength(1);
  expect(answers.map(({ delivered }) => delivered)).toEqual([1, 1, 1, 1, 1]);
  expect(await broadcast({ ...input, data: { b: 2, a: 1 } })).toEqual({ ...answers[0], isReplay: true });
  expect(await broadcast({ ...input, data: { a: 1 } })).toMatchObject({
    __typename: 'IdempotencyMismatchError',
    code: 'API_004',
  });
  await broadcast({ data: 'next' });
  expect((await frames.next()).channels.data).toEqual({ a: 1, b: 2 });
  expect((await frames.next()).channels.data).toBe('next');
  await frames.end();
  await followed({});
});

test('who begins behind a message, while it has yet to get its place in the log, is not told it, and not counted', async () => {
  // Whoever holds it keeps every process from putting anything in order.
  const frames = await db.transaction().execute(async (tx) => {
    await sql`select pg_advisory_xact_lock(7307811, 1)`.execute(tx);
    await floor.ask('mutation { broadcast(input: { type: "before" }) { __typename } }', { as: 'OPERATOR' });
    const { cursor } = (await floor.ask('{ cursor }')).data;
    const begun = follow('PLAYER', { names: [VENUE], after: cursor });
    await followed({ [VENUE]: 1 });
    return begun;
  });
  const after = await eventually(async () => {
    const { delivered, channelMessage } = await broadcast({ type: 'after' });
    return delivered === 1 && channelMessage;
  });
  expect((await frames.next()).channels.type).toBe('after');
  const { data } = await floor.ask(
    `{ channel(name: "${VENUE}") { messages(first: 20) { nodes { id type delivered } } } }`,
  );
  const { nodes } = data.channel.messages;
  expect(nodes).toContainEqual({ id: after.id, type: 'after', delivered: 1 });
  expect(nodes.find(({ type }: { type: string }) => type === 'before')).toMatchObject({ delivered: 0 });
  await frames.end();
  await followed({});
});

test.each(['PLAYER', 'AUDITOR', 'DEVICE', 'PARTNER'] as const)('%s may not broadcast', async (as) => {
  expect(await broadcast({ data: 1 }, as)).toEqual({ code: 'AUTH_004' });
});

test('a message is on the audit record with who said it', async () => {
  const { channelMessage } = await broadcast({
    channel: 'emergency-alerts',
    type: 'fire',
    data: { hall: 2 },
  });
  const entry = await eventually(async () => {
    const { data } = await floor.ask(
      '{ auditLog(first: 1, types: ["channel.message-sent"]) { nodes { actor { user { username } } data } } }',
      { as: 'AUDITOR' },
    );
    const [node] = data.auditLog.nodes;
    return node?.data.messageId === channelMessage.id ? node : null;
  });
  expect(entry).toMatchObject({
    actor: { user: { username: 'operator' } },
    data: { name: 'emergency-alerts', messageType: 'fire', data: '{"hall":2}' },
  });
});

test('how many listen is told to those who may know', async () => {
  const query = `{ channel(name: "emergency-alerts") { subscribers messages(first: 1) { nodes { delivered } } } }`;
  const told = async (as: Asker) => (await floor.ask(query, { as })).data.channel;
  expect(await told('AUDITOR')).toEqual({ subscribers: 0, messages: { nodes: [{ delivered: 0 }] } });
  expect(await told('PLAYER')).toEqual({ subscribers: null, messages: { nodes: [{ delivered: null }] } });
});

test('a partner says and follows what its key allows, and nothing that is for people only', async () => {
  const { http } = transportsTo(floor);
  const scopes = ['CHANNELS_READ', 'CHANNELS_BROADCAST'] as const;
  const { secret: token } = await anApiKey(runWork, { venueId: floor.venueId, scopes });
  const say = async (input: object) => {
    const { data, errors } = await http(BROADCAST, { token, input: { type: 'lift', ...input } });
    return errors?.[0].extensions.code ?? data.broadcast.__typename;
  };
  expect(await say({ data: 'to all' })).toBe('BroadcastSuccess');
  expect(await say({ channel: 'admin-notifications' })).toBe('BroadcastSuccess');
  expect(await say({ userId: ids.player })).toBe('BroadcastSuccess');
  expect(await say({ channel: 'emergency-alerts' })).toBe('AUTH_004');
  const channels = await http('{ channels { nodes { name subscribers } } }', { token });
  expect(channels.data.channels.nodes).toEqual(
    ['emergency-alerts', 'maintenance-updates', VENUE].map((name) => ({ name, subscribers: 0 })),
  );
  const own = await http('query ($name: String!) { channel(name: $name) { name } }', {
    token,
    variables: { name: `user:${ids.player}` },
  });
  expect(own.errors[0].extensions.code).toBe('WS_007');
});

test('what was said to somebody is told to him when he asks for his data, and goes with his account', async () => {
  const { http, signIn } = transportsTo(floor);
  const { id, email } = await aUser(runWork, { venueId: floor.venueId, roles: ['PLAYER'] });
  const { accessToken: token } = await signIn(email);
  const userId = encodeGlobalId('User', id);
  const { channelMessage } = await broadcast({ userId, type: 'note', data: { for: 'you' } });
  const { data } = await http(
    'mutation { exportMyData(input: { sections: ["channelMessages"] }) { ... on ExportMyDataSuccess { data } } }',
    { token },
  );
  expect(data.exportMyData.data.channelMessages).toEqual([
    expect.objectContaining({ venue: 'casino', type: 'note', data: { for: 'you' } }),
  ]);
  const find = async () =>
    (await floor.ask(`{ node(id: "${channelMessage.id}") { id } }`, { as: 'ADMIN' })).data.node;
  expect(await find()).toEqual({ id: channelMessage.id });
  const gone = await http(
    'mutation ($input: DeleteMyAccountInput!) { deleteMyAccount(input: $input) { __typename } }',
    {
      token,
      input: { password: PASSWORD },
    },
  );
  expect(gone.data.deleteMyAccount.__typename).toBe('DeleteMyAccountSuccess');
  expect(await find()).toBeNull();
  expect(await broadcast({ userId })).toMatchObject({ code: 'API_002' });
});

test('a device that is taken out of use is told nothing', async () => {
  const { id } = await aSignedInDevice(floor, 'SCREEN');
  const deviceId = encodeGlobalId('Device', id);
  expect(await broadcast({ deviceId })).toMatchObject({ __typename: 'BroadcastSuccess' });
  await runWork(DESK, (work) => removeDevice(work, { venueId: floor.venueId, deviceId: id }));
  expect(await broadcast({ deviceId })).toMatchObject({ __typename: 'NotFoundError', code: 'API_002' });
  expect(await broadcast({ channel: `device:${deviceId}` })).toMatchObject({ code: 'WS_007' });
});
