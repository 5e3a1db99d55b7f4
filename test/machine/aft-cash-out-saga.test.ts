import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { orderCashOut } from '../../src/machine/aft-cash-out-service.ts';
import { listCashOutRequests } from '../../src/machine/aft-cash-out-store.ts';
import { markSent, progress, sweepTransfers } from '../../src/machine/aft-progress.ts';
import { listReconciliations } from '../../src/machine/aft-reconciliation-store.ts';
import { type AftTransfer, isFinished } from '../../src/machine/aft-transfer.ts';
import { listTransfers } from '../../src/machine/aft-transfer-list-store.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { QUIET_MS } from '../../src/machine/line-lease.ts';
import type { Machine } from '../../src/machine/machine.ts';
import { registerMachine } from '../../src/machine/registry-service.ts';
import { recordException } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import { exceptionCode } from '../../src/sas/codec/exceptions.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import type { Wallet } from '../../src/wallet/wallet.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork } from '../../src/work.ts';
import { AFT_FEATURES, aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { aDeath, type Death, drive } from '../support/mortal-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CREDITS = 0x0c;
const HAND_PAID = 0x03;
const TEST = system('test');
const WAIT = { deadlineMs: 60_000 };
const NEWEST = { after: null, before: null, limit: 50, backward: false } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const portFolder = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });
const floorOf = { db, runWork, portFolder };

interface Place {
  readonly wallet: Wallet;
  readonly lineId: string;
  readonly machine: Machine;
}

/** A machine that asks the host to take cash-outs, and a wallet with USD 500.00. */
async function aPlace(hostCashOut: 'SOFT' | 'HARD'): Promise<Place> {
  const { id: venueId } = await aVenue(runWork);
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const [machine] = machines;
  if (!machine) throw new Error('no machine');
  const { id: machineId, registrationVersion: expectedVersion } = machine;
  await runWork(TEST, (work) => registerMachine(work, { venueId, machineId, expectedVersion, hostCashOut }));
  return { wallet, lineId, machine };
}

const listOf = (machine: Machine): Promise<readonly AftTransfer[]> =>
  listTransfers(db, machine.venueId, {
    filter: { machineId: machine.id, walletId: null, userId: null, states: null, from: null, to: null },
    range: NEWEST,
  });

const meter = (egm: Egm, code: number): bigint => egm.meters().get(code) ?? 0n;

/** Brings USD 20.00, cashes them out, and lets the driver die meanwhile. What is wrong afterwards. */
async function play(death: Death) {
  const { wallet, lineId, machine } = await aPlace('HARD');
  const { venueId } = wallet;
  const egm = createEgm({ address: 1, settings: { assetNumber: 7, features: AFT_FEATURES } });
  await using _line = await createSimulatedLine({
    egms: [egm],
    transport: { kind: 'PTY', path: join(portFolder, wallet.id) },
  });
  const dying = aDeath(runWork, death);
  const first = await drive(lineId, floorOf, dying);
  await eventually(async () => (await findMachine(db, venueId, machine.id))?.connection === 'ONLINE', WAIT);
  const brought = await aTransfer(runWork, {
    venueId,
    walletId: wallet.id,
    machineId: machine.id,
    amountMinor: 2_000n,
  });
  first.driver.transferChanged();
  await eventually(async () => (await findTransfer(db, venueId, brought))?.state === 'SETTLED', WAIT);
  dying.arm();
  egm.cashOut();
  const isOver = async () => (await listOf(machine)).every(isFinished) && meter(egm, CREDITS) === 0n;
  await eventually(async () => first.tenure.over.aborted || (await isOver()), WAIT);
  const died = first.tenure.over.aborted;
  first.tenure.end();
  await first.driver[Symbol.asyncDispose]();

  // The machine asks again; or it was alone for so long that it forgot whom to ask, and had an attendant pay.
  for (let left = 3; left > 0 && !(await isOver()); left -= 1) {
    await pause(QUIET_MS);
    const next = await drive(lineId, floorOf, null);
    await eventually(async () => {
      await sweepTransfers(runWork);
      return await isOver();
    }, WAIT).catch(() => {});
    await next.driver[Symbol.asyncDispose]();
    next.tenure.end();
  }

  const [purse] = await findWalletsByIds(db, venueId, [wallet.id]);
  const faults: string[] = [];
  const sum = (purse?.postedMinor ?? 0n) + meter(egm, CREDITS) + meter(egm, HAND_PAID);
  if (sum !== 50_000n) faults.push(`wallet, machine and attendant have ${sum}`);
  if (purse?.heldMinor !== 0n) faults.push(`${purse?.heldMinor} are held`);
  const all = await listOf(machine);
  if (!all.every(isFinished)) faults.push(`states are ${all.map(({ state }) => state)}`);
  if (meter(egm, CREDITS) !== 0n) faults.push('nobody took the credits');
  const compared = await listReconciliations(db, venueId, { machineId: machine.id, range: NEWEST });
  if (compared.some(({ outcome }) => outcome === 'DIFFERENT'))
    faults.push('the meters of the machine differ');
  const events = all.flatMap(({ causeEventId }) => causeEventId ?? []);
  if (new Set(events).size !== events.length) faults.push('a request was answered twice');
  return { died, faults: faults.map((fault) => `${death.at} ${death.n}: ${fault}`) };
}

test('a driver that dies at any step of a cash-out loses and makes no money, and the next one goes on', {
  timeout: 240_000,
}, async () => {
  const deaths: Death[] = [
    ...(['BEFORE_COMMIT', 'AFTER_COMMIT'] as const).flatMap((at) => [1, 2, 3, 4].map((n) => ({ at, n }))),
    ...[1, 3, 5, 8, 12].map((n) => ({ at: 'BEFORE_MESSAGE', n }) as const),
  ];
  const waiting = [...deaths];
  const outcomes: Awaited<ReturnType<typeof play>>[] = [];
  await Promise.all(
    Array.from({ length: 5 }, async () => {
      for (let death = waiting.shift(); death; death = waiting.shift()) outcomes.push(await play(death));
    }),
  );
  expect(outcomes.flatMap(({ faults }) => faults)).toEqual([]);
  expect(outcomes.filter(({ died }) => died).length).toBeGreaterThan(deaths.length / 2);
});

test('a request is answered once, however many drivers see it, and not at all when it is old', async () => {
  const { wallet, machine } = await aPlace('SOFT');
  const subject = { venueId: machine.venueId, machineId: machine.id };
  await db.updateTable('machine').set({ connection: 'ONLINE' }).where('id', '=', machine.id).execute();
  const brought = await aTransfer(runWork, { ...subject, walletId: wallet.id, amountMinor: 2_000n });
  const past = new Date(Date.now() - 1_000);
  const place = { id: brought, venueId: machine.venueId };
  await runWork(TEST, (work) => markSent(work, place, { assetNumber: 7 }));
  await runWork(TEST, (work) => progress(work, place, () => ({ to: 'SETTLED', movedMinor: 2_000n })));
  const says = (type: 'AFT_CASH_OUT_REQUESTED' | 'CASH_OUT_PRESSED') =>
    runWork(TEST, (work) =>
      recordException(work, {
        ...subject,
        id: newId(),
        type,
        exceptionCode: exceptionCode(type),
        data: null,
        occurredAt: new Date(),
      }),
    );
  await says('AFT_CASH_OUT_REQUESTED');
  const seen = (since: Date) => listCashOutRequests(db, machine.venueId, { machineIds: [machine.id], since });
  const [request] = await seen(past);
  if (!request) throw new Error('no request');
  const offer = { assetNumber: 7, cents: 2_000n, isPartialAllowed: true };
  const answer = () => runWork(TEST, (work) => orderCashOut(work, request, offer));
  expect(await answer()).toBeNull();
  await says('CASH_OUT_PRESSED');
  // Nothing to take, and another machine at the address: nobody brought money to that one.
  for (const other of [{ cents: 0n }, { assetNumber: 8 }])
    expect(await runWork(TEST, (work) => orderCashOut(work, request, { ...offer, ...other }))).toBeNull();
  const answers = await Promise.all([answer(), answer(), answer()]);
  expect(answers.filter((each) => each !== null)).toMatchObject([
    { walletId: wallet.id, amountMinor: 2_000n, cause: 'CASH_OUT', requestedBy: null },
  ]);
  expect(await seen(past)).toEqual([]);
  await says('AFT_CASH_OUT_REQUESTED');
  expect(await seen(past)).toHaveLength(1);
  expect(await seen(new Date(Date.now() + 1_000))).toEqual([]);
});
