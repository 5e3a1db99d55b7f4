import { type DataExporter, MAX_EXPORTED } from '../auth/data-export.ts';
import { formatDecimal } from '../lib/money.ts';

/** What a person booked. Amounts are decimal texts in the currency. */
const BOOKING_EXPORTER: DataExporter = {
  section: 'bookings',
  read: async (db, userId) => {
    const bookings = await db
      .selectFrom('booking')
      .innerJoin('resource', 'resource.id', 'booking.resource_id')
      .innerJoin('venue', 'venue.id', 'booking.venue_id')
      .select(['booking.id', 'venue.slug as venue', 'resource.name as resource', 'booking.status'])
      .select(['booking.starts_at as startsAt', 'booking.ends_at as endsAt', 'booking.booked_at as bookedAt'])
      .select([
        'cancelled_at as cancelledAt',
        'cancel_reason as cancelReason',
        'checked_in_at as checkedInAt',
      ])
      .select(['booking.paid', 'booking.refunded', 'booking.currency'])
      .where('user_id', '=', userId)
      .orderBy('booking.starts_at', 'desc')
      .orderBy('booking.id')
      .limit(MAX_EXPORTED)
      .execute();
    return bookings.map(({ paid, refunded, currency, ...booking }) => ({
      ...booking,
      currency,
      paid: formatDecimal({ amountMinor: paid, currency }),
      refunded: formatDecimal({ amountMinor: refunded, currency }),
    }));
  },
};

/** What he booked at once. */
const SERIES_EXPORTER: DataExporter = {
  section: 'bookingSeries',
  read: async (db, userId) =>
    await db
      .selectFrom('booking_series as series')
      .innerJoin('resource', 'resource.id', 'series.resource_id')
      .innerJoin('venue', 'venue.id', 'series.venue_id')
      .select(['series.id', 'venue.slug as venue', 'resource.name as resource', 'series.rule'])
      .select(['series.starts_at as startsAt', 'series.booked_at as bookedAt'])
      .where('user_id', '=', userId)
      .orderBy('series.booked_at', 'desc')
      .orderBy('series.id')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What was held for him. */
const SLOT_HOLD_EXPORTER: DataExporter = {
  section: 'slotHolds',
  read: async (db, userId) =>
    await db
      .selectFrom('slot_hold as hold')
      .innerJoin('resource', 'resource.id', 'hold.resource_id')
      .innerJoin('venue', 'venue.id', 'hold.venue_id')
      .select(['hold.id', 'venue.slug as venue', 'resource.name as resource', 'hold.state'])
      .select(['hold.starts_at as startsAt', 'hold.placed_at as placedAt', 'hold.expires_at as expiresAt'])
      .where('user_id', '=', userId)
      .orderBy('hold.placed_at', 'desc')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What he waited for. */
const WAITLIST_EXPORTER: DataExporter = {
  section: 'waitlist',
  read: async (db, userId) =>
    await db
      .selectFrom('waitlist_entry as entry')
      .innerJoin('resource', 'resource.id', 'entry.resource_id')
      .innerJoin('venue', 'venue.id', 'entry.venue_id')
      .select(['entry.id', 'venue.slug as venue', 'resource.name as resource', 'entry.state'])
      .select(['entry.starts_at as startsAt', 'entry.joined_at as joinedAt'])
      .select(['entry.offered_at as offeredAt', 'entry.ended_at as endedAt'])
      .where('user_id', '=', userId)
      .orderBy('entry.joined_at', 'desc')
      .orderBy('entry.id')
      .limit(MAX_EXPORTED)
      .execute(),
};

/** What shows his bookings to a calendar program; not how it is read. */
const CALENDAR_FEED_EXPORTER: DataExporter = {
  section: 'calendarFeeds',
  read: async (db, userId) =>
    await db
      .selectFrom('calendar_feed as feed')
      .innerJoin('venue', 'venue.id', 'feed.venue_id')
      .select(['feed.id', 'venue.slug as venue', 'feed.name', 'feed.created_at as createdAt'])
      .where('user_id', '=', userId)
      .orderBy('feed.created_at', 'desc')
      .orderBy('feed.id')
      .limit(MAX_EXPORTED)
      .execute(),
};

export const BOOKING_EXPORTERS: readonly DataExporter[] = [
  BOOKING_EXPORTER,
  SERIES_EXPORTER,
  SLOT_HOLD_EXPORTER,
  WAITLIST_EXPORTER,
  CALENDAR_FEED_EXPORTER,
];
