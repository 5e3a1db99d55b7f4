import { join } from 'node:path';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { markSent, progress, sweepTransfers } from '../../src/machine/aft-progress.ts';
import { orderTransfer } from '../../src/machine/aft-transfer-service.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { requestCommand } from '../../src/machine/command-service.ts';
import { findCommand } from '../../src/machine/command-store.ts';
import { registerMachine, removeMachine } from '../../src/machine/registry-service.ts';
import { recordConnection } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { AFT_FEATURES, aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { drive, park } from '../support/mortal-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** A machine is moved while its line is driven by somebody who has not heard of that yet. */

const { floor } = await cloneDatabase();
const { db } = floor;
const folder = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });
const TEST = system('test');
const WAIT = { deadlineMs: 60_000 };
const CREDITS = 0x0c;

/** Two machines that answer, at 1 and 2, and a line that nobody drives. */
async function aDrivenLine() {
  const { id: venueId } = await aVenue(runWork);
  const port = newId();
  const egms = [1, 2].map((address) =>
    createEgm({ address, settings: { assetNumber: address, features: AFT_FEATURES } }),
  );
  const wire = await createSimulatedLine({ egms, transport: { kind: 'PTY', path: join(folder, port) } });
  const { lineId, machines } = await aLine(runWork, { venueId, machines: 2, port });
  const { lineId: elsewhere } = await aLine(runWork, { venueId, machines: 0 });
  let isOver = false;
  const driving = await drive(lineId, { db, runWork, portFolder: folder }, null);
  const [first = '', second = ''] = machines.map(({ id }) => id);
  for (const id of [first, second])
    await eventually(async () => (await findMachine(db, venueId, id))?.connection === 'ONLINE', WAIT);
  return {
    venueId,
    lineId,
    first,
    second,
    egms,
    driver: driving.driver,
    /** Its driver stops, with everything on record. */
    async end() {
      isOver = true;
      await park(driving);
    },
    unplug: () => wire.unplug(),
    /** To the other line, at the address that the second machine has on this one. */
    moveFirst: (work: Work) =>
      registerMachine(work, { venueId, machineId: first, expectedVersion: 1, lineId: elsewhere, address: 2 }),
    async [Symbol.asyncDispose]() {
      if (!isOver) await park(driving);
      await wire[Symbol.asyncDispose]();
    },
  };
}

test('a command for a machine that was moved or removed reaches no other machine', async () => {
  await using line = await aDrivenLine();
  const { venueId, lineId, first, second } = line;
  const [moved, removed] = [newId(), newId()];
  const lock = { venueId, kind: 'LOCK', reason: 'test', timeoutMs: 60_000 } as const;
  await runWork(TEST, async (work) => {
    await requestCommand(work, { ...lock, id: moved, machineId: first });
    await line.moveFirst(work);
    await requestCommand(work, { ...lock, id: removed, machineId: second });
    await removeMachine(work, { venueId, machineId: second, expectedVersion: 1 });
    const successor = { lineId, address: 2, name: 'the next one' };
    await registerMachine(work, { ...successor, venueId, machineId: null, expectedVersion: null });
  });
  line.driver.wake();
  for (const id of [moved, removed]) {
    await eventually(async () => (await findCommand(db, venueId, id))?.state !== 'QUEUED', WAIT);
    expect(await findCommand(db, venueId, id)).toMatchObject({ outcome: 'OFFLINE', attempts: 0 });
  }
  expect(line.egms.map(({ locked }) => locked)).toEqual([false, false]);
  expect((await findMachine(db, venueId, first))?.lock).toBeNull();
});

test('no money is sent to the place that a machine had', async () => {
  await using line = await aDrivenLine();
  const { venueId, first, second } = line;
  const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 1_000n });
  const id = newId();
  const order = { direction: 'TO_MACHINE', amountMinor: 100n, currency: 'USD', allowPartial: false } as const;
  await runWork(TEST, async (work) => {
    await orderTransfer(work, {
      ...order,
      venueId,
      walletId,
      id,
      machineId: first,
      idempotencyKey: newId(),
      timeoutMs: 120_000,
      hasMachine: async () => false,
    });
    await line.moveFirst(work);
  });
  const other = await aTransfer(runWork, { venueId, walletId, machineId: second });
  line.driver.transferChanged();
  await eventually(async () => (await findTransfer(db, venueId, other))?.state === 'SETTLED', WAIT);
  expect((await findTransfer(db, venueId, id))?.state).toBe('FUNDS_HELD');
  expect(line.egms.map((egm) => egm.meters().get(CREDITS))).toEqual([0n, 100n]);
});

test('whether a machine answers is no longer for the driver of its old line to say', async () => {
  await using line = await aDrivenLine();
  const { venueId, first, second } = line;
  const connectionOf = async (id: string) => (await findMachine(db, venueId, id))?.connection;
  await runWork(TEST, line.moveFirst);
  await line.unplug();
  await eventually(async () => (await connectionOf(second)) === 'OFFLINE', WAIT);
  await line.end();
  expect(await connectionOf(first)).toBe('UNKNOWN');
});

test('that a machine has a transfer pending is in doubt when it was moved and is not heard of there', async () => {
  const { id: venueId } = await aVenue(runWork);
  const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 1_000n });
  const { machines } = await aLine(runWork, { venueId });
  const machineId = machines[0]?.id ?? '';
  const link = { venueId, machineId, state: 'ONLINE' } as const;
  await runWork(TEST, (work) => recordConnection(work, { ...link, at: work.now }));
  const id = await aTransfer(runWork, { venueId, walletId, machineId });
  await runWork(TEST, (work) => markSent(work, { id, venueId }, { assetNumber: 1 }));
  await runWork(TEST, (work) => progress(work, { id, venueId }, () => ({ to: 'PENDING_ON_MACHINE' })));
  const move = { venueId, machineId, expectedVersion: 1, address: 9 };
  await runWork(TEST, (work) => registerMachine(work, move));

  const sweepIn = (seconds: number) =>
    sweepTransfers(createRunWork({ db, onEvents: () => {}, clockShiftMs: () => seconds * 1_000 }));
  await sweepIn(50);
  expect(await findTransfer(db, venueId, id)).toMatchObject({ state: 'PENDING_ON_MACHINE' });
  await sweepIn(70);
  expect(await findTransfer(db, venueId, id)).toMatchObject({ state: 'IN_DOUBT', doubt: 'NO_ANSWER' });
});
