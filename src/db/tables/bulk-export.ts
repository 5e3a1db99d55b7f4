import type { ColumnType, Generated } from 'kysely';

type Fixed<T> = ColumnType<T, T, never>;

export interface BulkExportTable {
  id: Fixed<string>;
  venue_id: Fixed<string>;
  kind: Fixed<
    | 'SLOTS'
    | 'BOOKINGS'
    | 'LEDGER_ENTRIES'
    | 'MACHINE_EVENTS'
    | 'METER_READINGS'
    | 'PARKING_SESSIONS'
    | 'AUDIT_ENTRIES'
  >;
  filter: ColumnType<Readonly<Record<string, unknown>>, string, never>;
  status: Generated<'PENDING' | 'RUNNING' | 'DONE' | 'FAILED' | 'CANCELLED' | 'EXPIRED'>;
  requested_by: ColumnType<{ kind: string; id: string | null }, string, never>;
  created_at: Fixed<Date>;
  attempts: Generated<number>;
  attempt_id: string | null;
  leased_until: Date | null;
  row_count: Generated<bigint>;
  byte_count: bigint | null;
  sha256: Buffer | null;
  file_id: string | null;
  finished_at: Date | null;
  expires_at: Date | null;
  failure: 'TOO_LARGE' | 'TOO_LONG' | 'INTERNAL' | null;
}
