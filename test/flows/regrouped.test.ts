import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Role } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { scrape } from '../support/metrics.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';

/** What an open stream is fed from follows the rights of its reader, though it was planned by those he had once. */
const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork, auth } = floor.app().services;
const port = Number(new URL(floor.app().url).port);
const { id: theirs } = await aWallet(runWork, { venueId });

const clients: SocketClient[] = [];
afterAll(() => {
  for (const { socket } of clients) socket.terminate();
});

const deposit = (walletId: string) => apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 100n })]);

async function somebody(username: string, role: Role) {
  const { id } = await aUser(runWork, { venueId, roles: [role], username });
  const { id: walletId } = await aWallet(runWork, { venueId, userId: id });
  const { accessToken } = await auth.login({ identifier: username, password: PASSWORD }, {});
  const userId = encodeGlobalId('User', id);
  const mutation = 'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }';

  async function become(to: Role): Promise<void> {
    const variables = { input: { userId, roles: [to] } };
    const { data } = await floor.ask(mutation, { as: 'ADMIN', variables });
    expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  }

  /** A stream from now on for each id. */
  async function follow(ids: readonly string[], query: string, variables: object = {}) {
    const client = await connect({ port });
    clients.push(client);
    await client.init({ accessToken });
    const after = (await floor.ask('{ cursor }')).data.cursor;
    for (const each of ids) client.subscribe(each, query, { after, ...variables });
    return client;
  }
  return { walletId, become, follow };
}

const framesOf = (client: SocketClient, id: string) =>
  client.messages.filter((each) => each.id === id && each.type === 'next').map(({ payload }) => payload.data);

const BALANCE =
  'subscription ($after: Cursor, $minIntervalMs: Int) { balance(after: $after, minIntervalMs: $minIntervalMs) { walletId cursor } }';
const EVENTS = `subscription ($after: Cursor) {
  events(after: $after, types: ["wallet.balance-changed"]) { cursor payload } }`;
const walletsOf = (client: SocketClient, id: string): string[] =>
  framesOf(client, id).map(({ balance }) => balance.walletId);
const global = (...ids: readonly string[]) => ids.map((id) => encodeGlobalId('Wallet', id));

test('who gets wider rights is shown by his 20 open streams all that happens from then on, in order and once', async () => {
  const { walletId: mine, become, follow } = await somebody('promoted', 'PLAYER');
  const ids = Array.from({ length: 20 }, (_, at) => `stream ${at}`);
  const client = await follow(ids, BALANCE);
  await deposit(theirs);
  await deposit(mine);
  await eventually(() => ids.every((id) => walletsOf(client, id).length === 1));
  await become('OPERATOR');
  for (const walletId of [theirs, mine, theirs, mine]) await deposit(walletId);
  await eventually(() =>
    ids.every((id) => walletsOf(client, id).at(-1) && walletsOf(client, id).length >= 5),
  );
  for (const id of ids) expect(walletsOf(client, id)).toEqual(global(mine, theirs, mine, theirs, mine));

  const [before, ...later] = framesOf(client, 'stream 0');
  client.subscribe('resumed', BALANCE, { after: later[0].balance.cursor });
  await eventually(() => framesOf(client, 'resumed').length === 3);
  expect(framesOf(client, 'resumed')).toEqual(later.slice(1));
  expect(before.balance.walletId).toBe(global(mine)[0]);
  client.socket.close();
  await client.closed();
});

test('so by the conflated ones, and by those of events', async () => {
  const { walletId: mine, become, follow } = await somebody('promoted-2', 'PLAYER');
  const client = await follow(['slow'], BALANCE, { minIntervalMs: 20 });
  const after = (await floor.ask('{ cursor }')).data.cursor;
  client.subscribe('events', EVENTS, { after });
  await deposit(mine);
  await eventually(() => framesOf(client, 'events').length === 1 && walletsOf(client, 'slow').length === 1);
  await become('OPERATOR');
  await deposit(theirs);
  await deposit(mine);
  await eventually(() => framesOf(client, 'events').length >= 3 && walletsOf(client, 'slow').length >= 3);
  expect(walletsOf(client, 'slow')).toEqual(global(mine, theirs, mine));
  const shown = framesOf(client, 'events').map(({ events }) => events.payload.walletId);
  expect(shown).toEqual(global(mine, theirs, mine));
  client.socket.close();
  await client.closed();
});

test('who loses them is shown nothing of others any more, and goes on with his own', async () => {
  const { walletId: mine, become, follow } = await somebody('demoted', 'OPERATOR');
  const client = await follow(['1', '2'], BALANCE);
  await deposit(theirs);
  await eventually(() => ['1', '2'].every((id) => walletsOf(client, id).length === 1));
  await become('PLAYER');
  await deposit(theirs);
  await deposit(mine);
  // Who may see it again by then is shown it.
  await eventually(() => ['1', '2'].every((id) => walletsOf(client, id).length >= 2));
  await become('OPERATOR');
  await deposit(theirs);
  await eventually(() => ['1', '2'].every((id) => walletsOf(client, id).length >= 3));
  for (const id of ['1', '2']) expect(walletsOf(client, id)).toEqual(global(theirs, mine, theirs));
  client.socket.close();
  await client.closed();
});

test('and no group is left when all have gone', async () => {
  async function counted() {
    const { value } = await scrape(floor.app().url);
    return [value('floorwire_subscriptions{field="balance"}'), value('floorwire_subscription_groups')];
  }
  const { become, follow } = await somebody('moved', 'PLAYER');
  const client = await follow(['1', '2'], BALANCE);
  await eventually(async () => (await counted())[0] === 2);
  await become('OPERATOR');
  // Nor is the one that they left.
  expect(await counted()).toEqual([2, 1]);
  client.socket.close();
  await client.closed();
  await eventually(async () => !(await counted())[0]);
  expect((await counted())[1]).toBe(0);
});
