import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { channelsOf, MESSAGES } from '../support/channels.ts';
import { openEventStream } from '../support/event-stream.ts';
import { connect } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** Channels: who follows which, who is told what, and how many are counted. */
const floor = await aFloorApp({ machines: 0 });
const port = Number(new URL(floor.app().url).port);
const { names, ids, viewerId, broadcast, follow, followed, refusalOf } = await channelsOf(floor);
const { VENUE, DEVICE } = names;
const { signIn } = transportsTo(floor);

test('the venue’s message reaches everybody who names nothing; a person’s only himself, a device’s only itself', async () => {
  const player = follow('PLAYER');
  const operator = follow('OPERATOR');
  const device = follow('DEVICE');
  await followed({
    [VENUE]: 3,
    [`user:${ids.player}`]: 1,
    [`user:${ids.operator}`]: 1,
    [DEVICE]: 1,
  });
  expect(await broadcast({ userId: ids.player, data: 'to the player' })).toMatchObject({
    __typename: 'BroadcastSuccess',
    delivered: 1,
    channelMessage: { channel: `user:${ids.player}`, kind: 'USER' },
  });
  expect(await broadcast({ deviceId: DEVICE.slice(7), data: 'to the screen' })).toMatchObject({
    delivered: 1,
  });
  expect(await broadcast({ data: 'to all' })).toMatchObject({
    delivered: 3,
    channelMessage: { kind: 'VENUE', delivered: 3 },
  });

  const said = async (frames: typeof player) => (await frames.next()).channels.data;
  expect([await said(player), await said(player)]).toEqual(['to the player', 'to all']);
  expect(await said(operator)).toBe('to all');
  expect([await said(device), await said(device)]).toEqual(['to the screen', 'to all']);
  for (const frames of [player, operator, device]) await frames.end();
  await followed({});
});

const UNKNOWN = [
  ['a name there is not', 'lunch'],
  ['something like an id', 'user:abc'],
  ['the id of something else', `user:${encodeGlobalId('Device', newId())}`],
  ['a device that is not there', `device:${encodeGlobalId('Device', newId())}`],
  ['a person who is not there', `user:${encodeGlobalId('User', newId())}`],
  ['a venue that is not there', `venue:${encodeGlobalId('Venue', newId())}`],
] as const;

test.each(UNKNOWN)(
  '%s gives WS_007 to everybody, in queries and subscriptions and to who broadcasts',
  async (_, name) => {
    for (const as of ['ADMIN', 'PLAYER'] as const) {
      expect(await refusalOf(as, [VENUE, name])).toBe('WS_007');
      const { data, errors } = await floor.ask('query ($name: String!) { channel(name: $name) { name } }', {
        as,
        variables: { name },
      });
      expect([data.channel, errors?.[0]?.extensions.code]).toEqual([null, 'WS_007']);
    }
    expect(await broadcast({ channel: name })).toMatchObject({
      __typename: 'UnknownChannelError',
      code: 'WS_007',
    });
  },
);

test('another’s channel answers alike whether there is such a person, device or venue or not', async () => {
  const foreign = `user:${await viewerId('FOREIGN_ADMIN')}`;
  const not = ['PLAYER', 'OPERATOR', 'DEVICE'] as const;
  for (const as of not) expect(await refusalOf(as, [foreign])).toBe('WS_007');
  expect(await refusalOf('ADMIN', [foreign])).toBe('WS_007');
  expect(await refusalOf('PLAYER', [`user:${ids.operator}`])).toBe('WS_007');
  expect(await refusalOf('PLAYER', [DEVICE])).toBe('WS_007');
  expect(await refusalOf('FOREIGN_ADMIN', [VENUE])).toBe('WS_007');
  expect(await refusalOf('FOREIGN_ADMIN', [`user:${ids.player}`])).toBe('WS_007');
  expect(await broadcast({ userId: foreign.slice(5) })).toMatchObject({ code: 'API_002' });
});

test.each([
  ['admin-notifications', ['ADMIN', 'AUDITOR'], ['OPERATOR', 'PLAYER', 'DEVICE']],
  ['emergency-alerts', ['ADMIN', 'AUDITOR', 'OPERATOR', 'PLAYER', 'DEVICE'], []],
  ['maintenance-updates', ['ADMIN', 'AUDITOR', 'OPERATOR', 'DEVICE'], ['PLAYER']],
] as const)('%s is followed by %j and by nobody else: AUTH_004', async (name, may, mayNot) => {
  for (const as of mayNot) expect(await refusalOf(as, [name])).toBe('AUTH_004');
  const all = may.map((as) => follow(as, { names: [name] }));
  await followed({ [name]: may.length });
  expect(await broadcast({ channel: name, data: 1 })).toMatchObject({ delivered: may.length });
  for (const frames of all) {
    expect((await frames.next()).channels).toMatchObject({ channel: name, kind: 'CUSTOM', data: 1 });
    await frames.end();
  }
  await followed({});
});

test('ADMIN and AUDITOR may follow every channel of the venue, an OPERATOR those of its devices', async () => {
  const admin = follow('ADMIN', { names: [`user:${ids.player}`] });
  const auditor = follow('AUDITOR', { names: [DEVICE] });
  const operator = follow('OPERATOR', { names: [DEVICE] });
  await followed({ [`user:${ids.player}`]: 1, [DEVICE]: 2 });
  await broadcast({ userId: ids.player, data: 'a' });
  await broadcast({ channel: DEVICE, data: 'b' });
  expect((await admin.next()).channels.data).toBe('a');
  expect((await auditor.next()).channels.data).toBe('b');
  expect((await operator.next()).channels.data).toBe('b');
  for (const frames of [admin, auditor, operator]) await frames.end();
  await followed({});
});

test('channels lists what one may follow, to ADMIN those of others too, in pages', async () => {
  const names = async (as: Asker, page = 'first: 100') =>
    (await floor.ask(`{ channels(${page}) { totalCount nodes { name } pageInfo { endCursor } } }`, { as }))
      .data.channels;
  const list = async (as: Asker) => (await names(as)).nodes.map(({ name }: { name: string }) => name);
  expect(await list('PLAYER')).toEqual(['emergency-alerts', `user:${ids.player}`, VENUE]);
  expect(await list('DEVICE')).toEqual([DEVICE, 'emergency-alerts', 'maintenance-updates', VENUE]);
  expect(await list('OPERATOR')).toEqual([
    'emergency-alerts',
    'maintenance-updates',
    `user:${ids.operator}`,
    VENUE,
  ]);
  const all = await list('ADMIN');
  expect(all).toEqual(expect.arrayContaining(['admin-notifications', DEVICE, `user:${ids.player}`, VENUE]));
  const first = await names('ADMIN', 'first: 2');
  const rest = await names('ADMIN', `first: 100, after: "${first.pageInfo.endCursor}"`);
  expect([...first.nodes, ...rest.nodes].map(({ name }: { name: string }) => name)).toEqual(all);
  expect(first.totalCount).toBe(all.length);
});

test('who reads the list and goes on behind its cursor misses nothing and is told nothing twice', async () => {
  await broadcast({ data: 'before' });
  const { data } = await floor.ask(
    'query ($name: String!) { channel(name: $name) { messages(first: 1) { cursor nodes { data } } } }',
    {
      variables: { name: VENUE },
    },
  );
  expect(data.channel.messages.nodes).toEqual([{ data: 'before' }]);
  await broadcast({ data: 'between' });
  const frames = follow('PLAYER', { after: data.channel.messages.cursor });
  const between = (await frames.next()).channels;
  expect(between.data).toBe('between');
  await frames.end();
  await broadcast({ data: 'while away' });
  const again = follow('PLAYER', { names: [VENUE], after: between.cursor });
  expect((await again.next()).channels.data).toBe('while away');
  await again.end();
});

test('over server-sent events it is the same', async () => {
  const stream = await openEventStream(floor.app().url, {
    query: MESSAGES,
    token: await floor.token('DEVICE'),
    variables: { names: [DEVICE] },
  });
  await followed({ [DEVICE]: 1 });
  expect(await broadcast({ channel: DEVICE, data: { show: 'menu' } })).toMatchObject({ delivered: 1 });
  const frame = await stream.next();
  expect(frame?.data.data.channels).toMatchObject({ channel: DEVICE, data: { show: 'menu' } });
  expect(frame?.id).toBe(frame?.data.data.channels.cursor);
  await stream.close();
  await followed({});
});

test('who loses the role for one channel is no longer shown that, and goes on with the others', async () => {
  const { runWork } = floor.app().services;
  const user = await aUser(runWork, {
    venueId: floor.venueId,
    roles: ['ADMIN', 'OPERATOR'],
    username: 'two-roles',
  });
  const { accessToken } = await signIn('two-roles');
  const client = await connect({ port });
  await client.init({ accessToken });
  client.subscribe('implicit', MESSAGES);
  client.subscribe('admins', MESSAGES, { names: ['admin-notifications'] });
  const own = `user:${encodeGlobalId('User', user.id)}`;
  await followed({ [VENUE]: 1, [own]: 1, 'admin-notifications': 1 });

  const { data } = await floor.ask(
    'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }',
    { as: 'ADMIN', variables: { input: { userId: encodeGlobalId('User', user.id), roles: ['OPERATOR'] } } },
  );
  expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  expect((await client.message('admins', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  await followed({ [VENUE]: 1, [own]: 1 });
  expect(await broadcast({ channel: 'admin-notifications' }, 'ADMIN')).toMatchObject({ delivered: 0 });
  await broadcast({ data: 'still here' });
  expect((await client.message('implicit', 'next')).payload.data.channels.data).toBe('still here');
  expect(client.types('admins')).toEqual(['error']);
  client.socket.close();
  await followed({});
});

test('a connection is listed with the channels it follows, and the counts are those of the sockets', async () => {
  const sockets = await Promise.all(
    Array.from({ length: 5 }, async () => {
      const accessToken = await floor.token('PLAYER');
      const client = await connect({ port });
      await client.init({ accessToken });
      return client;
    }),
  );
  for (const client of sockets.slice(0, 3)) client.subscribe('1', MESSAGES, { names: [VENUE] });
  sockets[0]?.subscribe('2', MESSAGES, { names: [VENUE, 'emergency-alerts'] });
  await followed({ [VENUE]: 4, 'emergency-alerts': 1 });
  const query = `query ($name: String!) {
    stats { realtime { totalConnections subscriptions operations } }
    channel(name: $name) { subscribers }
    realtimeConnections(first: 10) { nodes { id subscriptions channels user { username } } }
  }`;
  const { data } = await floor.ask(query, { as: 'ADMIN', variables: { name: VENUE } });
  expect(data.stats.realtime).toEqual({ totalConnections: 5, subscriptions: 4, operations: 4 });
  expect(data.channel).toEqual({ subscribers: 4 });
  const acknowledged = sockets.map(({ messages }) => messages[0]?.payload.connectionId);
  const byId = new Map(data.realtimeConnections.nodes.map((node: { id: string }) => [node.id, node]));
  expect(acknowledged.map((id) => byId.get(id))).toEqual([
    expect.objectContaining({
      subscriptions: 2,
      channels: [VENUE, 'emergency-alerts'],
      user: { username: 'player' },
    }),
    expect.objectContaining({ subscriptions: 1, channels: [VENUE] }),
    expect.objectContaining({ subscriptions: 1, channels: [VENUE] }),
    expect.objectContaining({ subscriptions: 0, channels: [] }),
    expect.objectContaining({ subscriptions: 0, channels: [] }),
  ]);
  for (const { socket } of sockets) socket.close();
  await followed({});
});

test('all who name nothing and have the same rights share what the venue is told', async () => {
  const people = await Promise.all(
    Array.from({ length: 3 }, () =>
      aUser(floor.app().services.runWork, { venueId: floor.venueId, roles: ['PLAYER'] }),
    ),
  );
  const clients = await Promise.all(
    people.map(async ({ email }) => {
      const { accessToken } = await signIn(email);
      const client = await connect({ port });
      await client.init({ accessToken });
      client.subscribe('1', MESSAGES);
      return client;
    }),
  );
  const ofPeople = people.map(({ id }) => [`user:${encodeGlobalId('User', id)}`, 1]);
  await followed({ [VENUE]: 3, ...Object.fromEntries(ofPeople) });
  const executions = async () => {
    const { data } = await floor.ask('{ stats { realtime { fanOut { groups executions } } } }');
    const { groups, executions } = data.stats.realtime.fanOut;
    return { groups, executions: Number(executions) };
  };
  const before = await executions();
  expect(before.groups).toBe(1);
  await broadcast({ data: 'shared' });
  for (const client of clients)
    expect((await client.message('1', 'next')).payload.data.channels.data).toBe('shared');
  expect((await executions()).executions - before.executions).toBe(1);
  for (const { socket } of clients) socket.close();
  await followed({});
});
