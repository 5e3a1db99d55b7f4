import { sql } from 'kysely';
import { afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { UserActor } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import type { ParkingLot } from '../../src/parking/lot.ts';
import { freeOf } from '../../src/parking/lot.ts';
import { updateParkingLot } from '../../src/parking/lot-service.ts';
import { findLotsByIds } from '../../src/parking/lot-store.ts';
import { lapseReservations } from '../../src/parking/reservation-lapse.ts';
import {
  cancelReservation,
  extendReservation,
  type ReserveParking,
  reserveParking,
} from '../../src/parking/reservation-service.ts';
import { findReservationsByIds, listLotsOfLapsed } from '../../src/parking/reservation-store.ts';
import { endSession, payDue } from '../../src/parking/session-ending.ts';
import { keepOverstays, RENEWED_MS } from '../../src/parking/session-overstay.ts';
import { listLotsOfOverstays } from '../../src/parking/session-overstay-store.ts';
import { type StartWalkIn, startReserved, startWalkIn } from '../../src/parking/session-service.ts';
import { setWalletStatus } from '../../src/wallet/wallet-service.ts';
import { findWalletsOf } from '../../src/wallet/wallet-store.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aWallet } from '../support/money.ts';
import { aParkingLot, aParkingRate } from '../support/parking.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const MINUTE_MS = 60_000;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
const later = (minutes: number) => {
  shiftMs += minutes * MINUTE_MS;
};
/** So many minutes from now, by the shifted clock. */
const at = (minutes: number) => new Date(Date.now() + shiftMs + minutes * MINUTE_MS);

let venueId: string;
let userId: string;
let lot: ParkingLot;
let emitted: string[] = [];

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
  userId = (await aUser(runWork, { venueId })).id;
});
beforeEach(async () => {
  emitted = [];
  lot = await aParkingLot(runWork, { venueId, capacity: 2, noShowMinutes: 30 });
});
afterEach(async () => {
  shiftMs = 0;
});

const work = <T>(task: (work: Work) => Promise<T>) =>
  runWork(DESK, (inner) =>
    task({
      ...inner,
      emit: (event, author) => {
        emitted.push(event.type);
        inner.emit(event, author);
      },
    }),
  );
const reserve = (fields: Partial<ReserveParking> = {}) =>
  work((inner) =>
    reserveParking(inner, {
      venueId,
      lotId: lot.id,
      place: { spaceId: null, kind: null },
      userId,
      startsAt: at(60),
      endsAt: at(180),
      plate: null,
      mostOpen: 20,
      ...fields,
    }),
  );
const walkIn = (fields: Partial<StartWalkIn> = {}) =>
  work((inner) =>
    startWalkIn(inner, {
      venueId,
      lotId: lot.id,
      place: { spaceId: null, kind: null },
      userId,
      plate: null,
      until: null,
      mostOpen: 20,
      ...fields,
    }),
  );
const come = (reservationId: string, spaceId: string | null = null) =>
  work((inner) => startReserved(inner, { venueId, reservationId, spaceId, plate: null, mostOpen: 20 }));
const leave = async (sessionId: string) =>
  (await work((inner) => endSession(inner, { venueId, sessionId }))).session;
const cancel = (reservationId: string) =>
  work((inner) => cancelReservation(inner, { venueId, reservationId, reason: null }));
const extend = (reservationId: string, endsAt: Date) =>
  work((inner) => extendReservation(inner, { venueId, reservationId, endsAt }));
/** What the jobs do. */
const passTime = async () => {
  const { lapsed, overstays } = await work(async ({ tx, now }) => ({
    lapsed: await listLotsOfLapsed(tx, { now, limit: 100 }),
    overstays: await listLotsOfOverstays(tx, { now, renewedMs: RENEWED_MS, limit: 100 }),
  }));
  const isOurs = ({ lotId }: { readonly lotId: string }) => lotId === lot.id;
  for (const each of lapsed.filter(isOurs)) await work((inner) => lapseReservations(inner, each));
  for (const each of overstays.filter(isOurs)) await work((inner) => keepOverstays(inner, each));
  return [...lapsed, ...overstays].filter(isOurs).length;
};
const reservationOf = async (id: string) => (await findReservationsByIds(db, venueId, [id]))[0];
const standing = async () => {
  const [found] = await findLotsByIds(db, venueId, { ids: [lot.id], now: at(0) });
  if (!found) throw new Error('no lot');
  const { occupied, reserved } = found.occupancy;
  return { occupied, reserved, free: freeOf(found.occupancy) };
};
const claims = () => db.selectFrom('parking_claim').selectAll().where('lot_id', '=', lot.id).execute();
const spaces = async (kind: 'STANDARD' | 'ELECTRIC', count: number): Promise<readonly string[]> => {
  lot = await runWork(DESK, (inner) =>
    updateParkingLot(inner, {
      venueId,
      lotId: lot.id,
      expectedVersion: lot.version,
      addSpaces: [{ prefix: `${kind[0]}-`, first: 1, last: count, digits: 1, kind }],
    }),
  );
  const rows = await db
    .selectFrom('parking_space')
    .select('id')
    .where('lot_id', '=', lot.id)
    .where('kind', '=', kind)
    .orderBy('label')
    .execute();
  return rows.map(({ id }) => id);
};
const actorOf = (id: string): UserActor => ({
  kind: 'user',
  userId: id,
  venueId,
  sessionId: newId(),
  roles: ['PLAYER'],
  grants: [],
  mustChangePassword: false,
});

test('what is over, and for which a car has come, is no open reservation', async () => {
  const one = { mostOpen: 1 };
  const { id } = await reserve({ ...one, startsAt: at(0) });
  await expect(reserve(one)).rejects.toMatchObject({ code: 'API_012', maximum: 1 });
  await come(id);
  const { id: other } = await reserve({ ...one, startsAt: at(60) });
  await expect(reserve({ ...one, startsAt: at(200), endsAt: at(260) })).rejects.toMatchObject({
    code: 'API_012',
  });
  await cancel(other);
  await reserve({ ...one, startsAt: at(200), endsAt: at(260) });
});

test('a car without a reservation stays as long as is usual, and a place is free again when it has gone', async () => {
  const stay = await walkIn({ plate: 'b mw 123' });
  expect(stay).toMatchObject({ plate: 'BMW123', endedAt: null, chargeMinor: null });
  expect(stay.until.getTime() - stay.startedAt.getTime()).toBe(120 * MINUTE_MS);
  expect(await standing()).toEqual({ occupied: 1, reserved: 0, free: 1 });
  const left = await leave(stay.id);
  expect(left).toMatchObject({ chargeMinor: 0n, paidMinor: 0n });
  expect(await standing()).toEqual({ occupied: 0, reserved: 0, free: 2 });
  expect(await claims()).toEqual([]);
  expect(emitted.filter((type) => type.startsWith('parking.session'))).toEqual([
    'parking.session-started',
    'parking.session-ended',
  ]);
});

test('what is reserved becomes the stay’s, in place, and is completed when the car goes', async () => {
  const { id } = await reserve({ startsAt: null, plate: 'AB-1' });
  expect(await standing()).toEqual({ occupied: 0, reserved: 1, free: 1 });
  const [claim] = await claims();
  const stay = await come(id);
  expect(stay).toMatchObject({ plate: 'AB-1', reservationId: id, userId });
  expect(await claims()).toEqual([{ ...claim, reservation_id: null, session_id: stay.id }]);
  expect(await standing()).toEqual({ occupied: 1, reserved: 0, free: 1 });
  await expect(come(id)).rejects.toMatchObject({ name: 'ParkingEndedError' });
  await leave(stay.id);
  expect(await reservationOf(id)).toMatchObject({ status: 'COMPLETED', version: 3 });
});

test('no time is reserved that is over, that ends before it begins, or that is too far ahead', async () => {
  const refused = { name: 'ValidationError' };
  await expect(reserve({ startsAt: at(-5) })).rejects.toMatchObject(refused);
  await expect(reserve({ endsAt: at(60) })).rejects.toMatchObject(refused);
  await expect(reserve({ endsAt: at(91 * 1_440) })).rejects.toMatchObject(refused);
  await expect(reserve({ plate: 'Ж 1' })).rejects.toMatchObject(refused);
  await expect(walkIn({ until: at(-1) })).rejects.toMatchObject(refused);
  // What began within the last minute begins now.
  const { startsAt, reservedAt } = await reserve({ startsAt: at(-0.5) });
  expect(startsAt).toEqual(reservedAt);
});

test('a closed lot takes nobody but who has reserved', async () => {
  const { id } = await reserve({ startsAt: null });
  lot = await runWork(DESK, (inner) =>
    updateParkingLot(inner, { venueId, lotId: lot.id, expectedVersion: lot.version, status: 'CLOSED' }),
  );
  await expect(reserve()).rejects.toMatchObject({ name: 'ParkingClosedError' });
  await expect(walkIn()).rejects.toMatchObject({ name: 'ParkingClosedError' });
  await come(id);
});

test('on what is closed by now no place is kept longer for who has not come, but for the car that stands there', async () => {
  const [spaceId = '', other = ''] = await spaces('STANDARD', 2);
  const place = { spaceId, kind: null };
  const { id, endsAt } = await reserve({ startsAt: null, place });
  const longer = new Date(endsAt.getTime() + MINUTE_MS);
  const update = async (input: object) => {
    const expectedVersion = lot.version;
    lot = await work((inner) =>
      updateParkingLot(inner, { venueId, lotId: lot.id, expectedVersion, ...input }),
    );
  };
  await update({ changeSpaces: [{ named: { ids: [spaceId] }, status: 'CLOSED' }] });
  await expect(extend(id, longer)).rejects.toMatchObject({ name: 'ParkingClosedError' });
  await update({ changeSpaces: [{ named: { ids: [spaceId] }, status: 'ACTIVE' }], status: 'CLOSED' });
  await expect(extend(id, longer)).rejects.toMatchObject({ name: 'ParkingClosedError' });
  await come(id, other);
  expect(await extend(id, longer)).toMatchObject({ endsAt: longer });
});

test('a full lot says until when it could be had, and which others can', async () => {
  const other = await aParkingLot(runWork, { venueId, capacity: 1 });
  const time = { startsAt: at(60), endsAt: at(120) };
  await reserve(time);
  await reserve(time);
  await expect(reserve({ startsAt: at(30), endsAt: at(90) })).rejects.toMatchObject({
    code: 'API_030',
    freeUntil: time.startsAt,
    otherLotIds: expect.arrayContaining([other.id]),
  });
  // There is room now, but not for all of the time.
  await expect(walkIn()).rejects.toMatchObject({ code: 'API_030' });
  await walkIn({ until: at(59) });
});

test('a space is had by one at a time, and who comes too late is told of others of its kind', async () => {
  const [taken = ''] = await spaces('STANDARD', 1);
  const [charger = ''] = await spaces('ELECTRIC', 1);
  await reserve({ place: { spaceId: taken, kind: null } });
  await expect(reserve({ place: { spaceId: taken, kind: null } })).rejects.toMatchObject({
    code: 'API_031',
    freeUntil: null,
    otherSpaceIds: [charger],
  });
  const { spaceId } = await reserve({ place: { spaceId: null, kind: 'ELECTRIC' } });
  expect(spaceId).toBe(charger);
  await expect(reserve({ place: { spaceId: null, kind: 'ELECTRIC' } })).rejects.toMatchObject({
    code: 'API_030',
  });
});

test('a place is kept longer where nobody else has it, before the car comes and while it stands there', async () => {
  const { id, endsAt } = await reserve({ startsAt: null, endsAt: at(60) });
  expect(await extend(id, endsAt)).toMatchObject({ version: 1 });
  await expect(extend(id, at(30))).rejects.toMatchObject({ name: 'ValidationError' });
  const longer = at(90);
  await extend(id, longer);
  const stay = await come(id);
  expect(stay.until).toEqual(longer);
  await extend(id, at(120));
  const [claim] = await claims();
  expect(claim?.ends_at).toEqual((await reservationOf(id))?.endsAt);
  await reserve({ startsAt: at(130), endsAt: at(200) });
  await reserve({ startsAt: at(130), endsAt: at(200) });
  await expect(extend(id, at(131))).rejects.toMatchObject({ code: 'API_030' });
  await extend(id, at(129));
  expect(emitted).toContain('parking.session-extended');
});

test('what is cancelled can be had again, and cancelling twice is once', async () => {
  const { id } = await reserve({ startsAt: null });
  expect(await cancel(id)).toMatchObject({ status: 'CANCELLED', version: 2 });
  expect(await cancel(id)).toMatchObject({ version: 2 });
  expect(await standing()).toMatchObject({ reserved: 0, free: 2 });
  await expect(come(id)).rejects.toMatchObject({ name: 'ParkingEndedError' });
  const { id: used } = await reserve({ startsAt: null });
  await come(used);
  await expect(cancel(used)).rejects.toMatchObject({ name: 'ParkingEndedError' });
});

test('who does not come in time has no place any more, and what is over has expired', async () => {
  const late = await reserve({ startsAt: null, endsAt: at(120) });
  const short = await reserve({ startsAt: null, endsAt: at(20) });
  expect(short.noShowAt).toBeNull();
  later(19);
  expect(await passTime()).toBe(0);
  later(2);
  await passTime();
  expect(await reservationOf(short.id)).toMatchObject({ status: 'EXPIRED' });
  expect(await reservationOf(late.id)).toMatchObject({ status: 'ACTIVE' });
  later(10);
  await passTime();
  expect(await reservationOf(late.id)).toMatchObject({ status: 'NO_SHOW' });
  expect(await standing()).toMatchObject({ free: 2 });
  expect(await passTime()).toBe(0);
});

test('who comes early needs room besides those who are expected', async () => {
  const { id } = await reserve({ startsAt: at(30), endsAt: at(90) });
  const { id: tomorrow } = await reserve({ startsAt: at(1_440), endsAt: at(1_500) });
  await expect(come(tomorrow)).rejects.toMatchObject({ name: 'ParkingEndedError' });
  const first = await walkIn({ until: at(20) });
  await walkIn({ until: at(20) });
  await expect(come(id)).rejects.toMatchObject({ code: 'API_030' });
  await leave(first.id);
  const stay = await come(id);
  const own = (await claims()).find(({ session_id }) => session_id === stay.id);
  expect(own?.starts_at).toEqual(stay.startedAt);
});

test('a car that stays longer keeps its place until somebody else’s time, and then lets nobody in', async () => {
  const stay = await walkIn({ until: at(30) });
  await walkIn({ until: at(600) });
  const { id, startsAt } = await reserve({ startsAt: at(40), endsAt: at(200) });
  later(31);
  await passTime();
  expect(emitted.filter((type) => type === 'parking.session-overdue')).toHaveLength(1);
  const claimOf = async () => (await claims()).find(({ session_id }) => session_id === stay.id);
  expect((await claimOf())?.ends_at).toEqual(startsAt);
  expect(await passTime()).toBe(0);

  later(10);
  expect(await passTime()).toBe(0);
  await expect(walkIn({ until: at(5) })).rejects.toMatchObject({ code: 'API_030' });
  // His place is still taken; he waits, and is not late.
  await expect(come(id)).rejects.toMatchObject({ code: 'API_030' });
  later(30);
  await passTime();
  expect(emitted).toContain('parking.reservation-delayed');
  expect(await reservationOf(id)).toMatchObject({ status: 'ACTIVE', version: 2 });
  expect(await standing()).toEqual({ occupied: 2, reserved: 1, free: -1 });

  await leave(stay.id);
  await come(id);
  expect(emitted.filter((type) => type === 'parking.session-overdue')).toHaveLength(1);
});

test('a car that stays longer keeps its place for ever where nobody reserves', async () => {
  const stay = await walkIn({ until: at(10) });
  for (let minutes = 0; minutes < 60; minutes += 12) {
    later(12);
    await passTime();
    const [claim] = await claims();
    expect(claim?.ends_at.getTime()).toBeGreaterThan(at(4).getTime());
  }
  await leave(stay.id);
  expect(await claims()).toEqual([]);
});

test('who has a space reserved that is still taken stands on another one', async () => {
  const [mine = '', other = ''] = await spaces('STANDARD', 2);
  await walkIn({ place: { spaceId: mine, kind: null }, until: at(30) });
  const { id } = await reserve({ place: { spaceId: mine, kind: null }, startsAt: at(31), endsAt: at(90) });
  later(32);
  await expect(come(id)).rejects.toMatchObject({ code: 'API_031', otherSpaceIds: [other] });
  const stay = await come(id, other);
  expect(stay.spaceId).toBe(other);
  expect((await claims()).map(({ space_id }) => space_id).sort()).toEqual([mine, other].sort());
});

test('what gates have seen lately fills a lot, and what they saw long ago does not', async () => {
  lot = await runWork(DESK, (inner) =>
    updateParkingLot(inner, { venueId, lotId: lot.id, expectedVersion: lot.version, countedBy: 'GATES' }),
  );
  const see = (cars: number, seenAt: Date) =>
    sql`update parking_lot set observed_occupied = ${cars}, observed_at = ${seenAt},
      observed_by = (select id from device limit 1) where id = ${lot.id}`.execute(db);
  await aDeviceOf(venueId);
  await see(2, at(0));
  await expect(reserve({ startsAt: null })).rejects.toMatchObject({ code: 'API_030' });
  await expect(walkIn()).rejects.toMatchObject({ code: 'API_030' });
  const { id } = await reserve({ startsAt: at(1) });
  await see(2, at(-10));
  await walkIn();
  await come(id);
});

const aDeviceOf = async (venue: string) => {
  const device = newId();
  await sql`insert into device (id, venue_id, device_number, kind, name, serial_number, pairing_code_hash, created_at)
    values (${device}, ${venue}, ${device.slice(-12)}, 'GATE', 'Gate', ${device}, ${Buffer.alloc(32)}, now())`.execute(
    db,
  );
};

test('a car stands in one place at a time', async () => {
  const stay = await walkIn({ plate: 'ab 1' });
  await expect(walkIn({ plate: 'AB1' })).rejects.toMatchObject({ name: 'CarParkedError' });
  await leave(stay.id);
  await walkIn({ plate: 'AB1' });
});

test('a planned rate by which a stay has begun is kept, by who was about to replace it before too', async () => {
  const terms = { venueId, lotId: lot.id, validFrom: at(60) };
  const planned = await aParkingRate(runWork, terms);
  later(61);
  const { rateId } = await walkIn();
  expect(rateId).toBe(planned.id);
  // Whose work began before the rate was in force, and waited for the lot.
  later(-61);
  await expect(aParkingRate(runWork, { ...terms, priceMinor: 900n })).rejects.toMatchObject({
    code: 'API_001',
    field: ['validFrom'],
  });
});

test('the rate is that of when it began, and too little money ends the stay all the same', async () => {
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 300n, perMinutes: 60 });
  const { userId: poor } = await aWallet(runWork, { venueId, balanceMinor: 500n });
  const stay = await walkIn({ userId: poor });
  later(1);
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 9_900n, perMinutes: 60 });
  later(120);
  expect(await leave(stay.id)).toMatchObject({ chargeMinor: 900n, paidMinor: 500n });
  const again = await work((inner) => endSession(inner, { venueId, sessionId: stay.id }));
  expect(again).toMatchObject({ isReplay: true, session: { chargeMinor: 900n, paidMinor: 500n } });
  const [wallet] = await findWalletsOf(db, venueId, poor);
  expect(wallet?.postedMinor).toBe(0n);
});

test('one parks no more cars himself at a time than anybody can, with a reservation or without', async () => {
  const parker = (await aUser(runWork, { venueId })).id;
  lot = await aParkingLot(runWork, { venueId, capacity: 10 });
  const place = { spaceId: null, kind: null };
  const wanted = { venueId, lotId: lot.id, place, userId: parker, plate: null, until: null, mostOpen: 2 };
  const park = () => runWork(actorOf(parker), (inner) => startWalkIn(inner, wanted));
  const { id: reservationId } = await reserve({ userId: parker, startsAt: null });
  const arrive = () =>
    runWork(actorOf(parker), (inner) =>
      startReserved(inner, { venueId, reservationId, spaceId: null, plate: null, mostOpen: 2 }),
    );
  const results = await Promise.allSettled(Array.from({ length: 5 }, park));
  const parked = results.flatMap((result) => (result.status === 'fulfilled' ? result.value : []));
  expect(parked).toHaveLength(2);
  for (const refused of [park, arrive])
    await expect(refused()).rejects.toMatchObject({ name: 'ParkingLimitError', code: 'API_012', maximum: 2 });
  // Who oversees parking sees the car.
  const { id } = await work((inner) => startWalkIn(inner, wanted));
  await leave(id);
  await leave(parked[0]?.id ?? '');
  expect(await arrive()).toMatchObject({ reservationId });
});

test('no wallet, or a frozen or closed one, or nobody who pays, leaves all of it due', async () => {
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 300n, perMinutes: 60 });
  const locked = async (status: 'FROZEN' | 'CLOSED', balanceMinor: bigint) => {
    const { id: walletId, userId: owner } = await aWallet(runWork, { venueId, balanceMinor });
    const change = { venueId, walletId, status, reason: 'lost', expectedVersion: null };
    await runWork(DESK, (inner) => setWalletStatus(inner, change));
    return owner;
  };
  for (const payer of [userId, await locked('FROZEN', 5_000n), await locked('CLOSED', 0n), null]) {
    const stay = await walkIn({ userId: payer });
    later(30);
    expect(await leave(stay.id)).toMatchObject({ chargeMinor: 300n, paidMinor: 0n });
  }
});

test('what is due is paid once, however often and by however many at once', async () => {
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 300n, perMinutes: 60 });
  const payer = (await aUser(runWork, { venueId })).id;
  const stay = await walkIn({ userId: payer });
  const pay = (who: string) =>
    runWork(actorOf(who), (inner) => payDue(inner, { venueId, sessionId: stay.id }));
  await expect(pay(payer)).rejects.toMatchObject({ name: 'ParkingEndedError' });
  later(30);
  await leave(stay.id);
  await expect(pay(payer)).rejects.toMatchObject({ code: 'API_020' });
  await expect(pay(userId)).rejects.toMatchObject({ code: 'API_002' });
  await aWallet(runWork, { venueId, userId: payer, balanceMinor: 1_000n });
  const results = await Promise.allSettled(Array.from({ length: 20 }, () => pay(payer)));
  expect(results.every(({ status }) => status === 'fulfilled')).toBe(true);
  const [wallet] = await findWalletsOf(db, venueId, payer);
  expect(wallet?.postedMinor).toBe(700n);
});

test('of fifty who end one stay at once each is told the same, and one charge is made', async () => {
  await aParkingRate(runWork, { venueId, lotId: lot.id, priceMinor: 300n, perMinutes: 60 });
  const { userId: payer } = await aWallet(runWork, { venueId, balanceMinor: 10_000n });
  const stay = await walkIn({ userId: payer });
  later(30);
  const results = await Promise.allSettled(Array.from({ length: 50 }, () => leave(stay.id)));
  for (const result of results)
    expect(result).toMatchObject({ value: { chargeMinor: 300n, paidMinor: 300n } });
  const [wallet] = await findWalletsOf(db, venueId, payer);
  expect(wallet?.postedMinor).toBe(9_700n);
  expect(emitted.filter((type) => type === 'parking.session-ended')).toHaveLength(1);
});

test('however many processes look at once, each reservation lapses once, and each stay is told of once', async () => {
  const { id } = await reserve({ startsAt: null, endsAt: at(20) });
  await walkIn({ until: at(10) });
  later(21);
  const due = { venueId, lotId: lot.id };
  await Promise.all(
    Array.from({ length: 5 }, () => [
      work((inner) => lapseReservations(inner, due)),
      work((inner) => keepOverstays(inner, due)),
    ]).flat(),
  );
  expect(await reservationOf(id)).toMatchObject({ status: 'EXPIRED', version: 2 });
  const told = await db
    .selectFrom('parking_session')
    .select('version')
    .where('lot_id', '=', lot.id)
    .executeTakeFirst();
  expect(told).toEqual({ version: 2 });
});
