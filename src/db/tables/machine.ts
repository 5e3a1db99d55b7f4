import type { ColumnType, Generated, JSONColumnType } from 'kysely';

export interface SasLineTable {
  id: string;
  venue_id: string;
  name: string;
  /** A device path, a symlink to one, or `tcp://host:port`. */
  port: string;
  wakeup_mode: 'MARKED' | 'PLAIN' | 'PARITY' | 'EVEN_ODD' | 'RFC2217';
  profile: string | null;
  /** Which drivers may drive it. */
  driven_by: Generated<string>;
  version: Generated<number>;
  created_at: Generated<Date>;
  removed_at: Generated<Date | null>;
}

export interface SasLineLeaseTable {
  line_id: string;
  venue_id: string;
  epoch: Generated<bigint>;
  holder: string | null;
  driver: string | null;
  taken_at: Date | null;
  expires_at: Date | null;
  released_at: Date | null;
  lost_at: Date | null;
  /** Which port its holder speaks on, or the last one spoke on; null until one begins. */
  driven_by: string | null;
  port: string | null;
}

export interface LineDiscoveryTable {
  line_id: string;
  id: string;
  venue_id: string;
  from_address: number;
  to_address: number;
  requested_at: Date;
  expires_at: Date;
  started_at: Date | null;
  finished_at: Date | null;
  /** Of twice as many as there are addresses. */
  asked: Generated<number>;
}

export interface DiscoveredAddressTable {
  line_id: string;
  address: number;
  venue_id: string;
  first_heard_at: Date;
  last_heard_at: Date;
  answered_at: Date | null;
  missed_at: Date | null;
  sas_version: string | null;
  serial_number: string | null;
  game_id: string | null;
  additional_id: string | null;
  /** SAS.md 7.1. */
  denomination_code: number | null;
  paytable_id: string | null;
}

export interface MachineHeldExceptionTable {
  machine_id: string;
  venue_id: string;
  event_id: string;
  exception_code: number;
}

export interface SasLineStatusTable {
  line_id: string;
  venue_id: string;
  state: 'UP' | 'DOWN';
  cause: string | null;
  changed_at: Date;
  statistics: JSONColumnType<object> | null;
  statistics_at: Date | null;
}

export interface MachineTable {
  id: string;
  venue_id: string;
  line_id: string;
  address: number;
  name: string;
  connection: Generated<'ONLINE' | 'OFFLINE' | 'UNKNOWN'>;
  connection_changed_at: Date | null;
  last_seen_at: Date | null;
  in_game: Generated<boolean>;
  bill_acceptor_enabled: boolean | null;
  lock_reason: string | null;
  locked_at: Date | null;
  locked_by: string | null;
  locked_by_kind: 'user' | 'partner' | null;
  serial_number: string | null;
  sas_version: string | null;
  game_id: string | null;
  paytable_id: string | null;
  base_percent: string | null;
  /** SAS.md 7.1. */
  denomination_code: number | null;
  additional_id: string | null;
  max_bet: number | null;
  number_of_games: number | null;
  asset_number: bigint | null;
  features: JSONColumnType<object> | null;
  identified_at: Date | null;
  enabled_games: number[] | null;
  selected_game: number | null;
  enabled_denominations: number[] | null;
  profile: string | null;
  host_cash_out: Generated<'OFF' | 'SOFT' | 'HARD'>;
  version: Generated<bigint>;
  created_at: Generated<Date>;
  registration_version: Generated<number>;
  /** When it was taken off the floor. */
  removed_at: Date | null;
  /** Since when another machine stands there than before. */
  exchanged_at: Date | null;
}

export interface MachineMeterTable {
  machine_id: string;
  /** SAS.md chapter 8. */
  code: number;
  venue_id: string;
  value: bigint;
  bcd_bytes: number;
  delta: bigint | null;
  changed_at: Date;
}

export interface MachineMeterReadingTable {
  machine_id: string;
  venue_id: string;
  read_at: Date;
  version: bigint;
}

export interface MeterHistoryTable {
  machine_id: string;
  code: number;
  read_at: Date;
  venue_id: string;
  value: bigint;
  delta: bigint | null;
}

export interface MachineEventTable {
  id: string;
  venue_id: string;
  machine_id: string;
  type: string;
  exception_code: number | null;
  data: ColumnType<Record<string, unknown> | null, string | null, never>;
  occurred_at: Date;
}

export interface MachineEventAcknowledgementTable {
  event_id: string;
  venue_id: string;
  note: string | null;
  acknowledged_at: Date;
  acknowledged_by: string | null;
  acknowledged_by_kind: 'user' | 'partner' | null;
}

/** When a machine's meters were not read. */
export interface MeterGapTable {
  machine_id: string;
  began_at: Date;
  ended_at: Date;
  venue_id: string;
}

export interface JackpotTable {
  id: string;
  venue_id: string;
  name: string;
  progressive_group: number;
  level: number;
  cents: bigint;
  reset_cents: bigint;
  version: Generated<number>;
  changed_at: Date;
}

export interface JackpotWinTable {
  id: string;
  venue_id: string;
  jackpot_id: string;
  machine_id: string;
  cents: bigint | null;
  won_at: Date;
}

export interface MachineClockTable {
  machine_id: string;
  venue_id: string;
  read_at: Date;
  /** Wall clock without a zone: `2026-03-29T02:30:00`. */
  shown: string | null;
  drift_seconds: bigint | null;
  is_being_set: boolean;
  set_at: Date | null;
}

export interface MachineGameTable {
  machine_id: string;
  number: number;
  venue_id: string;
  name: string | null;
  game_id: string | null;
  additional_id: string | null;
  /** SAS.md 7.1. */
  denomination_code: number | null;
  max_bet: number | null;
  progressive_group: number | null;
  paytable_id: string | null;
  base_percent: string | null;
  read_at: Date;
}

export interface RomSignatureTable {
  id: string;
  venue_id: string;
  machine_id: string;
  seed: number | null;
  signature: number;
  changed: boolean | null;
  told_at: Date;
}

export interface MachineRecoveryTable {
  machine_id: string;
  kind: 'REDEEM_TICKET' | 'READ_VALIDATION_RECORD';
  venue_id: string;
  answer: JSONColumnType<Record<string, unknown>>;
  told_at: Date;
}

export interface HandpayTable {
  id: string;
  venue_id: string;
  machine_id: string;
  kind: 'NORMAL_WIN' | 'PROGRESSIVE_WIN' | 'TOP_AWARD' | 'CANCELLED_CREDITS' | null;
  progressive_group: number;
  level: number;
  cents: bigint | null;
  partial_pay: bigint | null;
  can_go_to_credit_meter: boolean;
  pending_at: Date;
  /** Whether it is not on record that its machine was told that it is on record. */
  held: Generated<boolean>;
  reset_at: Date | null;
  reset_heard_at: Date | null;
  reset_command_id: string | null;
}

export interface MachineCommandTable {
  id: string;
  venue_id: string;
  machine_id: string;
  line_id: string;
  kind:
    | 'LOCK'
    | 'UNLOCK'
    | 'ENABLE_BILL_ACCEPTOR'
    | 'DISABLE_BILL_ACCEPTOR'
    | 'READ_METERS'
    | 'RESET_HANDPAY'
    | 'SET_CLOCK'
    | 'RESTART'
    | 'ENABLE_GAME'
    | 'DISABLE_GAME'
    | 'VERIFY_ROM';
  handpay_method: 'STANDARD' | 'CREDIT_METER' | null;
  game: number | null;
  rom_seed: number | null;
  /** When it was about to be said to the machine; of what must not be said twice. */
  begun_at: Date | null;
  reason: string | null;
  requested_by: string | null;
  requested_by_kind: 'user' | 'partner' | null;
  requested_at: Date;
  expires_at: Date;
  state: Generated<'QUEUED' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED'>;
  outcome: string | null;
  attempts: Generated<number>;
  finished_at: Date | null;
}
