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

export interface EventLogIdentityTable {
  id: ReadOnly<string>;
}

export interface ReactorTable {
  name: string;
  position: bigint;
  moved_at: Generated<Date>;
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
