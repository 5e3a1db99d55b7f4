import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { expireHolds } from '../../src/wallet/ledger-service.ts';
import { createRunWork } from '../../src/work.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { openEventStream } from '../support/event-stream.ts';
import { aDeposit, aHold, apply, aWallet, TELLER } from '../support/money.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const port = Number(new URL(floor.app().url).port);

const { id: annaId } = await aUser(runWork, { venueId, username: 'anna' });
const { id: bertId } = await aUser(runWork, { venueId, username: 'bert' });
const { signIn } = transportsTo(floor);
const anna = (await signIn('anna')).accessToken;
const bert = (await signIn('bert')).accessToken;
const wallets = {
  anna: await aWallet(runWork, { venueId, userId: annaId, balanceMinor: 1_000n }),
  annaInYen: await aWallet(runWork, { venueId, userId: annaId, currency: 'JPY' }),
  bert: await aWallet(runWork, { venueId, userId: bertId }),
};
const annas = encodeGlobalId('Wallet', wallets.anna.id);

const BALANCE = `subscription ($walletId: ID, $after: Cursor, $ms: Int) {
  balance(walletId: $walletId, after: $after, minIntervalMs: $ms) {
    cursor walletId userId currency balance { amount } available { amount } version cause change { amount }
    transactionId holdId skipped
  }
}`;

interface Frame {
  readonly cursor: string;
  readonly walletId: string;
  readonly userId: string;
  readonly balance: { readonly amount: string };
  readonly available: { readonly amount: string };
  readonly version: string;
  readonly cause: string;
  readonly change: { readonly amount: string } | null;
  readonly transactionId: string | null;
  readonly holdId: string | null;
  readonly skipped: number;
}

const clients: SocketClient[] = [];
afterAll(() => {
  for (const { socket } of clients) socket.terminate();
});

async function follow(token: string, variables: object = {}) {
  const client = await connect({ port });
  clients.push(client);
  await client.init({ accessToken: token });
  client.subscribe('1', BALANCE, variables);
  const frames = (): Frame[] =>
    client.messages
      .filter(({ id, type }) => id === '1' && type === 'next')
      .map(({ payload }) => payload.data.balance);
  const last = (version: string) => eventually(() => frames().at(-1)?.version === version);
  return { client, frames, last };
}

const cursor = async (): Promise<string> => (await floor.ask('{ cursor }')).data.cursor;

async function standing(id: string) {
  const { data } = await floor.ask(
    'query ($id: ID!) { wallet(id: $id) { posted { amount } available { amount } version } }',
    { as: 'ADMIN', variables: { id } },
  );
  const { posted, available, version } = data.wallet;
  return { balance: posted, available, version };
}

let keys = 0;
/** Does it as ADMIN, and answers the id of what `of` says came of it. */
async function mutate(field: string, input: object, of: 'transaction' | 'hold'): Promise<string> {
  keys += 1;
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const { data } = await floor.ask(
    `mutation ($input: ${type}Input!) { ${field}(input: $input) { __typename ... on ${type}Success { ${of} { id } } } }`,
    { as: 'ADMIN', variables: { input: { idempotencyKey: `key-${keys}`, ...input } } },
  );
  expect(data[field].__typename).toBe(`${type}Success`);
  return data[field][of].id;
}

const post = (kind: string, amount: string, fields: object = {}) =>
  mutate(
    'postWalletTransaction',
    { walletId: annas, kind, amount, currency: 'USD', ...fields },
    'transaction',
  );

/** Units of work as they will be in a minute. */
const aMinuteAhead = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => 61_000 });
const inAMinute = (task: Parameters<typeof aMinuteAhead>[1]) => aMinuteAhead(TELLER, task);

const newestFirst = (a: Frame, b: Frame) => (BigInt(a.version) > BigInt(b.version) ? -1 : 1);

test.each([0, undefined])(
  'with minIntervalMs %s each change of every kind is one frame in order, which the log knows by its cursor',
  async (ms) => {
    const { frames, last } = await follow(anna, { after: await cursor(), ms });
    for (const [kind, fields] of [
      ['DEPOSIT', {}],
      ['BET', {}],
      ['WIN', {}],
      ['BONUS', {}],
      ['FEE', {}],
      ['ADJUSTMENT', { direction: 'CREDIT', reason: 'miscounted' }],
    ] as const)
      await post(kind, '2.00', fields);
    const transactionId = await post('WITHDRAWAL', '1.50');
    await mutate('reverseLedgerTransaction', { transactionId, reason: 'paid twice' }, 'transaction');
    const claim = { walletId: annas, amount: '3.00', currency: 'USD', expiresInSeconds: 60 };
    const holdId = await mutate('placeWalletHold', claim, 'hold');
    await mutate('voidWalletHold', { holdId }, 'hold');
    const captured = await mutate('placeWalletHold', claim, 'hold');
    const capture = { holdId: captured, amount: '1.00', currency: 'USD', kind: 'FEE' };
    const captureId = await mutate('captureWalletHold', capture, 'transaction');
    const now = await standing(annas);
    await last(now.version);

    expect(frames().map(({ cause }) => cause)).toEqual(
      'DEPOSIT BET WIN BONUS FEE ADJUSTMENT WITHDRAWAL REVERSAL HOLD_PLACED HOLD_VOIDED HOLD_PLACED FEE'.split(
        ' ',
      ),
    );
    expect(frames().map(({ change }) => change?.amount)).toEqual(
      '2.00 -2.00 2.00 2.00 -2.00 2.00 -1.50 1.50 0.00 0.00 0.00 -1.00'.split(' '),
    );
    const moved = frames().slice(0, -4);
    expect(moved.map((frame) => [frame.transactionId !== null, frame.holdId])).toEqual(
      moved.map(() => [true, null]),
    );
    expect(
      frames()
        .slice(-4)
        .map((frame) => [frame.holdId, frame.transactionId]),
    ).toEqual([
      [holdId, null],
      [holdId, null],
      [captured, null],
      [captured, captureId],
    ]);
    expect(new Set(frames().map(({ skipped }) => skipped))).toEqual(new Set([0]));
    const held = frames().find(({ cause }) => cause === 'HOLD_PLACED');
    expect(Number(held?.balance.amount) - Number(held?.available.amount)).toBe(3);

    // In whatever order they are looked at, the greatest version is how things are.
    const [newest, ...older] = [...frames()]
      .reverse()
      .sort(() => Math.random() - 0.5)
      .sort(newestFirst);
    expect(newest).toMatchObject({ ...now, userId: encodeGlobalId('User', annaId), currency: 'USD' });
    expect(older.map(({ cause }) => cause)).toEqual(
      frames()
        .slice(0, -1)
        .map(({ cause }) => cause)
        .reverse(),
    );

    const { data } = await floor.ask(
      '{ events(types: ["wallet.balance-changed"], last: 20) { nodes { cursor } } auditLog(types: ["wallet.balance-changed"], first: 20) { nodes { data } } }',
      { as: 'AUDITOR' },
    );
    const placed = new Set(data.events.nodes.map((node: { cursor: string }) => node.cursor));
    const onRecord = data.auditLog.nodes.map(
      (node: { data: { walletId: string; version: string } }) => node.data,
    );
    for (const { cursor, walletId, version } of frames()) {
      expect(placed).toContain(cursor);
      expect(onRecord).toContainEqual(expect.objectContaining({ walletId, version }));
    }
  },
);

test.each([
  [0, 'EUR'],
  [30, 'CHF'],
])(
  'with minIntervalMs %s a hold whose time is over is a frame of its wallet, though nothing else happens to that',
  async (ms, currency) => {
    const { id: walletId } = await aWallet(runWork, {
      venueId,
      userId: bertId,
      currency,
      balanceMinor: 500n,
    });
    const claim = aHold({ venueId, walletId, amountMinor: 200n, currency, expiresInSeconds: 60 });
    const { frames, last } = await follow(bert, {
      walletId: encodeGlobalId('Wallet', walletId),
      after: await cursor(),
      ms,
    });
    await apply(runWork, [claim]);
    await last('3');
    await inAMinute((work) => expireHolds(work, { wallets: 100 }));
    await last('4');
    expect(frames()).toMatchObject([
      { cause: 'HOLD_PLACED', skipped: 0 },
      { cause: 'HOLD_EXPIRED', skipped: 0, version: '4' },
    ]);
    expect(frames().map(({ balance, available }) => [balance.amount, available.amount])).toEqual([
      ['5.00', '3.00'],
      ['5.00', '5.00'],
    ]);
  },
);

test('of a hundred postings in a second 250 ms apart leave few frames, and the last is exact, over both transports', async () => {
  const variables = { after: await cursor(), ms: 250, walletId: annas };
  const socket = await follow(anna, variables);
  const events = await openEventStream(floor.app().url, { query: BALANCE, variables, token: anna });
  const startedMs = performance.now();
  const posted: Promise<unknown>[] = [];
  for (let bet = 0; bet < 100; bet += 1) {
    posted.push(post('BET', '0.01'));
    await pause(10);
  }
  await Promise.all(posted);
  const now = await standing(annas);
  await socket.last(now.version);

  const sent: Frame[] = [];
  while (sent.at(-1)?.version !== now.version) {
    const event = await events.next();
    expect(event?.id).toBe(event?.data.data.balance.cursor);
    sent.push(event?.data.data.balance);
  }
  // Each counts its 250 ms from its own first frame: the one may be told the last when the other has it already.
  const elapsedMs = performance.now() - startedMs;
  await events.close();
  for (const frames of [socket.frames(), sent]) {
    expect(frames.at(-1)).toMatchObject(now);
    expect(frames.length).toBeLessThanOrEqual(elapsedMs / 250 + 1);
    expect(frames.reduce((sum, { skipped }) => sum + skipped + 1, 0)).toBe(100);
    expect([...frames].sort(newestFirst).reverse()).toEqual(frames);
  }
});

test.each([0, 30])(
  'players of one operation are each shown his own wallets and nothing of another’s, %s ms apart',
  async (ms) => {
    const variables = { after: await cursor(), ms };
    const [ofAnna, ofBert] = [await follow(anna, variables), await follow(bert, variables)];
    const all = await follow(await floor.token('OPERATOR'), variables);
    for (let round = 0; round < 5; round += 1)
      await apply(runWork, [
        aDeposit({ venueId, walletId: wallets.anna.id, amountMinor: 1n }),
        aDeposit({ venueId, walletId: wallets.bert.id, amountMinor: 2n }),
        aDeposit({ venueId, walletId: wallets.annaInYen.id, amountMinor: 3n, currency: 'JPY' }),
      ]);
    const heard = (frames: readonly Frame[]) => frames.reduce((sum, { skipped }) => sum + skipped + 1, 0);
    await eventually(
      () => heard(ofAnna.frames()) === 10 && heard(ofBert.frames()) === 5 && heard(all.frames()) === 15,
    );
    const ownersOf = (frames: readonly Frame[]) => new Set(frames.map(({ userId }) => userId));
    expect(ownersOf(ofAnna.frames())).toEqual(new Set([encodeGlobalId('User', annaId)]));
    expect(ownersOf(ofBert.frames())).toEqual(new Set([encodeGlobalId('User', bertId)]));
    expect(ownersOf(all.frames()).size).toBe(2);
  },
);

test('an operator who is one no longer hears of no wallet but his own from then on, on a stream that was open', async () => {
  const { id: carlId } = await aUser(runWork, { venueId, username: 'carl', roles: ['OPERATOR', 'PLAYER'] });
  const own = await aWallet(runWork, { venueId, userId: carlId });
  const after = await cursor();
  const carl = await follow((await signIn('carl')).accessToken, { after });
  const control = await follow(await floor.token('ADMIN'), { after });
  const pay = (walletId: string) => apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 7n })]);
  const reached = (frames: () => Frame[], id: string) =>
    eventually(() => frames().some(({ walletId }) => walletId === encodeGlobalId('Wallet', id)));
  await pay(wallets.bert.id);
  await reached(carl.frames, wallets.bert.id);
  const change = { userId: encodeGlobalId('User', carlId), roles: ['PLAYER'], grants: [] };
  const changed = await floor.ask(
    'mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }',
    { as: 'ADMIN', variables: { input: change } },
  );
  expect(changed.data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
  const before = carl.frames().length;
  for (const { id } of [wallets.anna, own]) await pay(id);
  await reached(control.frames, own.id);
  const mine = await follow((await signIn('carl')).accessToken, { after });
  await reached(mine.frames, own.id);
  for (const { userId } of [...carl.frames().slice(before), ...mine.frames()])
    expect(userId).toBe(encodeGlobalId('User', carlId));
});

test('cut at random and resumed under load, a reader of two wallets ends at the last of both and never goes back', {
  timeout: 120_000,
}, async () => {
  const received: Frame[] = [];
  let after = await cursor();
  let isOver = false;
  let cuts = 0;
  const load = (async () => {
    for (let step = 0; step < 400; step += 1) {
      const isYen = Math.random() < 0.2;
      const deposit = isYen
        ? { walletId: wallets.annaInYen.id, amountMinor: 1n, currency: 'JPY' }
        : { walletId: wallets.anna.id, amountMinor: 1n };
      await apply(runWork, [aDeposit({ venueId, ...deposit })]);
    }
    isOver = true;
  })();
  const last = (id: string) => received.findLast(({ walletId }) => walletId === encodeGlobalId('Wallet', id));
  const isComplete = async () => {
    for (const { id } of [wallets.anna, wallets.annaInYen]) {
      const { version } = await standing(encodeGlobalId('Wallet', id));
      if (last(id)?.version !== version) return false;
    }
    return isOver;
  };
  while (!(await isComplete())) {
    const { client, frames } = await follow(anna, { after, ms: 40 });
    const takes = 1 + Math.floor(Math.random() * 4);
    await eventually(
      async () => frames().length >= takes || (isOver && (frames().length > 0 || (await isComplete()))),
    );
    client.socket.terminate();
    received.push(...frames().slice(0, takes));
    after = received.at(-1)?.cursor ?? after;
    cuts += 1;
  }
  await load;
  expect(cuts).toBeGreaterThan(5);
  expect(received.length).toBeLessThan(400);
  for (const { id } of [wallets.anna, wallets.annaInYen]) {
    const versions = received
      .filter(({ walletId }) => walletId === encodeGlobalId('Wallet', id))
      .map(({ version }) => Number(version));
    expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    expect(last(id)).toMatchObject(await standing(encodeGlobalId('Wallet', id)));
  }
});

test.each([
  ['PLAYER', 'the wallet of another', { walletId: annas }, 'API_002'],
  ['FOREIGN_ADMIN', 'a wallet of another venue', { walletId: annas }, 'API_002'],
  ['DEVICE', 'wallets', {}, 'AUTH_004'],
  ['ADMIN', 'less than nothing apart', { ms: -1 }, 'API_001'],
  ['ADMIN', 'more than a minute apart', { ms: 60_001 }, 'API_001'],
] as const)('%s following %s is refused', async (as: Asker, _what, variables, code) => {
  const { client } = await follow(await floor.token(as), variables);
  expect((await client.message('1', 'error')).payload).toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ code }) }),
  ]);
});
