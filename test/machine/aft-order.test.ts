import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { IdempotencyMismatchError, NotOwnerError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { giveUp, markLocking, markSent, progress, sweepTransfers } from '../../src/machine/aft-progress.ts';
import { NOT_REACHED } from '../../src/machine/aft-step.ts';
import type { AftDirection, Step } from '../../src/machine/aft-transfer.ts';
import {
  orderTransfer,
  resolveTransfer,
  type TransferRequest,
} from '../../src/machine/aft-transfer-service.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { MachineRefusedError } from '../../src/machine/errors.ts';
import { recordConnection } from '../../src/machine/service.ts';
import { CurrencyMismatchError } from '../../src/wallet/errors.ts';
import { MOST_MINOR } from '../../src/wallet/ledger.ts';
import { setWalletStatus } from '../../src/wallet/wallet-service.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { lockWaits } from '../support/lock-waits.ts';
import { aPosting, apply, aWallet } from '../support/money.ts';

/** Transfers whose machine says what a test has it say: what is booked of them, and how often. */

const TEST = system('test');
const ALL = { to: 'SETTLED', movedMinor: 2_000n } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const laterBy = (clockShiftMs: number) =>
  createRunWork({ db, onEvents: () => {}, clockShiftMs: () => clockShiftMs });
const { id: venueId } = await aVenue(runWork);

async function aMachine(): Promise<string> {
  const [machine] = (await aLine(runWork, { venueId })).machines;
  if (!machine) throw new Error('a line without machines');
  const connection = { venueId, machineId: machine.id, state: 'ONLINE', at: new Date() } as const;
  await runWork(TEST, (work) => recordConnection(work, connection));
  return machine.id;
}

const aPurse = async (balanceMinor = 50_000n) => (await aWallet(runWork, { venueId, balanceMinor })).id;

async function moneyOf(walletId: string) {
  const [wallet] = await findWalletsByIds(db, venueId, [walletId]);
  return [wallet?.postedMinor, wallet?.heldMinor];
}

const stateOf = async (id: string) => (await findTransfer(db, venueId, id))?.state;
const send = (id: string, run = runWork) =>
  run(TEST, (work) => markSent(work, { id, venueId }, { assetNumber: 7 }));
const says = (id: string, step: Step) => runWork(TEST, (work) => progress(work, { id, venueId }, () => step));

/** USD 20.00, ordered and not sent. */
async function anOrder({
  walletId,
  direction = 'TO_MACHINE' as AftDirection,
}: Partial<TransferRequest> = {}) {
  const order = { venueId, walletId: walletId ?? (await aPurse()), machineId: await aMachine(), direction };
  return { ...order, id: await aTransfer(runWork, { ...order, amountMinor: 2_000n }) };
}

/** The same, sent, and not heard of since. */
async function aDoubt(order: Partial<TransferRequest> = {}) {
  const doubted = await anOrder(order);
  await send(doubted.id);
  await sweepTransfers(laterBy(61_000));
  expect(await stateOf(doubted.id)).toBe('IN_DOUBT');
  return doubted;
}

const resolve = (transferId: string, idempotencyKey: string, said: { amount?: string } = {}) => {
  const { amount = null } = said;
  const currency = amount === null ? null : 'USD';
  const resolution = { venueId, transferId, idempotencyKey, outcome: 'SETTLED', reason: 'seen' } as const;
  return runWork(TEST, (work) => resolveTransfer(work, { ...resolution, amount, currency }));
};

test.each([
  ['TO_MACHINE', 48_000n],
  ['FROM_MACHINE', 52_000n],
] as const)('what moved %s is booked though the wallet was frozen meanwhile', async (direction, posted) => {
  const { id, walletId } = await anOrder({ direction });
  const change = { venueId, walletId, status: 'FROZEN', reason: 'a dispute', expectedVersion: null } as const;
  await runWork(TEST, (work) => setWalletStatus(work, change));
  await send(id);
  expect(await says(id, ALL)).toBe('WENT_ON');
  expect(await stateOf(id)).toBe('SETTLED');
  expect(await moneyOf(walletId)).toEqual([posted, 0n]);
});

test('what a wallet cannot take is in doubt, until it can and somebody says so', async () => {
  const walletId = await aPurse(0n);
  const [purse, gifts] = [{ walletId }, { house: 'BONUSES' }] as const;
  const given = aPosting({ venueId, from: gifts, to: purse, amountMinor: MOST_MINOR, kind: 'BONUS' });
  await apply(runWork, [given]);
  const { id } = await anOrder({ walletId, direction: 'FROM_MACHINE' });
  await send(id);
  await says(id, ALL);
  expect(await findTransfer(db, venueId, id)).toMatchObject({ state: 'IN_DOUBT', doubt: 'LEDGER' });
  const refused = newId();
  expect((await resolve(id, refused)).outcome).toMatchObject({ is: 'REFUSED', status: 'BALANCE_LIMIT' });
  await apply(runWork, [aPosting({ venueId, from: purse, to: gifts, amountMinor: 2_000n })]);
  expect(await resolve(id, refused)).toMatchObject({ outcome: { status: 'BALANCE_LIMIT' }, isReplay: true });
  expect((await resolve(id, newId())).outcome).toMatchObject({ is: 'RESOLVED' });
  expect(await moneyOf(walletId)).toEqual([MOST_MINOR, 0n]);
});

test('a key is of one wallet, machine, direction, amount and readiness for a part of it', async () => {
  const [walletId, machineId] = [await aPurse(), await aMachine()];
  const idempotencyKey = newId();
  const first = { walletId, machineId, amountMinor: 2_000n, idempotencyKey, venueId };
  const id = await aTransfer(runWork, first);
  const others: readonly Partial<TransferRequest>[] = [
    { walletId: await aPurse() },
    { machineId: await aMachine() },
    { direction: 'FROM_MACHINE' },
    { amountMinor: 2_001n },
    { allowPartial: true },
  ];
  for (const other of others)
    await expect(aTransfer(runWork, { ...first, ...other })).rejects.toThrow(IdempotencyMismatchError);
  expect(await stateOf(id)).toBe('FUNDS_HELD');
  expect(await moneyOf(walletId)).toEqual([50_000n, 2_000n]);
});

test.each(['TO_MACHINE', 'FROM_MACHINE'] as const)(
  'money of another currency than the wallet’s does not go %s',
  async (direction) => {
    const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 50_000n, currency: 'KWD' });
    const order = { venueId, walletId, machineId: await aMachine(), direction };
    await expect(aTransfer(runWork, order)).rejects.toThrow(CurrencyMismatchError);
    expect(await moneyOf(walletId)).toEqual([50_000n, 0n]);
  },
);

test('who oversees wallets, and may not post to them, moves nobody’s to a machine that is theirs', async () => {
  const overseer = anActor(await aUser(runWork, { venueId, roles: ['OPERATOR'] }));
  const request = { venueId, walletId: await aPurse(), machineId: await aMachine(), idempotencyKey: newId() };
  const money = {
    amountMinor: 2_000n,
    currency: 'USD',
    direction: 'TO_MACHINE',
    allowPartial: false,
  } as const;
  const terms = { id: newId(), timeoutMs: 60_000, hasMachine: async () => true };
  const ordered = runWork(overseer, (work) => orderTransfer(work, { ...request, ...money, ...terms }));
  await expect(ordered).rejects.toThrow(NotOwnerError);
  expect(await moneyOf(request.walletId)).toEqual([50_000n, 0n]);
});

test('a key resolves one transfer, in one way', async () => {
  const [one, other] = [await aDoubt(), await aDoubt()];
  const key = newId();
  expect((await resolve(one.id, key, { amount: '5.00' })).isReplay).toBe(false);
  await expect(resolve(one.id, key)).rejects.toThrow(IdempotencyMismatchError);
  await expect(resolve(other.id, key, { amount: '5.00' })).rejects.toThrow(IdempotencyMismatchError);
  expect((await resolve(one.id, key, { amount: '5.00' })).isReplay).toBe(true);
  expect(await stateOf(other.id)).toBe('IN_DOUBT');
  expect(await moneyOf(one.walletId)).toEqual([49_500n, 0n]);
});

test('after its time one is neither sent nor locked for', async () => {
  const { id } = await anOrder();
  const late = laterBy(120_001);
  expect(await send(id, late)).toBe(false);
  expect(await late(TEST, (work) => markLocking(work, { id, venueId }))).toBe(false);
  expect(await stateOf(id)).toBe('FUNDS_HELD');
});

test('one that was sent is not sent again, locked for, or given up', async () => {
  const { id, walletId } = await anOrder();
  expect([await send(id), await send(id)]).toEqual([true, false]);
  expect(await runWork(TEST, (work) => markLocking(work, { id, venueId }))).toBe(false);
  await runWork(TEST, (work) => giveUp(work, { id, venueId }, NOT_REACHED));
  expect(await stateOf(id)).toBe('SENT');
  expect(await moneyOf(walletId)).toEqual([50_000n, 2_000n]);
});

test('what a machine said once without sense, its later word books no more', async () => {
  const { id, walletId } = await anOrder();
  await send(id);
  await says(id, { to: 'IN_DOUBT', doubt: 'UNREADABLE' });
  expect(await says(id, ALL)).toBeNull();
  expect(await moneyOf(walletId)).toEqual([50_000n, 2_000n]);
});

test('one that is settled while it is looked for is not in doubt afterwards', async () => {
  const { id, walletId } = await anOrder();
  await send(id);
  const late = laterBy(61_000);
  let works = 0;
  await sweepTransfers(async (...task) => {
    works += 1;
    if (works === 2) await says(id, ALL);
    return await late(...task);
  });
  expect(works).toBeGreaterThan(1);
  expect(await stateOf(id)).toBe('SETTLED');
  expect(await moneyOf(walletId)).toEqual([48_000n, 0n]);
});

test('of two orders in the same moment one holds money, and the other leaves nothing', async () => {
  const machineId = await aMachine();
  const [one, other] = [await aPurse(), await aPurse()];
  const order = { venueId, machineId, amountMinor: 2_000n };
  const terms = { direction: 'TO_MACHINE', currency: 'USD', allowPartial: false, timeoutMs: 60_000 } as const;
  const second = await runWork(TEST, async (work) => {
    const request = { ...order, ...terms, id: newId(), walletId: one, idempotencyKey: newId() };
    await orderTransfer(work, { ...request, hasMachine: async () => true });
    const waiting = aTransfer(runWork, { ...order, walletId: other }).catch((error: unknown) => error);
    await eventually(async () => (await lockWaits(floor)) > 0);
    return { waiting };
  });
  expect(await second.waiting).toBeInstanceOf(MachineRefusedError);
  expect([await moneyOf(one), await moneyOf(other)]).toEqual([
    [50_000n, 2_000n],
    [50_000n, 0n],
  ]);
});
