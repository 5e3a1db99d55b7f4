import { expect, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { MachineSettings } from '../../src/sas/simulator/machine-settings.ts';
import { AFT_FEATURES } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

const CREDITS = 0x0c;
const WAIT = { deadlineMs: 60_000 };

/** A machine with 100.00 on it, and a wallet with as much. */
async function aTable(settings: Partial<MachineSettings>) {
  const floor = await aFloorApp({
    machines: 1,
    settings: { commandTimeoutMs: 40_000 },
    egm: { settings: { assetNumber: 7, features: AFT_FEATURES, ...settings } },
  });
  await floor.online();
  const [machineId = ''] = floor.machineIds;
  const [egm] = floor.egms;
  if (!egm) throw new Error('no machine');
  egm.insertBill(100n);
  const { runWork } = floor.app().services;
  const { id } = await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 10_000n });
  const walletId = encodeGlobalId('Wallet', id);

  const ask = async (query: string, variables: Record<string, unknown>) => {
    const { data, errors } = await floor.ask(query, { as: 'ADMIN', variables });
    if (errors) throw new Error(JSON.stringify(errors));
    return data;
  };
  const table = {
    egm,
    floor,
    async start(direction: 'TO_MACHINE' | 'FROM_MACHINE') {
      const input = {
        idempotencyKey: newId(),
        machineId,
        walletId,
        direction,
        amount: '20.00',
        currency: 'USD',
      };
      const { answer } = await ask(
        `mutation ($input: StartAftTransferInput!) { answer: startAftTransfer(input: $input) { __typename
          ... on StartAftTransferSuccess { transfer { state } } ... on Error { code } } }`,
        { input },
      );
      return answer;
    },
    async last() {
      const { aftTransfers } = await ask(
        `query ($id: ID!) { aftTransfers(walletId: $id, first: 1) { nodes {
          id state sentAt failure { code status } hold { state } } } }`,
        { id: walletId },
      );
      return aftTransfers.nodes[0];
    },
    reaches: (state: string) => eventually(async () => (await table.last())?.state === state, WAIT),
    async cancel(transferId: string) {
      const { answer } = await ask(
        `mutation ($input: CancelAftTransferInput!) { answer: cancelAftTransfer(input: $input) {
          ... on CancelAftTransferSuccess { transfer { state } } } }`,
        { input: { transferId } },
      );
      return answer;
    },
    /** Its time is over. */
    async expire(transferId: string) {
      const owner = await connectClient(floor.connection, { applicationName: 'test' });
      const id = decodeIdOf('AftTransfer', transferId);
      await owner.query('update aft_transfer set expires_at = now() where id = $1', [id]);
      await closeClient(owner);
    },
    /** Wallet, held, machine. */
    async money(): Promise<readonly string[]> {
      const { wallet } = await ask(
        'query ($id: ID!) { wallet(id: $id) { posted { amount } held { amount } } }',
        { id: walletId },
      );
      return [wallet.posted.amount, wallet.held.amount, String(egm.meters().get(CREDITS) ?? 0n)];
    },
    /** How often the machine heard that its lock is over. */
    releases: () => floor.heard().split('*01 74 80').length - 1,
    async steps() {
      const after = await floor.cursor();
      return floor.follow(
        `subscription ($machineId: ID!, $after: Cursor!) {
          aftTransfers(machineId: $machineId, after: $after) { state } }`,
        { as: 'ADMIN', variables: { machineId, after } },
      );
    },
  };
  return table;
}

const demanding = await aTable({ aftLockDemanded: true });
const lockless = await aTable({ aftLockRefusedInGame: true });
const playing = { wager: 10n, win: 10n };

test('a machine that refuses a transfer for want of a lock is locked for all that come after', async () => {
  const { start, last, money } = demanding;
  expect(await start('TO_MACHINE')).toMatchObject({ code: 'SAS_008' });
  expect(await last()).toMatchObject({ state: 'REJECTED', failure: { status: 'NOT_LOCKED' } });
  expect(await money()).toEqual(['100.00', '0.00', '10000']);

  const steps = await demanding.steps();
  expect(await start('TO_MACHINE')).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await money()).toEqual(['80.00', '0.00', '12000']);
  const told = [];
  do told.push((await steps.next()).aftTransfers.state);
  while (told.at(-1) !== 'SETTLED');
  await steps.end();
  expect(told.slice(0, 3)).toEqual(['FUNDS_HELD', 'LOCK_PENDING', 'SENT']);
});

test('what comes from a machine is always locked for, and the lock waits for the game', async () => {
  const { egm, start, reaches, money } = demanding;
  egm.startGame(playing);
  const answer = start('FROM_MACHINE');
  await reaches('LOCK_PENDING');
  expect(await money()).toEqual(['80.00', '0.00', '11990']);
  egm.endGame();
  expect(await answer).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await money()).toEqual(['100.00', '0.00', '10000']);
});

test('one that waits for its lock is cancelled at once, and the machine is free again', async () => {
  const { egm, start, reaches, last, cancel, money, releases } = demanding;
  const released = releases();
  egm.startGame(playing);
  const answer = start('TO_MACHINE');
  await reaches('LOCK_PENDING');
  expect(await money()).toEqual(['100.00', '20.00', '9990']);
  expect(await cancel((await last()).id)).toMatchObject({ transfer: { state: 'CANCELLED' } });
  expect(await answer).toMatchObject({ transfer: { state: 'CANCELLED' } });
  expect(await last()).toMatchObject({ sentAt: null, failure: null, hold: { state: 'VOIDED' } });
  await eventually(() => releases() > released, WAIT);
  egm.endGame();
  expect(await start('FROM_MACHINE')).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await start('TO_MACHINE')).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await money()).toEqual(['100.00', '0.00', '10000']);
});

test('one whose lock does not come in time is rejected, and what it held is free', async () => {
  const { egm, start, reaches, expire, last, money, releases } = demanding;
  const before = egm.meters().get(CREDITS);
  const released = releases();
  egm.startGame(playing);
  const answer = start('TO_MACHINE');
  await reaches('LOCK_PENDING');
  await expire((await last()).id);
  expect(await answer).toMatchObject({ code: 'SAS_008' });
  expect(await last()).toMatchObject({
    state: 'REJECTED',
    sentAt: null,
    failure: { code: 'SAS_008', status: null },
    hold: { state: 'VOIDED' },
  });
  await eventually(() => releases() > released, WAIT);
  egm.endGame();
  await eventually(() => egm.meters().get(CREDITS) === before, WAIT);
  expect(await money()).toEqual(['100.00', '0.00', '10000']);
});

test('a machine that has no lock to give is sent the transfer, unless it is known to demand one', async () => {
  const { egm, floor, start, reaches, last, money } = lockless;
  egm.startGame(playing);
  const pending = start('FROM_MACHINE');
  await reaches('PENDING_ON_MACHINE');
  egm.endGame();
  expect(await pending).toMatchObject({ transfer: { state: 'SETTLED' } });

  egm.openDoor();
  expect(await start('FROM_MACHINE')).toMatchObject({ code: 'SAS_004' });
  egm.closeDoor();
  const { db } = floor.app().services;
  await db
    .updateTable('aft_transfer')
    .set({ failure_status: 'NOT_LOCKED' })
    .where('state', '=', 'REJECTED')
    .execute();
  egm.startGame(playing);
  const refused = start('FROM_MACHINE');
  await reaches('LOCK_PENDING');
  const asked = () => floor.heard().split('*01 74 00').length;
  const before = asked();
  await eventually(() => asked() > before, WAIT);
  expect(await last()).toMatchObject({ state: 'LOCK_PENDING', sentAt: null });
  egm.endGame();
  expect(await refused).toMatchObject({ transfer: { state: 'SETTLED' } });
  expect(await money()).toEqual(['140.00', '0.00', '6000']);
});
