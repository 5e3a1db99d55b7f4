import type { ColumnType, Generated, GeneratedAlways, JSONColumnType } from 'kysely';

export interface OutboxTable {
  id: GeneratedAlways<bigint>;
  venue_id: string;
  type: string;
  at: Date;
  actor: JSONColumnType<ActorReference>;
  /** Null for what floorwire does by itself. */
  origin: JSONColumnType<OriginReference> | null;
  payload: JSONColumnType<object>;
  xid: GeneratedAlways<string>;
}

/** Read only: `sequence_outbox` writes it. */
export interface EventLogTable {
  position: ReadOnly<bigint>;
  venue_id: ReadOnly<string>;
  type: ReadOnly<string>;
  at: ReadOnly<Date>;
  actor: ReadOnly<ActorReference>;
  origin: ReadOnly<OriginReference | null>;
  payload: ReadOnly<object | null>;
  salt: ReadOnly<Buffer | null>;
  payload_digest: ReadOnly<Buffer>;
  hash: ReadOnly<Buffer>;
  xid: ReadOnly<string>;
}

/** Read only: `sequence_outbox` writes it. Nothing of it is ever changed; what is personal can be erased. */
export interface AuditEntryTable {
  id: ReadOnly<string>;
  venue_id: ReadOnly<string>;
  /** Dense within the venue, from 1. */
  sequence: ReadOnly<bigint>;
  /** Of the event in `event_log`. */
  position: ReadOnly<bigint>;
  type: ReadOnly<string>;
  at: ReadOnly<Date>;
  actor: ReadOnly<ActorReference>;
  origin: ReadOnly<OriginReference | null>;
  payload: ReadOnly<Record<string, unknown> | null>;
  salt: ReadOnly<Buffer | null>;
  payload_digest: ReadOnly<Buffer>;
  hash: ReadOnly<Buffer>;
}

/** With what the chains of hashes begin. Read only. */
export interface EventLogIdentityTable {
  id: ReadOnly<string>;
}

/** Which log cursors belong to. Read only: `settle_event_log` writes it. */
export interface EventLogIncarnationTable {
  id: ReadOnly<string>;
  /** Cluster, timeline, database and table. */
  made_in: ReadOnly<string>;
  made_at: ReadOnly<Date>;
}

/** The newest event that the log has forgotten. Read only: `prune_event_log` writes it. */
export interface EventLogAnchorTable {
  position: ReadOnly<bigint>;
  hash: ReadOnly<Buffer>;
  at: ReadOnly<Date>;
}

export interface ReactorTable {
  name: string;
  /** What it waits for; null where it has not said: everything. */
  types: readonly string[] | null;
  position: bigint;
  moved_at: Generated<Date>;
}

/** An event that a reactor went on without, to be tried again. */
export interface ReactorLeftoverTable {
  name: string;
  position: bigint;
  tries: number;
  try_at: Date;
}

interface ActorReference {
  kind: 'user' | 'partner' | 'device' | 'system' | 'anonymous';
  id: string | null;
}

interface OriginReference {
  requestId: string;
  address: string | null;
}

type ReadOnly<T> = ColumnType<T, never, never>;
