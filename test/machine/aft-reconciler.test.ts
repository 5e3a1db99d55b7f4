import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { AftReconciliation } from '../../src/machine/aft-reconciliation.ts';
import { findUnreconciled, listReconciliations } from '../../src/machine/aft-reconciliation-store.ts';
import type { TransferRequest } from '../../src/machine/aft-transfer-service.ts';
import { findTransfer } from '../../src/machine/aft-transfer-store.ts';
import { QUIET_MS } from '../../src/machine/line-lease.ts';
import { planLine } from '../../src/machine/line-plan.ts';
import { findLine } from '../../src/machine/line-store.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import { sendAftTransfer } from '../../src/sas/host/aft-commands.ts';
import { createSasHost } from '../../src/sas/host/host.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import { newCabinetState } from '../../src/sas/simulator/cabinet-state.ts';
import { createEgm, type Egm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { volatileMemory } from '../../src/sas/simulator/memory.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { type Driving, drive, park } from '../support/mortal-driver.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CREDITS = 0x0c;
const IN = 0xa0;
const OUT = 0xb8;
const ASSET = 7;
const HOUR_MS = 3_600_000;
const WAIT = { deadlineMs: 60_000 };
const NEWEST = { after: null, before: null, limit: 100, backward: false } as const;

const { floor } = await cloneDatabase();
const { db } = floor;
const folder = await temporaryFolder();
const runWork = createRunWork({ db, onEvents: () => {} });

const anEgm = (meters: readonly (readonly [number, bigint])[] = [], serialNumber = 'A'): Egm =>
  createEgm({
    address: 1,
    memory: volatileMemory({ ...newCabinetState(), meters: new Map(meters) }),
    settings: {
      assetNumber: ASSET,
      serialNumber,
      features: { ...NO_FEATURES, aft: true, extendedMeters: true },
      creditLimit: 11_000n,
    },
  });

/** A line with one machine on it, at a venue of its own, and a wallet of USD 500.00. */
async function aStage() {
  const { id: venueId } = await aVenue(runWork);
  const wallet = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const { lineId, machines } = await aLine(runWork, { venueId, port: wallet.id });
  const machineId = machines[0]?.id ?? '';
  const plug = (egm: Egm) =>
    createSimulatedLine({ egms: [egm], transport: { kind: 'PTY', path: join(folder, wallet.id) } });
  return { venueId, walletId: wallet.id, lineId, machineId, machines, plug };
}

type Stage = Awaited<ReturnType<typeof aStage>>;

/** By a driver that writes like this. */
const driven = ({ lineId }: Stage, writes: RunWork = runWork) =>
  drive(lineId, { db, portFolder: folder, runWork: writes }, null);

/** The newest first, once there are so many. */
async function comparisons(
  { venueId, machineId }: Stage,
  count: number,
): Promise<readonly AftReconciliation[]> {
  return await eventually(async () => {
    const found = await listReconciliations(db, venueId, { machineId, range: NEWEST });
    return found.length >= count && found;
  }, WAIT);
}

/** Has a transfer done to its end, and compared. */
async function moved(
  stage: Stage,
  { driver }: Driving,
  request: Partial<TransferRequest>,
): Promise<AftReconciliation | undefined> {
  const { venueId, machineId } = stage;
  const id = await aTransfer(runWork, { ...stage, amountMinor: 2_000n, ...request });
  driver.transferChanged();
  await eventually(async () => (await findTransfer(db, venueId, id))?.finishedAt != null, WAIT);
  driver.transferChanged();
  await eventually(
    async () => (await findUnreconciled(db, venueId, machineId)).transferIds.length === 0,
    WAIT,
  );
  return (await comparisons(stage, 1))[0];
}

const eventsOf = ({ venueId, machineId }: Stage) =>
  listMachineEvents(db, venueId, {
    filter: { machineIds: [machineId], types: ['AFT_DISCREPANCY', 'METER_RESET'] },
    range: NEWEST,
  });

const bookedBy = (found: AftReconciliation | undefined) =>
  found?.meters.filter(({ code }) => code === IN || code === OUT).map(({ booked }) => booked);

test('whole, in part, rejected, and both ways: what the machine counts is what the ledger has', async () => {
  const stage = await aStage();
  const egm = anEgm();
  await using _line = await stage.plug(egm);
  const driving = await driven(stage);
  expect(await comparisons(stage, 1)).toMatchObject([{ reason: 'START', outcome: 'BASELINE' }]);
  const equal = { reason: 'TRANSFER', outcome: 'EQUAL' };

  const whole = await moved(stage, driving, {});
  expect(whole).toMatchObject(equal);
  expect(bookedBy(whole)).toEqual([2_000n, 0n]);
  expect(whole?.meters).toHaveLength(12);

  const part = await moved(stage, driving, { amountMinor: 20_000n, allowPartial: true });
  expect(part).toMatchObject(equal);
  expect(bookedBy(part)).toEqual([9_000n, 0n]);

  const back = await moved(stage, driving, { direction: 'FROM_MACHINE', amountMinor: 1_500n });
  expect(back).toMatchObject(equal);
  expect(bookedBy(back)).toEqual([0n, 1_500n]);

  const rejected = await moved(stage, driving, { direction: 'FROM_MACHINE', amountMinor: 40_000n });
  expect(rejected).toMatchObject(equal);
  expect(bookedBy(rejected)).toEqual([0n, 0n]);
  expect(await eventsOf(stage)).toEqual([]);
  await park(driving);
});

test('a meter that rolls over agrees', async () => {
  const stage = await aStage();
  await using _line = await stage.plug(anEgm([[IN, 9_999_999_500n]]));
  const driving = await driven(stage);
  await comparisons(stage, 1);
  const found = await moved(stage, driving, {});
  expect(found?.outcome).toBe('EQUAL');
  expect(found?.meters.find(({ code }) => code === IN)).toMatchObject({
    opening: 9_999_999_500n,
    closing: 1_500n,
    counted: 2_000n,
    booked: 2_000n,
  });
  await park(driving);
});

/** Another host on the line has the machine take one cent, by an id of its own. */
async function meddled({ lineId, machines }: Stage, egm: Egm): Promise<void> {
  const line = await findLine(db, lineId);
  if (!line) throw new Error('no line');
  const { open, timing } = planLine({ line, machines, profiles: MACHINE_PROFILES, portFolder: folder });
  await using host = createSasHost({ open, timing, addresses: [1], report: async () => {} });
  host.start();
  const order = { code: 'FULL', type: 'HOST_TO_MACHINE', restricted: 0n, nonrestricted: 0n } as const;
  const ids = { assetNumber: ASSET, transactionId: 'NOT-OURS' };
  await eventually(async () => {
    await sendAftTransfer(host, 1, { ...order, ...ids, cashable: 1n });
    return egm.meters().get(CREDITS) === 1n;
  }, WAIT);
}

test('a cent of another host is found at the next start, once, and not an hour later', async () => {
  const stage = await aStage();
  const egm = anEgm();
  await using _line = await stage.plug(egm);
  const before = await driven(stage);
  await comparisons(stage, 1);
  await park(before);
  await meddled(stage, egm);
  await pause(QUIET_MS);

  let shiftMs = 0;
  const later = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
  const driving = await driven(stage, later);
  const [found, first] = await comparisons(stage, 2);
  expect(found).toMatchObject({ reason: 'START', outcome: 'DIFFERENT' });
  shiftMs = HOUR_MS;
  driving.driver.transferChanged();
  expect((await comparisons(stage, 3))[0]).toMatchObject({
    reason: 'HOUR',
    outcome: 'EQUAL',
    from: found?.to,
  });
  const events = await eventsOf(stage);
  expect(events).toMatchObject([
    {
      type: 'AFT_DISCREPANCY',
      machineId: stage.machineId,
      data: {
        meter: 'AFT_CASHABLE_IN_CENTS',
        countedCents: '1',
        bookedCents: '0',
        differenceCents: '1',
        from: first?.to.toISOString(),
        to: found?.to.toISOString(),
      },
    },
  ]);
  await park(driving);
});

test('a driver that dies before it has read the meters leaves that to the next', async () => {
  const stage = await aStage();
  const { venueId, walletId, machineId } = stage;
  await using _line = await stage.plug(anEgm());
  let first: Driving | null = null;
  const mortal: RunWork = async (actor, task, origin) => {
    let isOver = false;
    const value = await runWork(
      actor,
      (work) =>
        task({
          ...work,
          emit(event, author) {
            isOver = event.type === 'machine.aft-transfer-changed' && event.transfer.finishedAt !== null;
            work.emit(event, author);
          },
        }),
      origin,
    );
    if (isOver) first?.tenure.end();
    return value;
  };
  first = await driven(stage, mortal);
  await comparisons(stage, 1);
  const id = await aTransfer(runWork, { venueId, walletId, machineId, amountMinor: 2_000n });
  first.driver.transferChanged();
  await eventually(async () => (await findTransfer(db, venueId, id))?.state === 'SETTLED', WAIT);
  await first.driver[Symbol.asyncDispose]();
  expect((await findUnreconciled(db, venueId, machineId)).transferIds).toEqual([id]);

  await pause(QUIET_MS);
  const second = await driven(stage);
  const [found] = await comparisons(stage, 2);
  expect(found).toMatchObject({ reason: 'TRANSFER', outcome: 'EQUAL' });
  expect(bookedBy(found)).toEqual([2_000n, 0n]);
  await park(second);
});

test('a machine that was cleared says so, and is compared from there on', async () => {
  const stage = await aStage();
  const old = await stage.plug(anEgm([[IN, 5_000n]]));
  const before = await driven(stage);
  await comparisons(stage, 1);
  await park(before);
  await old[Symbol.asyncDispose]();
  await using _cleared = await stage.plug(anEgm());
  await pause(QUIET_MS);
  const driving = await driven(stage);
  expect((await comparisons(stage, 2))[0]).toMatchObject({ reason: 'START', outcome: 'RESET' });
  expect(await eventsOf(stage)).toMatchObject([
    { type: 'METER_RESET', data: { meter: 'AFT_CASHABLE_IN_CENTS', from: '5000', to: '0' } },
  ]);
  expect(await moved(stage, driving, {})).toMatchObject({ outcome: 'EQUAL' });
  await park(driving);
});

test('another machine is not compared with what was before until it is on record which one it is', async () => {
  const stage = await aStage();
  const first = await stage.plug(anEgm([[IN, 70_000n]], 'A'));
  const before = await driven(stage);
  await comparisons(stage, 1);
  await park(before);
  await first[Symbol.asyncDispose]();

  await using _second = await stage.plug(anEgm([[IN, 80_000n]], 'B'));
  const identifiedAt = async (tx: typeof db) => {
    const { identified_at } = await tx
      .selectFrom('machine')
      .select('identified_at')
      .where('id', '=', stage.machineId)
      .executeTakeFirstOrThrow();
    return identified_at?.getTime();
  };
  let isHeldUp = true;
  let refused = 0;
  const heldUp: RunWork = (actor, task, origin) =>
    runWork(
      actor,
      async (work) => {
        const known = await identifiedAt(work.tx);
        const value = await task(work);
        if (!isHeldUp || known === (await identifiedAt(work.tx))) return value;
        refused += 1;
        throw new Error('the database is away');
      },
      origin,
    );
  const driving = await driven(stage, heldUp);
  // The second try waits a while, and the meters are read meanwhile.
  await eventually(() => refused > 3, WAIT);
  isHeldUp = false;
  expect((await comparisons(stage, 2)).map(({ outcome }) => outcome)).toEqual(['BASELINE', 'BASELINE']);
  expect(await eventsOf(stage)).toEqual([]);
  await park(driving);
});
