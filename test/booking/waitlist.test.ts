import { sql } from 'kysely';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { blockSlots, unblockSlots } from '../../src/booking/block-service.ts';
import { setBookingLimit } from '../../src/booking/booking-limit-service.ts';
import { bookHeldSlot, cancelBooking } from '../../src/booking/booking-service.ts';
import { giveBackSlots } from '../../src/booking/departure.ts';
import { acceptOffer, declineOffer } from '../../src/booking/offer-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { updateResource } from '../../src/booking/resource-service.ts';
import { expireClaims, holdSlot, releaseSlotHold } from '../../src/booking/slot-hold-service.ts';
import { MAX_WAITING, OFFER_MINUTES, type WaitlistEntry } from '../../src/booking/waitlist.ts';
import { joinWaitlist, keepWaitlists, leaveWaitlist } from '../../src/booking/waitlist-service.ts';
import { findEntriesByIds, listLiveEntries } from '../../src/booking/waitlist-store.ts';
import { instantOf } from '../../src/lib/calendar.ts';
import { DomainError } from '../../src/lib/errors.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import { aBooking, aResource, DESK, dayAhead } from '../support/booking.ts';
import { aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { meanwhile } from '../support/meanwhile.ts';
import { aWallet } from '../support/money.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
let shiftMs = 0;
const runWork = createRunWork({ db, onEvents: () => {}, clockShiftMs: () => shiftMs });
let venueId: string;
let resource: Resource;
const OFFER_MS = OFFER_MINUTES * 60_000;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
});
beforeEach(async () => {
  shiftMs = 0;
  resource = await aResource(runWork, { venueId });
});

const aPlayer = async () => (await aUser(runWork, { venueId })).id;
const players = (count: number) => Promise.all(Array.from({ length: count }, aPlayer));
const at = (index: number, of = resource) => ({ resourceId: of.id, day: dayAhead(of), index });
const book = (userId: string, index = 9, of = resource) =>
  aBooking(runWork, { venueId, userId, slot: at(index, of) });
const join = (userId: string, index = 9, of = resource) =>
  runWork(DESK, (work) => joinWaitlist(work, { venueId, userId, slot: at(index, of) }));
const cancel = (bookingId: string) =>
  runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId, reason: null, refund: 'RULE' }));
const accept = ({ id: entryId }: { readonly id: string }) =>
  runWork(DESK, (work) => acceptOffer(work, { venueId, entryId }));
const decline = ({ id: entryId }: { readonly id: string }) =>
  runWork(DESK, (work) => declineOffer(work, { venueId, entryId }));
const leave = ({ id: entryId }: { readonly id: string }) =>
  runWork(DESK, (work) => leaveWaitlist(work, { venueId, entryId }));
const hold = (userId: string, index = 9) =>
  runWork(DESK, (work) =>
    holdSlot(work, { venueId, userId, slot: at(index), expiresInSeconds: 120, holdsPrice: false }),
  );
const expire = () => runWork(DESK, (work) => expireClaims(work, { limit: 100 }));
const keep = () => runWork(DESK, (work) => keepWaitlists(work, { limit: 100 }));

/** In turn, so that the line is in this order. */
async function line(userIds: readonly string[], index = 9, of = resource): Promise<WaitlistEntry[]> {
  const entries: WaitlistEntry[] = [];
  for (const userId of userIds) entries.push(await join(userId, index, of));
  return entries;
}

async function statesOf(entries: readonly WaitlistEntry[]): Promise<string[]> {
  const ids = entries.map(({ id }) => id);
  const found = await findEntriesByIds(db, venueId, ids);
  return ids.map((id) => found.find((entry) => entry.id === id)?.state ?? 'none');
}

const toldOf = async ({ id }: Pick<WaitlistEntry, 'id'>) => {
  const { rows } = await sql<{ type: string }>`
    select type from outbox where payload ->> 'waitlistEntryId' = ${id} order by id`.execute(db);
  return rows.map(({ type }) => type);
};

const claimsOf = async (of = resource) =>
  await db
    .selectFrom('slot_claim')
    .select(['kind', 'user_id as userId'])
    .where('resource_id', '=', of.id)
    .orderBy('first_seat')
    .execute();

const codes = (results: readonly PromiseSettledResult<unknown>[]) =>
  results.map((result) =>
    result.status === 'fulfilled'
      ? 'ok'
      : result.reason instanceof DomainError
        ? result.reason.code
        : result.reason,
  );

const unavailable = { code: 'API_010' };

test('who has the slot does not wait for it: giving it back he would be first in line, and keep it', async () => {
  const [ann, bob] = await players(2);
  const { id } = await book(ann ?? '');
  await expect(join(ann ?? '')).rejects.toMatchObject({ code: 'API_001' });
  const waiting = await join(bob ?? '');
  await cancel(id);
  const [entry] = await findEntriesByIds(db, venueId, [waiting.id]);
  expect(entry?.state).toBe('OFFERED');
});

describe('joining', () => {
  test('is for a slot that cannot be had', async () => {
    await expect(join(await aPlayer())).rejects.toMatchObject({ code: 'API_001' });
    await book(await aPlayer());
    const userId = await aPlayer();
    expect(await join(userId)).toMatchObject({ state: 'WAITING' });
    expect(await listLiveEntries(db, venueId, userId)).toHaveLength(1);
    expect(await listLiveEntries(db, (await aVenue(runWork)).id, userId)).toEqual([]);
  });

  test('again keeps the place', async () => {
    await book(await aPlayer());
    const [first, second] = await players(2);
    const entry = await join(first ?? '');
    await join(second ?? '');
    expect((await join(first ?? '')).id).toBe(entry.id);
    const both = await Promise.all([join(second ?? ''), join(second ?? '')]);
    expect(both[0].id).toBe(both[1].id);
  });

  test('is for what has not begun and can be booked at all', async () => {
    await book(await aPlayer());
    shiftMs = instantOf(dayAhead(resource), 9 * 60 + 1, resource.timeZone).getTime() - Date.now();
    await expect(join(await aPlayer())).rejects.toMatchObject(unavailable);
    shiftMs = 0;
    const closed = await close(true);
    expect(closed.status).toBe('CLOSED');
    await expect(join(await aPlayer())).rejects.toMatchObject(unavailable);
  });

  test('counts no offer that is over, whether or not somebody noted it', async () => {
    const [userId, owner] = [await aPlayer(), await aPlayer()];
    const many = await aResource(runWork, { venueId, slotMinutes: 30 });
    // From noon on, where no clock is ever changed.
    const indices = Array.from({ length: MAX_WAITING }, (_, index) => 24 + index);
    const [first] = await Promise.all(indices.map((index) => book(owner, index, many)));
    for (const index of indices) await join(userId, index, many);
    await cancel(first?.id ?? '');
    shiftMs = OFFER_MS + 1_000;
    await book(owner);
    expect(await join(userId)).toMatchObject({ state: 'WAITING' });
    await book(owner, 10);
    await expect(join(userId, 10)).rejects.toMatchObject({ code: 'API_001' });
  });

  test(`is possible for ${MAX_WAITING} slots at a time`, async () => {
    const many = await aResource(runWork, { venueId, slotMinutes: 30 });
    const userId = await aPlayer();
    await runWork(DESK, (work) =>
      blockSlots(work, {
        venueId,
        resourceId: many.id,
        startsAt: instantOf(dayAhead(many), 0, many.timeZone),
        endsAt: instantOf(dayAhead(many), 1_440, many.timeZone),
        reason: null,
      }),
    );
    // From noon on, where no clock is ever changed.
    const results = await Promise.allSettled(
      Array.from({ length: MAX_WAITING + 2 }, (_, index) => join(userId, 24 + index, many)),
    );
    expect(codes(results).filter((code) => code === 'ok')).toHaveLength(MAX_WAITING);

    // The last place, asked for on two resources at once.
    const [left] = await listLiveEntries(db, venueId, userId);
    if (left) await leave(left);
    const other = await aResource(runWork, { venueId });
    for (const of of [resource, other]) await book(await aPlayer(), 9, of);
    const first = (work: Work) => joinWaitlist(work, { venueId, userId, slot: at(9) });
    const second = await meanwhile({ floor, runWork }, first, () => join(userId, 9, other));
    expect(second).toMatchObject({ status: 'rejected', reason: { code: 'API_001' } });
  });
});

async function close(isClosed: boolean, of = resource): Promise<Resource> {
  const { version } = await db
    .selectFrom('resource')
    .select('version')
    .where('id', '=', of.id)
    .executeTakeFirstOrThrow();
  return await runWork(DESK, (work) =>
    updateResource(work, {
      venueId,
      resourceId: of.id,
      expectedVersion: version,
      status: isClosed ? 'CLOSED' : 'ACTIVE',
    }),
  );
}

test('five wait and each has its turn, in order, whether those before decline or let it pass', async () => {
  const { id } = await book(await aPlayer());
  const waiting = await players(5);
  const entries = await line(waiting);
  const [first, second, third, fourth, fifth] = entries as [
    WaitlistEntry,
    WaitlistEntry,
    WaitlistEntry,
    WaitlistEntry,
    WaitlistEntry,
  ];
  await cancel(id);
  expect(await statesOf(entries)).toEqual(['OFFERED', 'WAITING', 'WAITING', 'WAITING', 'WAITING']);
  await decline(first);
  expect(await statesOf(entries)).toEqual(['DECLINED', 'OFFERED', 'WAITING', 'WAITING', 'WAITING']);
  shiftMs += OFFER_MS + 1_000;
  await expire();
  expect(await statesOf(entries)).toEqual(['DECLINED', 'EXPIRED', 'OFFERED', 'WAITING', 'WAITING']);
  await expect(accept(second)).rejects.toMatchObject({ code: 'API_013', end: 'EXPIRED' });
  await leave(third);
  expect(await statesOf(entries)).toEqual(['DECLINED', 'EXPIRED', 'LEFT', 'OFFERED', 'WAITING']);
  await expect(accept(fifth)).rejects.toMatchObject({ code: 'API_001' });
  const booking = await accept(fourth);
  expect(await statesOf(entries)).toEqual(['DECLINED', 'EXPIRED', 'LEFT', 'ACCEPTED', 'WAITING']);
  await cancel(booking.id);
  await accept(fifth);
  expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId: waiting[4] }]);
  const states = await statesOf(entries);
  for (const [nth, entry] of entries.entries())
    expect(await leave(entry)).toMatchObject({ state: states[nth] });
  expect(await statesOf(entries)).toEqual(states);
  const told = await Promise.all(entries.map(toldOf));
  expect(told.map(([, ...types]) => types)).toEqual([
    ['booking.slot-offered', 'booking.offer-declined'],
    ['booking.slot-offered', 'booking.offer-expired'],
    ['booking.slot-offered', 'booking.waitlist-left'],
    ['booking.slot-offered', 'booking.offer-accepted'],
    ['booking.slot-offered', 'booking.offer-accepted'],
  ]);
});

test('while five have their turns twenty strangers never have the slot', { timeout: 120_000 }, async () => {
  const owner = await aPlayer();
  const { id } = await book(owner);
  const waiting = await players(5);
  const entries = await line(waiting);
  const strangers = await players(20);
  let isOver = false;
  const seen = new Set<unknown>();
  const hammering = strangers.map(async (userId, nth) => {
    while (!isOver) {
      const [code] = codes(await Promise.allSettled([nth % 2 === 0 ? book(userId) : hold(userId)]));
      seen.add(code);
    }
  });

  await cancel(id);
  for (const [nth, entry] of entries.entries()) {
    expect((await statesOf(entries))[nth]).toBe('OFFERED');
    if (nth === 4) await accept(entry);
    else if (nth % 2 === 0) await decline(entry);
    else {
      shiftMs += OFFER_MS + 1_000;
      // Strangers find it expired, and neither have it nor keep it from the job.
      await expire();
    }
  }
  isOver = true;
  await Promise.all(hammering);

  expect([...seen]).toEqual(['API_010']);
  expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId: waiting[4] }]);
  const owners = await db
    .selectFrom('booking')
    .select('user_id')
    .where('resource_id', '=', resource.id)
    .execute();
  expect(owners.map(({ user_id }) => user_id).sort()).toEqual([owner, waiting[4]].sort());
});

test('without a job a time that is over goes to no stranger, and with it to the next', async () => {
  await hold(await aPlayer());
  const [first, second] = await line(await players(2));
  if (!first || !second) throw new Error('two wait');
  shiftMs = 121_000;
  await expect(book(await aPlayer())).rejects.toMatchObject(unavailable);
  expect(await statesOf([first, second])).toEqual(['WAITING', 'WAITING']);
  await expire();
  expect(await statesOf([first, second])).toEqual(['OFFERED', 'WAITING']);
  shiftMs += OFFER_MS + 1_000;
  await expect(book(await aPlayer())).rejects.toMatchObject(unavailable);
  await Promise.all([expire(), expire(), expire()]);
  expect(await statesOf([first, second])).toEqual(['EXPIRED', 'OFFERED']);
  shiftMs += OFFER_MS + 1_000;
  // Nobody waits any more: whoever comes has it, and the offer is over.
  await book(await aPlayer());
  expect(await statesOf([first, second])).toEqual(['EXPIRED', 'EXPIRED']);
});

test('of two who accept at once with one offer one books, once', async () => {
  const { id } = await book(await aPlayer());
  const userId = await aPlayer();
  const entry = await join(userId);
  await cancel(id);
  const results = await Promise.allSettled([accept(entry), accept(entry), accept(entry)]);
  expect(codes(results).sort()).toEqual(['API_013', 'API_013', 'ok']);
  expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId }]);
});

test('accepting and declining at once does one of them', async () => {
  const { id } = await book(await aPlayer());
  const [first, second] = (await line(await players(2))) as [WaitlistEntry, WaitlistEntry];
  await cancel(id);
  const results = await Promise.allSettled([accept(first), decline(first)]);
  expect(codes(results).sort()).toEqual(['API_013', 'ok']);
  const states = (await statesOf([first, second])).join();
  expect(['ACCEPTED,WAITING', 'DECLINED,OFFERED']).toContain(states);
});

test('two who cancel at once give two seats to two', async () => {
  const two = await aResource(runWork, { venueId, capacity: 2 });
  const [one, other, ...waiting] = await players(5);
  const bookings = await Promise.all([book(one ?? '', 9, two), book(other ?? '', 9, two)]);
  const entries = await line(waiting, 9, two);
  await Promise.all(bookings.map(({ id }) => cancel(id)));
  expect(await statesOf(entries)).toEqual(['OFFERED', 'OFFERED', 'WAITING']);
  expect((await claimsOf(two)).map(({ userId }) => userId).sort()).toEqual(waiting.slice(0, 2).sort());
});

test('who joins while somebody cancels is offered the slot, or told to book it', async () => {
  for (let round = 1; round <= 10; round += 1) {
    const { id } = await book(await aPlayer(), round + 9);
    const [joined] = await Promise.allSettled([join(await aPlayer(), round + 9), cancel(id)]);
    if (joined.status === 'rejected') expect(joined.reason).toMatchObject({ code: 'API_001' });
    else expect(await statesOf([joined.value])).toEqual(['OFFERED']);
  }
});

test('who books the slot that he is offered accepts it, and nobody else can', async () => {
  const { id } = await book(await aPlayer());
  const userId = await aPlayer();
  const entries = await line([userId, await aPlayer()]);
  await cancel(id);
  await expect(book(await aPlayer())).rejects.toMatchObject(unavailable);
  await book(userId);
  expect(await statesOf(entries)).toEqual(['ACCEPTED', 'WAITING']);
  expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId }]);
});

describe('time is given back to the line by who', () => {
  test('moves away', async () => {
    const { id: bookingId } = await book(await aPlayer());
    const entry = await join(await aPlayer());
    await runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(10) }));
    expect(await statesOf([entry])).toEqual(['OFFERED']);
  });

  test('lets go what he held', async () => {
    const { id: holdId } = await hold(await aPlayer());
    const entry = await join(await aPlayer());
    await runWork(DESK, (work) => releaseSlotHold(work, { venueId, holdId }));
    expect(await statesOf([entry])).toEqual(['OFFERED']);
    await expect(runWork(DESK, (work) => bookHeldSlot(work, { venueId, holdId }))).rejects.toMatchObject({
      code: 'API_013',
    });
  });

  test('unblocks several slots', async () => {
    const block = await runWork(DESK, (work) =>
      blockSlots(work, {
        venueId,
        resourceId: resource.id,
        startsAt: instantOf(dayAhead(resource), 9 * 60, resource.timeZone),
        endsAt: instantOf(dayAhead(resource), 12 * 60, resource.timeZone),
        reason: null,
      }),
    );
    const entries = [
      ...(await line(await players(2), 9)),
      ...(await line(await players(1), 10)),
      ...(await line(await players(1), 11)),
    ];
    await runWork(DESK, (work) => unblockSlots(work, { venueId, blockId: block.id }));
    expect(await statesOf(entries)).toEqual(['OFFERED', 'WAITING', 'OFFERED', 'OFFERED']);
  });

  test('makes room for more', async () => {
    await book(await aPlayer());
    const entries = await line(await players(3));
    await runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, capacity: 3 }),
    );
    expect(await statesOf(entries)).toEqual(['OFFERED', 'OFFERED', 'WAITING']);
  });

  test('opens again what was closed when it was given back', async () => {
    const { id } = await book(await aPlayer());
    const entry = await join(await aPlayer());
    await close(true);
    await cancel(id);
    expect(await keep()).toBe(0);
    expect(await statesOf([entry])).toEqual(['WAITING']);
    await close(false);
    expect(await statesOf([entry])).toEqual(['OFFERED']);
  });

  test('deletes his account', async () => {
    const owner = await aPlayer();
    await book(owner);
    await book(await aPlayer(), 10);
    const own = await join(owner, 10);
    const next = await join(await aPlayer());
    await runWork(DESK, (work) => giveBackSlots(work, owner));
    expect(await statesOf([own, next])).toEqual(['LEFT', 'OFFERED']);
  });

  test('leaves nobody to tell: what is left over is offered by the job', async () => {
    await book(await aPlayer());
    const entry = await join(await aPlayer());
    await sql`with gone as (delete from slot_claim where resource_id = ${resource.id} returning booking_id)
      update booking set status = 'CANCELLED', cancelled_at = now(), cancelled_by = '{}' from gone where id = gone.booking_id`.execute(
      db,
    );
    await expect(book(await aPlayer())).rejects.toMatchObject(unavailable);
    const behind = await join(await aPlayer());
    await Promise.all([keep(), keep()]);
    expect(await statesOf([entry, behind])).toEqual(['OFFERED', 'WAITING']);
    expect(await claimsOf()).toHaveLength(1);
  });
});

describe('an offer', () => {
  test('is accepted by moving a booking to its slot, and the next in line is offered nothing', async () => {
    const [ann, bob, eve] = await players(3);
    const taken = await book(ann ?? '');
    const entries = await line([bob ?? '', eve ?? '']);
    const { id: bookingId } = await book(bob ?? '', 12);
    const moveTo = (index: number) =>
      runWork(DESK, (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(index) }));
    await expect(moveTo(9)).rejects.toMatchObject(unavailable);
    await cancel(taken.id);
    await moveTo(9);
    expect(await statesOf(entries)).toEqual(['ACCEPTED', 'WAITING']);
    expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId: bob }]);
    expect((await toldOf(entries[0] ?? { id: '' })).at(-1)).toBe('booking.offer-accepted');
  });

  test('is not for who cannot book any more', async () => {
    const { id } = await book(await aPlayer());
    const [locked, roleless, next] = await players(3);
    const entries = await line([locked ?? '', roleless ?? '', next ?? '']);
    await db
      .updateTable('app_user')
      .set({ status: 'LOCKED' })
      .where('id', '=', locked ?? '')
      .execute();
    await db
      .deleteFrom('user_role')
      .where('user_id', '=', roleless ?? '')
      .execute();
    await cancel(id);
    expect(await statesOf(entries)).toEqual(['LAPSED', 'LAPSED', 'OFFERED']);
  });

  test('is not for whom somebody locks in that moment', async () => {
    const { id } = await book(await aPlayer());
    const locked = await aPlayer();
    const entry = await join(locked);
    const lock = ({ tx }: Work) =>
      tx.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', locked).execute();
    await meanwhile({ floor, runWork }, lock, () => cancel(id));
    expect(await statesOf([entry])).toEqual(['LAPSED']);
  });

  test('that nobody can have leaves the slot to all', async () => {
    const { id } = await book(await aPlayer());
    const locked = await aPlayer();
    const entry = await join(locked);
    await db.updateTable('app_user').set({ status: 'LOCKED' }).where('id', '=', locked).execute();
    await cancel(id);
    expect(await statesOf([entry])).toEqual(['LAPSED']);
    await book(await aPlayer());
  });

  test('costs what the slot costs, and stays while the wallet is empty', async () => {
    const priced = await aResource(runWork, { venueId, priceMinor: 700n });
    const { id } = await paidBooking(priced);
    const userId = await aPlayer();
    const entry = await join(userId, 9, priced);
    await cancel(id);
    await expect(accept(entry)).rejects.toMatchObject({ code: 'API_020' });
    expect(await statesOf([entry])).toEqual(['OFFERED']);
    const wallet = await aWallet(runWork, {
      venueId,
      userId,
      currency: priced.currency,
      balanceMinor: 1_000n,
    });
    const booking = await accept(entry);
    expect(booking).toMatchObject({ paidMinor: 700n, userId });
    const placed = sql`select from outbox
      where type = 'booking.placed' and payload ->> 'bookingId' = ${booking.id}`;
    expect((await placed.execute(db)).rows).toHaveLength(1);
    const { balance } = await db
      .selectFrom('ledger_account')
      .select('balance')
      .where('id', '=', wallet.id)
      .executeTakeFirstOrThrow();
    expect(balance).toBe(300n);
  });

  test('is accepted within the limits, and stays beyond them', async () => {
    const own = (await aVenue(runWork)).id;
    const table = await aResource(runWork, { venueId: own });
    const inVenue = { venueId: own };
    const somebody = async () => (await aUser(runWork, inVenue)).id;
    const userId = await somebody();
    await runWork(DESK, (work) =>
      setBookingLimit(work, { ...inVenue, role: 'PLAYER', window: 'DAY', maximum: 1 }),
    );
    const { id } = await aBooking(runWork, { ...inVenue, userId: await somebody(), slot: at(9, table) });
    const earlier = await aBooking(runWork, { ...inVenue, userId, slot: at(5, table) });
    const { id: entryId } = await runWork(DESK, (work) =>
      joinWaitlist(work, { ...inVenue, userId, slot: at(9, table) }),
    );
    const cancelIn = (bookingId: string) =>
      runWork(DESK, (work) => cancelBooking(work, { ...inVenue, bookingId, reason: null, refund: 'RULE' }));
    await cancelIn(id);
    const take = () => runWork(DESK, (work) => acceptOffer(work, { ...inVenue, entryId }));
    await expect(take()).rejects.toMatchObject({ code: 'API_012', window: 'DAY' });
    await cancelIn(earlier.id);
    expect(await take()).toMatchObject({ status: 'BOOKED' });
  });

  test('is over in the moment in which it expires', async () => {
    const { id } = await book(await aPlayer());
    const entry = await join(await aPlayer());
    await cancel(id);
    const [offered] = await findEntriesByIds(db, venueId, [entry.id]);
    const expiresMs = offered?.offerExpiresAt?.getTime() ?? 0;
    const declineThen = (ms: number) =>
      runWork(DESK, (work) => declineOffer({ ...work, now: new Date(ms) }, { venueId, entryId: entry.id }));
    await expect(declineThen(expiresMs)).rejects.toMatchObject({ code: 'API_013', end: 'EXPIRED' });
    expect(await declineThen(expiresMs - 1)).toMatchObject({ state: 'DECLINED' });
  });

  test('is of no slot that is another length by now', async () => {
    await book(await aPlayer());
    const entry = await join(await aPlayer());
    await runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, slotMinutes: 45 }),
    );
    expect(await statesOf([entry])).toEqual(['LAPSED']);
  });

  test('ends with its slot at the latest', async () => {
    const short = await aResource(runWork, { venueId, slotMinutes: 5 });
    const { id } = await book(await aPlayer(), 150, short);
    const entry = await join(await aPlayer(), 150, short);
    shiftMs = entry.startsAt.getTime() - 60_000 - Date.now();
    await cancel(id);
    const [offered] = await findEntriesByIds(db, venueId, [entry.id]);
    expect(offered).toMatchObject({ state: 'OFFERED', offerExpiresAt: entry.endsAt });
  });

  test('goes on in what a block leaves of the time of one that is over', async () => {
    const long = await aResource(runWork, { venueId, slotMinutes: 120 });
    const { id } = await book(await aPlayer(), 4, long);
    const over = await join(await aPlayer(), 4, long);
    await cancel(id);
    await runWork(DESK, (work) =>
      updateResource(work, { venueId, resourceId: long.id, expectedVersion: 1, slotMinutes: 60 }),
    );
    const waiting = await join(await aPlayer(), 9, long);
    const { startsAt } = over;
    shiftMs = OFFER_MS + 1_000;
    await runWork(DESK, (work) =>
      blockSlots(work, {
        venueId,
        resourceId: long.id,
        startsAt,
        endsAt: new Date(startsAt.getTime() + 3_600_000),
        reason: null,
      }),
    );
    expect(await statesOf([over, waiting])).toEqual(['EXPIRED', 'OFFERED']);
  });

  test('ends with the line when the venue blocks its time, and is told', async () => {
    const { id } = await book(await aPlayer());
    const [first, second] = (await line(await players(2))) as [WaitlistEntry, WaitlistEntry];
    await cancel(id);
    shiftMs = OFFER_MS + 1_000;
    await runWork(DESK, (work) =>
      blockSlots(work, {
        venueId,
        resourceId: resource.id,
        startsAt: first.startsAt,
        endsAt: first.endsAt,
        reason: null,
      }),
    );
    expect(await statesOf([first, second])).toEqual(['EXPIRED', 'WAITING']);
    expect(await toldOf(first)).toEqual([
      'booking.waitlist-joined',
      'booking.slot-offered',
      'booking.offer-expired',
    ]);
  });
});

const paidBooking = async (of: Resource) => {
  const userId = await aPlayer();
  await aWallet(runWork, { venueId, userId, currency: of.currency, balanceMinor: of.priceMinor });
  return await book(userId, 9, of);
};

test('whose slot begins before his turn comes waits no more', async () => {
  await book(await aPlayer());
  const entry = await join(await aPlayer());
  shiftMs = entry.startsAt.getTime() + 1_000 - Date.now();
  await Promise.all([keep(), keep()]);
  expect(await statesOf([entry])).toEqual(['LAPSED']);
  expect(await toldOf(entry)).toEqual(['booking.waitlist-joined', 'booking.waitlist-lapsed']);
});

test('who waits for what has begun keeps it from nobody, also before he is told', async () => {
  const { id } = await book(await aPlayer());
  const entry = await join(await aPlayer());
  shiftMs = entry.startsAt.getTime() + 1_000 - Date.now();
  await cancel(id);
  await book(await aPlayer());
  expect(await statesOf([entry])).toEqual(['WAITING']);
});

test('who books too late what he was offered books it as anybody does', async () => {
  const { id } = await book(await aPlayer());
  const userId = await aPlayer();
  const entry = await join(userId);
  await cancel(id);
  shiftMs = OFFER_MS + 1_000;
  await book(userId);
  expect(await statesOf([entry])).toEqual(['EXPIRED']);
  expect(await claimsOf()).toEqual([{ kind: 'BOOKING', userId }]);
});

test('whose offer is over, and is not noted yet, joins at the end', async () => {
  const { id } = await book(await aPlayer());
  const [first, second] = await players(2);
  const entries = await line([first ?? '', second ?? '']);
  await cancel(id);
  shiftMs = OFFER_MS + 1_000;
  const again = await join(first ?? '');
  expect(await statesOf([...entries, again])).toEqual(['EXPIRED', 'OFFERED', 'WAITING']);
});

test('the database keeps an offer to one who waits, once', async () => {
  const { id } = await book(await aPlayer());
  await join(await aPlayer());
  await cancel(id);
  const twin = sql`insert into slot_claim (id, venue_id, resource_id, first_seat, last_seat, starts_at, ends_at, kind, user_id, waitlist_entry_id, expires_at, created_at, created_by)
    select gen_random_uuid(), venue_id, resource_id, first_seat + 1, last_seat + 1, starts_at, ends_at, kind, user_id, waitlist_entry_id, expires_at, now(), '{}' from slot_claim where resource_id = ${resource.id}`;
  await expect(twin.execute(db)).rejects.toThrow('slot_claim_offer_once');
});

test('a slot of which fewer can be had now than have it is left over to nobody', async () => {
  const of = await aResource(runWork, { venueId, capacity: 3 });
  const [first, ...others] = [await aPlayer(), await aPlayer(), await aPlayer()];
  const { id } = await book(first ?? '', 9, of);
  for (const other of others) await book(other, 9, of);
  await runWork(DESK, (work) =>
    updateResource(work, { venueId, resourceId: of.id, expectedVersion: 1, capacity: 1 }),
  );
  const entry = await join(await aPlayer(), 9, of);
  await cancel(id);
  expect(await keep()).toBe(0);
  expect(await statesOf([entry])).toEqual(['WAITING']);
});
