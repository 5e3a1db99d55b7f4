/** An address under which a calendar reads what somebody has booked. */
export interface CalendarFeed {
  readonly id: string;
  readonly venueId: string;
  readonly userId: string;
  /** Which calendar it is for, in the words of who made it. */
  readonly name: string;
  readonly createdAt: Date;
}

/** Of one person at one venue. */
export const MAX_FEEDS = 20;

/** How every token of a feed begins, so that it is told from other tokens. */
export const FEED_MARK = 'fwcal_';

/** So long a booking is shown after its end, and after it was cancelled, for calendars to take it out. */
export const SHOWN_DAYS = 90;
