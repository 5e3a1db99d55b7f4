import type { Role } from '../lib/actor.ts';
import type { BookingStatus } from './booking.ts';
import type { LimitWindow } from './booking-limit.ts';
import type { WaitlistState } from './waitlist.ts';

/** A booking as it was then. Times are ISO 8601 in UTC, amounts minor units as texts. */
export interface BookingSnapshot {
  readonly bookingId: string;
  readonly resourceId: string;
  readonly userId: string;
  readonly seriesId: string | null;
  readonly startsAt: string;
  readonly endsAt: string;
  readonly status: BookingStatus;
  readonly paidMinor: string;
  readonly refundedMinor: string;
  readonly currency: string;
  readonly noShowAt: string | null;
  readonly bookedAt: string;
  readonly cancelledAt: string | null;
  readonly cancelReason: string | null;
  readonly checkedInAt: string | null;
  readonly changedAt: string;
  readonly version: number;
}

interface Claimed {
  readonly resourceId: string;
  readonly startsAt: string;
  readonly endsAt: string;
}

export interface HoldSnapshot extends Claimed {
  readonly slotHoldId: string;
  readonly userId: string;
  readonly expiresAt: string;
}

/** A place in the line for a slot as it was then. */
export interface EntrySnapshot extends Claimed {
  readonly waitlistEntryId: string;
  readonly userId: string;
  readonly state: WaitlistState;
  readonly joinedAt: string;
  readonly offeredAt: string | null;
  /** Of what is offered. */
  readonly expiresAt: string | null;
  readonly endedAt: string | null;
  readonly bookingId: string | null;
}

interface BlockSnapshot extends Claimed {
  readonly blockId: string;
}

interface ResourceChange {
  readonly resourceId: string;
  readonly name: string;
  readonly version: number;
}

/** Of a series; of each booking of it there is an event besides. */
interface SeriesChange {
  readonly seriesId: string;
  readonly resourceId: string;
  readonly userId: string;
}

interface FeedChange {
  readonly calendarFeedId: string;
  readonly userId: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'booking.resource-created': ResourceChange;
    'booking.resource-updated': ResourceChange;
    'booking.placed': BookingSnapshot;
    'booking.cancelled': BookingSnapshot;
    /** It was moved from where it was to where it is. */
    'booking.rescheduled': BookingSnapshot & {
      readonly fromResourceId: string;
      readonly fromStartsAt: string;
      readonly fromEndsAt: string;
    };
    'booking.checked-in': BookingSnapshot;
    'booking.no-show-marked': BookingSnapshot;
    /** The first of it begins at `startsAt`. */
    'booking.series-booked': SeriesChange & {
      readonly rule: string;
      readonly startsAt: string;
      readonly booked: number;
      readonly skipped: number;
    };
    'booking.series-cancelled': SeriesChange & { readonly cancelled: number };
    /** From now on a calendar can read what he has booked. */
    'booking.calendar-feed-created': FeedChange;
    'booking.calendar-feed-revoked': FeedChange;
    'booking.slot-held': HoldSnapshot;
    'booking.slot-hold-released': HoldSnapshot;
    'booking.slot-hold-expired': HoldSnapshot;
    'booking.slots-blocked': BlockSnapshot;
    'booking.slots-unblocked': BlockSnapshot;
    'booking.waitlist-joined': EntrySnapshot;
    'booking.waitlist-left': EntrySnapshot;
    /** Its slot began, or is none any more, or who waited cannot book any more. */
    'booking.waitlist-lapsed': EntrySnapshot;
    'booking.slot-offered': EntrySnapshot;
    'booking.offer-accepted': EntrySnapshot;
    'booking.offer-declined': EntrySnapshot;
    'booking.offer-expired': EntrySnapshot;
    'booking.limit-changed': {
      readonly role: Role;
      readonly window: LimitWindow;
      /** Null: there is none any more. */
      readonly maximum: number | null;
    };
  }
}

/** What happens to bookings, for those who follow them. */
export const BOOKING_EVENTS = [
  'booking.placed',
  'booking.cancelled',
  'booking.rescheduled',
  'booking.checked-in',
  'booking.no-show-marked',
] as const;
export type BookingEventType = (typeof BOOKING_EVENTS)[number];

/** What happens to those who wait for slots. */
export const WAITLIST_EVENTS = [
  'booking.waitlist-joined',
  'booking.waitlist-left',
  'booking.waitlist-lapsed',
  'booking.slot-offered',
  'booking.offer-accepted',
  'booking.offer-declined',
  'booking.offer-expired',
] as const;
export type WaitlistEventType = (typeof WAITLIST_EVENTS)[number];

/** Whatever changes what can be had of a resource. */
export const SLOT_EVENTS = [
  ...BOOKING_EVENTS,
  'booking.resource-updated',
  'booking.slot-held',
  'booking.slot-hold-released',
  'booking.slot-hold-expired',
  'booking.slots-blocked',
  'booking.slots-unblocked',
  'booking.slot-offered',
  'booking.waitlist-left',
  'booking.offer-declined',
  'booking.offer-expired',
] as const;
export type SlotEventType = (typeof SLOT_EVENTS)[number];
