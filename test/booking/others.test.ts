import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { User } from '../../src/auth/user.ts';
import { checkInBooking } from '../../src/booking/attendance-service.ts';
import { blockSlots, unblockSlots } from '../../src/booking/block-service.ts';
import { setBookingLimit } from '../../src/booking/booking-limit-service.ts';
import { bookHeldSlot, cancelBooking } from '../../src/booking/booking-service.ts';
import { BOOKING_EXPORTERS } from '../../src/booking/data-exporter.ts';
import { acceptOffer, declineOffer } from '../../src/booking/offer-service.ts';
import { rescheduleBooking } from '../../src/booking/reschedule-service.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { createResource, updateResource } from '../../src/booking/resource-service.ts';
import { bookSeries, cancelSeries } from '../../src/booking/series-service.ts';
import { bookSlot } from '../../src/booking/slot-booking-service.ts';
import { holdSlot, releaseSlotHold } from '../../src/booking/slot-hold-service.ts';
import { joinWaitlist, leaveWaitlist } from '../../src/booking/waitlist-service.ts';
import type { Actor } from '../../src/lib/actor.ts';
import { createRunWork, type Work } from '../../src/work.ts';
import {
  aBooking,
  aCalendarFeed,
  aPlaceInLine,
  aResource,
  aSlot,
  DESK,
  dayAhead,
} from '../support/booking.ts';
import { anActor, aUser, aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

/** Whose something is changes it, and who manages bookings; who only sees it is told so, and others that it is none. */

const { floor } = await cloneDatabase();
const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
let venueId: string;
let resource: Resource;
let owner: User;
let stranger: User;
let auditor: User;
let operator: User;

beforeAll(async () => {
  venueId = (await aVenue(runWork)).id;
  owner = await aUser(runWork, { venueId });
  stranger = await aUser(runWork, { venueId });
  // Who sees the bookings of all, and books for himself.
  auditor = await aUser(runWork, { venueId, roles: ['AUDITOR', 'PLAYER'] });
  operator = await aUser(runWork, { venueId, roles: ['OPERATOR'] });
});
beforeEach(async () => {
  resource = await aResource(runWork, { venueId });
});

const at = (index: number) => ({ resourceId: resource.id, day: dayAhead(resource), index });
const how = { reason: null, refund: 'RULE' } as const;
const book = (userId: string) => aBooking(runWork, { venueId, userId, slot: at(9) });
const hold = (work: Work, userId: string) =>
  holdSlot(work, { venueId, userId, slot: at(9), expiresInSeconds: 300, holdsPrice: false });
const series = (work: Work, userId: string) =>
  bookSeries(work, { venueId, userId, first: at(9), rule: 'FREQ=DAILY;COUNT=2', onConflict: 'FAIL' });
const waiting = async () => {
  const booking = await book(operator.id);
  const entry = await runWork(DESK, (work) => joinWaitlist(work, { venueId, userId: owner.id, slot: at(9) }));
  return { booking, entryId: entry.id };
};
const offered = async () => {
  const { booking, entryId } = await waiting();
  await runWork(DESK, (work) => cancelBooking(work, { venueId, bookingId: booking.id, ...how }));
  return entryId;
};
type Change = (work: Work) => Promise<unknown>;

/** One of the owner’s, and what is done to it. */
const CHANGES: Readonly<Record<string, () => Promise<Change>>> = {
  'books what is held': async () => {
    const { id: holdId } = await runWork(DESK, (work) => hold(work, owner.id));
    return (work) => bookHeldSlot(work, { venueId, holdId });
  },
  'releases what is held': async () => {
    const { id: holdId } = await runWork(DESK, (work) => hold(work, owner.id));
    return (work) => releaseSlotHold(work, { venueId, holdId });
  },
  'cancels a booking': async () => {
    const { id: bookingId } = await book(owner.id);
    return (work) => cancelBooking(work, { venueId, bookingId, ...how });
  },
  'moves a booking': async () => {
    const { id: bookingId } = await book(owner.id);
    return (work) => rescheduleBooking(work, { venueId, bookingId, slot: at(10) });
  },
  'checks in': async () => {
    const { id: bookingId, startsAt } = await book(owner.id);
    return (work) => checkInBooking({ ...work, now: startsAt }, { venueId, bookingId });
  },
  'cancels a series': async () => {
    const { id: seriesId } = await runWork(DESK, (work) => series(work, owner.id));
    return (work) => cancelSeries(work, { venueId, seriesId, from: null, ...how });
  },
  'leaves a line': async () => {
    const { entryId } = await waiting();
    return (work) => leaveWaitlist(work, { venueId, entryId });
  },
  'accepts an offer': async () => {
    const entryId = await offered();
    return (work) => acceptOffer(work, { venueId, entryId });
  },
  'declines an offer': async () => {
    const entryId = await offered();
    return (work) => declineOffer(work, { venueId, entryId });
  },
  'books for him': async () => (work) => bookSlot(work, { venueId, userId: owner.id, slot: at(9) }),
  'holds for him': async () => (work) => hold(work, owner.id),
  'books a series for him': async () => (work) => series(work, owner.id),
  'lines him up': async () => {
    await book(operator.id);
    return (work) => joinWaitlist(work, { venueId, userId: owner.id, slot: at(9) });
  },
};

describe.each(Object.entries(CHANGES))('who %s', (_name, prepare) => {
  test('is whose it is', async () => {
    const change = await prepare();
    const as = (actor: Actor) => runWork(actor, change);
    await expect(as(anActor(stranger))).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(as(anActor(auditor))).rejects.toMatchObject({ name: 'NotOwnerError' });
    await expect(as(anActor(owner))).resolves.toBeDefined();
  });

  test('is who manages bookings, at their venue', async () => {
    const change = await prepare();
    const elsewhere = { ...anActor(operator), venueId: (await aVenue(runWork)).id };
    await expect(runWork(elsewhere, change)).rejects.toMatchObject({ name: 'NotFoundError' });
    await expect(runWork(anActor(operator), change)).resolves.toBeDefined();
  });
});

test('nobody is given a slot who has no role at the venue', async () => {
  const { id: userId } = await aUser(runWork, { venueId: (await aVenue(runWork)).id });
  const gifts: readonly Change[] = [
    (work) => bookSlot(work, { venueId, userId, slot: at(9) }),
    (work) => hold(work, userId),
    (work) => series(work, userId),
  ];
  for (const give of gifts)
    await expect(runWork(DESK, give)).rejects.toMatchObject({ name: 'NotFoundError' });
});

test('what can be had of a venue is said by who manages its bookings', async () => {
  const { time } = await aSlot(runWork, resource);
  const elsewhere = { ...anActor(operator), venueId: (await aVenue(runWork)).id };
  const block = (work: Work, { startsAt, endsAt }: Pick<typeof time, 'startsAt' | 'endsAt'> = time) =>
    blockSlots(work, { venueId, resourceId: resource.id, startsAt, endsAt, reason: null });
  const blocked = await runWork(anActor(operator), (work) => block(work));
  const unblock = (work: Work, of = venueId) => unblockSlots(work, { venueId: of, blockId: blocked.id });
  const changes: readonly Change[] = [
    (work) => block(work),
    (work) => unblock(work),
    (work) => setBookingLimit(work, { venueId, role: 'ADMIN', window: 'DAY', maximum: 5 }),
    (work) => updateResource(work, { venueId, resourceId: resource.id, expectedVersion: 1, name: 'His' }),
    (work) => createResource(work, { venueId, kind: 'TABLE', name: 'His' }),
  ];
  for (const actor of [anActor(owner), anActor(auditor), elsewhere])
    for (const change of changes)
      await expect(runWork(actor, change)).rejects.toMatchObject({ name: 'NotOwnerError' });
  const fromElsewhere = runWork(elsewhere, (work) => unblock(work, elsewhere.venueId));
  await expect(fromElsewhere).rejects.toMatchObject({ name: 'NotFoundError' });
  const nothing = runWork(anActor(operator), (work) => block(work, { ...time, endsAt: time.startsAt }));
  await expect(nothing).rejects.toMatchObject({ name: 'ValidationError' });
  await expect(runWork(anActor(operator), unblock)).resolves.toMatchObject({ id: blocked.id });
});

test('everybody is told what he has himself, and nothing of what others have', async () => {
  for (const [nth, { id: userId }] of [owner, stranger].entries()) {
    await aBooking(runWork, { venueId, userId, slot: at(nth) });
    await runWork(DESK, (work) =>
      holdSlot(work, { venueId, userId, slot: at(3 + nth), expiresInSeconds: 300, holdsPrice: false }),
    );
    const first = at(6 + nth);
    await runWork(DESK, (work) =>
      bookSeries(work, { venueId, userId, first, rule: 'FREQ=DAILY;COUNT=2', onConflict: 'FAIL' }),
    );
    await aPlaceInLine(runWork, { venueId, userId });
    await aCalendarFeed(runWork, { venueId, userId });
  }
  for (const { section, read } of BOOKING_EXPORTERS) {
    const told = await Promise.all([owner, stranger].map(({ id }) => read(floor.db, id)));
    const [his, others] = told.map(
      (rows): readonly string[] => JSON.stringify(rows).match(/(?<="id":")[^"]+/g) ?? [],
    );
    expect([section, his?.length]).not.toEqual([section, 0]);
    expect([section, others?.length]).not.toEqual([section, 0]);
    expect(his?.filter((id) => others?.includes(id))).toEqual([]);
  }
});

test('what is refunded by hand is said by who manages bookings', async () => {
  const { id: bookingId } = await book(owner.id);
  const { id: seriesId } = await runWork(DESK, (work) =>
    bookSeries(work, {
      venueId,
      userId: owner.id,
      first: at(12),
      rule: 'FREQ=DAILY;COUNT=2',
      onConflict: 'FAIL',
    }),
  );
  const full = { reason: null, refund: 'FULL' } as const;
  const changes: readonly Change[] = [
    (work) => cancelBooking(work, { venueId, bookingId, ...full }),
    (work) => cancelSeries(work, { venueId, seriesId, from: null, ...full }),
  ];
  for (const change of changes) {
    await expect(runWork(anActor(owner), change)).rejects.toMatchObject({ name: 'NotOwnerError' });
    await expect(runWork(anActor(operator), change)).resolves.toBeDefined();
  }
});
