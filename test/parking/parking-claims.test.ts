import { randomBytes } from 'node:crypto';
import { sql } from 'kysely';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { announceDue, announceOccupancy } from '../../src/parking/occupancy-service.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aGate } from '../support/gate.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
let venueId: string;
let userId: string;
let lotId: string;
let spaceId: string;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
  userId = (await aUser(runWork, { venueId })).id;
});
/** A lot for two, with one space that is painted. */
beforeEach(async () => {
  lotId = newId();
  spaceId = newId();
  await sql`insert into parking_lot (id, venue_id, name, capacity, shown_at, created_at, updated_at)
    values (${lotId}, ${venueId}, ${lotId}, 2, now(), now(), now())`.execute(db);
  await sql`insert into parking_space (id, venue_id, lot_id, label, created_at)
    values (${spaceId}, ${venueId}, ${lotId}, 'A-1', now())`.execute(db);
});

const hours = (count: number) => new Date(Date.now() + count * 3_600_000);

interface Claim {
  readonly from: number;
  readonly to: number;
  readonly space?: string;
}

async function reserve({ tx }: Work, { from, to, space }: Claim): Promise<string> {
  const id = newId();
  await sql`insert into parking_reservation (id, venue_id, lot_id, space_id, user_id, starts_at, ends_at, reserved_at, reserved_by, changed_at)
    values (${id}, ${venueId}, ${lotId}, ${space ?? null}, ${userId}, ${hours(from)}, ${hours(to)}, now(), '{}', now())`.execute(
    tx,
  );
  await sql`insert into parking_claim (id, venue_id, lot_id, space_id, starts_at, ends_at, reservation_id)
    values (${newId()}, ${venueId}, ${lotId}, ${space ?? null}, ${hours(from)}, ${hours(to)}, ${id})`.execute(
    tx,
  );
  return id;
}

const claim = (wanted: Claim) => runWork(DESK, (work) => reserve(work, wanted));
const emitted: string[] = [];
const announcing = (task: (work: Work) => Promise<unknown>) =>
  runWork(DESK, async (work) => {
    emitted.length = 0;
    await task({ ...work, emit: (event) => emitted.push(event.type) });
  });

test('no instant of a lot is claimed by more than it takes, and what only touches does not count', async () => {
  await claim({ from: 1, to: 3 });
  await claim({ from: 2, to: 4 });
  await expect(claim({ from: 1.5, to: 2.5 })).rejects.toMatchObject({
    constraint: 'parking_claim_within_capacity',
  });
  // Three overlap it, but never at once.
  await claim({ from: 3, to: 6 });
  await expect(claim({ from: 0, to: 10 })).rejects.toMatchObject({
    constraint: 'parking_claim_within_capacity',
  });
});

test('of thirty who claim the last two places at once two have them, however transactions are isolated', async () => {
  const results = await Promise.allSettled(
    Array.from({ length: 30 }, (_, at) =>
      db
        .transaction()
        .setIsolationLevel(at % 2 ? 'repeatable read' : 'read committed')
        .execute((tx) => reserve({ tx } as Work, { from: 1, to: 2 })),
    ),
  );
  expect(results.filter(({ status }) => status === 'fulfilled').length).toBeLessThanOrEqual(2);
  const { rows } = await sql<{
    peak: number;
  }>`select parking_peak(${lotId}, now(), 'infinity') as peak`.execute(db);
  expect(rows[0]?.peak).toBe(results.filter(({ status }) => status === 'fulfilled').length);
  expect(rows[0]?.peak).toBeGreaterThan(0);
});

test('a space is claimed by one at a time', async () => {
  await claim({ from: 1, to: 2, space: spaceId });
  await claim({ from: 2, to: 3, space: spaceId });
  await expect(claim({ from: 1.5, to: 1.6, space: spaceId })).rejects.toMatchObject({
    constraint: 'parking_claim_no_overlap',
  });
});

test('a lot does not become smaller than what is claimed of it', async () => {
  await claim({ from: 1, to: 3 });
  await claim({ from: 2, to: 4 });
  const shrink = () => sql`update parking_lot set capacity = 1 where id = ${lotId}`.execute(db);
  await expect(shrink()).rejects.toMatchObject({ constraint: 'parking_claim_within_capacity' });
});

test('a reservation that ends without giving up its claim is not committed', async () => {
  const id = await claim({ from: 1, to: 3 });
  const end = (alsoClaim: boolean) =>
    db.transaction().execute(async (tx) => {
      if (alsoClaim) await sql`delete from parking_claim where reservation_id = ${id}`.execute(tx);
      await sql`update parking_reservation set status = 'CANCELLED', ended_at = now() where id = ${id}`.execute(
        tx,
      );
    });
  await expect(end(false)).rejects.toMatchObject({ constraint: 'parking_claimed' });
  await end(true);
});

test('a lot is announced when it is fuller than before, once, and as filled when its last place goes', async () => {
  await announcing((work) => announceOccupancy(work, lotId));
  expect(emitted).toEqual(['parking.occupancy-changed']);
  await announcing((work) => announceOccupancy(work, lotId));
  expect(emitted).toEqual([]);
  await claim({ from: -1, to: 1 });
  await claim({ from: -1, to: 1 });
  await announcing((work) => announceOccupancy(work, lotId));
  expect(emitted).toEqual(['parking.occupancy-changed', 'parking.lot-filled']);
});

test('what time alone changes is announced once', async () => {
  await announcing((work) => announceOccupancy(work, lotId));
  await claim({ from: -0.5, to: 1 });
  await sql`update parking_lot set shown_at = ${hours(-1)} where id = ${lotId}`.execute(db);
  await announcing((work) => announceDue(work, { limit: 10 }));
  expect(emitted).toEqual(['parking.occupancy-changed']);
  await announcing((work) => announceDue(work, { limit: 10 }));
  expect(emitted).toEqual([]);
});

test('what begins between the beginnings of two who look is announced, whichever of them is done first', async () => {
  await announcing((work) => announceOccupancy(work, lotId));
  const [hasBegun, mayGoOn] = [aGate(), aGate()];
  let startsMs = 0;
  const earlier = runWork(DESK, async (work) => {
    hasBegun.open();
    await mayGoOn.opened;
    await reserve(work, { from: (startsMs - Date.now()) / 3_600_000, to: 1 });
    await announceOccupancy(work, lotId);
  });
  await hasBegun.opened;
  startsMs = Date.now() + 2;
  await eventually(() =>
    runWork(DESK, async (work) => {
      await sql`update parking_lot set capacity = capacity + 1 where id = ${lotId}`.execute(work.tx);
      await announceOccupancy(work, lotId);
      return work.now.getTime() > startsMs + 2;
    }),
  );
  mayGoOn.open();
  await earlier;
  await announcing((work) => announceDue(work, { limit: 10 }));
  expect(emitted).toEqual(['parking.occupancy-changed']);
});

test('a lot with sensors has as many cars as occupied spaces', async () => {
  await sql`update parking_lot set counted_by = 'SENSORS' where id = ${lotId}`.execute(db);
  const device = newId();
  await sql`insert into device (id, venue_id, device_number, kind, name, serial_number, pairing_code_hash, created_at)
    values (${device}, ${venueId}, ${device.slice(-12)}, 'SENSOR', 'Sensor', ${device}, ${randomBytes(32)}, now())`.execute(
    db,
  );
  const say = (isOccupied: boolean) =>
    sql`update parking_space set is_occupied = ${isOccupied}, observed_at = now(), observed_by = ${device} where id = ${spaceId}`.execute(
      db,
    );
  const cars = async () =>
    (await sql<{ n: number }>`select observed_occupied as n from parking_lot where id = ${lotId}`.execute(db))
      .rows[0]?.n;
  await say(false);
  expect(await cars()).toBe(0);
  await say(true);
  await say(true);
  expect(await cars()).toBe(1);
  await say(false);
  expect(await cars()).toBe(0);
});
