import type { ColumnType, Generated } from 'kysely';

/** What was said once never changes. */
type Fixed<T> = ColumnType<T, T, never>;

type ActorColumn = ColumnType<{ kind: string; id: string | null }, string, never>;
type LaterActorColumn = ColumnType<
  { kind: string; id: string | null } | null,
  string | null | undefined,
  string | null
>;

export interface ParkingLotTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  description: string | null;
  address: string | null;
  latitude: number | null;
  longitude: number | null;
  capacity: number;
  counted_by: 'STAYS' | 'GATES' | 'SENSORS';
  stale_after_seconds: number;
  reservable_days: number;
  no_show_minutes: number | null;
  usual_stay_minutes: number;
  status: Generated<'ACTIVE' | 'CLOSED'>;
  observed_occupied: number | null;
  observed_at: Date | null;
  observed_by: string | null;
  shown_capacity: number | null;
  shown_occupied: number | null;
  shown_reserved: number | null;
  shown_stale: Generated<boolean>;
  shown_at: Date;
  revision: Generated<bigint>;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
}

export interface ParkingSpaceTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  lot_id: Fixed<string>;
  label: string;
  kind: 'STANDARD' | 'ACCESSIBLE' | 'ELECTRIC' | 'MOTORCYCLE' | 'LARGE';
  status: Generated<'ACTIVE' | 'CLOSED'>;
  is_occupied: boolean | null;
  observed_at: Date | null;
  observed_by: string | null;
  created_at: Fixed<Date>;
}

export interface ParkingRateTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  lot_id: Fixed<string>;
  valid_from: Fixed<Date>;
  /** Minor units. */
  price: Fixed<bigint>;
  per_minutes: Fixed<number>;
  grace_minutes: Fixed<number>;
  /** Minor units. */
  daily_cap: Fixed<bigint | null>;
  currency: Fixed<string>;
  created_at: Fixed<Date>;
  created_by: ActorColumn;
}

export interface ParkingReservationTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  lot_id: Fixed<string>;
  space_id: Fixed<string | null>;
  user_id: Fixed<string>;
  plate: string | null;
  starts_at: Fixed<Date>;
  ends_at: Date;
  status: Generated<'ACTIVE' | 'CHECKED_IN' | 'COMPLETED' | 'CANCELLED' | 'EXPIRED' | 'NO_SHOW'>;
  no_show_at: Date | null;
  reserved_at: Fixed<Date>;
  reserved_by: ActorColumn;
  checked_in_at: Date | null;
  ended_at: Date | null;
  ended_by: LaterActorColumn;
  cancel_reason: string | null;
  changed_at: Date;
  version: Generated<number>;
}

export interface ParkingSessionTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  lot_id: Fixed<string>;
  space_id: Fixed<string | null>;
  user_id: Fixed<string | null>;
  plate: string | null;
  reservation_id: Fixed<string | null>;
  started_at: Fixed<Date>;
  started_by: ActorColumn;
  until: Date;
  overdue_at: Date | null;
  ended_at: Date | null;
  ended_by: LaterActorColumn;
  rate_id: Fixed<string | null>;
  /** Minor units. */
  charge: bigint | null;
  paid: bigint | null;
  currency: Fixed<string>;
  /** Minor units. */
  settled: bigint | null;
  settled_how: 'CASH' | 'CARD' | 'WAIVED' | null;
  settled_at: Date | null;
  settled_by: LaterActorColumn;
  settled_note: string | null;
  changed_at: Date;
  version: Generated<number>;
}

export interface ParkingClaimTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  lot_id: Fixed<string>;
  space_id: string | null;
  starts_at: Date;
  ends_at: Date;
  reservation_id: string | null;
  session_id: string | null;
}

export interface ParkingOccupancyTable {
  lot_id: Fixed<string>;
  venue_id: Fixed<string>;
  minute: Fixed<Date>;
  capacity: number;
  occupied: number;
  reserved: number;
}
