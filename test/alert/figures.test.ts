import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { figuresOf } from '../../src/alert/figure.ts';
import { type AlertMetric, isCountedOverTime, METRIC_LABELS } from '../../src/alert/metric.ts';
import { createLockOut } from '../../src/auth/lock-out-service.ts';
import { openDatabase } from '../../src/db/database.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { ANONYMOUS } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { recordHandpay, recordHandpayReset } from '../../src/machine/handpay-service.ts';
import { findLine } from '../../src/machine/line-store.ts';
import { removeSasLine } from '../../src/machine/registry-service.ts';
import { recordConnection, recordLineState } from '../../src/machine/service.ts';
import { touchMachines } from '../../src/machine/store.ts';
import { startWalkIn } from '../../src/parking/session-service.ts';
import { removeDevice } from '../../src/signage/device-service.ts';
import { judgeSilent } from '../../src/signage/device-status-service.ts';
import { createRunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { SECRET_KEY } from '../support/auth.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aReport } from '../support/device.ts';
import { aLine } from '../support/floor.ts';
import { aWallet } from '../support/money.ts';
import { aParkingLot } from '../support/parking.ts';

/** What each figure is, at the venue it is of and at another one. */

const { floor, connection } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const { id: venueId } = await aVenue(runWork);
const { id: elsewhere } = await aVenue(runWork);
const MINUTE_MS = 60_000;
const METRICS = Object.keys(METRIC_LABELS) as AlertMetric[];

/** Of the last five minutes where it is counted over time. */
const figure = (metric: AlertMetric, { at = venueId, lotId = null as string | null } = {}) =>
  runWork(DESK, (work) =>
    figuresOf(work)(at, { metric, lotId, windowSeconds: isCountedOverTime(metric) ? 300 : null }),
  );

/** A line that is up, with three machines that answer. */
async function aLiveLine() {
  const { lineId, machines } = await aLine(runWork, { venueId, machines: 3 });
  const line = await findLine(db, lineId);
  if (!line) throw new Error('there is no line');
  const state = (now: 'UP' | 'DOWN') =>
    runWork(DESK, (work) => recordLineState(work, line, { state: now, cause: null, at: work.now }));
  const connect = (machineId: string, now: 'ONLINE' | 'OFFLINE') =>
    runWork(DESK, (work) => recordConnection(work, { venueId, machineId, state: now, at: work.now }));
  const ids = machines.map(({ id }) => id);
  await state('UP');
  for (const id of ids) await connect(id, 'ONLINE');
  await runWork(DESK, ({ tx, now }) => touchMachines(tx, ids, now));
  return { lineId, ids, state, connect };
}

test('machines that do not answer, and lines that are down or silent, are counted', async () => {
  const { lineId, ids, state, connect } = await aLiveLine();
  const figures = async () => [
    await figure('MACHINES_OFFLINE'),
    await figure('SAS_LINES_SILENT'),
    await figure('SAS_LINES_DOWN'),
  ];
  expect(await figures()).toEqual([0, 0, 0]);
  await connect(ids[0] ?? '', 'OFFLINE');
  expect(await figures()).toEqual([1, 0, 0]);
  for (const id of ids) await connect(id, 'OFFLINE');
  expect(await figures()).toEqual([3, 1, 0]);
  await state('DOWN');
  expect(await figures()).toEqual([3, 0, 1]);
  await db
    .updateTable('machine')
    .set({ removed_at: new Date() })
    .where('id', '=', ids[0] ?? '')
    .execute();
  expect(await figures()).toEqual([2, 0, 1]);
  await db.updateTable('machine').set({ removed_at: new Date() }).where('id', 'in', ids).execute();
  expect(await figures()).toEqual([0, 0, 1]);
  const removal = { venueId, lineId, expectedVersion: 1 };
  await runWork(DESK, (work) => removeSasLine(work, removal));
  expect(await figures()).toEqual([0, 0, 0]);
});

test('handpays are counted until they are reset', async () => {
  const { ids } = await aLiveLine();
  const machineId = ids[0] ?? '';
  const told = {
    venueId,
    machineId,
    kind: 'NORMAL_WIN',
    progressiveGroup: 0,
    level: 0x40,
    cents: 100n,
    partialPay: 0n,
    canGoToCreditMeter: false,
  } as const;
  await runWork(DESK, (work) => recordHandpay(work, { ...told, id: newId(), pendingAt: work.now }, null));
  expect(await figure('HANDPAYS_WAITING')).toBe(1);
  await runWork(DESK, (work) => recordHandpayReset(work, { venueId, machineId }, work.now));
  expect(await figure('HANDPAYS_WAITING')).toBe(0);
});

test('transfers are counted while nobody knows their end', async () => {
  const { ids } = await aLiveLine();
  const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 1_000n });
  const id = await aTransfer(runWork, { venueId, walletId, machineId: ids[0] ?? '' });
  expect(await figure('AFT_TRANSFERS_IN_DOUBT')).toBe(0);
  const inDoubt = { state: 'IN_DOUBT', doubt: 'NO_ANSWER', sent_at: new Date() } as const;
  await db.updateTable('aft_transfer').set(inDoubt).where('id', '=', id).execute();
  expect(await figure('AFT_TRANSFERS_IN_DOUBT')).toBe(1);
});

test('devices are counted that have reported once, do not any more, and are in use', async () => {
  const { id: deviceId } = await aDevice(runWork, { venueId });
  await aDevice(runWork, { venueId }); // It has never reported.
  await aReport(runWork, { venueId, deviceId, heartbeatMs: 1_000 });
  shiftMs += MINUTE_MS;
  while ((await runWork(DESK, (work) => judgeSilent(work, { limit: 10, heartbeatMs: 1_000 }))) > 0);
  expect(await figure('DEVICES_OFFLINE')).toBe(1);
  await runWork(DESK, (work) => removeDevice(work, { venueId, deviceId }));
  expect(await figure('DEVICES_OFFLINE')).toBe(0);
});

test('parking is in full percent, of one lot or of all that are open', async () => {
  expect(await figure('PARKING_OCCUPANCY_PERCENT')).toBeNull();
  const { id: lotId } = await aParkingLot(runWork, { venueId, capacity: 3 });
  const { id: userId } = await aUser(runWork, { venueId });
  const wanted = {
    venueId,
    lotId,
    userId,
    place: { spaceId: null, kind: null },
    plate: null,
    until: null,
    mostOpen: 20,
  };
  for (const percent of [33, 66, 100]) {
    await runWork(DESK, (work) => startWalkIn(work, wanted));
    expect(await figure('PARKING_OCCUPANCY_PERCENT', { lotId })).toBe(percent);
  }
  const { id: other } = await aParkingLot(runWork, { venueId, capacity: 27 });
  expect(await figure('PARKING_OCCUPANCY_PERCENT')).toBe(10);
  await db.updateTable('parking_lot').set({ status: 'CLOSED' }).where('id', '=', other).execute();
  expect(await figure('PARKING_OCCUPANCY_PERCENT', { lotId: other })).toBeNull();
  expect(await figure('PARKING_OCCUPANCY_PERCENT')).toBe(100);
  expect(await figure('PARKING_OCCUPANCY_PERCENT', { at: elsewhere, lotId })).toBeNull();
});

test('wrong sign-ins and the lock-outs they lead to are counted as long as the window reaches', async () => {
  const policy = { failures: 3, windowMs: 15 * MINUTE_MS, addresses: 3 };
  const lockOut = createLockOut({ secretKey: SECRET_KEY, policy });
  const attempt = { kind: 'PASSWORD', subject: 'somebody', address: '192.0.2.1' } as const;
  const wrong = { userId: null, venueId, reason: 'WRONG_PASSWORD' } as const;
  const figures = async () => {
    while ((await sequenceBatch(db)) !== 0);
    return [await figure('FAILED_SIGN_INS'), await figure('LOCK_OUTS')];
  };
  for (let tries = 0; tries < 5; tries += 1) {
    if (tries > 0) shiftMs += MINUTE_MS;
    await runWork(ANONYMOUS, (work) => lockOut.fail(work, attempt, wrong));
  }
  // What is tried while it is locked is not counted.
  expect(await figures()).toEqual([3, 1]);
  shiftMs += MINUTE_MS;
  expect(await figures()).toEqual([2, 1]);
  shiftMs += 2 * MINUTE_MS;
  expect(await figures()).toEqual([0, 0]);
});

test('no figure is that of another venue', async () => {
  for (const metric of METRICS)
    expect(await figure(metric, { at: elsewhere })).toBe(metric === 'PARKING_OCCUPANCY_PERCENT' ? null : 0);
});

test('of what grows with the years only what counts is read', async () => {
  await using alone = openDatabase({ connection, poolSize: 1, applicationName: 'plans' });
  const read = await alone.db.transaction().execute(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx);
    const readFigure = figuresOf({ tx, now: new Date() });
    for (const metric of METRICS)
      await readFigure(venueId, {
        metric,
        lotId: null,
        windowSeconds: isCountedOverTime(metric) ? 300 : null,
      });
    const { rows } = await sql<{ name: string }>`
      select scanned::regclass::text as name
      from pg_index, unnest(array[indexrelid, indrelid]) scanned
      where indrelid in ('audit_entry'::regclass, 'handpay'::regclass, 'aft_transfer'::regclass)
        and pg_stat_get_xact_numscans(scanned) > 0
      group by scanned order by 1`.execute(tx);
    return rows.map(({ name }) => name);
  });
  expect(read).toEqual(['aft_transfer_in_doubt', 'audit_entry_of_wrong_sign_ins', 'handpay_waiting']);
});
