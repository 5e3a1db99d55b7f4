import type { ColumnType, Generated } from 'kysely';

/** A process that serves; it says every few seconds that it lives. */
export interface RealtimeProcessTable {
  id: string;
  started_at: Generated<Date>;
  seen_at: Generated<Date>;
  sockets: number;
  streams: number;
  operations: number;
}

/** A socket or stream that is open on behalf of somebody. */
export interface RealtimeConnectionTable {
  id: WrittenOnce<string>;
  process_id: WrittenOnce<string>;
  venue_id: WrittenOnce<string>;
  transport: WrittenOnce<'WEBSOCKET' | 'SSE'>;
  holder_kind: WrittenOnce<'user' | 'device' | 'partner'>;
  holder_id: WrittenOnce<string>;
  credential_id: WrittenOnce<string>;
  address: WrittenOnce<string | null>;
  user_agent: WrittenOnce<string | null>;
  connected_at: WrittenOnce<Date>;
  expires_at: Date | null;
  operations: number;
  subscriptions: number;
  /** Once for each subscription that follows it. */
  channels: string[];
}

type WrittenOnce<T> = ColumnType<T, T, never>;
