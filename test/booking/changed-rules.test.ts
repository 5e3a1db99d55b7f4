import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../src/auth/user.ts';
import { markNoShows } from '../../src/booking/attendance-service.ts';
import { bookHeldSlot, cancelBooking } from '../../src/booking/booking-service.ts';
import { SlotUnavailableError } from '../../src/booking/errors.ts';
import { keyed } from '../../src/booking/keyed.ts';
import { acceptOffer } from '../../src/booking/offer-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { type UpdateResource, updateResource } from '../../src/booking/resource-service.ts';
import { insertResource } from '../../src/booking/resource-store.ts';
import { bookSlot } from '../../src/booking/slot-booking-service.ts';
import { slotsOfDay } from '../../src/booking/slot-day.ts';
import { readSlotDay } from '../../src/booking/slot-day-store.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { readSlots } from '../../src/booking/slot-service.ts';
import { joinWaitlist } from '../../src/booking/waitlist-service.ts';
import { openHotReads } from '../../src/db/hot-read.ts';
import { newId } from '../../src/lib/ids.ts';
import { createRunWork } from '../../src/work.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aWallet } from '../support/money.ts';

/** What is booked, when what it was booked by is not the same any more. */

const { connection, floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
let venueId: string;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});
beforeEach(() => {
  shiftMs = 0;
});

const aPlayer = async () => (await aUser(runWork, { venueId })).id;
const at = (of: Resource, index: number) => ({ resourceId: of.id, day: dayAhead(of), index });
const book = (userId: string, of: Resource, index = 9) =>
  aBooking(runWork, { venueId, userId, slot: at(of, index) });
const cancel = (bookingId: string) =>
  runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
const move = (bookingId: string, to: Resource, index = 9) =>
  runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(to, index) }));

test('a booking is cancelled for nothing until its very last moment for that', async () => {
  const resource = await aResource(runWork, {
    venueId,
    priceMinor: 100n,
    freeCancellationMinutes: 60,
    lateRefundPercent: 50,
  });
  const userId = await aPlayer();
  const { currency } = resource;
  await aWallet(runWork, { venueId, userId, currency, balanceMinor: 200n });
  for (const [index, lateMs, refundedMinor] of [
    [9, 0, 100n],
    [10, 1, 50n],
  ] as const) {
    const { id: bookingId, startsAt } = await book(userId, resource, index);
    const now = new Date(startsAt.getTime() - 3_600_000 + lateMs);
    const cancelled = await runWork(DESK, (work) =>
      cancelBooking({ ...work, now }, { venueId, bookingId, reason: null, refund: 'RULE' }),
    );
    expect(cancelled).toMatchObject({ refundedMinor });
  }
});

describe('a late cancellation gives back its part of what is left of the price', () => {
  const late = { freeCancellationMinutes: 100 * 60, lateRefundPercent: 50 };
  test.each([
    ['dear to cheap', ['cheap'], 1_000n - 30n],
    ['dear to cheap and back', ['cheap', 'dear'], 1_000n - 50n],
    ['to and fro', ['cheap', 'dear', 'cheap', 'dear'], 1_000n - 50n],
  ] as const)('after moving from %s', async (_name, way, balance) => {
    const dear = await aResource(runWork, { venueId, priceMinor: 100n, ...late });
    const cheap = await aResource(runWork, { venueId, priceMinor: 60n, ...late });
    const userId = await aPlayer();
    const { currency } = dear;
    const wallet = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 1_000n });
    const { id } = await book(userId, dear);
    for (const to of way) await move(id, to === 'cheap' ? cheap : dear);
    const { paidMinor, refundedMinor } = await cancel(id);
    const account = db.selectFrom('ledger_account').select('balance').where('id', '=', wallet.id);
    expect((await account.executeTakeFirstOrThrow()).balance).toBe(balance);
    expect(1_000n - paidMinor + refundedMinor).toBe(balance);
  });
});

describe('who moves his own booking when it is late', () => {
  const price = { priceMinor: 100n, lateRefundPercent: 50 };
  const balanceAfter = async (act: (player: User, bookingId: string) => Promise<unknown>) => {
    const player = await aUser(runWork, { venueId });
    const late = await aResource(runWork, { venueId, ...price, freeCancellationMinutes: 100 * 60 });
    const { id: userId } = player;
    const wallet = await aWallet(runWork, { venueId, userId, currency: late.currency, balanceMinor: 1_000n });
    const { id } = await book(userId, late);
    await act(player, id);
    const account = db.selectFrom('ledger_account').select('balance').where('id', '=', wallet.id);
    return (await account.executeTakeFirstOrThrow()).balance;
  };
  const moveOwn = (player: User, bookingId: string, to: Resource) =>
    runWork(anActor(player), (work) =>
      rescheduleBooking(work, { venueId, bookingId, slot: { ...at(to, 9), day: dayAhead(to, 20) } }),
    );

  const cancelOwn = (player: User, bookingId: string) =>
    runWork(anActor(player), (work) =>
      cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }),
    );

  test('is given back what the late rule says when he cancels it far away', async () => {
    const far = await aResource(runWork, { venueId, ...price });
    const balance = await balanceAfter(async (player, bookingId) => {
      await moveOwn(player, bookingId, far);
      await cancelOwn(player, bookingId);
    });
    expect(balance).toBe(950n);
  });

  test('is given back no more where more is given back', async () => {
    const far = await aResource(runWork, { venueId, ...price, lateRefundPercent: 100 });
    const balance = await balanceAfter(async (player, bookingId) => {
      await moveOwn(player, bookingId, far);
      await cancelOwn(player, bookingId);
    });
    expect(balance).toBe(950n);
  });

  test('is given back that part of the difference to a cheaper one', async () => {
    const cheap = await aResource(runWork, { venueId, ...price, priceMinor: 20n });
    expect(await balanceAfter((player, bookingId) => moveOwn(player, bookingId, cheap))).toBe(940n);
  });

  test('is given back no more of the difference to a cheaper one by way of one far away', async () => {
    const far = await aResource(runWork, { venueId, ...price });
    const cheap = await aResource(runWork, { venueId, ...price, priceMinor: 20n });
    const balance = await balanceAfter(async (player, bookingId) => {
      await moveOwn(player, bookingId, far);
      await moveOwn(player, bookingId, cheap);
    });
    expect(balance).toBe(940n);
  });

  test('is given back that part once, however often he moves on to others as cheap', async () => {
    const cheap = { venueId, ...price, priceMinor: 20n };
    const resources = [await aResource(runWork, cheap), await aResource(runWork, cheap)];
    const balance = await balanceAfter(async (player, bookingId) => {
      for (const to of [...resources, ...resources]) await moveOwn(player, bookingId, to);
    });
    expect(balance).toBe(940n);
  });

  test('is given back no part of what he gave up by moving when he cancels it', async () => {
    const cheap = await aResource(runWork, { venueId, ...price, priceMinor: 20n });
    const balance = await balanceAfter(async (player, bookingId) => {
      await moveOwn(player, bookingId, cheap);
      await cancelOwn(player, bookingId);
    });
    expect(balance).toBe(950n);
  });

  test('pays with what he gave up by moving for a dearer one, and is not given that back either', async () => {
    const cheap = await aResource(runWork, { venueId, ...price, priceMinor: 20n, capacity: 2 });
    const dear = await aResource(runWork, { venueId, ...price, priceMinor: 90n, capacity: 2 });
    const away = async (player: User, bookingId: string) => {
      await moveOwn(player, bookingId, cheap);
      await moveOwn(player, bookingId, dear);
    };
    expect(await balanceAfter(away)).toBe(910n);
    const cancelled = await balanceAfter(async (player, bookingId) => {
      await away(player, bookingId);
      await cancelOwn(player, bookingId);
    });
    expect(cancelled).toBe(935n);
  });

  test('is given back all by the house when it moves it for him', async () => {
    const cheap = await aResource(runWork, { venueId, ...price, priceMinor: 20n });
    expect(await balanceAfter((_player, bookingId) => move(bookingId, cheap))).toBe(980n);
  });
});

test('who books what has begun has as long to come as anybody', async () => {
  const resource = await aResource(runWork, { venueId, noShowMinutes: 15 });
  const hour = new Date(Math.ceil((Date.now() + 1) / 3_600_000) * 3_600_000);
  shiftMs = hour.getTime() + 30 * 60_000 - Date.now();
  const userId = await aPlayer();
  const slot = { resourceId: resource.id, startsAt: hour };
  const { id } = await aBooking(runWork, { venueId, userId, slot });
  const statusLater = async (minutes: number) => {
    shiftMs += minutes * 60_000;
    await runWork(DESK, (work) => markNoShows(work, { limit: 100 }));
    const booking = db.selectFrom('booking').select('status').where('id', '=', id);
    return (await booking.executeTakeFirstOrThrow()).status;
  };
  expect(await statusLater(14)).toBe('BOOKED');
  expect(await statusLater(2)).toBe('NO_SHOW');
});

test('a resource that takes fewer now sells nothing beside those it had sold', async () => {
  const resource = await aResource(runWork, { venueId, capacity: 2 });
  const first = await book(await aPlayer(), resource);
  await book(await aPlayer(), resource);
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, capacity: 1 }),
  );
  await cancel(first.id);
  await expect(book(await aPlayer(), resource)).rejects.toMatchObject({ code: 'API_010' });
  const day = await readSlots(db, { ...resource, capacity: 1 }, { day: dayAhead(resource), now: new Date() });
  expect(day.find(({ index }) => index === 9)).toMatchObject({ free: 0, state: 'BOOKED' });
});

test.each([true, false])(
  'what is held costs what it cost when it was held: set aside %s',
  async (holdsPrice) => {
    const resource = await aResource(runWork, { venueId, priceMinor: 100n });
    const userId = await aPlayer();
    const { currency } = resource;
    const wallet = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 1_000n });
    const { id: holdId } = await runWork(DESK, (work) =>
      holdSlot(work, { venueId, userId, slot: at(resource, 9), expiresInSeconds: 300, holdsPrice }),
    );
    await runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, priceMinor: 300n }),
    );
    const balance = async () => {
      const account = db.selectFrom('ledger_account').select('balance').where('id', '=', wallet.id);
      return (await account.executeTakeFirstOrThrow()).balance;
    };
    const { id, paidMinor } = await runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId }));
    expect([paidMinor, await balance()]).toEqual([100n, 900n]);
    await cancel(id);
    expect(await balance()).toBe(1_000n);
  },
);

test('what was held or offered before a resource was closed is booked only when it is open again', async () => {
  const resource = await aResource(runWork, { venueId });
  const [holder, waiting] = [await aPlayer(), await aPlayer()];
  const hold = await runWork(DESK, (work) =>
    holdSlot(work, {
      venueId,
      userId: holder,
      slot: at(resource, 9),
      expiresInSeconds: 300,
      holdsPrice: false,
    }),
  );
  const { id } = await book(await aPlayer(), resource, 10);
  const entry = await runWork(DESK, (work) =>
    joinWaitlist(work, { venueId, userId: waiting, slot: at(resource, 10) }),
  );
  await cancel(id);
  const set = (status: 'ACTIVE' | 'CLOSED', expectedVersion: number) =>
    runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: resource.id, expectedVersion, status }),
    );
  const bookHeld = () => runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId: hold.id }));
  const accept = () => runWork(DESK, (work) => acceptOffer(work, { venueId, entryId: entry.id }));
  await set('CLOSED', 1);
  await expect(bookHeld()).rejects.toMatchObject({ name: 'SlotUnavailableError' });
  await expect(accept()).rejects.toMatchObject({ name: 'SlotUnavailableError' });
  await set('ACTIVE', 2);
  expect(await bookHeld()).toMatchObject({ status: 'BOOKED', userId: holder });
  expect(await accept()).toMatchObject({ status: 'BOOKED', userId: waiting });
});

test('a resource that was made without a slot is closed and renamed all the same, and given hours', async () => {
  const { id: resourceId } = await aResource(runWork, { venueId });
  const hours = { weekday: 1, opensAt: 600, closesAt: 630 };
  await db
    .updateTable('resource')
    .set({ opening_hours: JSON.stringify([hours]) })
    .where('id', '=', resourceId)
    .execute();
  const change = (input: Partial<UpdateResource>) =>
    runWork(DESK, (work) => updateResource(work, { venueId, resourceId, expectedVersion: 1, ...input }));
  await expect(change({ slotMinutes: 45 })).rejects.toMatchObject({ field: ['slotDuration'] });
  expect(await change({ status: 'CLOSED', name: 'Attic' })).toMatchObject({ status: 'CLOSED' });
  expect(await change({ slotMinutes: 30, expectedVersion: 2 })).toMatchObject({ slotMinutes: 30 });
});

test('one moves to what can be booked alone, and in the currency one paid', async () => {
  const [from, to] = [
    await aResource(runWork, { venueId, bookableDays: 20 }),
    await aResource(runWork, { venueId }),
  ];
  const { id } = await book(await aPlayer(), from);
  const unavailable = { name: 'SlotUnavailableError' };
  const moveTo = (day: string) =>
    runWork(DESK, (work) =>
      rescheduleBooking(work, { venueId, bookingId: id, slot: { ...at(from, 9), day } }),
    );
  await expect(moveTo(dayAhead(from, -1))).rejects.toMatchObject(unavailable);
  await expect(moveTo(dayAhead(from, 21))).rejects.toMatchObject(unavailable);
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: to.id, expectedVersion: 1, status: 'CLOSED' }),
  );
  await expect(move(id, to)).rejects.toMatchObject(unavailable);
  const abroad: Resource = { ...from, id: newId(), name: 'Abroad', currency: 'CHF' };
  await runWork(DESK, ({ tx }) => insertResource(tx, abroad));
  await expect(move(id, abroad)).rejects.toMatchObject({ name: 'CurrencyMismatchError' });
});

test('to who cannot move, what he has himself is no alternative', async () => {
  const resource = await aResource(runWork, { venueId, kind: 'BENCH' });
  await book(await aPlayer(), resource, 10);
  const own = await book(await aPlayer(), resource, 9);
  const refused = await move(own.id, resource, 10).catch((error: unknown) => error);
  if (!(refused instanceof SlotUnavailableError)) throw refused;
  const indices = refused.alternatives.map(({ index }) => index);
  expect(indices).not.toContain(9);
  expect(indices).toContain(11);
});

test('a key is refused with alternatives first, and without when it is used again', async () => {
  const resource = await aResource(runWork, { venueId });
  await book(await aPlayer(), resource);
  const userId = await aPlayer();
  const ask = () =>
    runWork(DESK, (work) =>
      keyed(work, { venueId, key: `key-${userId}`, parameters: { userId } }, async (inner) => {
        return (await bookSlot(inner, { venueId, userId, slot: at(resource, 9) })).id;
      }),
    );
  expect(await ask()).toMatchObject({ refusal: { code: 'API_010', alternatives: { length: 5 } } });
  expect(await ask()).toMatchObject({ refusal: { code: 'API_010', alternatives: [] } });
});

test('where midnight comes twice, both first hours of the day show who has them', async () => {
  const azores = await aVenue(runWork, { timeZone: 'Atlantic/Azores' });
  const of = { venueId: azores.id };
  const resource = await aResource(runWork, { ...of, bookableDays: 1_096 });
  const userId = (await aUser(runWork, of)).id;
  const year = new Date().getUTCFullYear() + 1;
  const last = new Date(Date.UTC(year, 9, 31));
  const sunday = new Date(last.getTime() - last.getUTCDay() * 86_400_000).toISOString().slice(0, 10);
  const bookAt = (day: string, index: number) =>
    aBooking(runWork, { ...of, userId, slot: { resourceId: resource.id, day, index } });
  const first = await bookAt(sunday, 0);
  expect(first.startsAt.toISOString()).toBe(`${sunday}T00:00:00.000Z`);
  await using reads = openHotReads({ connection, applicationName: 'test hot reads' });
  const day = await readSlotDay(reads, azores.id, { resourceId: resource.id, day: sunday });
  const states = day ? slotsOfDay(day).map(({ state }) => state) : [];
  expect(states).toHaveLength(25);
  expect(states.slice(0, 2)).toEqual(['BOOKED', 'AVAILABLE']);
});
