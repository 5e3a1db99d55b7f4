import { type Kysely, sql } from 'kysely';
import { shifted } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { Driver, LineLease } from './line-lease.ts';

/** What the database knows of a lease, and its own clock now. */
export interface LeaseStanding {
  readonly epoch: bigint;
  /** The last one to hold it. */
  readonly driver: string | null;
  readonly isHeld: boolean;
  /** How long nobody else may take it; 0 and below when it is free. */
  readonly leftMs: number;
}

/** Not when the transaction began: it may have waited for the row. */
const CLOCK = sql<Date>`clock_timestamp()`;

const leftMs = sql<number>`coalesce(extract(epoch from expires_at - clock_timestamp()) * 1000, 0)`;

const longestLeftMs = sql<number>`coalesce(extract(epoch from max(expires_at) - clock_timestamp()) * 1000, 0)`;

/** The lease of a line, kept from changing hands until the transaction ends; null without such a line. */
export async function lockLease(
  tx: Kysely<Database>,
  line: Pick<LineLease, 'lineId'>,
): Promise<LeaseStanding | null> {
  await tx
    .insertInto('sas_line_lease')
    .columns(['line_id', 'venue_id'])
    .expression(tx.selectFrom('sas_line').select(['id', 'venue_id']).where('id', '=', line.lineId))
    .onConflict((conflict) => conflict.column('line_id').doNothing())
    .execute();
  // A statement of its own: the row is locked before the clock is read.
  await tx
    .selectFrom('sas_line_lease')
    .select('epoch')
    .where('line_id', '=', line.lineId)
    .forUpdate()
    .execute();
  const row = await tx
    .selectFrom('sas_line_lease')
    .select(['epoch', 'driver', 'holder', leftMs.as('left_ms')])
    .where('line_id', '=', line.lineId)
    .executeTakeFirst();
  return row
    ? { epoch: row.epoch, driver: row.driver, isHeld: row.holder !== null, leftMs: Number(row.left_ms) }
    : null;
}

/** Hands the lease of a locked row to a driver; answers it with its new epoch. */
export async function giveLease(
  tx: Kysely<Database>,
  lineId: string,
  { driver, leaseMs }: { readonly driver: Pick<Driver, 'processId' | 'name'>; readonly leaseMs: number },
): Promise<LineLease> {
  const row = await tx
    .updateTable('sas_line_lease')
    .set((eb) => ({
      epoch: eb('epoch', '+', 1n),
      holder: driver.processId,
      driver: driver.name,
      taken_at: CLOCK,
      expires_at: expiry(leaseMs),
      released_at: null,
      lost_at: null,
      // Until it begins it speaks on none, and whoever had the lease speaks no more.
      driven_by: null,
      port: null,
    }))
    .where('line_id', '=', lineId)
    .returning(['venue_id', 'epoch'])
    .executeTakeFirstOrThrow();
  return { lineId, venueId: row.venue_id, epoch: row.epoch };
}

/**
 * Takes the lease away from its holder, which gave it back or was lost; false when it was not in this epoch any
 * more. One that was given back is free after `quietMs`.
 */
export async function endLease(
  tx: Kysely<Database>,
  { lineId, epoch }: Pick<LineLease, 'lineId' | 'epoch'>,
  how: { readonly end: 'LOST' } | { readonly end: 'RELEASED'; readonly quietMs: number },
): Promise<boolean> {
  const ended =
    how.end === 'LOST' ? { lost_at: CLOCK } : { released_at: CLOCK, expires_at: expiry(how.quietMs) };
  const { numUpdatedRows } = await tx
    .updateTable('sas_line_lease')
    .set((eb) => ({
      epoch: eb('epoch', '+', 1n),
      holder: null,
      ...ended,
    }))
    .where('line_id', '=', lineId)
    .where('epoch', '=', epoch)
    .where('holder', 'is not', null)
    .executeTakeFirst();
  return numUpdatedRows === 1n;
}

/** Prolongs leases, however long ago they expired; answers the lines of those that are still this process's. */
export async function renewLeases(
  db: Kysely<Database>,
  leases: readonly Pick<LineLease, 'lineId' | 'epoch'>[],
  leaseMs: number,
): Promise<ReadonlySet<string>> {
  if (leases.length === 0) return new Set();
  const rows = await db
    .updateTable('sas_line_lease')
    .set({ expires_at: expiry(leaseMs) })
    .where('holder', 'is not', null)
    .where((eb) => eb.or(leases.map(({ lineId, epoch }) => eb.and({ line_id: lineId, epoch }))))
    .returning('line_id')
    .execute();
  return new Set(rows.map((row) => row.line_id));
}

/**
 * Whether the lease is in this epoch; if so it stays until the transaction ends: whoever wants to take the line
 * waits for that.
 */
export async function holdEpoch(
  tx: Kysely<Database>,
  { lineId, epoch }: Pick<LineLease, 'lineId' | 'epoch'>,
): Promise<boolean> {
  const row = await tx
    .selectFrom('sas_line_lease')
    .select('epoch')
    .where('line_id', '=', lineId)
    .where('epoch', '=', epoch)
    // Enough against a change of the epoch (migration 0020), and renewals go on meanwhile.
    .forKeyShare()
    .executeTakeFirst();
  return row !== undefined;
}

/**
 * Keeps a line as it is until the transaction ends, and notes that the holder of its lease speaks on its port from now
 * on. How long whoever drove another line may still do so: 0 and below when the port is free. Null for a line that
 * was removed.
 */
export async function notePort(tx: Kysely<Database>, lineId: string): Promise<number | null> {
  const line = await tx
    .selectFrom('sas_line')
    .select(['driven_by', 'port'])
    .where('id', '=', lineId)
    .where('removed_at', 'is', null)
    .forShare()
    .executeTakeFirst();
  if (!line) return null;
  await tx.updateTable('sas_line_lease').set(line).where('line_id', '=', lineId).execute();
  const others = await tx
    .selectFrom('sas_line_lease')
    .select(longestLeftMs.as('left_ms'))
    .where('line_id', '<>', lineId)
    .where('driven_by', '=', line.driven_by)
    .where('port', '=', line.port)
    .executeTakeFirstOrThrow();
  return Number(others.left_ms);
}

/** A line that drivers of some names may drive, and how long somebody else may still do so, on it or on its port. */
export interface DrivableLine {
  readonly lineId: string;
  readonly leftMs: number;
}

export async function listDrivable(
  db: Kysely<Database>,
  drives: readonly string[],
): Promise<readonly DrivableLine[]> {
  if (drives.length === 0) return [];
  const rows = await db
    .selectFrom('sas_line')
    .leftJoin('sas_line_lease as lease', (join) =>
      join.on((eb) =>
        eb.or([
          eb('lease.line_id', '=', eb.ref('sas_line.id')),
          eb('lease.driven_by', '=', eb.ref('sas_line.driven_by')).and(
            'lease.port',
            '=',
            eb.ref('sas_line.port'),
          ),
        ]),
      ),
    )
    .where('sas_line.driven_by', 'in', drives)
    .where('sas_line.removed_at', 'is', null)
    .groupBy('sas_line.id')
    .orderBy('sas_line.id')
    .select(['sas_line.id', longestLeftMs.as('left_ms')])
    .execute();
  return rows.map(({ id, left_ms }) => ({ lineId: id, leftMs: Number(left_ms) }));
}

const expiry = (leaseMs: number) => shifted(CLOCK, leaseMs);
