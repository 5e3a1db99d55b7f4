import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';
import type { Role } from '../../lib/actor.ts';

/** What was said once never changes. */
type Fixed<T> = ColumnType<T, T, never>;

type ActorColumn = JSONColumnType<{ kind: string; id: string | null }>;

export interface ResourceTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  kind: Fixed<'MACHINE' | 'TABLE' | 'ROOM' | 'BENCH' | 'OTHER'>;
  name: string;
  description: string | null;
  machine_id: string | null;
  slot_minutes: number;
  capacity: number;
  /** Minor units. */
  price: bigint;
  /** ISO 4217. */
  currency: Fixed<string>;
  opening_hours: JSONColumnType<{ weekday: number; opensAt: number; closesAt: number }[]>;
  bookable_days: number;
  free_cancellation_minutes: number;
  late_refund_percent: number;
  no_show_minutes: number | null;
  status: 'ACTIVE' | 'CLOSED';
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
}

export interface BookingLimitTable {
  venue_id: Fixed<string>;
  role: Fixed<Role>;
  per: Fixed<'DAY' | 'WEEK' | 'MONTH' | 'ACTIVE'>;
  maximum: number;
  changed_at: Date;
}

export interface BookingTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  resource_id: string;
  user_id: Fixed<string>;
  starts_at: Date;
  ends_at: Date;
  status: Generated<'BOOKED' | 'CHECKED_IN' | 'NO_SHOW' | 'CANCELLED'>;
  /** Minor units. */
  paid: Generated<bigint>;
  refunded: Generated<bigint>;
  currency: Fixed<string>;
  no_show_at: Date | null;
  booked_at: Fixed<Date>;
  booked_by: ActorColumn;
  cancelled_at: Date | null;
  cancelled_by: ColumnType<{ kind: string; id: string | null } | null, string | null, string | null>;
  cancel_reason: string | null;
  checked_in_at: Date | null;
  changed_at: Date;
  version: Generated<number>;
  series_id: Fixed<string | null>;
  late_refund_percent: number | null;
  forfeited: Generated<bigint>;
}

export interface BookingSeriesTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  resource_id: Fixed<string>;
  user_id: Fixed<string>;
  rule: Fixed<string>;
  starts_at: Fixed<Date>;
  skipped: JSONColumnType<{ startsAt: string; why: 'TAKEN' | 'NO_SLOT' | 'NOT_BOOKABLE' }[]>;
  booked_at: Fixed<Date>;
  booked_by: ActorColumn;
}

export interface SlotClaimTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  resource_id: Fixed<string>;
  first_seat: Fixed<number>;
  last_seat: Fixed<number>;
  starts_at: Fixed<Date>;
  ends_at: Fixed<Date>;
  kind: 'BOOKING' | 'HOLD' | 'OFFER' | 'BLOCK';
  user_id: string | null;
  booking_id: string | null;
  hold_id: string | null;
  waitlist_entry_id: string | null;
  expires_at: Date | null;
  reason: Fixed<string | null>;
  created_at: Fixed<Date>;
  created_by: ActorColumn;
}

export interface SlotHoldTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  resource_id: Fixed<string>;
  user_id: Fixed<string>;
  starts_at: Fixed<Date>;
  ends_at: Fixed<Date>;
  state: Generated<'PLACED' | 'BOOKED' | 'RELEASED' | 'EXPIRED'>;
  placed_at: Fixed<Date>;
  placed_by: ActorColumn;
  expires_at: Fixed<Date>;
  ended_at: Date | null;
  booking_id: string | null;
  /** Minor units. */
  price: Fixed<bigint>;
  currency: Fixed<string>;
  wallet_hold_id: string | null;
}

export interface CalendarFeedTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  user_id: Fixed<string>;
  name: Fixed<string>;
  token_hash: Fixed<Buffer>;
  created_at: Fixed<Date>;
}

export interface WaitlistEntryTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  resource_id: Fixed<string>;
  user_id: Fixed<string>;
  starts_at: Fixed<Date>;
  ends_at: Fixed<Date>;
  place: GeneratedAlways<bigint>;
  state: Generated<'WAITING' | 'OFFERED' | 'ACCEPTED' | 'DECLINED' | 'EXPIRED' | 'LEFT' | 'LAPSED'>;
  joined_at: Fixed<Date>;
  joined_by: ActorColumn;
  offered_at: Date | null;
  offer_expires_at: Date | null;
  ended_at: Date | null;
  booking_id: string | null;
}
