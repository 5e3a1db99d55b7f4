import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { aDeposit, apply, aWallet } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { post } = httpClient(floor.app().url);
const { signIn } = transportsTo(floor);

async function aPlayer(username: string) {
  const { id } = await aUser(runWork, { venueId, username });
  const wallet = await aWallet(runWork, { venueId, userId: id });
  const { accessToken } = await signIn(username);
  return { id: encodeGlobalId('User', id), wallet: wallet.id, token: accessToken };
}

const [anna, bert] = [await aPlayer('anna'), await aPlayer('bert')];
const deposit = (walletId: string) => apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 100n })]);
const cursor = async (): Promise<string> => (await floor.ask('{ cursor }')).data.cursor;

interface Node {
  readonly type: string;
  readonly payload: { readonly userId: string; readonly version?: string; readonly reason?: string };
}

/** He is told some of it too, which is not looked at here. */
const WALLET_TYPES = ['wallet.opened', 'wallet.balance-changed', 'wallet.status-changed'];

async function page(token: string, variables: object) {
  const query = `query ($first: Int, $last: Int, $after: Cursor, $types: [String!]) {
    events(first: $first, last: $last, after: $after, types: $types) {
      cursor totalCount pageInfo { hasNextPage hasPreviousPage } nodes { type cursor actor { id } payload } } }`;
  const { body } = await post(
    { query, variables: { types: WALLET_TYPES, ...variables } },
    { authorization: `Bearer ${token}` },
  );
  return body.data.events as {
    readonly cursor: string;
    readonly totalCount: number;
    readonly pageInfo: { readonly hasNextPage: boolean; readonly hasPreviousPage: boolean };
    readonly nodes: readonly (Node & { readonly cursor: string })[];
  };
}

const clients: SocketClient[] = [];
afterAll(() => {
  for (const { socket } of clients) socket.terminate();
});

async function follow(token: string, variables: object) {
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  clients.push(client);
  await client.init({ accessToken: token });
  client.subscribe(
    '1',
    'subscription ($after: Cursor, $types: [String!]) { events(after: $after, types: $types) { type cursor payload } }',
    { types: WALLET_TYPES, ...variables },
  );
  return (): Node[] =>
    client.messages.filter(({ type }) => type === 'next').map(({ payload }) => payload.data.events);
}

/** What staff does to a wallet with a reason that is not the player's to read. */
async function freeze(walletId: string, status: 'FROZEN' | 'ACTIVE') {
  const { data } = await floor.ask(
    'mutation ($input: SetWalletStatusInput!) { setWalletStatus(input: $input) { __typename } }',
    {
      as: 'ADMIN',
      variables: { input: { walletId: encodeGlobalId('Wallet', walletId), status, reason: 'suspected' } },
    },
  );
  expect(data.setWalletStatus.__typename).toBe('SetWalletStatusSuccess');
}

test('a player reads and follows what happened to his own wallets, and no count tells of another’s', async () => {
  const after = await cursor();
  const variables = { after };
  const [ofAnna, ofBert] = [await follow(anna.token, variables), await follow(bert.token, variables)];
  for (let round = 0; round < 3; round += 1) {
    await deposit(anna.wallet);
    await deposit(bert.wallet);
    await deposit(bert.wallet);
  }
  await freeze(anna.wallet, 'FROZEN');
  await freeze(anna.wallet, 'ACTIVE');
  await eventually(() => ofAnna().length >= 5 && ofBert().length >= 6);

  const [changed, status] = ['wallet.balance-changed', 'wallet.status-changed'];
  expect(ofAnna().map(({ type }) => type)).toEqual([changed, changed, changed, status, status]);
  expect(ofBert().map(({ type }) => type)).toEqual(Array(6).fill(changed));
  for (const [frames, { id }] of [
    [ofAnna(), anna],
    [ofBert(), bert],
  ] as const)
    expect(new Set(frames.map(({ payload }) => payload.userId))).toEqual(new Set([id]));

  const all = await page(anna.token, {});
  const opened = await page(anna.token, { types: ['wallet.opened'] });
  expect(opened).toMatchObject({ totalCount: 1, nodes: [{ payload: { userId: anna.id } }] });
  expect(all).toMatchObject({ totalCount: 6, pageInfo: { hasNextPage: false, hasPreviousPage: false } });
  expect(all.nodes.slice(1).map(({ payload }) => payload)).toEqual(ofAnna().map(({ payload }) => payload));
  expect(new Set(all.nodes.map(({ payload }) => payload.userId))).toEqual(new Set([anna.id]));

  const two = await page(anna.token, { first: 2 });
  expect(two.nodes).toEqual(all.nodes.slice(0, 2));
  const rest = await page(anna.token, { after: two.cursor });
  expect(rest.nodes).toEqual(all.nodes.slice(2));
  expect((await page(anna.token, { last: 2 })).nodes).toEqual(all.nodes.slice(-2));
  expect((await page(bert.token, {})).totalCount).toBe(7);
});

test('why his wallet was frozen is told to who oversees wallets, and not to the player', async () => {
  const types = ['wallet.status-changed'];
  const [own] = (await page(anna.token, { types })).nodes;
  const [seen] = (await page(await floor.token('OPERATOR'), { types })).nodes;
  expect(seen?.payload.reason).toBe('suspected');
  const { reason: _reason, ...rest } = seen?.payload ?? { userId: '' };
  expect(own?.payload).toEqual(rest);
});

test('a player who comes back is shown what of his he missed, once', async () => {
  const after = await cursor();
  await deposit(bert.wallet);
  await deposit(anna.wallet);
  const frames = await follow(anna.token, { after, types: ['wallet.balance-changed'] });
  await eventually(() => frames().length > 0);
  await deposit(bert.wallet);
  await deposit(anna.wallet);
  await eventually(() => frames().length > 1);
  const [first, second] = frames().map(({ payload }) => Number(payload.version));
  expect(second).toBe((first ?? 0) + 1);
  expect(new Set(frames().map(({ payload }) => payload.userId))).toEqual(new Set([anna.id]));
});
