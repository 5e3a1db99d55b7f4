import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Egm } from '../../src/sas/simulator/egm.ts';
import { AFT_FEATURES } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

const CREDITS = 0x0c;
const HAND_PAID = 0x03;
const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({
  machines: 4,
  settings: { commandTimeoutMs: 30_000 },
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES } },
});
await floor.online();
const { runWork } = floor.app().services;

async function ask(query: string, variables: Record<string, unknown> = {}) {
  const { data, errors } = await floor.ask(query, { as: 'ADMIN', variables });
  if (errors) throw new Error(JSON.stringify(errors));
  return data;
}

async function register(machineId: string, hostCashOut: string) {
  const { machine } = await ask('query ($id: ID!) { machine(id: $id) { registrationVersion } }', {
    id: machineId,
  });
  const { answer } = await ask(
    `mutation ($input: RegisterMachineInput!) { answer: registerMachine(input: $input) {
      ... on RegisterMachineSuccess { machine { hostCashOut } } ... on Error { code message } } }`,
    { input: { machineId, expectedVersion: machine.registrationVersion, hostCashOut } },
  );
  return answer;
}

/** The n-th machine, and a player of USD 100.00 who brought it 20.00. */
async function aStay(nth: number, hostCashOut: string) {
  const machineId = floor.machineIds[nth] ?? '';
  const egm = floor.egms[nth];
  if (!egm) throw new Error('no machine');
  expect(await register(machineId, hostCashOut)).toEqual({ machine: { hostCashOut } });
  const { id } = await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 10_000n });
  const walletId = encodeGlobalId('Wallet', id);
  const stay = {
    egm,
    machineId,
    walletId,
    async bring() {
      const { answer } = await ask(
        `mutation ($input: StartAftTransferInput!) { answer: startAftTransfer(input: $input) {
          ... on StartAftTransferSuccess { transfer { state cause } } ... on Error { code } } }`,
        {
          input: {
            idempotencyKey: newId(),
            machineId,
            walletId,
            direction: 'TO_MACHINE',
            amount: '20.00',
            currency: 'USD',
          },
        },
      );
      expect(answer).toEqual({ transfer: { state: 'SETTLED', cause: 'ORDER' } });
    },
    async cashOuts() {
      const { aftTransfers } = await ask(
        `query ($id: ID!) { aftTransfers(machineId: $id, first: 20) { nodes {
          cause state direction amount { amount } moved { amount } requestedBy { id } wallet { id } } } }`,
        { id: machineId },
      );
      return aftTransfers.nodes.filter(({ cause }: { cause: string }) => cause !== 'ORDER');
    },
    async events(type: string) {
      const { machineEvents } = await ask(
        `query ($ids: [ID!]!, $types: [MachineEventType!]) {
          machineEvents(machineIds: $ids, types: $types, first: 20) { nodes { id } } }`,
        { ids: [machineId], types: [type] },
      );
      return machineEvents.nodes.length;
    },
    async posted() {
      const { wallet } = await ask('query ($id: ID!) { wallet(id: $id) { posted { amount } } }', {
        id: walletId,
      });
      return wallet.posted.amount;
    },
  };
  await stay.bring();
  return stay;
}

const meter = (egm: Egm, code: number): bigint => egm.meters().get(code) ?? 0n;

test('what a player cashes out goes to the wallet that brought money, once for each time he asks', async () => {
  const { egm, bring, cashOuts, posted, walletId, events } = await aStay(0, 'SOFT');
  egm.startGame({ wager: 100n, win: 250n });
  egm.endGame();
  egm.cashOut();
  await eventually(async () => (await cashOuts())[0]?.state === 'SETTLED', WAIT);
  expect(await cashOuts()).toEqual([
    {
      cause: 'CASH_OUT',
      state: 'SETTLED',
      direction: 'FROM_MACHINE',
      amount: { amount: '21.50' },
      moved: { amount: '21.50' },
      requestedBy: null,
      wallet: { id: walletId },
    },
  ]);
  expect(await posted()).toBe('101.50');
  expect(meter(egm, CREDITS)).toBe(0n);
  expect(meter(egm, HAND_PAID)).toBe(0n);

  await bring();
  egm.cashOut();
  await eventually(async () => (await cashOuts()).length === 2, WAIT);
  await eventually(async () => (await posted()) === '101.50', WAIT);
  expect(await events('AFT_CASH_OUT_REQUESTED')).toBe(2);
});

test('a win that a player cashes out goes there too, and the rest stays his', async () => {
  const { egm, cashOuts, posted } = await aStay(1, 'HARD');
  egm.startGame({ wager: 100n, win: 250n });
  egm.endGame();
  egm.cashOutWin();
  await eventually(async () => (await cashOuts())[0]?.moved != null, WAIT);
  expect(await cashOuts()).toMatchObject([
    { cause: 'WIN_CASH_OUT', state: 'PARTIALLY_SETTLED', moved: { amount: '2.50' } },
  ]);
  expect(meter(egm, CREDITS)).toBe(1_900n);
  egm.cashOut();
  await eventually(async () => (await posted()) === '101.50', WAIT);
  expect(meter(egm, CREDITS)).toBe(0n);
});

test('a machine whose host cash-out is off pays by itself, also when it was on before', async () => {
  const { egm, machineId, bring, cashOuts, events } = await aStay(2, 'SOFT');
  await register(machineId, 'OFF');
  await bring();
  egm.cashOut();
  await eventually(async () => (await events('CASH_OUT_PRESSED')) === 1, WAIT);
  expect(meter(egm, HAND_PAID)).toBe(4_000n);
  expect(await events('AFT_CASH_OUT_REQUESTED')).toBe(0);
  expect(await cashOuts()).toEqual([]);
});

test('money that may be another player’s is left to the machine, which pays it', async () => {
  const { egm, cashOuts, events, posted } = await aStay(3, 'SOFT');
  egm.insertBill(5n);
  egm.cashOut();
  await eventually(async () => (await events('AFT_CASH_OUT_REQUESTED')) === 1, WAIT);
  await eventually(() => meter(egm, HAND_PAID) === 2_500n, WAIT);
  expect(await cashOuts()).toEqual([]);
  expect(await posted()).toBe('80.00');
});
