import { createSchema } from 'graphql-yoga';
import { expect, test } from 'vitest';
import { createChannel } from '../../support/channel.ts';
import { eventually } from '../../support/deadline.ts';
import { aGate } from '../../support/gate.ts';
import { aClient, aServer, slowly } from '../../support/protocol.ts';

/** graphql-ws's PROTOCOL.md: Complete of the client. */

test('after it no event follows', async () => {
  const api = await aServer();
  const [leaver, stayer] = [await aClient(api), await aClient(api)];
  for (const client of [leaver, stayer]) client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 2);
  api.ticks.push(1);
  await leaver.message('1', 'next');
  leaver.send({ id: '1', type: 'complete' });
  await leaver.roundTrip();
  for (const tick of [2, 3]) api.ticks.push(tick);
  await eventually(() => stayer.types('1').length === 3);
  await leaver.roundTrip();
  expect(leaver.types('1')).toEqual(['next']);
  expect(api.ticks.subscribers).toBe(1);
});

test('a mutation under way is done and not answered', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', 'mutation { wait }');
  await eventually(() => api.waiting() === 1);
  client.send({ id: '1', type: 'complete' });
  await client.roundTrip();
  api.release();
  client.subscribe('2', '{ hello }');
  await client.message('2', 'complete');
  await client.roundTrip();
  expect(client.types('1')).toEqual([]);
});

test('what is still being prepared does not begin', async () => {
  const { open, options } = slowly();
  const api = await aServer(options);
  const client = await aClient(api, { accessToken: 'good' });
  client.subscribe('1', 'subscription { ticks }');
  client.send({ id: '1', type: 'complete' });
  await client.roundTrip();
  open();
  client.subscribe('2', '{ hello }');
  await client.message('2', 'complete');
  await eventually(() => api.ticks.subscribers === 0);
  expect(client.types('1')).toEqual([]);
});

test('what is still being planned is never shown', async () => {
  const gate = aGate();
  const ticks = createChannel();
  let asked = 0;
  const schema = createSchema({
    typeDefs: 'type Query { hello: String } type Subscription { late: Int }',
    resolvers: {
      Subscription: {
        late: {
          async subscribe() {
            asked += 1;
            await gate.opened;
            return ticks.plan() as never;
          },
          resolve: () => 1,
        },
      },
    },
  });
  const api = await aServer({ schema });
  const client = await aClient(api);
  client.subscribe('1', 'subscription { late }');
  await eventually(() => asked === 1);
  client.send({ id: '1', type: 'complete' });
  client.subscribe('2', 'subscription { late }');
  await eventually(() => asked === 2);
  gate.open();
  await eventually(() => api.http.fanOutCounts().groups === 1);
  ticks.push(1);
  await client.message('2', 'next');
  await client.roundTrip();
  expect(client.types('1')).toEqual([]);
  expect(api.ticks.subscribers).toBe(1);
});

test('of an id nobody knows, or twice, it is nothing', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.send({ id: 'unknown', type: 'complete' });
  client.send({ id: 'toString', type: 'complete' });
  client.subscribe('1', '{ hello }');
  await client.message('1', 'complete');
  for (let turn = 0; turn < 2; turn += 1) client.send({ id: '1', type: 'complete' });
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next', 'complete']);
  expect(client.socket.readyState).toBe(client.socket.OPEN);
});

test('a subscription may have the id of one just left', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  for (let turn = 0; turn < 10; turn += 1) {
    client.send({ id: '1', type: 'complete' });
    client.subscribe('1', 'subscription { ticks }');
  }
  await client.roundTrip();
  await eventually(() => api.ticks.subscribers === 1);
  api.ticks.push(1);
  await client.message('1', 'next');
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next']);
  client.socket.close();
  await eventually(() => api.ticks.subscribers === 0);
});

test.each([
  ['a subscription', 'subscription { ticks }'],
  ['a mutation', 'mutation { wait }'],
])('an operation may have the id of %s left before it began', async (_what, first) => {
  const { open, options } = slowly();
  const api = await aServer(options);
  const client = await aClient(api, { accessToken: 'good' });
  client.subscribe('1', first);
  client.send({ id: '1', type: 'complete' });
  client.subscribe('1', '{ hello }');
  await client.roundTrip();
  open();
  expect((await client.message('1', 'next')).payload.data).toEqual({ hello: 'Hello world' });
  await client.message('1', 'complete');
  api.release();
  await client.roundTrip();
  expect(client.types('1')).toEqual(['next', 'complete']);
  await eventually(() => api.ticks.subscribers === 0);
});

test('an operation may have the id of a mutation that was left while it ran', async () => {
  const api = await aServer();
  const client = await aClient(api);
  client.subscribe('1', 'mutation { wait }');
  await eventually(() => api.waiting() === 1);
  client.send({ id: '1', type: 'complete' });
  client.subscribe('1', 'subscription { ticks }');
  await eventually(() => api.ticks.subscribers === 1);
  api.release();
  await client.roundTrip();
  api.ticks.push(7);
  await client.message('1', 'next');
  client.subscribe('2', '{ hello }');
  await client.message('2', 'complete');
  expect(client.messages.filter(({ id }) => id === '1').map(({ payload }) => payload.data)).toEqual([
    { ticks: 7 },
  ]);
  client.socket.close();
  await eventually(() => api.ticks.subscribers === 0);
});
