import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

type ActorColumn = ColumnType<{ kind: string; id: string | null }, string, never>;

export interface FirmwareTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  file_id: Fixed<string>;
  name: Fixed<string>;
  version: Fixed<string>;
  device_kind: Fixed<'SCREEN' | 'LAB_BOARD' | 'GATE' | 'SENSOR'>;
  device_id: Fixed<string | null>;
  notes: Fixed<string | null>;
  uploaded_at: Fixed<Date>;
  uploaded_by: ActorColumn;
}

export interface DeploymentTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  firmware_id: Fixed<string>;
  batch_size: Fixed<number>;
  max_failures: Fixed<number>;
  timeout_seconds: Fixed<number>;
  state: Generated<'RUNNING' | 'STOPPED' | 'FINISHED'>;
  created_at: Fixed<Date>;
  created_by: ActorColumn;
  finished_at: Date | null;
}

export interface FirmwareUpdateTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  deployment_id: Fixed<string>;
  device_id: Fixed<string>;
  batch: Fixed<number>;
  state: Generated<
    'PENDING' | 'OFFERED' | 'DOWNLOADING' | 'VERIFYING' | 'INSTALLING' | 'UP_TO_DATE' | 'FAILED' | 'CANCELLED'
  >;
  percent: number | null;
  failure:
    | 'CHECKSUM_MISMATCH'
    | 'DOWNLOAD_FAILED'
    | 'INCOMPATIBLE'
    | 'INSTALL_FAILED'
    | 'TIMED_OUT'
    | 'OTHER'
    | null;
  message: string | null;
  created_at: Fixed<Date>;
  offered_at: Date | null;
  progressed_at: Date | null;
  finished_at: Date | null;
  due_at: Date | null;
}
