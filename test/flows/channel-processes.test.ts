import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { BROADCAST, MESSAGES } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { anInstallation, ask, kill, openSocket, signIn } from '../support/installation.ts';
import type { ServerProcess } from '../support/server-process.ts';
import type { SocketClient } from '../support/socket-client.ts';

/** Two processes on one database: what is counted of channels is counted over both. */
const installation = await anInstallation();
const settings = { LIMIT_BROADCASTS_PER_USER: '10000' };
const [a, b] = await Promise.all([installation.start(settings), installation.start(settings)]);
const operator = await installation.somebody('OPERATOR');
const { accessToken: token } = await signIn(a, operator.username);
const VENUE = `venue:${encodeGlobalId('Venue', installation.venueId)}`;
const WAIT = { deadlineMs: 60_000 };

async function followers(server: ServerProcess, count: number): Promise<readonly SocketClient[]> {
  const clients: SocketClient[] = [];
  for (let at = 0; at < count; at += 1) {
    const { username } = await installation.somebody('PLAYER');
    const client = await openSocket(server, (await signIn(server, username)).accessToken);
    client.subscribe('venue', MESSAGES);
    clients.push(client);
  }
  return clients;
}

const realtime = async (server: ServerProcess) =>
  (
    await ask(
      server,
      '{ stats { realtime { totalConnections subscriptions channels { name subscribers } } } }',
      { token },
    )
  ).data.stats.realtime;

/** Waits until both processes tell so many sockets, all of which follow the venue. */
const told = (count: number) =>
  eventually(async () => {
    for (const server of [a, b]) {
      const { channels, ...totals } = await realtime(server);
      expect(totals).toEqual({ totalConnections: count, subscriptions: count });
      const ofVenue = channels.filter(({ name }: { name: string }) => name === VENUE);
      expect(ofVenue).toEqual(count === 0 ? [] : [{ name: VENUE, subscribers: count }]);
    }
    return true;
  }, WAIT);

/**
 * Says something once, and asks again by its key until all processes have said how many got it: under load that can
 * take longer than an answer waits. The id of the message.
 */
const said = (
  server: ServerProcess,
  { data, delivered }: { data: number; delivered: number },
): Promise<string> => {
  const input = { type: 'count', data, idempotencyKey: newId() };
  return eventually(async () => {
    const answer = (await ask(server, BROADCAST, { token, input })).data.broadcast;
    expect(answer).toMatchObject({ __typename: 'BroadcastSuccess', delivered });
    return answer.channelMessage.id;
  }, WAIT);
};

const heard = ({ messages }: SocketClient): readonly unknown[] =>
  messages.flatMap(({ type, payload }) => (type === 'next' ? [payload.data.channels.data] : []));

test('a message is delivered to as many as get it, whichever process they hang on and it was sent by', async () => {
  const clients = [...(await followers(a, 2)), ...(await followers(b, 3))];
  await told(5);
  const sent: string[] = [];
  for (const [data, server] of [a, b, a, b].entries()) sent.push(await said(server, { data, delivered: 5 }));
  await eventually(() => clients.every((client) => heard(client).length === 4), WAIT);
  for (const client of clients) expect(heard(client)).toEqual([0, 1, 2, 3]);

  const one = `{ nodes(ids: ${JSON.stringify(sent)}) { ... on ChannelMessage { delivered } } }`;
  for (const server of [a, b])
    expect((await ask(server, one, { token })).data.nodes).toEqual(sent.map(() => ({ delivered: 5 })));
  for (const { socket } of clients) socket.close();
  await told(0);
});

test('what many say at once over both reaches all in one order, and each message counts all of them', async () => {
  const clients = [...(await followers(a, 2)), ...(await followers(b, 2))];
  await told(4);
  const numbers = Array.from({ length: 20 }, (_, at) => at);
  await Promise.all(numbers.map((data) => said(data % 2 === 0 ? a : b, { data, delivered: 4 })));
  await eventually(() => clients.every((client) => heard(client).length === 20), WAIT);
  const [first = [], ...others] = clients.map(heard);
  expect([...first].map(Number).sort((one, other) => one - other)).toEqual(numbers);
  for (const order of others) expect(order).toEqual(first);
  for (const { socket } of clients) socket.close();
  await told(0);
});

/** Said when all have come. */
const LAST = -1;

test('while people come, what is counted as delivered is what they have heard, frame by frame', async () => {
  const sent: string[] = [];
  const clients: SocketClient[] = [];
  const speaking = (async () => {
    while (clients.length < 8) {
      const server = sent.length % 2 === 0 ? a : b;
      const input = { type: 'count', data: sent.length };
      sent.push((await ask(server, BROADCAST, { token, input })).data.broadcast.channelMessage.id);
    }
  })();
  while (clients.length < 8) clients.push(...(await followers(clients.length % 2 === 0 ? a : b, 1)));
  await speaking;
  await told(clients.length);
  await said(a, { data: LAST, delivered: clients.length });
  await eventually(() => clients.every((client) => heard(client).at(-1) === LAST), WAIT);

  const counted = `{ nodes(ids: ${JSON.stringify(sent)}) { ... on ChannelMessage { delivered } } }`;
  const { nodes } = (await ask(a, counted, { token })).data;
  const frames = clients.flatMap(heard).filter((data) => data !== LAST);
  const heardOf = sent.map((_, data) => frames.filter((each) => each === data).length);
  expect(nodes.map(({ delivered }: { delivered: number }) => delivered)).toEqual(heardOf);
  // Some heard what others came too late for.
  expect(heardOf.some((count) => count > 0 && count < clients.length)).toBe(true);
  for (const { socket } of clients) socket.close();
  await told(0);
});

test('a role that is taken by one process ends what it was for on the other, and nothing else', async () => {
  const admin = await installation.somebody('ADMIN');
  const { id: userId, username } = await installation.somebody('ADMIN');
  const client = await openSocket(b, (await signIn(b, username)).accessToken);
  client.subscribe('admins', MESSAGES, { names: ['admin-notifications'] });
  client.subscribe('mine', MESSAGES);
  await eventually(async () => (await realtime(a)).subscriptions === 2, WAIT);
  const { accessToken: adminToken } = await signIn(a, admin.username);
  const { data } = await ask(
    a,
    'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }',
    { token: adminToken, input: { userId, roles: ['OPERATOR'] } },
  );
  expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  await ask(a, BROADCAST, { token, input: { type: 'secret', channel: 'admin-notifications' } });
  await ask(a, BROADCAST, { token, input: { type: 'count', data: 7 } });
  expect((await client.message('mine', 'next')).payload.data.channels.data).toBe(7);
  expect((await client.message('admins', 'error')).payload[0].extensions.code).toBe('AUTH_004');
  expect(client.types('admins')).toEqual(['error']);
  client.socket.close();
  await eventually(async () => (await realtime(a)).totalConnections === 0, WAIT);
});

test('a process that was killed counts no more, and keeps nobody waiting for what it handed over', async () => {
  const clients = await followers(a, 1);
  await followers(b, 2);
  await told(3);
  await kill(b);
  await said(a, { data: 0, delivered: 1 });
  await eventually(async () => (await realtime(a)).totalConnections === 1, WAIT);
  for (const { socket } of clients) socket.close();
});
