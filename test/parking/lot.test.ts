import { sql } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { LotClaimedError, LotNameTakenError, SpaceLabelTakenError } from '../../src/parking/errors.ts';
import { freeOf } from '../../src/parking/lot.ts';
import { type UpdateParkingLot, updateParkingLot } from '../../src/parking/lot-service.ts';
import { findLotsByIds } from '../../src/parking/lot-store.ts';
import { findRatesAt, listRates } from '../../src/parking/rate-store.ts';
import { labelsOf } from '../../src/parking/space.ts';
import { listSpaces } from '../../src/parking/space-store.ts';
import { createRunWork } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aParkingLot, aParkingRate } from '../support/parking.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
let venueId: string;
beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});

const hours = (count: number) => new Date(Date.now() + count * 3_600_000);
const update = (input: Omit<UpdateParkingLot, 'venueId'>) =>
  runWork(DESK, (work) => updateParkingLot(work, { venueId, ...input }));
const all = { after: null, before: null, limit: 1_000, backward: false };
const spacesOf = (lotId: string) =>
  listSpaces(
    db,
    { venueId, lotId },
    { filter: { kind: null, status: null, isOccupied: null }, range: all, now: new Date() },
  );

async function reserve(lotId: string, { from, to }: { from: number; to: number }): Promise<void> {
  const { id: userId } = await aUser(runWork, { venueId });
  const id = newId();
  await db.transaction().execute(async (tx) => {
    await sql`insert into parking_reservation (id, venue_id, lot_id, user_id, starts_at, ends_at, reserved_at, reserved_by, changed_at)
      values (${id}, ${venueId}, ${lotId}, ${userId}, ${hours(from)}, ${hours(to)}, now(), '{}', now())`.execute(
      tx,
    );
    await sql`insert into parking_claim (id, venue_id, lot_id, starts_at, ends_at, reservation_id)
      values (${newId()}, ${venueId}, ${lotId}, ${hours(from)}, ${hours(to)}, ${id})`.execute(tx);
  });
}

test.each([
  [{ prefix: 'A-', first: 8, last: 11, digits: 3 }, ['A-008', 'A-009', 'A-010', 'A-011']],
  [{ prefix: '', first: 9, last: 10, digits: 1 }, ['9', '10']],
])('%o are called %o', (range, labels) => {
  expect(labelsOf(range)).toEqual(labels);
});

test.each([
  { prefix: 'A ', first: 1, last: 2, digits: 1 },
  { prefix: 'A', first: 2, last: 1, digits: 1 },
  { prefix: 'A', first: 0, last: 20_000, digits: 1 },
  { prefix: 'A'.repeat(20), first: 1, last: 1, digits: 1 },
])('%o call nothing', (range) => {
  expect(() => labelsOf(range)).toThrow('takes');
});

test('10 000 spaces are made by one range, in the order of their numbers', async () => {
  const lot = await aParkingLot(runWork, {
    venueId,
    capacity: 10_000,
    spaces: [{ prefix: 'P', first: 1, last: 10_000, digits: 5, kind: 'STANDARD' }],
  });
  const spaces = await spacesOf(lot.id);
  expect(spaces.map(({ label }) => label).slice(0, 2)).toEqual(['P00001', 'P00002']);
  expect(spaces.at(-1)?.label).toBe('P01000');
  expect(freeOf(lot.occupancy)).toBe(10_000);
});

test('a lot has no more open spaces than it takes cars', async () => {
  const four = { prefix: 'A', first: 1, last: 4, digits: 1, kind: 'STANDARD' } as const;
  await expect(aParkingLot(runWork, { venueId, capacity: 3, spaces: [four] })).rejects.toThrow('open spaces');
  const lot = await aParkingLot(runWork, { venueId, capacity: 4, spaces: [four] });
  await update({
    lotId: lot.id,
    expectedVersion: 1,
    addSpaces: [{ ...four, first: 5, last: 5 }],
    changeSpaces: [{ named: { prefix: 'A', first: 1, last: 1, digits: 1 }, status: 'CLOSED' }],
  });
  expect((await spacesOf(lot.id)).map(({ label, status }) => `${label} ${status}`)).toEqual([
    'A1 CLOSED',
    'A2 ACTIVE',
    'A3 ACTIVE',
    'A4 ACTIVE',
    'A5 ACTIVE',
  ]);
});

test('no two lots of a venue have one name, and no two spaces of a lot one label', async () => {
  const space = { prefix: 'A', first: 1, last: 1, digits: 1, kind: 'STANDARD' } as const;
  const { id: lotId, name } = await aParkingLot(runWork, { venueId, spaces: [space] });
  await expect(aParkingLot(runWork, { venueId, name })).rejects.toThrow(LotNameTakenError);
  await expect(update({ lotId, expectedVersion: 1, addSpaces: [space] })).rejects.toThrow(
    SpaceLabelTakenError,
  );
});

test('a lot becomes as small as its fullest hour, and not smaller', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId, capacity: 5 });
  await reserve(lotId, { from: 1, to: 3 });
  await reserve(lotId, { from: 2, to: 4 });
  const refusal = await update({ lotId, expectedVersion: 1, capacity: 1 }).catch((error) => error);
  expect(refusal).toBeInstanceOf(LotClaimedError);
  expect(refusal).toMatchObject({ code: 'API_030', claimed: 2 });
  expect((await update({ lotId, expectedVersion: 1, capacity: 2 })).capacity).toBe(2);
});

test('what begins in the future is not reserved now, and what has begun is', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId, capacity: 5 });
  await reserve(lotId, { from: -1, to: 1 });
  await reserve(lotId, { from: 1, to: 3 });
  const look = async (now: Date) => (await findLotsByIds(db, venueId, { ids: [lotId], now }))[0]?.occupancy;
  expect(await look(hours(0))).toMatchObject({ capacity: 5, occupied: 0, reserved: 1 });
  expect(await look(hours(2))).toMatchObject({ reserved: 1 });
  expect(await look(hours(4))).toMatchObject({ reserved: 0 });
});

test('a rate is in force until the next one is, and all of them can be read', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  const now = await aParkingRate(runWork, { venueId, lotId, priceMinor: 100n });
  const later = await aParkingRate(runWork, { venueId, lotId, priceMinor: 200n, validFrom: hours(1) });
  const priceAt = async (at: Date) => (await findRatesAt(db, [lotId], at)).get(lotId)?.priceMinor;
  expect(await priceAt(hours(-1))).toBeUndefined();
  expect(await priceAt(now.validFrom)).toBe(100n);
  expect(await priceAt(later.validFrom)).toBe(200n);
  expect((await listRates(db, lotId, all)).map(({ id }) => id)).toEqual([later.id, now.id]);
  expect(now.currency).toBe('USD');
});

test('a planned rate is taken back by another for the same instant, and one in force never', async () => {
  const { id: lotId } = await aParkingLot(runWork, { venueId });
  const validFrom = hours(1);
  await aParkingRate(runWork, { venueId, lotId, priceMinor: 100n, validFrom });
  const instead = await aParkingRate(runWork, { venueId, lotId, priceMinor: 300n, validFrom });
  expect((await listRates(db, lotId, all)).map(({ id }) => id)).toEqual([instead.id]);
  await expect(
    aParkingRate(runWork, { venueId, lotId, priceMinor: 1n, validFrom: hours(-1) }),
  ).rejects.toThrow('validFrom');
  const { id } = await aParkingRate(runWork, { venueId, lotId });
  await expect(db.deleteFrom('parking_rate').where('id', '=', id).execute()).rejects.toMatchObject({
    constraint: 'parking_rate_kept',
  });
});
