import { sql } from 'kysely';
import { makeOpaqueToken } from '../../src/auth/opaque-token.ts';
import { blockSlots } from '../../src/booking/block-service.ts';
import type { Booking } from '../../src/booking/booking.ts';
import { cancelBooking } from '../../src/booking/booking-service.ts';
import { FEED_MARK } from '../../src/booking/calendar-feed.ts';
import { insertFeed } from '../../src/booking/calendar-feed-store.ts';
import type { Resource } from '../../src/booking/resource.ts';
import { type CreateResource, createResource } from '../../src/booking/resource-service.ts';
import { bookSeries } from '../../src/booking/series-service.ts';
import { type BookSlot, bookSlot } from '../../src/booking/slot-booking-service.ts';
import { holdSlot } from '../../src/booking/slot-hold-service.ts';
import { getSlot, type PlacedSlot } from '../../src/booking/slot-service.ts';
import type { WaitlistEntry } from '../../src/booking/waitlist.ts';
import { joinWaitlist, leaveWaitlist } from '../../src/booking/waitlist-service.ts';
import { listLiveEntries } from '../../src/booking/waitlist-store.ts';
import { openDatabase } from '../../src/db/database.ts';
import { encodeGlobalId, slotKeyOf } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { addDays, dayOf } from '../../src/lib/calendar.ts';
import { newId } from '../../src/lib/ids.ts';
import type { RunWork } from '../../src/work.ts';
import type { FloorApp } from './app.ts';
import { aUser } from './builders.ts';

export const DESK = system('desk');

/** A table, open all day, of hourly slots. */
export const aResource = (
  runWork: RunWork,
  fields: Pick<CreateResource, 'venueId'> & Partial<CreateResource>,
): Promise<Resource> =>
  runWork(DESK, (work) => createResource(work, { kind: 'TABLE', name: `Table ${newId()}`, ...fields }));

/** So many days from today, by the resource's clock. */
export const dayAhead = ({ timeZone }: Pick<Resource, 'timeZone'>, days = 1): string =>
  addDays(dayOf(new Date(), timeZone), days);

/** Tomorrow's slot of this number. */
export const aSlot = (
  runWork: RunWork,
  resource: Resource,
  { index = 12, day = dayAhead(resource) }: { readonly index?: number; readonly day?: string } = {},
): Promise<PlacedSlot> =>
  runWork(DESK, (work) => getSlot(work.tx, resource.venueId, { resourceId: resource.id, day, index }));

/** Booked by floorwire itself. */
export const aBooking = (runWork: RunWork, booking: BookSlot): Promise<Booking> =>
  runWork(DESK, (work) => bookSlot(work, booking));

const HOUR_MS = 3_600_000;

/** The hour there is. */
const presentHour = (): Date => new Date(Math.floor(Date.now() / HOUR_MS) * HOUR_MS);

/** What somebody has now, and an hour longer than its slot: the clock may strike while a test is on. */
export async function aBookingNow(
  floor: Pick<FloorApp, 'app' | 'connection' | 'venueId'>,
  { userId, resourceId }: Pick<Booking, 'userId' | 'resourceId'>,
): Promise<Booking> {
  const { runWork } = floor.app().services;
  const slot = { resourceId, startsAt: presentHour() };
  const booking = await aBooking(runWork, { venueId: floor.venueId, userId, slot });
  const endsAt = new Date(booking.endsAt.getTime() + HOUR_MS);
  // The server itself may change no time that is claimed.
  await using owner = openDatabase({
    connection: floor.connection,
    poolSize: 1,
    applicationName: 'owner',
  });
  await sql`with longer as (update booking set ends_at = ${endsAt} where id = ${booking.id})
    update slot_claim set ends_at = ${endsAt} where booking_id = ${booking.id}`.execute(owner.db);
  return { ...booking, endsAt };
}

/** The global id of a feed of somebody's bookings. */
export async function aCalendarFeed(
  runWork: RunWork,
  owner: { readonly venueId: string; readonly userId: string },
): Promise<string> {
  const id = newId();
  const { hash } = makeOpaqueToken(FEED_MARK);
  await runWork(DESK, ({ tx, now }) => insertFeed(tx, { id, ...owner, name: 'Phone', createdAt: now }, hash));
  return encodeGlobalId('CalendarFeed', id);
}

/** Somebody lines up for a slot of a new resource that somebody else has booked. */
export async function aPlaceInLine(
  runWork: RunWork,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<{ readonly entry: WaitlistEntry; readonly booking: Booking }> {
  const resource = await aResource(runWork, { venueId });
  const slot = { resourceId: resource.id, day: dayAhead(resource), index: 12 };
  const owner = await aUser(runWork, { venueId });
  const booking = await aBooking(runWork, { venueId, userId: owner.id, slot });
  const entry = await runWork(DESK, (work) => joinWaitlist(work, { venueId, userId, slot }));
  return { entry, booking };
}

/** The global ids of a resource, a slot of it that is free, one that is taken, one that is held, one that is booked now, a series, a block, and what a line offers. */
export async function someTime(
  runWork: RunWork,
  { venueId, userId }: { readonly venueId: string; readonly userId: string },
): Promise<Record<string, string>> {
  const resource = await aResource(runWork, { venueId });
  const { time } = await aSlot(runWork, resource);
  const of = { resourceId: resource.id };
  const day = dayAhead(resource);
  const booking = await aBooking(runWork, { venueId, userId, slot: { ...of, startsAt: presentHour() } });
  const holder = await aUser(runWork, { venueId });
  const hold = await runWork(DESK, (work) =>
    holdSlot(work, {
      venueId,
      userId: holder.id,
      slot: { ...of, day, index: 3 },
      expiresInSeconds: 900,
      holdsPrice: false,
    }),
  );
  const series = await runWork(DESK, (work) =>
    bookSeries(work, {
      venueId,
      userId,
      first: { ...of, day, index: 5 },
      rule: 'FREQ=DAILY;COUNT=2',
      onConflict: 'FAIL',
    }),
  );
  const week = new Date(Date.now() + 7 * 86_400_000);
  const block = await runWork(DESK, (work) =>
    blockSlots(work, {
      venueId,
      ...of,
      startsAt: week,
      endsAt: new Date(week.getTime() + 60_000),
      reason: null,
    }),
  );
  // One can stand in so many lines at a time.
  for (const { id: entryId } of await runWork(DESK, ({ tx }) => listLiveEntries(tx, venueId, userId)))
    await runWork(DESK, (work) => leaveWaitlist(work, { venueId, entryId }));
  const { entry, booking: taken } = await aPlaceInLine(runWork, { venueId, userId });
  await runWork(DESK, (work) =>
    cancelBooking(work, { venueId, bookingId: taken.id, reason: null, refund: 'RULE' }),
  );
  return {
    WaitlistEntry: encodeGlobalId('WaitlistEntry', entry.id),
    TakenSlot: encodeGlobalId('Slot', slotKeyOf(hold.resourceId, hold.startsAt)),
    Resource: encodeGlobalId('Resource', resource.id),
    Slot: encodeGlobalId('Slot', slotKeyOf(resource.id, time.startsAt)),
    Booking: encodeGlobalId('Booking', booking.id),
    BookingSeries: encodeGlobalId('BookingSeries', series.id),
    SlotHold: encodeGlobalId('SlotHold', hold.id),
    SlotBlock: encodeGlobalId('SlotBlock', block.id),
  };
}
