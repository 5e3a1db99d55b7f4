import { afterEach, expect, test, vi } from 'vitest';
import { type BalanceState, balanceStoreOf, LOADING } from '../../src/client/balance-store.ts';
import type { FloorClient, FloorClientOptions } from '../../src/client/floor-client.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Wallet } from '../../src/wallet/wallet.ts';
import { aUser } from '../support/builders.ts';
import { aDeposit, aHold, apply, aWallet } from '../support/money.ts';
import { transportsTo } from '../support/transports.ts';
import { aClientFloor, heard } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** What whoever is signed in has: read, and followed from there. */
const { floor, proxy, client } = await aClientFloor();
const { runWork } = floor.app().services;
const { venueId } = floor;
const { signIn } = transportsTo(floor);
afterEach(() => proxy.block());

/** Somebody with a client of his own. */
async function aPlayer(
  options: Partial<FloorClientOptions> = {},
  { balanceMinor = 1_000n }: { readonly balanceMinor?: bigint | null } = {},
) {
  const { id: userId, username } = await aUser(runWork, { venueId });
  const wallet = balanceMinor === null ? null : await aWallet(runWork, { venueId, userId, balanceMinor });
  const { accessToken } = await signIn(username ?? '');
  return { userId, wallet, app: client({ token: () => accessToken, ...options }) };
}

const pay = (wallet: Wallet | null, amountMinor: bigint) =>
  apply(runWork, [
    aDeposit({ venueId, walletId: wallet?.id ?? '', currency: wallet?.currency ?? 'USD', amountMinor }),
  ]);

async function connectionOf(userId: string) {
  const query = '{ realtimeConnections(first: 100) { nodes { id subscriptions user { id } } } }';
  const { data } = await floor.ask(query, { as: 'ADMIN' });
  const nodes: readonly { id: string; subscriptions: number; user: { id: string } | null }[] =
    data.realtimeConnections.nodes;
  return nodes.find(({ user }) => user?.id === userId);
}

/** Closes the one socket of somebody, as an ADMIN. */
async function disconnect(userId: string): Promise<void> {
  const { id: connectionId } = (await heard(() => connectionOf(userId))) ?? {};
  await floor.ask(
    'mutation ($input: DisconnectClientInput!) { disconnectClient(input: $input) { __typename } }',
    { as: 'ADMIN', variables: { input: { connectionId, reason: 'closing time' } } },
  );
}

/** Keeps each thing that a component would show. */
function show(app: FloorClient, options: Parameters<typeof balanceStoreOf>[1] = {}) {
  const store = balanceStoreOf(app, options);
  const states: BalanceState[] = [store.snapshot()];
  const leave = store.subscribe(() => void states.push(store.snapshot()));
  return {
    store,
    states,
    leave,
    now: store.snapshot,
    /** One after the other, without those that stayed the same. */
    amounts: () =>
      states
        .map(({ balance }) => balance?.amount ?? null)
        .filter((amount, at, all) => at === 0 || amount !== all[at - 1]),
    shows: (amount: string | null) => heard(() => (store.snapshot().balance?.amount ?? null) === amount),
  };
}

/** A `fetch` whose first answers that hold a wallet go through this. */
function disturbed(
  change: (text: string) => string | Promise<string>,
  times = 1,
): NonNullable<FloorClientOptions['fetch']> {
  let left = times;
  return async (url, init) => {
    const response = await fetch(url, init);
    const text = await response.text();
    const isMeant = text.includes('"walletId"') && left > 0;
    if (isMeant) left -= 1;
    return new Response(isMeant ? await change(text) : text, { status: response.status });
  };
}

test('a balance is read at once, and every change of it is shown in order', async () => {
  const { app, wallet } = await aPlayer();
  const { states, shows, amounts, now } = show(app);
  expect(states).toEqual([LOADING]);
  await shows('10.00');
  expect(now()).toMatchObject({ isLoading: false, error: null });
  await pay(wallet, 250n);
  await pay(wallet, 5n);
  await shows('12.55');
  expect(amounts()).toEqual([null, '10.00', '12.50', '12.55']);
  await apply(runWork, [aHold({ venueId, walletId: wallet?.id ?? '', amountMinor: 200n })]);
  await heard(() => now().balance?.available === '10.55');
  expect(now().balance).toEqual({
    walletId: encodeGlobalId('Wallet', wallet?.id ?? ''),
    currency: 'USD',
    amount: '12.55',
    available: '10.55',
  });
});

test('what is posted between reading and following is not missed', async () => {
  const paid: { wallet: Wallet | null } = { wallet: null };
  const { app, wallet } = await aPlayer({
    fetch: disturbed(async (text) => {
      await pay(paid.wallet, 1n);
      return text;
    }),
  });
  paid.wallet = wallet;
  const { shows, amounts } = show(app);
  await shows('10.01');
  expect(amounts()).toEqual([null, '10.00', '10.01']);
});

test('all who show the same share one reading and one subscription, to the last of them', async () => {
  const { app, wallet, userId } = await aPlayer();
  const ask = vi.spyOn(app, 'ask');
  const shown = Array.from({ length: 10 }, () => show(app));
  for (const { shows } of shown) await shows('10.00');
  expect(ask).toHaveBeenCalledTimes(1);
  const followed = () => connectionOf(encodeGlobalId('User', userId));
  await heard(async () => (await followed())?.subscriptions === 1);
  for (const { leave } of shown.slice(1)) leave();
  await pay(wallet, 1n);
  await shown[0]?.shows('10.01');
  expect(shown[1]?.states.at(-1)?.balance?.amount).toBe('10.00');
  shown[0]?.leave();
  await heard(() => app.status.state === 'idle');
  expect(shown[0]?.now()).toEqual(LOADING);
});

test('the first wallet is shown as soon as it is opened, and nobody else’s ever', async () => {
  const { app, userId } = await aPlayer({}, { balanceMinor: null });
  const { now, shows, amounts } = show(app);
  await heard(() => !now().isLoading);
  expect(now()).toEqual({ balance: null, isLoading: false, error: null });
  await aWallet(runWork, { venueId, balanceMinor: 7_700n });
  await aWallet(runWork, { venueId, userId, balanceMinor: 300n });
  await shows('3.00');
  expect(amounts()).not.toContain('77.00');
});

test('whoever oversees all wallets is shown his own, in the currency he asks for', async () => {
  const { id: userId, username } = await aUser(runWork, { venueId, roles: ['OPERATOR', 'PLAYER'] });
  const { accessToken } = await signIn(username ?? '');
  const app = client({ token: () => accessToken });
  const yen = await aWallet(runWork, { venueId, userId, currency: 'JPY', balanceMinor: 5n });
  const [dollars, shownYen] = [show(app), show(app, { currency: 'JPY' })];
  await shownYen.shows('5');
  await heard(() => !dollars.now().isLoading);
  await aWallet(runWork, { venueId, balanceMinor: 7_700n });
  await pay(yen, 1n);
  await shownYen.shows('6');
  await aWallet(runWork, { venueId, userId, balanceMinor: 100n });
  await dollars.shows('1.00');
  expect(dollars.amounts()).not.toContain('77.00');
  expect(shownYen.amounts()).toEqual([null, '5', '6']);
});

test('where the server cannot be reached the error is shown until a try succeeds, which comes by itself', async () => {
  const { app } = await aPlayer();
  proxy.block('HTTP');
  const { now, shows, amounts } = show(app);
  await heard(() => now().error instanceof TypeError);
  expect(now()).toMatchObject({ balance: null, isLoading: false });
  proxy.block();
  await shows('10.00');
  expect([now().error, amounts()]).toEqual([null, [null, '10.00']]);
});

test('what the server refuses is not asked again until somebody says so', async () => {
  const given = { token: 'x.y.z' };
  const { app } = await aPlayer({ token: () => given.token });
  const ask = vi.spyOn(app, 'ask');
  const { now, shows, store } = show(app);
  await heard(() => now().error !== null);
  expect(now().error).toMatchObject({ name: 'SignedOutError', code: 'AUTH_003' });
  store.retry();
  expect(now()).toEqual(LOADING);
  await heard(() => now().error !== null);
  expect(ask).toHaveBeenCalledTimes(2);
  const { id: userId, username } = await aUser(runWork, { venueId });
  await aWallet(runWork, { venueId, userId, balanceMinor: 400n });
  given.token = (await signIn(username ?? '')).accessToken;
  store.updateToken();
  await shows('4.00');
  expect(now().error).toBeNull();
});

test('away for longer than changes are kept, it is read anew', async () => {
  const paid: { wallet: Wallet | null } = { wallet: null };
  const { app, wallet } = await aPlayer({
    fetch: disturbed(async (text) => {
      await pay(paid.wallet, 1n);
      return text.replace(/"cursor":"[^"]+"/, '"cursor":"bm9uZQ"');
    }),
  });
  paid.wallet = wallet;
  const { shows, amounts, now } = show(app);
  await shows('10.01');
  await pay(wallet, 1n);
  await shows('10.02');
  expect([now().error, amounts()]).toEqual([null, [null, '10.00', '10.01', '10.02']]);
});

test('what could not be read anew after that is read by another try, which comes by itself', async () => {
  let readings = 0;
  const { app, wallet } = await aPlayer({
    fetch: disturbed((text) => {
      readings += 1;
      if (readings === 2) throw new TypeError('The network is gone.');
      return text.replace(/"cursor":"[^"]+"/, '"cursor":"bm9uZQ"');
    }, 2),
  });
  const { shows, now } = show(app);
  await heard(() => now().error !== null);
  expect(now().balance?.amount).toBe('10.00');
  await pay(wallet, 1n);
  await shows('10.01');
  expect(now().error).toBeNull();
});

test('without sockets and streams it is polled, and goes on by a socket where polling ended', async () => {
  const { app, wallet } = await aPlayer();
  const { shows, amounts } = show(app);
  await shows('10.00');
  proxy.block('SOCKET', 'SSE');
  await heard(() => app.status.state === 'fallback' && app.status.via === 'POLLING');
  await pay(wallet, 1n);
  await shows('10.01');
  proxy.block();
  await heard(() => app.status.state === 'connected');
  await pay(wallet, 1n);
  await shows('10.02');
  expect(amounts()).toEqual([null, '10.00', '10.01', '10.02']);
});

test('thrown out by an ADMIN it keeps what it knew beside the error, and connecting brings what was missed', async () => {
  const { app, wallet, userId } = await aPlayer();
  const { shows, now, amounts } = show(app);
  await shows('10.00');
  await pay(wallet, 1n);
  await pay(wallet, 1n);
  await shows('10.02');
  await disconnect(encodeGlobalId('User', userId));
  await heard(() => now().error !== null);
  expect(now()).toMatchObject({ balance: { amount: '10.02' }, error: { code: 4493 } });
  await pay(wallet, 1n);
  app.connect();
  await shows('10.03');
  expect(now().error).toBeNull();
  expect(amounts()).toEqual([null, '10.00', '10.01', '10.02', '10.03']);
});

test('at most one change in a while is shown where that is asked for, and the last one always', async () => {
  const { app, wallet } = await aPlayer();
  const { shows, states } = show(app, { minIntervalMs: 2_000 });
  await shows('10.00');
  await heard(() => app.status.state === 'connected');
  for (let paid = 0; paid < 20; paid += 1) await pay(wallet, 1n);
  await shows('10.20');
  expect(states.length).toBeLessThan(10);
});
