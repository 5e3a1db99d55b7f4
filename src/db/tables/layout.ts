import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

type ActorColumn = ColumnType<{ kind: string; id: string | null }, string, never>;

export interface LayoutEditorTable {
  layout_id: Fixed<string>;
  venue_id: Fixed<string>;
  credential_id: Fixed<string>;
  actor: ActorColumn;
  region_id: string | null;
  joined_at: Fixed<Date>;
  expires_at: Date;
}

export interface LayoutPushTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  layout_id: Fixed<string>;
  device_ids: Fixed<readonly string[] | null>;
  due_at: Fixed<Date>;
  status: Generated<'WAITING' | 'DONE' | 'CANCELLED'>;
  created_at: Fixed<Date>;
  created_by: ActorColumn;
  ended_at: Date | null;
}
