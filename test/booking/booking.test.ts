import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { anonymizeUser } from '../../src/auth/account-deletion-store.ts';
import { bookHeldSlot, cancelBooking } from '../../src/booking/booking-service.ts';
import { type BookingFilter, countBookings, listBookings } from '../../src/booking/booking-store.ts';
import { startClaimExpiry } from '../../src/booking/jobs.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { type UpdateResource, updateResource } from '../../src/booking/resource-service.ts';
import { bookSlot } from '../../src/booking/slot-booking-service.ts';
import { expireClaims, holdSlot, releaseSlotHold } from '../../src/booking/slot-hold-service.ts';
import {
  findOwnBookings,
  findSlots,
  horizonOf,
  listFreeSlots,
  readSlots,
  whyNotBookable,
} from '../../src/booking/slot-service.ts';
import { boundsOf } from '../../src/booking/slot-times.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { setWalletStatus } from '../../src/wallet/wallet-service.ts';
import { findWalletsByIds } from '../../src/wallet/wallet-store.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { aBooking, aResource, aSlot, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { aWallet } from '../support/money.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
let venueId: string;
let resource: Resource;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});
beforeEach(async () => {
  shiftMs = 0;
  resource = await aResource(runWork, { venueId });
});

const aPlayer = async () => (await aUser(runWork, { venueId })).id;
const at = (index: number, of = resource) => ({ resourceId: of.id, day: dayAhead(of), index });
const book = (userId: string, index: number, of = resource) =>
  aBooking(runWork, { venueId, userId, slot: at(index, of) });
const hold = (userId: string, index: number, fields: { holdsPrice?: boolean; of?: Resource } = {}) =>
  runWork(DESK, (work) =>
    holdSlot(work, {
      venueId,
      userId,
      slot: at(index, fields.of),
      expiresInSeconds: 120,
      holdsPrice: fields.holdsPrice ?? false,
    }),
  );
const codes = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) =>
    result.status === 'fulfilled'
      ? 'ok'
      : result.reason instanceof DomainError
        ? result.reason.code
        : result.reason,
  );
const stateOf = async (index: number) =>
  (await readSlots(db, resource, { day: dayAhead(resource), now: new Date(Date.now() + shiftMs) })).find(
    (slot) => slot.index === index,
  )?.state;

test('of twenty who want one slot at once one has it, and the others are told what else there is', async () => {
  const players = await Promise.all(Array.from({ length: 20 }, aPlayer));
  const results = await Promise.allSettled(players.map((userId) => book(userId, 9)));
  expect(codes(results).sort()).toEqual([...Array(19).fill('API_010'), 'ok']);
  const [refused] = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
  expect(refused.alternatives).toHaveLength(5);
});

test('a resource for three sells a slot three times', async () => {
  const three = await aResource(runWork, { venueId, capacity: 3 });
  const players = await Promise.all(Array.from({ length: 8 }, aPlayer));
  const results = await Promise.allSettled(players.map((userId) => book(userId, 9, three)));
  expect(codes(results).filter((code) => code === 'ok')).toHaveLength(3);
});

test('the database refuses two claims on one time, whatever wrote them', async () => {
  await book(await aPlayer(), 9);
  const twin = sql`insert into slot_claim (id, venue_id, resource_id, first_seat, last_seat, starts_at, ends_at, kind, reason, created_at, created_by)
    select gen_random_uuid(), venue_id, resource_id, 0, 999, starts_at - interval '1 minute', ends_at, 'BLOCK', 'x', now(), '{}' from slot_claim where resource_id = ${resource.id}`;
  await expect(twin.execute(db)).rejects.toThrow('slot_claim_no_overlap');
});

test('a booking without its claim cannot be committed', async () => {
  const booking = await book(await aPlayer(), 9);
  await expect(sql`delete from slot_claim where booking_id = ${booking.id}`.execute(db)).rejects.toThrow(
    'do not agree',
  );
});

test('whose account goes while he books is nobody to book for', async () => {
  const userId = await aPlayer();
  const account = db.selectFrom('app_user').select('password_hash as hash').where('id', '=', userId);
  const { hash: passwordHash } = await account.executeTakeFirstOrThrow();
  const leave = ({ tx }: Work) => anonymizeUser(tx, userId, { email: 'gone@example.com', passwordHash });
  const booked = await meanwhile({ floor, runWork }, leave, () => book(userId, 9));
  expect(booked).toMatchObject({ status: 'rejected', reason: { name: 'NotFoundError' } });
  expect(await stateOf(9)).toBe('AVAILABLE');
});

test('what is held is free again in the moment in which it expires, however seldom is looked', async () => {
  const { id, expiresAt } = await hold(await aPlayer(), 9);
  shiftMs = expiresAt.getTime() - Date.now() - 1_000;
  const errors: unknown[] = [];
  const job = startClaimExpiry({ runWork, onError: (error) => void errors.push(error), idleMs: 600_000 });
  await eventually(async () => {
    const left = await db.selectFrom('slot_claim').select('id').where('hold_id', '=', id).execute();
    return left.length === 0;
  });
  await job[Symbol.asyncDispose]();
  expect(errors).toEqual([]);
});

test('who books the slot that he holds has what he held, and nobody else has', async () => {
  const userId = await aPlayer();
  const held = await hold(userId, 9);
  await expect(book(await aPlayer(), 9)).rejects.toMatchObject({ code: 'API_010' });
  const booking = await book(userId, 9);
  const claims = await db
    .selectFrom('slot_claim')
    .select(['kind', 'booking_id', 'hold_id'])
    .where('resource_id', '=', resource.id)
    .execute();
  expect(claims).toEqual([{ kind: 'BOOKING', booking_id: booking.id, hold_id: null }]);
  const of = await db.selectFrom('slot_hold').selectAll().where('id', '=', held.id).executeTakeFirstOrThrow();
  expect(of).toMatchObject({ state: 'BOOKED', booking_id: booking.id });
});

test('who holds one of several places and books has one, and the others are free', async () => {
  const two = await aResource(runWork, { venueId, capacity: 2 });
  const userId = await aPlayer();
  await hold(userId, 9, { of: two });
  await book(userId, 9, two);
  await book(await aPlayer(), 9, two);
  await expect(book(await aPlayer(), 9, two)).rejects.toMatchObject({ code: 'API_010' });
});

describe('money', () => {
  test('who books the slot that he holds pays what was set aside for it, once', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    const { currency } = priced;
    const { id: walletId } = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 1000n });
    await hold(userId, 9, { of: priced, holdsPrice: true });
    await book(userId, 9, priced);
    expect([await balanceOf(walletId), await heldOf(walletId)]).toEqual([300n, 0n]);
  });

  test('a slot costs its price once, and cancelling in time gives it back', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    const wallet = await aWallet(runWork, {
      venueId,
      userId,
      currency: priced.currency,
      balanceMinor: 1000n,
    });
    const booking = await book(userId, 9, priced);
    expect(await balanceOf(wallet.id)).toBe(300n);
    await runWork(DESK, (work) =>
      cancelBooking(work, { venueId, bookingId: booking.id, reason: null, refund: 'RULE' }),
    );
    expect(await balanceOf(wallet.id)).toBe(1000n);
  });

  test('a booking that is cancelled twice at once is refunded once', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    const { currency } = priced;
    const wallet = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 1000n });
    const { id: bookingId } = await book(userId, 9, priced);
    const cancel = (work: Work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' });
    const again = await meanwhile({ floor, runWork }, cancel, () => runWork(DESK, cancel));
    expect(again).toMatchObject({ status: 'rejected', reason: { name: 'BookingEndedError' } });
    expect(await balanceOf(wallet.id)).toBe(1000n);
  });

  test('who cannot pay has no slot', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    await aWallet(runWork, { venueId, userId, currency: priced.currency, balanceMinor: 699n });
    await expect(book(userId, 9, priced)).rejects.toMatchObject({ code: 'API_020' });
    await expect(book(await aPlayer(), 9, priced)).rejects.toMatchObject({ code: 'API_020' });
    expect(
      await db.selectFrom('slot_claim').where('resource_id', '=', priced.id).select('id').execute(),
    ).toEqual([]);
  });

  test('a late cancellation gives back what the rule says', async () => {
    const priced = await aResource(runWork, {
      venueId,
      priceMinor: 999n,
      freeCancellationMinutes: 100 * 60,
      lateRefundPercent: 50,
    });
    const userId = await aPlayer();
    const wallet = await aWallet(runWork, {
      venueId,
      userId,
      currency: priced.currency,
      balanceMinor: 1000n,
    });
    const booking = await book(userId, 9, priced);
    await runWork(DESK, (work) =>
      cancelBooking(work, { venueId, bookingId: booking.id, reason: null, refund: 'RULE' }),
    );
    expect(await balanceOf(wallet.id)).toBe(500n);
  });

  test('what is given back to a closed wallet is its owner’s, in a frozen one', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    const { currency } = priced;
    const { id: walletId } = await aWallet(runWork, { venueId, userId, currency, balanceMinor: 700n });
    const { id: bookingId } = await book(userId, 9, priced);
    const close = {
      venueId,
      walletId,
      status: 'CLOSED',
      reason: 'moved away',
      expectedVersion: null,
    } as const;
    const closed = await runWork(DESK, (work) => setWalletStatus(work, close));
    const cancelled = await runWork(DESK, (work) =>
      cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }),
    );
    expect(cancelled).toMatchObject({ status: 'CANCELLED', refundedMinor: 700n });
    const [wallet] = await findWalletsByIds(db, venueId, [walletId]);
    expect(wallet).toMatchObject({ status: 'FROZEN', postedMinor: 700n, version: closed.version + 2n });
    const { rows } = await sql<{ type: string; status: string | null }>`
      select type, payload->>'status' as status from outbox
      where payload->>'walletId' = ${walletId} order by id desc limit 2`.execute(db);
    // Whoever follows the wallet hears first that it is there again.
    expect(rows.map(({ type, status }) => status ?? type)).toEqual(['wallet.balance-changed', 'FROZEN']);
  });

  test('moving to a dearer slot costs the difference, and back gives it back', async () => {
    const cheap = await aResource(runWork, { venueId, priceMinor: 100n });
    const dear = await aResource(runWork, { venueId, priceMinor: 300n });
    const userId = await aPlayer();
    const wallet = await aWallet(runWork, { venueId, userId, currency: cheap.currency, balanceMinor: 300n });
    const { id: bookingId } = await book(userId, 9, cheap);
    const move = (to: Resource) =>
      runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(10, to) }));
    await move(dear);
    expect(await balanceOf(wallet.id)).toBe(0n);
    await move(cheap);
    expect(await balanceOf(wallet.id)).toBe(200n);
  });

  test('what somebody holds he moves to, at the price it was held at', async () => {
    const cheap = await aResource(runWork, { venueId, priceMinor: 100n });
    const dear = await aResource(runWork, { venueId, priceMinor: 300n });
    const userId = await aPlayer();
    const wallet = await aWallet(runWork, { venueId, userId, currency: cheap.currency, balanceMinor: 400n });
    const { id: bookingId } = await book(userId, 9, cheap);
    const held = await hold(userId, 10, { of: dear, holdsPrice: true });
    await runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: dear.id, expectedVersion: 1, priceMinor: 900n }),
    );
    const move = (id: string) =>
      runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId: id, slot: at(10, dear) }));
    const other = await aPlayer();
    await aWallet(runWork, { venueId, userId: other, currency: cheap.currency, balanceMinor: 2_000n });
    const theirs = await book(other, 11, cheap);
    await expect(move(theirs.id)).rejects.toMatchObject({ code: 'API_010' });

    const moved = await move(bookingId);
    expect(moved).toMatchObject({ resourceId: dear.id, paidMinor: 300n });
    // All that was set aside for it is free again: 400 less what the booking costs.
    const [after] = await findWalletsByIds(db, venueId, [wallet.id]);
    expect(after).toMatchObject({ postedMinor: 100n, heldMinor: 0n });
    const kept = await db
      .selectFrom('slot_hold')
      .selectAll()
      .where('id', '=', held.id)
      .executeTakeFirstOrThrow();
    expect(kept).toMatchObject({ state: 'BOOKED', booking_id: bookingId });
    const claims = await db.selectFrom('slot_claim').selectAll().where('user_id', '=', userId).execute();
    expect(claims).toMatchObject([{ kind: 'BOOKING', booking_id: bookingId, resource_id: dear.id }]);
  });

  test('what is set aside with a hold is what the booking costs, and is free again with it', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    const wallet = await aWallet(runWork, {
      venueId,
      userId,
      currency: priced.currency,
      balanceMinor: 1000n,
    });
    const first = await hold(userId, 9, { holdsPrice: true, of: priced });
    expect(await heldOf(wallet.id)).toBe(700n);
    await runWork(DESK, (work) => releaseSlotHold(work, { venueId, holdId: first.id }));
    expect(await heldOf(wallet.id)).toBe(0n);
    const second = await hold(userId, 9, { holdsPrice: true, of: priced });
    await runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId: second.id }));
    expect([await balanceOf(wallet.id), await heldOf(wallet.id)]).toEqual([300n, 0n]);
  });

  test('what is set aside with a hold of a slot that ends is set aside no longer than that', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const userId = await aPlayer();
    await aWallet(runWork, { venueId, userId, currency: priced.currency, balanceMinor: 1000n });
    const { time } = await aSlot(runWork, priced, { index: 9 });
    shiftMs = time.endsAt.getTime() - Date.now() - 30_000;
    const { walletHoldId } = await hold(userId, 9, { holdsPrice: true, of: priced });
    const aside = db.selectFrom('wallet_hold').select('expires_at').where('id', '=', walletHoldId);
    expect((await aside.executeTakeFirstOrThrow()).expires_at).toEqual(time.endsAt);
  });
});

describe('a hold', () => {
  test('keeps others out, becomes a booking once, and not of nobody else', async () => {
    const { id: holdId } = await hold(await aPlayer(), 9);
    await expect(book(await aPlayer(), 9)).rejects.toMatchObject({ code: 'API_010' });
    expect(await stateOf(9)).toBe('HELD');
    const twice = await Promise.allSettled(
      [1, 2].map(() => runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId }))),
    );
    expect(codes(twice).sort()).toEqual(['API_013', 'ok']);
    expect(await stateOf(9)).toBe('BOOKED');
  });

  test('that has ended is booked no more, and says how it ended', async () => {
    const booked = await hold(await aPlayer(), 9);
    const released = await hold(await aPlayer(), 10);
    const bookHeld = (holdId: string) => runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId }));
    await bookHeld(booked.id);
    await runWork(DESK, (work) => releaseSlotHold(work, { venueId, holdId: released.id }));
    for (const [{ id }, end] of [
      [booked, 'CAPTURED'],
      [released, 'VOIDED'],
    ] as const)
      await expect(bookHeld(id)).rejects.toMatchObject({ code: 'API_013', end });
  });

  test('that has ended stays as it is when it is let go', async () => {
    const release = (holdId: string) => runWork(DESK, (work) => releaseSlotHold(work, { venueId, holdId }));
    const booked = await hold(await aPlayer(), 9);
    const released = await hold(await aPlayer(), 10);
    await runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId: booked.id }));
    const first = await release(released.id);
    const before = await eventsOf('booking.slot-hold-released');
    expect(await release(booked.id)).toMatchObject({ state: 'BOOKED' });
    expect(await release(released.id)).toEqual(first);
    expect(await eventsOf('booking.slot-hold-released')).toBe(before);
    expect([await stateOf(9), await stateOf(10)]).toEqual(['BOOKED', 'AVAILABLE']);
  });

  test('claims to its last moment and not a moment longer, whether or not a job has run', async () => {
    const { id: holdId, startsAt, expiresAt } = await hold(await aPlayer(), 9);
    const userId = await aPlayer();
    const bookThen = (now: Date) =>
      runWork(DESK, (work) => bookSlot({ ...work, now }, { venueId, userId, slot: at(9) }));
    const shownThen = async (now: Date) => {
      const wanted = [{ resourceId: resource.id, startsAt }];
      const [slot] = await findSlots(db, venueId, { wanted, now });
      const day = await readSlots(db, resource, { day: dayAhead(resource), now });
      expect(day.find(({ index }) => index === 9)?.state).toBe(slot?.state);
      return slot?.state;
    };
    const last = new Date(expiresAt.getTime() - 1);
    await expect(bookThen(last)).rejects.toMatchObject({ code: 'API_010' });
    expect(await shownThen(last)).toBe('HELD');
    expect(await shownThen(expiresAt)).toBe('AVAILABLE');
    const bookHeld = (work: Work) => bookHeldSlot({ ...work, now: expiresAt }, { venueId, holdId });
    const over = { code: 'API_013', end: 'EXPIRED' };
    await expect(runWork(DESK, bookHeld)).rejects.toMatchObject(over);
    await bookThen(expiresAt);
    await expect(runWork(DESK, bookHeld)).rejects.toMatchObject(over);
  });

  test('is taken off by the job once, which tells so', async () => {
    await hold(await aPlayer(), 9);
    shiftMs = 121_000;
    const before = await eventsOf('booking.slot-hold-expired');
    await Promise.all([1, 2].map(() => runWork(DESK, (work) => expireClaims(work, { limit: 10 }))));
    expect(await eventsOf('booking.slot-hold-expired')).toBe(before + 1);
    expect(await stateOf(9)).toBe('AVAILABLE');
  });

  test('is taken off at once also where more are over than are taken off together', async () => {
    for (const index of [1, 2, 3]) await hold(await aPlayer(), index);
    shiftMs = 121_000;
    const expire = () => runWork(DESK, (work) => expireClaims(work, { limit: 2 }));
    expect(await expire()).toBe(0);
    expect(await expire()).not.toBe(0);
    expect(await Promise.all([1, 2, 3].map(stateOf))).toEqual(Array(3).fill('AVAILABLE'));
  });

  test('of one person there are five at most, however they are asked for', async () => {
    const userId = await aPlayer();
    const results = await Promise.allSettled([1, 2, 3, 4, 5, 6, 7].map((index) => hold(userId, index)));
    expect(codes(results).filter((code) => code === 'ok')).toHaveLength(5);
  });
});

test('of a slot that several have, somebody’s own are his that count', async () => {
  const table = await aResource(runWork, { venueId, capacity: 3 });
  const [ann, bob] = [await aPlayer(), await aPlayer()];
  const { id: gone, startsAt } = await book(bob, 9, table);
  await book(ann, 9, table);
  const { id } = await book(bob, 9, table);
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: gone, reason: null, refund: 'RULE' }),
  );
  const own = (userId: string) =>
    findOwnBookings(db, venueId, { userId, resourceId: table.id, startsAt, now: new Date() });
  expect(await own(bob)).toEqual([id]);
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: table.id, expectedVersion: 1, slotMinutes: 50 }),
  );
  expect(await own(bob)).toEqual([id]);
  expect(await own(await aPlayer())).toEqual([]);
});

test('bookings are listed that take any of a time, of one venue, and of whom and which are meant', async () => {
  const [ann, bob] = [await aPlayer(), await aPlayer()];
  const [nine, ten, eleven] = [await book(ann, 9), await book(bob, 10), await book(ann, 11)];
  const elsewhere = (await aVenue(runWork)).id;
  await db.insertInto('user_role').values({ user_id: ann, venue_id: elsewhere, role: 'PLAYER' }).execute();
  const table = await aResource(runWork, { venueId: elsewhere });
  const there = await aBooking(runWork, { venueId: elsewhere, userId: ann, slot: at(9, table) });
  const listed = async (fields: Partial<BookingFilter>, of = venueId) => {
    const all = { userId: null, resourceId: null, statuses: null, from: null, to: null };
    const filter = { ...all, ...fields };
    const range = { after: null, before: null, limit: 100, backward: false };
    const found = (await listBookings(db, of, { filter, range })).map(({ id }) => id);
    expect(await countBookings(db, of, filter)).toBe(found.length);
    return found;
  };
  const here = { resourceId: resource.id };
  const from = (ms: number) => ({ ...here, from: new Date(nine.endsAt.getTime() + ms) });
  const to = (ms: number) => ({ ...here, to: new Date(eleven.startsAt.getTime() + ms) });
  expect(await listed(here)).toEqual([eleven.id, ten.id, nine.id]);
  expect(await listed(from(0))).toEqual([eleven.id, ten.id]);
  expect(await listed(from(-1))).toEqual([eleven.id, ten.id, nine.id]);
  expect(await listed(to(0))).toEqual([ten.id, nine.id]);
  expect(await listed(to(1))).toEqual([eleven.id, ten.id, nine.id]);
  expect(await listed({ userId: ann })).toEqual([eleven.id, nine.id]);
  expect(await listed({ userId: ann, statuses: ['CANCELLED'] })).toEqual([]);
  expect(await listed({ userId: ann }, elsewhere)).toEqual([there.id]);
  expect(await listed({}, elsewhere)).toEqual([there.id]);
});

describe('held is', () => {
  const holdFor = (expiresInSeconds: number, slot: { day?: string; index?: number } = {}) =>
    aPlayer().then((userId) =>
      runWork(DESK, (work) =>
        holdSlot(work, {
          venueId,
          userId,
          slot: { ...at(9), ...slot },
          expiresInSeconds,
          holdsPrice: false,
        }),
      ),
    );

  test('for 10 to 900 seconds', async () => {
    for (const seconds of [9, 901]) await expect(holdFor(seconds)).rejects.toMatchObject({ code: 'API_001' });
    await holdFor(10);
    await holdFor(900, { index: 10 });
  });

  test('what can be booked: not what is over, too far ahead, or closed', async () => {
    const unavailable = { code: 'API_010' };
    const change = (input: Partial<UpdateResource>) =>
      runWork(DESK, (work) =>
        updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, ...input }),
      );
    await change({ bookableDays: 3 });
    await expect(holdFor(60, { day: dayAhead(resource, -1) })).rejects.toMatchObject(unavailable);
    await expect(holdFor(60, { day: dayAhead(resource, 4) })).rejects.toMatchObject(unavailable);
    await holdFor(60, { day: dayAhead(resource, 3) });
    await change({ status: 'CLOSED', expectedVersion: 2 });
    await expect(holdFor(60)).rejects.toMatchObject(unavailable);
  });
});

test('how far ahead can be booked is counted by the days of the venue', () => {
  const there: Resource = { ...resource, timeZone: 'Asia/Tokyo', bookableDays: 3 };
  // The sixth of March there.
  const now = new Date('2027-03-05T20:00:00Z');
  const slotAt = (text: string) => {
    const startsAt = new Date(text);
    return {
      resource: there,
      time: { index: 0, startsAt, endsAt: new Date(startsAt.getTime() + 3_600_000) },
    };
  };
  expect(horizonOf(there, now)).toBe('2027-03-09');
  expect(whyNotBookable(slotAt('2027-03-09T14:00:00Z'), now)).toBeNull();
  expect(whyNotBookable(slotAt('2027-03-09T15:00:00Z'), now)).toMatch(/3 days ahead/);
});

test('what can be booked is so until its end and to the last day, unless it is closed, and no other time is free', async () => {
  const table = await aResource(runWork, { venueId, bookableDays: 3 });
  const userId = await aPlayer();
  const { startsAt, endsAt } = (await aSlot(runWork, table, { index: 9 })).time;
  const bookThen = (now: Date, days = 1) =>
    runWork(DESK, (work) =>
      bookSlot({ ...work, now }, { venueId, userId, slot: { ...at(9, table), day: dayAhead(table, days) } }),
    );
  const free = async (now: Date, of = table) =>
    (await listFreeSlots(db, { resources: [of], from: startsAt, to: endsAt, now, limit: 9 })).length;
  const unavailable = { code: 'API_010' };
  const last = new Date(endsAt.getTime() - 1);
  await expect(bookThen(new Date(), 4)).rejects.toMatchObject(unavailable);
  await bookThen(new Date(), 3);
  await expect(bookThen(endsAt)).rejects.toMatchObject(unavailable);
  expect([await free(last), await free(endsAt)]).toEqual([1, 0]);
  const closed = await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: table.id, expectedVersion: 1, status: 'CLOSED' }),
  );
  await expect(bookThen(last)).rejects.toMatchObject(unavailable);
  expect(await free(last, closed)).toBe(0);
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: table.id, expectedVersion: 2, status: 'ACTIVE' }),
  );
  await bookThen(last);
});

test('what was held for somebody and is over keeps him from nothing', async () => {
  const userId = await aPlayer();
  for (const index of [1, 2, 3, 4, 5]) await hold(userId, index);
  shiftMs = 121_000;
  await hold(userId, 6);
  expect(await book(userId, 1)).toMatchObject({ status: 'BOOKED', userId });
});

test('free slots come by beginning, of all resources together, no more than are wanted, and none that is taken or too far ahead', async () => {
  const near = await aResource(runWork, { venueId, slotMinutes: 5, bookableDays: 1 });
  await book(await aPlayer(), 0);
  const { from } = boundsOf(dayAhead(resource), resource.timeZone);
  const free = (limit: number, hours = 24) =>
    listFreeSlots(db, {
      resources: [resource, near],
      from,
      to: new Date(from.getTime() + hours * 3_600_000),
      now: new Date(),
      limit,
    });
  expect((await free(4)).map((slot) => [slot.resource.slotMinutes, slot.index])).toEqual([
    [5, 0],
    [5, 1],
    [5, 2],
    [5, 3],
  ]);
  const twoDays = await free(1_000, 48);
  expect(twoDays.filter((slot) => slot.resource.id === near.id)).toHaveLength(288);
  expect(twoDays.filter((slot) => slot.resource.id === resource.id)).toHaveLength(47);
});

test('no day that is over is looked at for free slots', async () => {
  let looks = 0;
  const counted = {
    ...resource,
    get openingHours() {
      looks += 1;
      return resource.openingHours;
    },
  };
  const now = new Date();
  const of = { from: new Date(now.getTime() - 30 * 86_400_000), to: new Date(now.getTime() + 1), now };
  const free = await listFreeSlots(db, { ...of, resources: [counted], limit: 1_000 });
  expect(free.map(({ endsAt }) => endsAt > now)).toEqual([true]);
  expect(looks).toBeLessThanOrEqual(2);
});

test('two who swap slots at once never have one both', async () => {
  const [one, other] = await Promise.all([book(await aPlayer(), 1), book(await aPlayer(), 2)]);
  const move = (bookingId: string, index: number) =>
    runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(index) }));
  const results = await Promise.allSettled([
    move(one.id, 2),
    move(other.id, 1),
    move(one.id, 3),
    move(other.id, 3),
  ]);
  for (const code of codes(results)) expect(['ok', 'API_010', 'API_001']).toContain(code);
  const claims = await db
    .selectFrom('slot_claim')
    .selectAll()
    .where('resource_id', '=', resource.id)
    .execute();
  expect(claims).toHaveLength(2);
});

const balanceOf = async (id: string) =>
  (await db.selectFrom('ledger_account').select('balance').where('id', '=', id).executeTakeFirstOrThrow())
    .balance;
const heldOf = async (id: string) =>
  (await db.selectFrom('ledger_account').select('held').where('id', '=', id).executeTakeFirstOrThrow()).held;
async function eventsOf(type: string): Promise<number> {
  const { rows } = await sql<{ count: string }>`select count(*) from outbox where type = ${type}`.execute(db);
  return Number(rows[0]?.count);
}
