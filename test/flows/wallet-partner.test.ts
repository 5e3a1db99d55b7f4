import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Scope } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { anApiKey, aUser, aVenue } from '../support/builders.ts';
import { httpClient } from '../support/http-client.ts';
import { aDeposit, aHold, apply, aWallet } from '../support/money.ts';

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { post } = httpClient(floor.app().url);
const elsewhere = (await aVenue(runWork)).id;

const aKey = async (scopes: readonly Scope[], at = venueId) =>
  (await anApiKey(runWork, { venueId: at, scopes })).secret;
const KEYS = {
  POST: await aKey(['WALLETS_POST']),
  READ: await aKey(['WALLETS_READ']),
  MACHINES: await aKey(['MACHINES_READ', 'MACHINES_CONTROL']),
  FOREIGN: await aKey(['WALLETS_READ', 'WALLETS_POST'], elsewhere),
};

async function ask(key: string, query: string, variables: object = {}) {
  const { body } = await post({ query, variables }, { authorization: `Bearer ${key}` });
  return body;
}

/** What became of it: OK, or the code of what refused it. */
async function attempt(key: string, field: string, input: object, answer = ''): Promise<string> {
  const type = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const { data, errors } = await ask(
    key,
    `mutation ($input: ${type}Input!) { ${field}(input: $input) {
      __typename ... on ${type}Success { success ${answer} } ... on Error { code } } }`,
    { input },
  );
  if (errors) return errors[0].extensions.code;
  return data[field].success ? 'OK' : data[field].code;
}

const WALLET = 'wallet { id ownerId posted { amount } held { amount } holds(first: 5) { nodes { state } } }';
const POSTED = `transaction { kind amount { amount } entries { ${WALLET} balanceAfter { amount } } }`;
const HELD = `hold { state amount { amount } ${WALLET} }`;

/** Each on a wallet with USD 11.00, of which one is held. */
const ATTEMPTS: Readonly<Record<string, (key: string, of: Money) => Promise<string>>> = {
  openWallet: (key, { userId }) => attempt(key, 'openWallet', { userId, currency: 'EUR' }, WALLET),
  postWalletTransaction: (key, { walletId }) =>
    attempt(key, 'postWalletTransaction', { ...anAmount(), walletId, kind: 'DEPOSIT' }, POSTED),
  transferBetweenWallets: (key, { walletId, otherId }) =>
    attempt(
      key,
      'transferBetweenWallets',
      { ...anAmount(), fromWalletId: walletId, toWalletId: otherId },
      POSTED,
    ),
  placeWalletHold: (key, { walletId }) => attempt(key, 'placeWalletHold', { ...anAmount(), walletId }, HELD),
  captureWalletHold: (key, { holdId }) =>
    attempt(key, 'captureWalletHold', { ...anAmount(), holdId, kind: 'BET' }, POSTED),
  voidWalletHold: (key, { holdId }) =>
    attempt(key, 'voidWalletHold', { idempotencyKey: newId(), holdId }, HELD),
  reverseLedgerTransaction: (key, { transactionId }) =>
    attempt(key, 'reverseLedgerTransaction', { idempotencyKey: newId(), transactionId, reason: 'x' }, POSTED),
  setWalletStatus: (key, { walletId }) =>
    attempt(key, 'setWalletStatus', { walletId, status: 'FROZEN', reason: 'x' }, WALLET),
};

const anAmount = () => ({ idempotencyKey: newId(), amount: '0.50', currency: 'USD' });

interface Money {
  readonly userId: string;
  readonly walletId: string;
  readonly otherId: string;
  readonly holdId: string;
  readonly transactionId: string;
}

async function someMoney(): Promise<Money> {
  const { id: userId } = await aUser(runWork, { venueId });
  const { id: walletId } = await aWallet(runWork, { venueId, userId });
  const deposit = aDeposit({ venueId, walletId, amountMinor: 1_000n });
  const hold = aHold({ venueId, walletId, amountMinor: 100n });
  await apply(runWork, [deposit, aDeposit({ venueId, walletId, amountMinor: 100n }), hold]);
  return {
    userId: encodeGlobalId('User', userId),
    walletId: encodeGlobalId('Wallet', walletId),
    otherId: encodeGlobalId('Wallet', (await aWallet(runWork, { venueId })).id),
    holdId: encodeGlobalId('WalletHold', hold.id),
    transactionId: encodeGlobalId('LedgerTransaction', deposit.id),
  };
}

test.each(Object.entries(ATTEMPTS))(
  '%s takes WALLETS_POST on the key, and a wallet of its venue',
  async (_, act) => {
    const said: Record<string, string> = {};
    for (const [name, key] of Object.entries(KEYS)) said[name] = await act(key, await someMoney());
    expect(said).toEqual({ POST: 'OK', READ: 'AUTH_004', MACHINES: 'AUTH_004', FOREIGN: 'API_002' });
  },
);

test('a partner opens the wallet of a player, pays into it, and reads it without seeing who he is', async () => {
  const key = await aKey(['WALLETS_READ', 'WALLETS_POST']);
  const { userId } = await someMoney();
  const { data } = await ask(
    key,
    'mutation ($input: OpenWalletInput!) { openWallet(input: $input) { ... on OpenWalletSuccess { wallet { id } } } }',
    { input: { userId, currency: 'JPY' } },
  );
  const walletId = data.openWallet.wallet.id;
  const deposit = { idempotencyKey: newId(), walletId, kind: 'DEPOSIT', amount: '500', currency: 'JPY' };
  expect(await attempt(key, 'postWalletTransaction', deposit)).toBe('OK');
  const read = 'query ($id: ID!) { wallet(id: $id) { ownerId owner { id } posted { amount } } }';
  const seen = await ask(key, read, { id: walletId });
  expect(seen.errors).toBeUndefined();
  expect(seen.data.wallet).toEqual({ ownerId: userId, owner: null, posted: { amount: '500' } });
});

test('a key that names nobody is told to, for it has no wallet', async () => {
  expect(await attempt(KEYS.POST, 'openWallet', { currency: 'USD' })).toBe('API_001');
  const { errors } = await ask(KEYS.READ, '{ wallet(currency: "USD") { id } }');
  expect(errors[0].extensions.code).toBe('API_001');
});
