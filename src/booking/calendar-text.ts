import ical, { ICalEventStatus } from 'ical-generator';

/** A booking as a calendar shows it. */
export interface CalendarEntry {
  /** Of the booking. */
  readonly id: string;
  readonly resourceName: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly isCancelled: boolean;
  readonly bookedAt: Date;
  readonly changedAt: Date;
  /** From 1, one more with every change. */
  readonly version: number;
}

const REFRESH_SECONDS = 900;

/** What stands in a calendar without entries, which has one component at least (RFC 5545, 3.6). It shows nothing. */
const NO_ENTRY = [
  'BEGIN:VTIMEZONE',
  'TZID:UTC',
  'BEGIN:STANDARD',
  'DTSTART:19700101T000000',
  'TZOFFSETFROM:+0000',
  'TZOFFSETTO:+0000',
  'END:STANDARD',
  'END:VTIMEZONE',
  '',
].join('\r\n');

/**
 * The bookings of one person as a calendar reads them: a VCALENDAR (RFC 5545) with an event of each. The same entries
 * are the same text, whenever they are written.
 */
export function calendarText(venueName: string, entries: readonly CalendarEntry[]): string {
  const calendar = ical({
    prodId: { company: 'floorwire', product: 'bookings', language: 'EN' },
    // The library writes it as it is: nothing that people name belongs here.
    name: 'Bookings',
    // Some programs look once a day unless they are told.
    ttl: REFRESH_SECONDS,
  });
  for (const entry of entries)
    calendar.createEvent({
      // Not of where the server is reached: a booking stays the same when that changes.
      id: `${entry.id}@floorwire`,
      start: entry.startsAt,
      end: entry.endsAt,
      stamp: entry.changedAt,
      created: entry.bookedAt,
      lastModified: entry.changedAt,
      sequence: entry.version - 1,
      status: entry.isCancelled ? ICalEventStatus.CANCELLED : ICalEventStatus.CONFIRMED,
      summary: entry.resourceName,
      location: venueName,
    });
  const text = calendar.toString();
  const whole = entries.length === 0 ? text.replace('END:VCALENDAR', `${NO_ENTRY}END:VCALENDAR`) : text;
  // Each line ends, the last one too.
  return `${whole}\r\n`;
}
