import { tmpdir } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { expect, test } from 'vitest';
import type { Database } from '../../src/db/schema.ts';
import { system } from '../../src/lib/actor.ts';
import { DatabaseUnavailableError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { newLineMemory, startLineIngest } from '../../src/machine/ingest.ts';
import { startLineDriver } from '../../src/machine/line-driver.ts';
import { QUIET_MS, thisMoment } from '../../src/machine/line-lease.ts';
import { takeLine } from '../../src/machine/line-lease-service.ts';
import { listAllLines } from '../../src/machine/line-store.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { beginTenure } from '../../src/machine/tenure.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork, type RunWork, type Work } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

const WAIT = { deadlineMs: 60_000 };
const TEST = system('test');
const SILENT = createLogger('silent');
const SIGNALS = { metersChanged: () => {}, connectionChanged: () => {} };

type Emitted = Parameters<Work['emit']>[0];

const isBill = (event: Emitted): boolean =>
  event.type === 'machine.event-raised' && event.event.type.startsWith('BILL_');

/** Does something after each commit that puts such an event on record, before anybody hears of it. */
function afterEvents(runWork: RunWork, isSuch: (event: Emitted) => boolean, then: () => void): RunWork {
  return async (actor, task, origin) => {
    let isThere = false;
    const value = await runWork(
      actor,
      async (work) => {
        isThere = false;
        const emit: typeof work.emit = (event) => {
          isThere ||= isSuch(event);
          work.emit(event);
        };
        return await task({ ...work, emit });
      },
      origin,
    );
    if (isThere) then();
    return value;
  };
}

/** Drives a line as whoever holds it, until `isLast` says, after such an event, that the driver dies of it. */
async function drive(
  {
    db,
    runWork,
    lineId,
  }: { readonly db: Kysely<Database>; readonly runWork: RunWork; readonly lineId: string },
  isSuch: (event: Emitted) => boolean,
  isLast: () => boolean,
) {
  const lease = await runWork(TEST, (work) =>
    takeLine(work, lineId, { driver: { processId: newId(), name: 'test' }, leaseMs: 0 }),
  );
  if (!lease) throw new Error('the line is driven');
  const tenure = beginTenure(lease, { termMs: 600_000, askedAt: thisMoment() });
  // In the moment between the commit and the acknowledgement.
  const dying = afterEvents(runWork, isSuch, () => void (isLast() && tenure.end()));
  const options = {
    db,
    runWork: dying,
    portFolder: tmpdir(),
    profiles: MACHINE_PROFILES,
    clockDriftMs: null,
    signals: SIGNALS,
    logger: SILENT,
  };
  const driver = await startLineDriver(options, tenure);
  if (!driver) throw new Error('no line');
  return { driver, tenure };
}

test('an exception whose commit was not heard of is on record once', async () => {
  const { floor } = await cloneDatabase();
  const { db } = floor;
  const sound = createRunWork({ db, onEvents: () => {} });
  const egm = createEgm({ address: 1 });
  await using simulated = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  const { id: venueId } = await aVenue(sound);
  const { machines } = await aLine(sound, { venueId, port: simulated.address });
  const [line] = await listAllLines(db);
  if (!line) throw new Error('no line');

  let lost = 0;
  const runWork = afterEvents(sound, isBill, () => {
    if (lost === 2) return;
    lost += 1;
    throw new DatabaseUnavailableError();
  });
  await using _ingest = startLineIngest({
    line,
    machines,
    runWork,
    mayPoll: () => true,
    memory: newLineMemory(),
    held: new Map(),
    heldHandpays: new Map(),
    localTime: null,
    portFolder: tmpdir(),
    profiles: MACHINE_PROFILES,
    signals: SIGNALS,
    logger: SILENT,
  });

  const types = async () =>
    (
      await listMachineEvents(db, venueId, {
        filter: { machineIds: null, types: ['BILL_ACCEPTED_20', 'BILL_ACCEPTED_5'] },
        range: { after: null, before: null, limit: 100, backward: false },
      })
    ).map(({ type }) => type);
  await eventually(async () => (await listAllLines(db))[0]?.state === 'UP');
  egm.insertBill(20n);
  egm.insertBill(5n);
  await eventually(async () => (await types()).includes('BILL_ACCEPTED_5'));
  expect(lost).toBeGreaterThan(0);
  expect((await types()).sort()).toEqual(['BILL_ACCEPTED_20', 'BILL_ACCEPTED_5']);
});

test('an exception whose machine was not told so by a driver that died is on record once, and its like after it again', async () => {
  const { floor } = await cloneDatabase();
  const { db } = floor;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const egm = createEgm({ address: 1 });
  await using simulated = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  const { id: venueId } = await aVenue(runWork);
  const { lineId } = await aLine(runWork, { venueId, port: simulated.address });
  const bills = async () =>
    (
      await listMachineEvents(db, venueId, {
        filter: { machineIds: null, types: ['BILL_ACCEPTED_20'] },
        range: { after: null, before: null, limit: 100, backward: false },
      })
    ).length;
  const held = () => db.selectFrom('machine_held_exception').selectAll().execute();
  const floorLine = { db, runWork, lineId };

  let dies = false;
  const first = await drive(floorLine, isBill, () => dies);
  await eventually(async () => (await listAllLines(db))[0]?.state === 'UP');
  egm.insertBill(20n);
  await eventually(async () => (await bills()) === 1 && (await held()).length === 0);
  dies = true;
  egm.insertBill(20n);
  await eventually(() => first.tenure.over.aborted);
  await first.driver[Symbol.asyncDispose]();
  expect([await bills(), (await held()).length]).toEqual([2, 1]);

  egm.insertBill(20n);
  const second = await drive(floorLine, isBill, () => false);
  await eventually(async () => (await bills()) === 3 && (await held()).length === 0);
  egm.insertBill(20n);
  await eventually(async () => (await bills()) === 4);
  await second.driver[Symbol.asyncDispose]();
  expect(await bills()).toBe(4);
});

test('a handpay whose machine was not told so by a driver that died is on record once, and its like after it again', async () => {
  const { floor } = await cloneDatabase();
  const { db } = floor;
  const runWork = createRunWork({ db, onEvents: () => {} });
  const egm = createEgm({ address: 1 });
  await using simulated = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  const { id: venueId } = await aVenue(runWork);
  const { lineId } = await aLine(runWork, { venueId, port: simulated.address });
  const floorLine = { db, runWork, lineId };
  const isHandpay = (event: Emitted) => event.type === 'machine.handpay-recorded';
  const handpays = () =>
    db.selectFrom('handpay').select(['cents', 'held', 'reset_at']).orderBy('id').execute();
  const count = async (wanted: number) =>
    await eventually(async () => {
      const all = await handpays();
      return all.length === wanted && all.every(({ held }) => !held);
    }, WAIT);

  const first = await drive(floorLine, isHandpay, () => true);
  await eventually(async () => (await listAllLines(db))[0]?.state === 'UP', WAIT);
  egm.insertBill(20n);
  egm.cashOut();
  await eventually(() => first.tenure.over.aborted, WAIT);
  await first.driver[Symbol.asyncDispose]();
  expect(first.driver.isSettled).toBe(false);
  expect(await handpays()).toEqual([{ cents: 2_000n, held: true, reset_at: null }]);

  // As whoever takes a line that is not settled: the machine keeps what nobody acknowledged.
  await pause(QUIET_MS);
  const second = await drive(floorLine, isHandpay, () => false);
  await count(1);
  expect(egm.state().handpays).toEqual([expect.objectContaining({ read: true, paid: false })]);
  egm.resetHandpay();
  egm.insertBill(20n);
  egm.cashOut();
  await count(2);
  await eventually(async () => (await handpays())[0]?.reset_at, WAIT);
  await second.driver[Symbol.asyncDispose]();
  expect((await handpays()).map(({ cents, reset_at }) => [cents, reset_at === null])).toEqual([
    [2_000n, false],
    [2_000n, true],
  ]);
});
