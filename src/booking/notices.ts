import type { LoggedEvent } from '../events/events.ts';
import { formatInstant, formatSpan } from '../lib/time.ts';
import type { Notice, NoticeRules, Telling } from '../notification/notice.ts';
import type { BookingEventType, BookingSnapshot, EntrySnapshot, WaitlistEventType } from './events.ts';
import { findResourcesByIds } from './resource-store.ts';

/** What people are told of what they booked, and of what they wait for. */
export const BOOKING_NOTICES: NoticeRules = {
  // Of a series they are told once.
  'booking.placed': (event, telling) =>
    event.payload.seriesId === null
      ? ofBooking(event, telling, { severity: 'SUCCESS', say: (what) => `Booked: ${what}.` })
      : null,
  'booking.cancelled': (event, telling) =>
    ofBooking(event, telling, {
      severity: 'WARNING',
      say: (what) => `Cancelled: ${what}.${reasonOf(event.payload)}`,
    }),
  'booking.rescheduled': async (event, telling) => {
    const { fromResourceId, fromStartsAt, fromEndsAt } = event.payload;
    const before = { resourceId: fromResourceId, startsAt: fromStartsAt, endsAt: fromEndsAt };
    const from = await describe(event.venueId, before, telling);
    const notice = await ofBooking(event, telling, {
      severity: 'INFO',
      say: (what) => `Moved: ${what}, instead of ${from}.`,
    });
    return { ...notice, data: { ...notice.data, fromResourceId, fromStartsAt, fromEndsAt } };
  },
  'booking.checked-in': (event, telling) =>
    ofBooking(event, telling, { severity: 'SUCCESS', say: (what) => `Checked in: ${what}.` }),
  'booking.no-show-marked': (event, telling) =>
    ofBooking(event, telling, { severity: 'WARNING', say: (what) => `Nobody came: ${what}.` }),
  'booking.series-booked': async ({ venueId, payload }, { tx, venue }) => {
    const { seriesId, resourceId, userId, startsAt, booked, skipped } = payload;
    const name = await nameOf(venueId, resourceId, tx);
    const first = formatInstant(new Date(startsAt), (await venue()).timeZone);
    const left = skipped > 0 ? ` ${skipped} could not be had.` : '';
    return {
      to: { userIds: [userId] },
      type: 'BOOKING',
      severity: 'SUCCESS',
      message: `Booked: ${name}, ${booked} times from ${first}.${left}`,
      data: { seriesId, resourceId, startsAt, booked, skipped, status: 'BOOKED' },
    };
  },
  'booking.slot-offered': async (event, telling) => {
    const { expiresAt } = event.payload;
    const until = expiresAt === null ? null : new Date(expiresAt);
    const notice = await ofEntry(event, telling, {
      severity: 'WARNING',
      say: (what) => `Free for you: ${what}.`,
    });
    if (until === null) return notice;
    const end = formatInstant(until, (await telling.venue()).timeZone);
    return { ...notice, message: `${notice.message} It is kept until ${end}.`, mailUntil: until };
  },
  'booking.offer-expired': (event, telling) =>
    ofEntry(event, telling, {
      severity: 'INFO',
      say: (what) => `You did not take in time what was kept for you: ${what}.`,
    }),
  'booking.waitlist-lapsed': (event, telling) =>
    ofEntry(event, telling, { severity: 'INFO', say: (what) => `You wait no longer for ${what}.` }),
};

interface Wording {
  readonly severity: Notice['severity'];
  readonly say: (what: string) => string;
}

async function ofBooking(
  { venueId, payload }: LoggedEvent<BookingEventType>,
  telling: Telling,
  { severity, say }: Wording,
): Promise<Notice> {
  const { bookingId, resourceId, userId, seriesId, startsAt, endsAt, status } = payload;
  return {
    to: { userIds: [userId] },
    type: 'BOOKING',
    severity,
    message: say(await describe(venueId, payload, telling)),
    data: { bookingId, resourceId, seriesId, startsAt, endsAt, status },
  };
}

async function ofEntry(
  { venueId, payload }: LoggedEvent<WaitlistEventType>,
  telling: Telling,
  { severity, say }: Wording,
): Promise<Notice> {
  const { waitlistEntryId, resourceId, userId, startsAt, endsAt, expiresAt, state } = payload;
  return {
    to: { userIds: [userId] },
    type: 'WAITLIST',
    severity,
    message: say(await describe(venueId, payload, telling)),
    data: { waitlistEntryId, resourceId, startsAt, endsAt, expiresAt, status: state },
  };
}

type Slot = Pick<BookingSnapshot | EntrySnapshot, 'resourceId' | 'startsAt' | 'endsAt'>;

/** `Table 4, Sat 21 Nov 2026, 14:00 to 15:00` */
async function describe(
  venueId: string,
  { resourceId, startsAt, endsAt }: Slot,
  { tx, venue }: Telling,
): Promise<string> {
  const span = formatSpan(new Date(startsAt), new Date(endsAt), (await venue()).timeZone);
  return `${await nameOf(venueId, resourceId, tx)}, ${span}`;
}

async function nameOf(venueId: string, resourceId: string, tx: Telling['tx']): Promise<string> {
  const [resource] = await findResourcesByIds(tx, venueId, [resourceId]);
  return resource?.name ?? 'what is gone';
}

const reasonOf = ({ cancelReason }: BookingSnapshot): string =>
  cancelReason === null ? '' : ` Reason: ${cancelReason}`;
