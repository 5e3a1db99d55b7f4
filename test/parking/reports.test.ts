import { beforeAll, expect, test } from 'vitest';
import type { DeviceKind } from '../../src/auth/device.ts';
import { NotFoundError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { updateParkingLot } from '../../src/parking/lot-service.ts';
import { findLotsByIds } from '../../src/parking/lot-store.ts';
import { pruneHistory } from '../../src/parking/occupancy-history-store.ts';
import { outcomeOf } from '../../src/parking/report.ts';
import { createReportQueue } from '../../src/parking/report-queue.ts';
import { listSpaces } from '../../src/parking/space-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aParkingLot } from '../support/parking.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let works = 0;
const runOn = createRunWork({ db, onEvents: () => {} });
const runWork: typeof runOn = (...args) => {
  works += 1;
  return runOn(...args);
};
let venueId: string;
beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});

const device = async (kind: DeviceKind) => ({
  deviceId: (await aDevice(runWork, { venueId, kind })).id,
  venueId,
});
const occupancyOf = async (lotId: string) =>
  (await findLotsByIds(db, venueId, { ids: [lotId], now: new Date() }))[0]?.occupancy;
const spaceIdsOf = async (lotId: string) =>
  (
    await listSpaces(
      db,
      { venueId, lotId },
      {
        filter: { kind: null, status: null, isOccupied: null },
        range: { after: null, before: null, limit: 1_000, backward: false },
        now: new Date(),
      },
    )
  ).map(({ id }) => id);

const [T1, T2] = [new Date('2026-01-31T12:00:00.000Z'), new Date('2026-01-31T12:00:00.001Z')];
test.each([
  [null, { value: 1, observedAt: T1 }, 'APPLIED'],
  [{ value: 1, observedAt: T1 }, { value: 1, observedAt: T2 }, 'APPLIED'],
  [{ value: 1, observedAt: T1 }, { value: 1, observedAt: T1 }, 'DUPLICATE'],
  [{ value: 1, observedAt: T1 }, { value: 2, observedAt: T1 }, 'OUTDATED'],
  [{ value: 1, observedAt: T2 }, { value: 2, observedAt: T1 }, 'OUTDATED'],
] as const)('of %o known, %o is %s', (known, said, outcome) => {
  expect(outcomeOf<number>(known, said)).toBe(outcome);
});

test('what is said while something is under way goes together, in the order it was said', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId, countedBy: 'GATES', capacity: 500 });
  const gate = await device('GATE');
  const queue = createReportQueue({ runWork });
  const start = Date.now() - 10_000;
  works = 0;
  const said = await Promise.all(
    Array.from({ length: 300 }, (_, index) =>
      queue.report({
        device: gate,
        reports: [{ lotId, cars: index, observedAt: new Date(start + index) }],
      }),
    ),
  );
  expect(new Set(said.flat())).toEqual(new Set(['APPLIED']));
  expect(works).toBe(2);
  expect(await occupancyOf(lotId)).toMatchObject({ occupied: 299, isStale: false });
});

test('a call that is refused takes no other with it', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId, countedBy: 'GATES' });
  const gate = await device('GATE');
  const queue = createReportQueue({ runWork });
  const observedAt = new Date();
  const say = (id: string, cars: number) =>
    queue.report({ device: gate, reports: [{ lotId: id, cars, observedAt }] });
  const [first, bad, future, last] = await Promise.allSettled([
    say(lotId, 2),
    say(newId(), 3),
    queue.report({
      device: gate,
      reports: [{ lotId, cars: 5, observedAt: new Date(Date.now() + 3_600_000) }],
    }),
    say(lotId, 2),
  ]);
  expect(first).toEqual({ status: 'fulfilled', value: ['APPLIED'] });
  expect(bad).toMatchObject({ status: 'rejected', reason: expect.any(NotFoundError) });
  expect(future).toMatchObject({ status: 'rejected', reason: { code: 'API_001' } });
  expect(last).toEqual({ status: 'fulfilled', value: ['DUPLICATE'] });
  expect(await occupancyOf(lotId)).toMatchObject({ occupied: 2 });
});

test('many processes that take reports of the same lots wait for each other, and none is lost', async () => {
  const lots = await Promise.all(
    Array.from({ length: 4 }, () =>
      aParkingLot(runWork, {
        venueId,
        countedBy: 'SENSORS',
        capacity: 60,
        spaces: [{ prefix: 'S', first: 1, last: 60, digits: 1, kind: 'STANDARD' }],
      }),
    ),
  );
  const spaceIds = await Promise.all(lots.map(({ id }) => spaceIdsOf(id)));
  const sensor = await device('SENSOR');
  const observedAt = new Date();
  // Each tells of all lots, in an order of its own.
  const said = await Promise.all(
    Array.from({ length: 6 }, (_, process) => {
      const mine = spaceIds.map((ids) => ids.slice(process * 10, process * 10 + 10));
      const reports = (process % 2 ? [...mine].reverse() : mine)
        .flat()
        .map((spaceId) => ({ spaceId, isOccupied: true, observedAt }));
      return createReportQueue({ runWork }).report({ device: sensor, reports });
    }),
  );
  expect(said.flat()).toEqual(Array(240).fill('APPLIED'));
  for (const { id } of lots) expect(await occupancyOf(id)).toMatchObject({ occupied: 60, capacity: 60 });
});

test('who counts otherwise from now on starts anew, and sensors are asked what they last said', async () => {
  const { id: lotId } = await aParkingLot(runWork, {
    venueId,
    countedBy: 'SENSORS',
    spaces: [{ prefix: 'S', first: 1, last: 3, digits: 1, kind: 'STANDARD' }],
  });
  const queue = createReportQueue({ runWork });
  const spaceIds = await spaceIdsOf(lotId);
  const observedAt = new Date();
  await queue.report({
    device: await device('SENSOR'),
    reports: spaceIds.map((spaceId) => ({ spaceId, isOccupied: true, observedAt })),
  });
  const change = (countedBy: 'GATES' | 'SENSORS', expectedVersion: number) =>
    runWork(DESK, (work) => updateParkingLot(work, { venueId, lotId, countedBy, expectedVersion }));
  expect((await change('GATES', 1)).occupancy).toMatchObject({
    occupied: 0,
    isStale: true,
    observedAt: null,
  });
  await queue.report({ device: await device('GATE'), reports: [{ lotId, cars: 1, observedAt }] });
  expect(await occupancyOf(lotId)).toMatchObject({ occupied: 1, isStale: false });
  expect((await change('SENSORS', 2)).occupancy).toMatchObject({ occupied: 3, observedAt: null });
});

test('the history is forgotten but for the minute it goes on from', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  const minute = (ago: number) => new Date(Math.floor(Date.now() / 60_000) * 60_000 - ago * 60_000);
  const common = { lot_id: lotId, venue_id: venueId, capacity: 5, reserved: 0 };
  await db
    .insertInto('parking_occupancy')
    .values([300, 200, 100, 10].map((ago, occupied) => ({ ...common, minute: minute(ago), occupied })))
    .execute();
  const prune = () => runWork(DESK, ({ tx }) => pruneHistory(tx, { before: minute(50), limit: 1 }));
  expect([await prune(), await prune(), await prune()]).toEqual([1, 1, 0]);
  const rows = await db
    .selectFrom('parking_occupancy')
    .select('occupied')
    .where('lot_id', '=', lotId)
    .where('minute', '<', minute(1))
    .orderBy('minute')
    .execute();
  expect(rows.map(({ occupied }) => occupied)).toEqual([2, 3]);
});
