import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;
type ActorJson = { kind: string; id: string | null };

/** JSON that is written as a text. */
type Json<T> = ColumnType<T, string, string>;

export interface ScheduleTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  layout_id: string;
  priority: number;
  is_enabled: boolean;
  everywhere: boolean;
  device_ids: readonly string[];
  group_ids: readonly string[];
  tags: readonly string[];
  days: Json<{
    from: string | null;
    until: string | null;
    weekdays: number[];
    everyWeeks: number;
    monthDays: number[];
    dates: string[];
    exceptDates: string[];
  }>;
  dayparts: Json<{ from: number; to: number }[]>;
  zone: 'DEVICE' | 'VENUE';
  jackpot_id: string | null;
  lot_id: string | null;
  condition_test: 'AT_LEAST' | 'BELOW' | 'FREE_AT_MOST' | 'FULL_AT_LEAST' | null;
  condition_value: bigint | null;
  condition_holds: boolean | null;
  condition_turned_at: Date | null;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
}

export interface TakeoverTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  layout_id: string;
  reason: Fixed<string>;
  everywhere: Fixed<boolean>;
  group_ids: Fixed<string[]>;
  tags: Fixed<string[]>;
  started_at: Fixed<Date>;
  started_by: ColumnType<ActorJson, string, never>;
  ends_at: Fixed<Date | null>;
  ended_at: ColumnType<Date | null, undefined, Date>;
  ended_by: ColumnType<ActorJson | null, undefined, string>;
}

export interface TakeoverDeviceTable {
  takeover_id: Fixed<string>;
  device_id: Fixed<string>;
  version: ColumnType<bigint | null, undefined, bigint>;
  shown_at: ColumnType<Date | null, undefined, Date>;
  failure: ColumnType<string | null, undefined, string | null>;
  failed_at: ColumnType<Date | null, undefined, Date | null>;
}
