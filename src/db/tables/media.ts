import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

type ActorColumn = ColumnType<{ kind: string; id: string | null }, string, string>;

export interface StoredFileTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  purpose: Fixed<'MEDIA' | 'FIRMWARE' | 'EXPORT'>;
  file_name: Fixed<string>;
  content_type: Fixed<string>;
  byte_size: Fixed<bigint>;
  sha256: Fixed<Buffer>;
  width: number | null;
  height: number | null;
  status: Generated<'STAGED' | 'ARRIVING' | 'STORED' | 'TAKEN' | 'GONE'>;
  token_hash: Buffer | null;
  staged_by: ColumnType<{ kind: string; id: string | null }, string, never>;
  staged_at: Fixed<Date>;
  expires_at: Date | null;
}

export interface MediaTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  kind: 'IMAGE' | 'VIDEO' | 'DOCUMENT';
  tags: ColumnType<string[], readonly string[], readonly string[]>;
  revision: Generated<number>;
  status: Generated<'ACTIVE' | 'DELETED'>;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
  updated_by: ActorColumn;
}

export interface MediaRevisionTable {
  media_id: Fixed<string>;
  venue_id: Fixed<string>;
  revision: Fixed<number>;
  file_id: Fixed<string>;
  created_at: Fixed<Date>;
}

export interface PlaylistTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  name: string;
  status: Generated<'ACTIVE' | 'DELETED'>;
  version: Generated<number>;
  created_at: Fixed<Date>;
  updated_at: Date;
  updated_by: ActorColumn;
}

export interface PlaylistItemTable {
  playlist_id: Fixed<string>;
  venue_id: Fixed<string>;
  position: Fixed<number>;
  media_id: Fixed<string>;
  duration_seconds: Fixed<number | null>;
}
