import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { type Asker, aFloorApp } from '../support/app.ts';
import { aWallet } from '../support/money.ts';

const floor = await aFloorApp({ machines: 0 });
const { runWork } = floor.app().services;
const { venueId } = floor;

const playerId: string = (await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' })).data.viewer.user
  .id;
const open = await floor.ask(
  'mutation { openWallet(input: { currency: "USD" }) { ... on OpenWalletSuccess { wallet { id owner { id } } } } }',
  { as: 'PLAYER' },
);
const own: string = open.data.openWallet.wallet.id;
const other = encodeGlobalId('Wallet', (await aWallet(runWork, { venueId })).id);
let keys = 0;
const aKey = () => {
  keys += 1;
  return `key-${keys}`;
};

const OUTCOME = '__typename ... on Error { code message }';
const POSTED = `${OUTCOME} ... on PostWalletTransactionSuccess { replayed transaction { id kind amount { amount } } }`;

async function mutate(field: string, input: object, { as = 'ADMIN' as Asker, answer = OUTCOME } = {}) {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}Input`;
  const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ${answer} } }`;
  const { data, errors } = await floor.ask(query, { as, variables: { input } });
  return data?.[field] ?? { code: errors?.[0]?.extensions.code };
}

const post = (kind: string, amount: string, fields: object = {}, as: Asker = 'ADMIN') =>
  mutate(
    'postWalletTransaction',
    { idempotencyKey: aKey(), walletId: own, kind, amount, currency: 'USD', ...fields },
    { as, answer: POSTED },
  );

async function funds(id = own, as: Asker = 'ADMIN') {
  const { data } = await floor.ask(
    'query ($id: ID!) { wallet(id: $id) { posted { amount } held { amount } available { amount } version } }',
    { as, variables: { id } },
  );
  const { posted, held, available } = data.wallet;
  return [posted.amount, held.amount, available.amount];
}

test.each('XAU XPT XBA XDR XTS XXX'.split(' '))(
  'nobody has a wallet in %s, which is no money',
  async (currency) => {
    expect(await mutate('openWallet', { currency }, { as: 'PLAYER' })).toMatchObject({
      __typename: 'ValidationError',
      code: 'API_001',
    });
  },
);

test.each('XAF XCD XOF XPF JPY CLF'.split(' '))('a wallet counts in %s', async (currency) => {
  const opened = await mutate('openWallet', { currency }, { as: 'OPERATOR' });
  expect(opened.__typename).toBe('OpenWalletSuccess');
});

test('a player has one wallet in each currency, and finds it without saying which', async () => {
  expect(open.data.openWallet.wallet.owner.id).toBe(playerId);
  const again = await mutate(
    'openWallet',
    { currency: 'USD' },
    { as: 'PLAYER', answer: '... on OpenWalletSuccess { wallet { id } }' },
  );
  expect(again.wallet.id).toBe(own);
  const { data } = await floor.ask('{ wallet { id currency status } wallets { nodes { id } totalCount } }', {
    as: 'PLAYER',
  });
  expect(data).toEqual({
    wallet: { id: own, currency: 'USD', status: 'ACTIVE' },
    wallets: { nodes: [{ id: own }], totalCount: 1 },
  });
  expect((await floor.ask('{ wallet(currency: "EUR") { id } }', { as: 'PLAYER' })).data.wallet).toBeNull();
});

test('wallets of two currencies are two: money of the one is never money of the other', async () => {
  const { wallet } = await mutate(
    'openWallet',
    { userId: playerId, currency: 'EUR' },
    { answer: '... on OpenWalletSuccess { wallet { id } }' },
  );
  await post('DEPOSIT', '2', { walletId: wallet.id, currency: 'EUR' });
  expect([await funds(), await funds(wallet.id)]).toEqual([
    ['0.00', '0.00', '0.00'],
    ['2.00', '0.00', '2.00'],
  ]);
  const input = { idempotencyKey: aKey(), fromWalletId: wallet.id, toWalletId: own, amount: '1' };
  for (const currency of ['EUR', 'USD'])
    expect(
      (
        await mutate(
          'transferBetweenWallets',
          { ...input, idempotencyKey: aKey(), currency },
          { as: 'PLAYER' },
        )
      ).code,
    ).toBe('API_021');
  await post('WITHDRAWAL', '2', { walletId: wallet.id, currency: 'EUR' });
});

test('each kind moves money between the wallet and the account it is counted by', async () => {
  const kinds: readonly (readonly [string, object, string, string])[] = [
    ['DEPOSIT', {}, 'CASH', '100.00'],
    ['BET', {}, 'BETS', '90.00'],
    ['WIN', {}, 'WINS', '100.00'],
    ['BONUS', {}, 'BONUSES', '110.00'],
    ['FEE', {}, 'FEES', '100.00'],
    ['ADJUSTMENT', { direction: 'DEBIT', reason: 'miscounted' }, 'SUSPENSE', '90.00'],
    ['WITHDRAWAL', {}, 'CASH', '80.00'],
  ];
  for (const [kind, fields, house, balance] of kinds) {
    const { transaction } = await post(kind, kind === 'DEPOSIT' ? '100' : '10.00', fields);
    const { data } = await floor.ask(
      'query ($id: ID!) { node(id: $id) { ... on LedgerTransaction { entries { houseAccount wallet { id } amount { amount } balanceAfter { amount } } } } }',
      { variables: { id: transaction.id } },
    );
    const entries: {
      houseAccount: string | null;
      amount: { amount: string };
      balanceAfter: { amount: string };
    }[] = data.node.entries;
    expect(entries.map(({ houseAccount }) => houseAccount).sort()).toEqual([house, null].sort());
    expect(entries.find(({ houseAccount }) => houseAccount === null)?.balanceAfter.amount).toBe(balance);
  }
  expect(await funds()).toEqual(['80.00', '0.00', '80.00']);
  await post('WITHDRAWAL', '80');
});

test('one tenth and two tenths are three tenths', async () => {
  await post('DEPOSIT', '0.1');
  await post('DEPOSIT', '0.2');
  expect(await funds()).toEqual(['0.30', '0.00', '0.30']);
  await post('WITHDRAWAL', '0.3');
});

test('a key gives its first answer again, and refuses another input', async () => {
  const idempotencyKey = aKey();
  const first = await post('DEPOSIT', '5', { idempotencyKey });
  expect(await post('DEPOSIT', '5', { idempotencyKey })).toEqual({ ...first, replayed: true });
  expect((await post('DEPOSIT', '6', { idempotencyKey })).code).toBe('API_004');
  // Another's key of the same name is another key.
  expect((await post('DEPOSIT', '5', { idempotencyKey }, 'OPERATOR_WITH_GRANTS')).replayed).toBe(false);
  expect(await funds()).toEqual(['10.00', '0.00', '10.00']);
  await post('WITHDRAWAL', '10');
});

test('a refusal says what there is, and stays', async () => {
  await post('DEPOSIT', '5');
  const idempotencyKey = aKey();
  const input = { idempotencyKey, walletId: own, kind: 'BET', amount: '5.01', currency: 'USD' };
  const answer = `${OUTCOME} ... on InsufficientFundsError { available { amount currency } }`;
  const refused = await mutate('postWalletTransaction', input, { answer });
  expect(refused).toMatchObject({ code: 'API_020', available: { amount: '5.00', currency: 'USD' } });
  await post('DEPOSIT', '1');
  expect(await mutate('postWalletTransaction', input, { answer })).toEqual(refused);
  await post('WITHDRAWAL', '6');
});

test.each([
  ['a currency it is not of', { currency: 'EUR' }, 'API_021'],
  ['an adjustment without a reason', { kind: 'ADJUSTMENT', direction: 'CREDIT' }, 'API_001'],
  ['an adjustment without a direction', { kind: 'ADJUSTMENT', reason: 'x' }, 'API_001'],
  ['a deposit that takes', { direction: 'DEBIT' }, 'API_001'],
  ['a key with a space', { idempotencyKey: 'a b' }, 'API_001'],
  ['a reason with a NUL', { reason: 'a\0b' }, 'API_001'],
  ['something of tomorrow', { effectiveAt: new Date(Date.now() + 86_400_000).toISOString() }, 'API_001'],
  ['something of the year before last', { effectiveAt: '2000-01-01T00:00:00Z' }, 'API_001'],
])('%s is not posted', async (_what, fields, code) => {
  expect((await post('DEPOSIT', '1', fields)).code).toBe(code);
  expect(await funds()).toEqual(['0.00', '0.00', '0.00']);
});

test('what counts from earlier is in the balance of earlier', async () => {
  const yesterday = new Date(Date.now() - 86_400_000).toISOString();
  const { transaction } = await post('DEPOSIT', '7', { effectiveAt: yesterday });
  const at = (instant: string) => `balanceAt(at: "${instant}") { amount }`;
  const { data } = await floor.ask(
    `{ before: wallet(id: "${own}") { ${at(new Date(Date.parse(yesterday) - 1).toISOString())} }
       then: wallet(id: "${own}") { ${at(yesterday)} } }`,
  );
  expect([data.before.balanceAt.amount, data.then.balanceAt.amount]).toEqual(['0.00', '7.00']);
  await mutate('reverseLedgerTransaction', {
    idempotencyKey: aKey(),
    transactionId: transaction.id,
    reason: 'test',
  });
  expect(await funds()).toEqual(['0.00', '0.00', '0.00']);
});

test('what it is charged with from before it had the money leaves it less than nothing then, and nothing now', async () => {
  const [earlier, later] = [4, 3].map((days) => new Date(Date.now() - days * 86_400_000).toISOString());
  await post('DEPOSIT', '7', { effectiveAt: later });
  expect((await post('WITHDRAWAL', '7.01', { effectiveAt: earlier })).code).toBe('API_020');
  await post('WITHDRAWAL', '7', { effectiveAt: earlier });
  const { data } = await floor.ask(
    `{ wallet(id: "${own}") { then: balanceAt(at: "${earlier}") { amount } now: balanceAt(at: "${later}") { amount } } }`,
  );
  expect([data.wallet.then.amount, data.wallet.now.amount]).toEqual(['-7.00', '0.00']);
  expect(await funds()).toEqual(['0.00', '0.00', '0.00']);
});

test('a hold claims what nobody else can spend, and pays or frees it', async () => {
  await post('DEPOSIT', '20');
  const hold = async (amount: string) => {
    const input = { idempotencyKey: aKey(), walletId: own, amount, currency: 'USD', expiresInSeconds: 600 };
    const answer = `${OUTCOME} ... on PlaceWalletHoldSuccess { hold { id state amount { amount } } }`;
    return await mutate('placeWalletHold', input, { as: 'PLAYER', answer });
  };
  const first = await hold('15');
  expect(first.hold).toMatchObject({ state: 'PLACED', amount: { amount: '15.00' } });
  expect((await hold('5.01')).code).toBe('API_020');
  expect(await funds()).toEqual(['20.00', '15.00', '5.00']);
  const capture = { holdId: first.hold.id, kind: 'FEE', amount: '4', currency: 'USD' };
  const answer = `${OUTCOME} ... on CaptureWalletHoldSuccess { transaction { kind amount { amount } } }`;
  const as = 'PLAYER';
  expect(
    await mutate('captureWalletHold', { idempotencyKey: aKey(), ...capture }, { as, answer }),
  ).toMatchObject({
    transaction: { kind: 'FEE', amount: { amount: '4.00' } },
  });
  expect(await mutate('captureWalletHold', { idempotencyKey: aKey(), ...capture }, { as })).toMatchObject({
    __typename: 'HoldEndedError',
    code: 'API_013',
  });
  const second = await hold('16');
  expect(
    (await mutate('voidWalletHold', { idempotencyKey: aKey(), holdId: second.hold.id }, { as })).code,
  ).toBeUndefined();
  const { data } = await floor.ask('{ wallet { holds { nodes { state captured { amount } } } } }', { as });
  expect(data.wallet.holds.nodes).toEqual([
    { state: 'VOIDED', captured: { amount: '0.00' } },
    { state: 'CAPTURED', captured: { amount: '4.00' } },
  ]);
  await post('WITHDRAWAL', '16');
});

test.each([
  [0, 'API_001'],
  [1, undefined],
  [604_800, undefined],
  [604_801, 'API_001'],
])('a hold of %d seconds is answered with %s', async (expiresInSeconds, code) => {
  await post('DEPOSIT', '1');
  const input = { walletId: own, amount: '1', currency: 'USD', expiresInSeconds };
  const hold = { idempotencyKey: aKey(), ...input };
  const answer = `${OUTCOME} ... on PlaceWalletHoldSuccess { hold { id } }`;
  const placed = await mutate('placeWalletHold', hold, { answer });
  expect(placed.code).toBe(code);
  if (placed.hold) await mutate('voidWalletHold', { idempotencyKey: aKey(), holdId: placed.hold.id });
  await post('WITHDRAWAL', '1');
});

test('an amount beyond what can be counted is refused, in a currency of four decimals too', async () => {
  const { wallet } = await mutate(
    'openWallet',
    { userId: playerId, currency: 'CLF' },
    { answer: '... on OpenWalletSuccess { wallet { id } }' },
  );
  const money = { walletId: wallet.id, currency: 'CLF' };
  const most = '999999999999999.9999';
  expect((await post('DEPOSIT', most, money)).code).toBe('API_001');
  expect((await post('DEPOSIT', '900000000000000.0000', money)).code).toBeUndefined();
  expect((await post('DEPOSIT', '0.0001', money)).code).toBe('API_001');
  const hold = { idempotencyKey: aKey(), expiresInSeconds: 60, amount: most, ...money };
  expect((await mutate('placeWalletHold', hold)).code).toBe('API_001');
  expect(await funds(wallet.id)).toEqual(['900000000000000.0000', '0.0000', '900000000000000.0000']);
});

test('whose the money is does not end a hold that somebody else placed, and who placed it does', async () => {
  await post('DEPOSIT', '5');
  const claim = { idempotencyKey: aKey(), walletId: own, amount: '4', currency: 'USD' };
  const answer = `${OUTCOME} ... on PlaceWalletHoldSuccess { hold { id } }`;
  const { hold } = await mutate('placeWalletHold', claim, { answer });
  const end = (field: string, as: Asker) => {
    const input = { idempotencyKey: aKey(), holdId: hold.id };
    const paid = { kind: 'FEE', amount: '0.01', currency: 'USD' };
    return mutate(field, field === 'voidWalletHold' ? input : { ...input, ...paid }, { as });
  };
  for (const field of ['voidWalletHold', 'captureWalletHold']) {
    expect((await end(field, 'PLAYER')).code).toBe('API_011');
    expect((await end(field, 'OPERATOR')).code).toBe('API_011');
    expect((await end(field, 'FOREIGN_ADMIN')).code).toBe('API_002');
  }
  expect(await funds()).toEqual(['5.00', '4.00', '1.00']);
  expect((await end('voidWalletHold', 'OPERATOR_WITH_GRANTS')).code).toBeUndefined();
  expect(await funds()).toEqual(['5.00', '0.00', '5.00']);
  await post('WITHDRAWAL', '5');
});

test('a frozen wallet takes what puts it right and nothing else; a closed one is empty', async () => {
  await post('DEPOSIT', '3');
  const status = (to: string) =>
    mutate('setWalletStatus', { walletId: own, status: to, reason: 'a dispute' });
  await status('FROZEN');
  expect((await post('BET', '1')).code).toBe('API_022');
  expect((await post('DEPOSIT', '1')).code).toBe('API_022');
  expect((await post('ADJUSTMENT', '1', { direction: 'CREDIT', reason: 'owed' })).code).toBeUndefined();
  expect((await status('CLOSED')).code).toBe('API_001');
  await status('ACTIVE');
  await post('WITHDRAWAL', '4');
  await status('CLOSED');
  expect((await post('DEPOSIT', '1')).code).toBe('API_022');
  await status('ACTIVE');
});

test('a transfer shows each side its own half and no more', async () => {
  await post('DEPOSIT', '9');
  const input = {
    idempotencyKey: aKey(),
    fromWalletId: own,
    toWalletId: other,
    amount: '9',
    currency: 'USD',
  };
  const answer = `${OUTCOME} ... on TransferBetweenWalletsSuccess { transaction {
    entries { wallet { id } houseAccount amount { amount } balanceAfter { amount } version } } }`;
  const { transaction } = await mutate('transferBetweenWallets', input, { as: 'PLAYER', answer });
  expect(transaction.entries).toEqual([
    {
      wallet: { id: own },
      houseAccount: null,
      amount: { amount: '-9.00' },
      balanceAfter: { amount: '0.00' },
      version: expect.any(String),
    },
    { wallet: null, houseAccount: null, amount: { amount: '9.00' }, balanceAfter: null, version: null },
  ]);
});

/** SCHEMA.md, the table of roles: who may do what with a player's wallet that has a dollar. */
const ROLES_TABLE: readonly (readonly [
  string,
  (as: Asker) => Promise<{ code?: string }>,
  Record<string, string>,
])[] = [
  [
    'see it',
    async (as) => {
      const { data, errors } = await floor.ask(`{ wallet(id: "${own}") { id } }`, { as });
      return data?.wallet ? {} : { code: errors?.[0]?.extensions.code ?? 'none' };
    },
    {
      PLAYER: 'OK',
      OPERATOR: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'OK',
      DEVICE: 'AUTH_004',
      PARTNER: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'open one for its owner',
    (as) => mutate('openWallet', { userId: playerId, currency: 'USD' }, { as }),
    {
      PLAYER: 'OK',
      OPERATOR: 'API_011',
      OPERATOR_WITH_GRANTS: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'AUTH_004',
      DEVICE: 'AUTH_004',
      PARTNER: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'post to it',
    (as) => post('DEPOSIT', '1', {}, as),
    {
      PLAYER: 'AUTH_004',
      OPERATOR: 'AUTH_004',
      OPERATOR_WITH_GRANTS: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'move its money',
    (as) =>
      mutate(
        'transferBetweenWallets',
        { idempotencyKey: aKey(), fromWalletId: own, toWalletId: other, amount: '0.01', currency: 'USD' },
        { as },
      ),
    {
      PLAYER: 'OK',
      OPERATOR: 'API_011',
      OPERATOR_WITH_GRANTS: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'hold its money',
    (as) =>
      mutate(
        'placeWalletHold',
        { idempotencyKey: aKey(), walletId: own, amount: '0.01', currency: 'USD' },
        { as },
      ),
    {
      PLAYER: 'OK',
      OPERATOR: 'API_011',
      OPERATOR_WITH_GRANTS: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'freeze it',
    (as) => mutate('setWalletStatus', { walletId: own, status: 'ACTIVE', reason: 'x' }, { as }),
    {
      PLAYER: 'AUTH_004',
      OPERATOR: 'AUTH_004',
      OPERATOR_WITH_GRANTS: 'OK',
      ADMIN: 'OK',
      AUDITOR: 'AUTH_004',
      FOREIGN_ADMIN: 'API_002',
    },
  ],
  [
    'check the books',
    async (as) => {
      const { data, errors } = await floor.ask('{ ledgerCheck { balanced } }', { as });
      return data?.ledgerCheck?.balanced ? {} : { code: errors?.[0]?.extensions.code ?? 'none' };
    },
    { PLAYER: 'AUTH_004', OPERATOR: 'OK', ADMIN: 'OK', AUDITOR: 'OK', FOREIGN_ADMIN: 'OK' },
  ],
];

test.each(ROLES_TABLE)('who may %s is as the table of roles has it', async (_what, attempt, allowed) => {
  await post('DEPOSIT', '1');
  const found: Record<string, string> = {};
  for (const as of Object.keys(allowed)) found[as] = (await attempt(as as Asker)).code ?? 'OK';
  expect(found).toEqual(allowed);
});

test('a player sees what touched his wallets, and an operator everything', async () => {
  const list = '{ ledgerTransactions(first: 100) { nodes { entries { wallet { ownerId } } } totalCount } }';
  const mine = (await floor.ask(list, { as: 'PLAYER' })).data.ledgerTransactions;
  for (const { entries } of mine.nodes)
    expect(
      entries.some(({ wallet }: { wallet: { ownerId: string } | null }) => wallet?.ownerId === playerId),
    ).toBe(true);
  const stranger = await aWallet(runWork, { venueId, balanceMinor: 100n });
  const all = (await floor.ask(list)).data.ledgerTransactions;
  expect(all.totalCount).toBe(mine.totalCount + 1);
  expect((await floor.ask(list, { as: 'PLAYER' })).data.ledgerTransactions.totalCount).toBe(mine.totalCount);
  const id = encodeGlobalId('Wallet', stranger.id);
  const refused = await floor.ask(`{ ledgerTransactions(walletId: "${id}") { totalCount } }`, {
    as: 'PLAYER',
  });
  expect(refused.errors?.[0]?.extensions.code).toBe('API_002');
});

test('entries are paged in the order they came in, both ways', async () => {
  const page = async (args: string) =>
    (
      await floor.ask(
        `{ wallet(id: "${own}") { entries(${args}) { nodes { version } pageInfo { endCursor startCursor hasNextPage } totalCount } } }`,
      )
    ).data.wallet.entries;
  const first = await page('first: 3');
  const versions = first.nodes.map(({ version }: { version: string }) => Number(version));
  expect(versions).toEqual([first.totalCount, first.totalCount - 1, first.totalCount - 2]);
  const next = await page(`first: 2, after: "${first.pageInfo.endCursor}"`);
  expect(next.nodes[0].version).toBe(String(first.totalCount - 3));
  const back = await page(`last: 3, before: "${next.pageInfo.startCursor}"`);
  expect(back.nodes).toEqual(first.nodes);
});

test('the balance is streamed to its owner from the cursor of the query, once for each posting', async () => {
  const { data } = await floor.ask('{ wallet { cursor version } }', { as: 'PLAYER' });
  const frames = floor.follow(
    'subscription ($after: Cursor) { balance(after: $after) { walletId userId currency balance { amount } available { amount } version cause amount { amount } } }',
    { as: 'PLAYER', variables: { after: data.wallet.cursor } },
  );
  const [before] = await funds();
  await post('DEPOSIT', '2');
  const { balance } = (await frames.next()) as { balance: { version: string; balance: { amount: string } } };
  expect(balance).toMatchObject({
    walletId: own,
    userId: playerId,
    currency: 'USD',
    cause: 'DEPOSIT',
    amount: { amount: '2.00' },
    balance: { amount: (Number(before) + 2).toFixed(2) },
    version: String(Number(data.wallet.version) + 1),
  });
  await frames.end();
});
