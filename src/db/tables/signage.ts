import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

/** JSON that is written as a text. */
type Json = ColumnType<unknown, string, string>;

type ActorColumn = ColumnType<{ kind: string; id: string | null }, string, string>;

export interface LayoutTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  width: number;
  height: number;
  regions: Json;
  status: Generated<'DRAFT' | 'PUBLISHED' | 'DELETED'>;
  published_revision: number | null;
  published_version: Generated<number | null>;
  version: Generated<number>;
  editing_revision: Generated<bigint>;
  created_at: Fixed<Date>;
  updated_at: Date;
  updated_by: ActorColumn;
}

export interface LayoutRevisionTable {
  layout_id: Fixed<string>;
  venue_id: Fixed<string>;
  revision: Fixed<number>;
  name: Fixed<string>;
  width: Fixed<number>;
  height: Fixed<number>;
  regions: ColumnType<unknown, string, never>;
  note: Fixed<string | null>;
  published_at: Fixed<Date>;
  published_by: ColumnType<{ kind: string; id: string | null }, string, never>;
}

export interface DeviceDisplayTable {
  device_id: Fixed<string>;
  venue_id: Fixed<string>;
  pushed_layout_id: string | null;
  pushed_revision: number | null;
  desired_layout_id: string | null;
  desired_revision: number | null;
  cause: 'PUSH' | 'SCHEDULE' | 'TAKEOVER' | null;
  cause_id: string | null;
  version: Generated<bigint>;
  desired_at: Date | null;
  due_at: Date | null;
  applied_version: bigint | null;
  applied_layout_id: string | null;
  applied_revision: number | null;
  applied_at: Date | null;
  failed_version: bigint | null;
  failure: string | null;
  failed_at: Date | null;
}
