import { expect, test } from 'vitest';
import { DomainError } from '../../src/lib/errors.ts';
import { announceDue } from '../../src/parking/occupancy-service.ts';
import type { ReportOutcome, SpaceReport } from '../../src/parking/report.ts';
import { applyReports } from '../../src/parking/report-service.ts';
import { lapseReservations } from '../../src/parking/reservation-lapse.ts';
import {
  cancelReservation,
  extendReservation,
  reserveParking,
} from '../../src/parking/reservation-service.ts';
import { listLotsOfLapsed } from '../../src/parking/reservation-store.ts';
import { endSession } from '../../src/parking/session-ending.ts';
import { keepOverstays, RENEWED_MS } from '../../src/parking/session-overstay.ts';
import { listLotsOfOverstays } from '../../src/parking/session-overstay-store.ts';
import { startReserved, startWalkIn } from '../../src/parking/session-service.ts';
import { checkLedger } from '../../src/wallet/ledger-check.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { DESK } from '../support/booking.ts';
import { aDevice, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aWallet } from '../support/money.ts';
import { aParkingLot, aParkingRate } from '../support/parking.ts';

/** A day of a lot, told by a seed: what was charged is computed again, by another way, from what the rows say. */
const SEED = 20_261_121;
/** Of which nothing the lot counts in is a multiple: no two things fall on one instant but for the milliseconds. */
const STEP_MINUTES = 11;
const DAY_MINUTES = 30 * 60;
const CAPACITY = 9;
/** Of the spaces, so many are asked for by name. */
const NAMED = 4;
const NO_SHOW_MINUTES = 30;
const MINUTE_MS = 60_000;

const { floor } = await cloneDatabase();
const { db } = floor;
const begunAt = Date.now();
let minute = 0;
const runWork = createRunWork({
  db,
  onEvents: () => {},
  clockShiftMs: () => begunAt + minute * MINUTE_MS - Date.now(),
});
const at = (minutes: number) => new Date(begunAt + minutes * MINUTE_MS);

/** Mulberry32. */
function dice(seed: number) {
  let state = seed;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    chance: (share: number) => next() < share,
    between: (least: number, most: number) => least + Math.floor(next() * (most - least + 1)),
  };
}

interface Driver {
  readonly userId: string;
  /** What is in his wallet, as this test counts it; null: he has none. */
  balanceMinor: bigint | null;
}

/** Somebody who has reserved, and what he will do. */
interface Plan {
  readonly id: string;
  readonly driver: Driver;
  readonly fate: 'COMES' | 'CANCELS' | 'STAYS_AWAY';
  readonly comesAt: number;
  readonly staysMinutes: number;
  readonly extends: boolean;
  outcome: 'OPEN' | 'HERE' | 'CANCELLED' | 'GAVE_UP';
}

/** A car on the lot. */
interface Car {
  readonly sessionId: string;
  readonly driver: Driver | null;
  /** The space it really stands on. */
  readonly standsOn: string;
  readonly leavesAt: number;
}

test('a day of a lot ends as it was told, and every stay costs what it must', async () => {
  const { chance, between } = dice(SEED);
  const venueId = (await aVenue(runWork)).id;
  const lot = await aParkingLot(runWork, {
    venueId,
    capacity: CAPACITY,
    noShowMinutes: NO_SHOW_MINUTES,
    countedBy: 'SENSORS',
    staleAfterSeconds: 3_600,
    spaces: [{ kind: 'STANDARD', prefix: 'A-', first: 1, last: CAPACITY, digits: 1 }],
  });
  const lotId = lot.id;
  const rates = [await aParkingRate(runWork, { venueId, lotId, graceMinutes: 12, dailyCapMinor: 900n })];
  const drivers = await Promise.all(
    Array.from({ length: 12 }, async (_, number): Promise<Driver> => {
      if (number % 4 === 3) return { userId: (await aUser(runWork, { venueId })).id, balanceMinor: null };
      const balanceMinor = BigInt(number % 3) * 700n;
      return { userId: (await aWallet(runWork, { venueId, balanceMinor })).userId, balanceMinor };
    }),
  );
  const driver = () => drivers[between(0, drivers.length - 1)] as Driver;
  const spaceIds = (await db.selectFrom('parking_space').select('id').orderBy('label').execute()).map(
    ({ id }) => id,
  );
  const place = () => ({
    spaceId: chance(0.3) ? (spaceIds[between(0, NAMED - 1)] as string) : null,
    kind: null,
  });

  const sensors = await aRowOfSensors({ venueId, spaceIds, chance, between });
  const plans: Plan[] = [];
  let cars: Car[] = [];
  const refusals = new Map<string, number>();
  const emitted = new Map<string, number>();
  /** Null: it was refused, by what is counted. */
  const attempt = async <T>(task: (work: Work) => Promise<T>): Promise<T | null> => {
    try {
      return await runWork(DESK, (work) => {
        const emit: Work['emit'] = (event, author) => {
          emitted.set(event.type, (emitted.get(event.type) ?? 0) + 1);
          work.emit(event, author);
        };
        return task({ ...work, emit });
      });
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      refusals.set(error.name, (refusals.get(error.name) ?? 0) + 1);
      return null;
    }
  };

  async function reserveSomething(): Promise<void> {
    const who = driver();
    const startsIn = between(0, 240);
    const lasts = between(10, 200);
    const fate = chance(0.15) ? 'CANCELS' : chance(0.3) ? 'STAYS_AWAY' : 'COMES';
    const reserved = await attempt((work) =>
      reserveParking(work, {
        venueId,
        lotId,
        place: place(),
        userId: who.userId,
        startsAt: at(minute + startsIn),
        endsAt: at(minute + startsIn + lasts),
        plate: null,
        mostOpen: 1_000,
      }),
    );
    if (!reserved) return;
    plans.push({
      id: reserved.id,
      driver: who,
      fate,
      comesAt: minute + startsIn + between(-20, 25),
      staysMinutes: between(5, lasts + 90),
      extends: chance(0.3),
      outcome: 'OPEN',
    });
  }

  async function followPlan(plan: Plan): Promise<void> {
    const { id: reservationId } = plan;
    if (plan.fate === 'STAYS_AWAY' || plan.outcome !== 'OPEN' || minute < plan.comesAt) return;
    if (plan.fate === 'CANCELS') {
      const done = await attempt((work) => cancelReservation(work, { venueId, reservationId, reason: null }));
      plan.outcome = done ? 'CANCELLED' : 'GAVE_UP';
      return;
    }
    const stay = await attempt((work) =>
      startReserved(work, { venueId, reservationId, spaceId: null, plate: null, mostOpen: 20 }),
    );
    // Whose place is still taken tries again.
    if (!stay) {
      if (minute > plan.comesAt + 60) plan.outcome = 'GAVE_UP';
      return;
    }
    plan.outcome = 'HERE';
    const standsOn = sensors.park(stay.spaceId);
    cars.push({ sessionId: stay.id, driver: plan.driver, standsOn, leavesAt: minute + plan.staysMinutes });
    if (plan.extends) {
      const endsAt = new Date(stay.until.getTime() + 30 * MINUTE_MS);
      await attempt((work) => extendReservation(work, { venueId, reservationId, endsAt }));
    }
  }

  async function walkInSomebody(): Promise<void> {
    const who = chance(0.2) ? null : driver();
    const until = at(minute + between(15, 240));
    const stay = await attempt((work) =>
      startWalkIn(work, {
        venueId,
        lotId,
        place: place(),
        userId: who?.userId ?? null,
        plate: null,
        until,
        mostOpen: 20,
      }),
    );
    if (!stay) return;
    const leavesAt = minute + (chance(0.2) ? between(1, STEP_MINUTES) : between(12, chance(0.3) ? 400 : 150));
    cars.push({ sessionId: stay.id, driver: who, standsOn: sensors.park(stay.spaceId), leavesAt });
  }

  const paid = new Map<string, bigint>();
  async function leave({ sessionId, driver: who, standsOn }: Car): Promise<void> {
    sensors.drive(standsOn);
    const ended = await attempt((work) => endSession(work, { venueId, sessionId }));
    const { startedAt, endedAt } = ended?.session ?? {};
    if (!startedAt || !endedAt) throw new Error('a car could not leave');
    const charge = recomputed(rates, startedAt, endedAt);
    const takes = who?.balanceMinor == null ? 0n : charge < who.balanceMinor ? charge : who.balanceMinor;
    if (who?.balanceMinor != null) who.balanceMinor -= takes;
    paid.set(sessionId, takes);
  }

  async function passTime(): Promise<void> {
    const due = await runWork(DESK, async ({ tx, now }) => ({
      lapsed: await listLotsOfLapsed(tx, { now, limit: 10 }),
      overstays: await listLotsOfOverstays(tx, { now, renewedMs: RENEWED_MS, limit: 10 }),
    }));
    for (const each of due.lapsed) await attempt((work) => lapseReservations(work, each));
    for (const each of due.overstays) await attempt((work) => keepOverstays(work, each));
    await attempt((work) => announceDue(work, { limit: 10 }));
  }

  for (; minute < DAY_MINUTES; minute += STEP_MINUTES) {
    await passTime();
    const leaving = cars.filter(({ leavesAt }) => leavesAt <= minute);
    cars = cars.filter(({ leavesAt }) => leavesAt > minute);
    for (const car of leaving) await leave(car);
    for (const plan of plans) await followPlan(plan);
    if (minute < DAY_MINUTES - 360 && chance(0.6)) await reserveSomething();
    if (chance(0.45)) await walkInSomebody();
    if (minute === 66 * STEP_MINUTES)
      rates.push(await aParkingRate(runWork, { venueId, lotId, priceMinor: 170n, perMinutes: 45 }));
    await sensors.report();
    await expectNeverTooFull(lotId);
    await sensors.expectToldLot(lotId);
  }
  for (const car of cars) await leave(car);
  await passTime();

  const stays = await db.selectFrom('parking_session').selectAll().execute();
  for (const stay of stays) {
    if (!stay.ended_at) throw new Error('a stay did not end');
    expect([stay.id, stay.charge, stay.paid]).toEqual([
      stay.id,
      recomputed(rates, stay.started_at, stay.ended_at),
      paid.get(stay.id),
    ]);
  }
  const reservations = await db.selectFrom('parking_reservation').selectAll().execute();
  const planOf = new Map(plans.map((plan) => [plan.id, plan]));
  for (const row of reservations) {
    const { outcome } = planOf.get(row.id) ?? {};
    const isLate = row.no_show_at !== null && row.no_show_at < row.ends_at;
    const nobody = isLate ? 'NO_SHOW' : 'EXPIRED';
    expect([row.id, row.status]).toEqual([
      row.id,
      outcome === 'HERE' ? 'COMPLETED' : outcome === 'CANCELLED' ? 'CANCELLED' : nobody,
    ]);
    // It was done at the first step behind the time.
    const dueAt = isLate ? row.no_show_at : row.ends_at;
    if (row.status === nobody)
      expect((row.ended_at?.getTime() ?? 0) - (dueAt?.getTime() ?? 0)).toBeLessThanOrEqual(
        STEP_MINUTES * MINUTE_MS + 1_000,
      );
  }
  // What was left unpaid, and nothing else, is not in the house's account.
  const fees = await db
    .selectFrom('ledger_transaction')
    .select((sum) => sum.fn.sum<string>('amount').as('total'))
    .where('kind', '=', 'FEE')
    .executeTakeFirstOrThrow();
  expect(BigInt(fees.total)).toBe([...paid.values()].reduce((sum, each) => sum + each, 0n));
  expect((await checkLedger({ db, actor: DESK, now: new Date() }, venueId)).faults).toEqual([]);
  expect(await db.selectFrom('parking_claim').selectAll().execute()).toEqual([]);

  // The seed tells a day in which everything happens.
  expect(sensors.outdated()).toBeGreaterThan(10);
  expect(
    stays.some(({ charge, paid: part }) => part !== null && charge !== null && part > 0n && part < charge),
  ).toBe(true);
  expect(stays.filter(({ charge }) => charge === 0n).length).toBeGreaterThan(0);
  const seen = [...emitted.keys(), ...refusals.keys(), ...reservations.map(({ status }) => status)];
  expect(seen).toEqual(
    expect.arrayContaining([
      ...['parking.session-overdue', 'parking.session-extended', 'parking.lot-filled'],
      ...['LotFullError', 'SpaceTakenError'],
      ...['COMPLETED', 'CANCELLED', 'NO_SHOW', 'EXPIRED'],
    ]),
  );
}, 300_000);

interface Rate {
  readonly validFrom: Date;
  readonly priceMinor: bigint;
  readonly perMinutes: number;
  readonly graceMinutes: number;
  readonly dailyCapMinor: bigint | null;
}

/** Each begun unit by itself, into the 24 hours in which it begins. */
function recomputed(rates: readonly Rate[], startedAt: Date, endedAt: Date): bigint {
  const rate = rates.filter(({ validFrom }) => validFrom <= startedAt).at(-1);
  const minutes = (endedAt.getTime() - startedAt.getTime()) / MINUTE_MS;
  if (!rate || minutes <= rate.graceMinutes) return 0n;
  const days: bigint[] = [];
  for (let begins = 0; begins < minutes; begins += rate.perMinutes) {
    const day = Math.floor(begins / 1_440);
    days[day] = (days[day] ?? 0n) + rate.priceMinor;
  }
  return days.reduce(
    (sum, day) => sum + (rate.dailyCapMinor !== null && day > rate.dailyCapMinor ? rate.dailyCapMinor : day),
    0n,
  );
}

/** By the rows: no instant has more claims than the lot takes, no space has two, and what is free is what is left. */
async function expectNeverTooFull(lotId: string): Promise<void> {
  const claims = await db.selectFrom('parking_claim').selectAll().where('lot_id', '=', lotId).execute();
  for (const { starts_at: instant, id, space_id } of claims) {
    const then = claims.filter(({ starts_at, ends_at }) => starts_at <= instant && ends_at > instant);
    expect(then.length).toBeLessThanOrEqual(CAPACITY);
    if (space_id !== null)
      expect(then.filter((other) => other.space_id === space_id).map((other) => other.id)).toEqual([id]);
  }
  const open = await db.selectFrom('parking_session').select('id').where('ended_at', 'is', null).execute();
  expect(open.length).toBeLessThanOrEqual(CAPACITY);
}

type Dice = ReturnType<typeof dice>;

/** One for each space, of which some speak late, so that what they say is overtaken by what they say next. */
async function aRowOfSensors({
  venueId,
  spaceIds,
  chance,
  between,
}: Dice & { readonly venueId: string; readonly spaceIds: readonly string[] }) {
  const { id: deviceId } = await aDevice(runWork, { venueId, kind: 'SENSOR' });
  const standing = new Set<string>();
  const newest = new Map<string, { readonly observedAt: Date; readonly isOccupied: boolean }>();
  let underWay: { readonly report: SpaceReport; readonly arrivesAt: number }[] = [];
  let outdated = 0;

  /** What is to become of it, as this test has it. */
  function expected({ spaceId, observedAt, isOccupied }: SpaceReport): ReportOutcome {
    const known = newest.get(spaceId);
    if (known && observedAt <= known.observedAt) {
      outdated += 1;
      return 'OUTDATED';
    }
    newest.set(spaceId, { observedAt, isOccupied });
    return 'APPLIED';
  }

  return {
    /** Where a car really stands: on its space, if nobody is there. */
    park(wanted: string | null): string {
      const isFree = (id: string) => !standing.has(id);
      const space = wanted && isFree(wanted) ? wanted : spaceIds.toReversed().find(isFree);
      if (!space) throw new Error('more cars than spaces');
      standing.add(space);
      return space;
    },
    drive: (space: string) => standing.delete(space),
    async report(): Promise<void> {
      for (const spaceId of spaceIds) {
        const report = { spaceId, isOccupied: standing.has(spaceId), observedAt: at(minute) };
        underWay.push({ report, arrivesAt: minute + (chance(0.2) ? between(1, 3) * STEP_MINUTES : 0) });
      }
      const here = underWay.filter(({ arrivesAt }) => arrivesAt <= minute).map(({ report }) => report);
      underWay = underWay.filter(({ arrivesAt }) => arrivesAt > minute);
      const reports = chance(0.5) ? here : here.toReversed();
      if (reports.length === 0) return;
      const [outcomes] = await runWork(DESK, (work) =>
        applyReports(work, [{ device: { deviceId, venueId }, reports }]),
      );
      expect(outcomes).toEqual(reports.map(expected));
    },
    async expectToldLot(lotId: string): Promise<void> {
      const lot = await db
        .selectFrom('parking_lot')
        .selectAll()
        .where('id', '=', lotId)
        .executeTakeFirstOrThrow();
      const occupied = [...newest.values()].filter(({ isOccupied }) => isOccupied).length;
      expect([lot.observed_occupied, lot.shown_occupied]).toEqual([occupied, occupied]);
    },
    outdated: () => outdated,
  };
}
