import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { cancelTransfer } from '../../src/machine/aft-transfer-service.ts';
import { insertWallet } from '../../src/wallet/wallet-store.ts';
import { AFT_FEATURES, aTransfer } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, aVenue, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aDeposit, aHold, aPosting, apply, aWallet, TELLER } from '../support/money.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 1, egm: { settings: { assetNumber: 7, features: AFT_FEATURES } } });
await floor.online();
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
afterAll(() => owner[Symbol.asyncDispose]());
const ROUNDS = 20;

const DELETE = `mutation ($input: DeleteMyAccountInput!) {
  deleteMyAccount(input: $input) { __typename ... on Error { code } }
}`;

/** Somebody who can ask for his account to go. */
async function somebody() {
  const { id, email } = await aUser(runWork, { venueId });
  const { accessToken: token } = await signIn(email);
  const leave = async (): Promise<{ __typename: string; code?: string }> =>
    (await http(DELETE, { token, input: { password: PASSWORD } })).data.deleteMyAccount;
  return { id, leave };
}

const walletsOf = (userId: string) =>
  db.selectFrom('ledger_account').selectAll().where('user_id', '=', userId).orderBy('id').execute();

const standingOf = async (userId: string) =>
  (await db.selectFrom('app_user').select('status').where('id', '=', userId).executeTakeFirstOrThrow())
    .status;

const KEPT = { __typename: 'AccountHasMoneyError', code: 'API_001' };

test('an account that has money, at whichever venue, stays; once it is paid out it goes, and its wallets are closed', async () => {
  const { id: userId, leave } = await somebody();
  const elsewhere = (await aVenue(runWork)).id;
  const { id: abroad } = await aWallet(runWork, { venueId, userId, currency: 'EUR' });
  const away = newId();
  await runWork(TELLER, ({ tx, now }) =>
    insertWallet(tx, { id: away, venueId: elsewhere, userId, currency: 'USD' }, now),
  );
  const money = { venueId: elsewhere, amountMinor: 500n };
  await apply(runWork, [aDeposit({ ...money, walletId: away })]);
  expect(await leave()).toEqual(KEPT);
  await apply(runWork, [aHold({ ...money, walletId: away })]);
  expect(await leave()).toEqual(KEPT);
  expect((await walletsOf(userId)).map(({ status }) => status)).toEqual(['ACTIVE', 'ACTIVE']);

  const { id: other } = await aWallet(runWork, { venueId, userId });
  const [hold] = await db.selectFrom('wallet_hold').select('id').where('account_id', '=', away).execute();
  const command = { venueId: elsewhere, idempotency: null, author: null, ownerId: null } as const;
  await apply(runWork, [
    { ...command, op: 'VOID', holdId: hold?.id ?? '', purpose: 'CALLER' },
    aPosting({ ...money, from: { walletId: away }, to: { house: 'CASH' }, kind: 'WITHDRAWAL' }),
  ]);
  expect((await leave()).__typename).toBe('DeleteMyAccountSuccess');
  expect((await walletsOf(userId)).map(({ status }) => status)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
  const closed = await eventually(async () => {
    const { data } = await floor.ask(
      '{ auditLog(types: ["wallet.status-changed"], first: 50) { nodes { data } } }',
      { as: 'AUDITOR' },
    );
    const mine = data.auditLog.nodes.filter(
      (node: { data: { walletId: string } }) =>
        node.data.walletId === encodeGlobalId('Wallet', abroad) ||
        node.data.walletId === encodeGlobalId('Wallet', other),
    );
    return mine.length === 2 && mine;
  });
  for (const { data } of closed) expect(data).toMatchObject({ status: 'CLOSED' });
  const [refused] = await apply(runWork, [aDeposit({ venueId, walletId: other, amountMinor: 1n })]);
  expect(refused).toMatchObject({ status: 'CLOSED' });
});

test('an account that a machine owes money stays, and so does its wallet', async () => {
  const { id: userId, leave } = await somebody();
  const { id: walletId } = await aWallet(runWork, { venueId, userId });
  const [egm] = floor.egms;
  egm?.insertBill(100n);
  // While a game runs it is pending.
  egm?.startGame({ wager: 10n, win: 10n });
  const machineId = (await db.selectFrom('machine').select('id').executeTakeFirstOrThrow()).id;
  const direction = 'FROM_MACHINE';
  const transferId = await aTransfer(runWork, { venueId, walletId, machineId, direction });
  expect(await leave()).toEqual(KEPT);
  const close = `mutation ($id: ID!) { setWalletStatus(input: { walletId: $id, status: CLOSED, reason: "x" }) {
    __typename ... on Error { code } } }`;
  const variables = { id: encodeGlobalId('Wallet', walletId) };
  expect((await floor.ask(close, { as: 'ADMIN', variables })).data.setWalletStatus).toEqual({
    __typename: 'ValidationError',
    code: 'API_001',
  });
  await runWork(TELLER, (work) => cancelTransfer(work, { venueId, transferId }));
  await eventually(
    async () => {
      const transfer = db.selectFrom('aft_transfer').select('finished_at').where('id', '=', transferId);
      return (await transfer.executeTakeFirstOrThrow()).finished_at !== null;
    },
    { deadlineMs: 60_000 },
  );
  egm?.endGame();
  expect((await leave()).__typename).toBe('DeleteMyAccountSuccess');
});

test('money, new wallets and reopened ones that meet a deletion never leave it with money', async () => {
  let gone = 0;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { id: userId, leave } = await somebody();
    const { id: walletId } = await aWallet(runWork, { venueId, userId });
    let isAnswered = false;
    const leaving = leave().finally(() => {
      isAnswered = true;
    });
    const busy = (act: (step: number) => Promise<unknown>) =>
      (async () => {
        for (let step = 0, after = 0; after < 2; step += 1) {
          if (isAnswered) after += 1;
          await act(step).catch(() => {});
        }
      })();
    const currencies = ['EUR', 'CHF', 'GBP', 'CZK', 'PLN', 'HUF', 'SEK', 'DKK'];
    await Promise.allSettled([
      leaving,
      // Together they leave nothing, unless the account goes between them.
      busy(() =>
        apply(runWork, [aDeposit({ venueId, walletId, amountMinor: 5n })]).then(() => takeAll(walletId)),
      ),
      busy((step) =>
        aWallet(runWork, { venueId, userId, currency: currencies[step % 8] ?? 'EUR', balanceMinor: 0n }),
      ),
      busy(() =>
        floor.ask(
          'mutation ($id: ID!) { setWalletStatus(input: { walletId: $id, status: ACTIVE, reason: "x" }) { __typename } }',
          { as: 'ADMIN', variables: { id: encodeGlobalId('Wallet', walletId) } },
        ),
      ),
    ]);
    const wallets = await walletsOf(userId);
    if ((await standingOf(userId)) !== 'DELETED') continue;
    gone += 1;
    for (const { status, balance, held } of wallets)
      expect({ status, balance, held }).toEqual({ status: 'CLOSED', balance: 0n, held: 0n });
  }
  expect(gone).toBeGreaterThan(0);
}, 240_000);

const takeAll = (walletId: string) =>
  apply(runWork, [
    aPosting({
      venueId,
      from: { walletId },
      to: { house: 'CASH' },
      kind: 'WITHDRAWAL',
      amountMinor: 5n,
    }),
  ]);

test('the database itself keeps an account whose wallets are open, and closes none that a transfer is under way with', async () => {
  const { id: userId } = await aUser(runWork, { venueId });
  const { id: walletId } = await aWallet(runWork, { venueId, userId });
  const erase = () =>
    owner.db.updateTable('app_user').set({ status: 'DELETED' }).where('id', '=', userId).execute();
  await expect(erase()).rejects.toMatchObject({ constraint: 'app_user_deleted_without_wallets' });
  const close = (status: 'CLOSED' | 'ACTIVE') =>
    owner.db.updateTable('ledger_account').set({ status }).where('id', '=', walletId).execute();
  await close('CLOSED');
  await erase();
  await expect(close('ACTIVE')).rejects.toMatchObject({ constraint: 'ledger_account_owner_lives' });
  const open = runWork(TELLER, ({ tx, now }) =>
    insertWallet(tx, { id: newId(), venueId, userId, currency: 'CHF' }, now),
  );
  await expect(open).rejects.toMatchObject({ code: 'API_002' });
});
