import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

type StatusName = 'ONLINE' | 'STALE' | 'OFFLINE';

export interface DeviceTable {
  id: string;
  venue_id: string;
  device_number: string;
  kind: 'SCREEN' | 'LAB_BOARD' | 'GATE' | 'SENSOR';
  serial_number: string;
  name: string;
  /** SHA-256 of the pairing code. */
  pairing_code_hash: Buffer;
  status: Generated<'ACTIVE' | 'REMOVED'>;
  created_at: Date;
  owner_id: string | null;
  resource_id: string | null;
  time_zone: string | null;
  tags: Generated<string[]>;
  version: Generated<number>;
  updated_at: Generated<Date>;
  removed_at: Date | null;
}

export interface DeviceGroupTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
}

export interface DeviceGroupMemberTable {
  group_id: Fixed<string>;
  device_id: Fixed<string>;
  venue_id: Fixed<string>;
}

export interface DeviceStatusTable {
  device_id: Fixed<string>;
  venue_id: Fixed<string>;
  status: StatusName;
  since: Date;
  seen_at: Date;
  due_at: Date | null;
  version: Generated<bigint>;
  uptime_seconds: bigint | null;
  free_bytes: bigint | null;
  temperature_celsius: number | null;
  software_version: string | null;
  firmware_version: string | null;
  message: string | null;
}

export interface DeviceStatusChangeTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  device_id: Fixed<string>;
  status: Fixed<StatusName>;
  previous_status: Fixed<StatusName>;
  changed_at: Fixed<Date>;
  seen_at: Fixed<Date>;
}

export interface DeviceCommandTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  device_id: Fixed<string>;
  kind: Fixed<
    | 'REBOOT'
    | 'SCREENSHOT'
    | 'SET_VOLUME'
    | 'SET_BRIGHTNESS'
    | 'SET_POWER'
    | 'RELOAD'
    | 'DIAGNOSTICS'
    | 'IDENTIFY'
    | 'CUSTOM'
  >;
  parameters: ColumnType<unknown, string, never>;
  state: Generated<'QUEUED' | 'DELIVERED' | 'ACKNOWLEDGED' | 'SUCCEEDED' | 'FAILED' | 'EXPIRED'>;
  queued_at: Fixed<Date>;
  queued_by: ColumnType<{ kind: string; id: string | null }, string, never>;
  expires_at: Fixed<Date>;
  delivered_at: Date | null;
  acknowledged_at: Date | null;
  finished_at: Date | null;
  message: string | null;
  result: ColumnType<unknown, string | null, string | null>;
}
