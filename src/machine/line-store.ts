import { type Kysely, sql } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { SasLineStatusTable, SasLineTable } from '../db/tables/machine.ts';
import type { LineCounts, LineHolder, SasLine } from './machine.ts';

/** Not those that were removed. */
export async function listLines(db: Kysely<Database>, venueId: string): Promise<readonly SasLine[]> {
  const rows = await present(db).where('sas_line.venue_id', '=', venueId).orderBy('sas_line.name').execute();
  return rows.map(toLine);
}

/** Those of every venue. */
export async function listAllLines(db: Kysely<Database>): Promise<readonly SasLine[]> {
  return (await present(db).orderBy('sas_line.id').execute()).map(toLine);
}

/** A line of whatever venue, also one that was removed. */
export async function findLine(db: Kysely<Database>, id: string): Promise<SasLine | null> {
  const row = await lines(db).where('sas_line.id', '=', id).executeTakeFirst();
  return row ? toLine(row) : null;
}

/** Also those that were removed. */
export async function findLinesByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<readonly SasLine[]> {
  if (ids.length === 0) return [];
  const rows = await lines(db)
    .where('sas_line.venue_id', '=', venueId)
    .where('sas_line.id', 'in', ids)
    .execute();
  return rows.map(toLine);
}

export async function insertLine(
  tx: Kysely<Database>,
  line: Pick<SasLine, 'id' | 'venueId' | 'name' | 'port' | 'wakeupMode' | 'profile'> &
    Partial<Pick<SasLine, 'drivenBy'>>,
): Promise<void> {
  await tx
    .insertInto('sas_line')
    .values({
      id: line.id,
      venue_id: line.venueId,
      name: line.name,
      port: line.port,
      wakeup_mode: line.wakeupMode,
      profile: line.profile,
      ...(line.drivenBy !== undefined && { driven_by: line.drivenBy }),
    })
    .execute();
}

export async function saveLineState(
  tx: Kysely<Database>,
  line: Pick<SasLine, 'id' | 'venueId'>,
  status: { readonly state: 'UP' | 'DOWN'; readonly cause: string | null; readonly at: Date },
): Promise<void> {
  const columns = { state: status.state, cause: status.cause, changed_at: status.at };
  await tx
    .insertInto('sas_line_status')
    .values({ line_id: line.id, venue_id: line.venueId, ...columns })
    .onConflict((conflict) => conflict.column('line_id').doUpdateSet({ ...columns, changed_at: CHANGED_AT }))
    .execute();
}

/** A line that is down for another cause is down since the first. */
const CHANGED_AT = sql<Date>`case when sas_line_status.state = 'DOWN' and excluded.state = 'DOWN'
  then sas_line_status.changed_at else excluded.changed_at end`;

/** Keeps the counters of a line's driver; nothing happens for a line whose state is not known yet. */
export async function saveLineCounts(
  tx: Kysely<Database>,
  line: Pick<SasLine, 'id' | 'venueId'>,
  { counts, at }: { readonly counts: LineCounts; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('sas_line_status')
    .set({ statistics: JSON.stringify(counts), statistics_at: at })
    .where('venue_id', '=', line.venueId)
    .where('line_id', '=', line.id)
    .execute();
}

/** How many lines of all venues are in each state, and on how many of them no machine answers any more. */
export async function countLines(db: Kysely<Database>): Promise<LinesCounted> {
  const states = { UP: 0, DOWN: 0, UNKNOWN: 0 };
  const rows = await present(db).execute();
  for (const { state } of rows) states[state ?? 'UNKNOWN'] += 1;
  return { states, silent: rows.filter(({ silent_since }) => silent_since).length };
}

export interface LinesCounted {
  readonly states: Readonly<Record<SasLine['state'], number>>;
  readonly silent: number;
}

const lines = (db: Kysely<Database>) =>
  db
    .selectFrom('sas_line')
    .leftJoin('sas_line_status as status', 'status.line_id', 'sas_line.id')
    .leftJoin('sas_line_lease as lease', 'lease.line_id', 'sas_line.id')
    .select([
      'sas_line.id',
      'sas_line.venue_id',
      'sas_line.name',
      'sas_line.port',
      'sas_line.wakeup_mode',
      'sas_line.profile',
      'sas_line.driven_by',
      'sas_line.version',
      'sas_line.removed_at',
      'status.state',
      'status.cause',
      'status.changed_at',
      'status.statistics',
      'status.statistics_at',
      'lease.driver',
      'lease.taken_at',
      'lease.expires_at',
      'lease.released_at',
      'lease.lost_at',
      silentSince().as('silent_since'),
    ]);

const present = (db: Kysely<Database>) => lines(db).where('sas_line.removed_at', 'is', null);

/** Of the machines and not told by the driver: so it holds whoever drives the line, and however often its port closed. */
const silentSince = () => sql<Date | null>`(
  select greatest(status.changed_at, max(machine.connection_changed_at) filter (where machine.connection = 'OFFLINE'))
  from machine where machine.line_id = sas_line.id and machine.removed_at is null
  having status.state = 'UP' and not bool_or(machine.connection = 'ONLINE')
    and bool_or(machine.connection = 'OFFLINE' and machine.last_seen_at is not null)
)`;

interface LineRow
  extends Pick<SasLineTable, 'id' | 'venue_id' | 'name' | 'port' | 'wakeup_mode' | 'profile'>,
    LeaseColumns {
  readonly driven_by: string;
  readonly version: number;
  readonly removed_at: Date | null;
  readonly state: SasLineStatusTable['state'] | null;
  readonly cause: string | null;
  readonly changed_at: Date | null;
  readonly silent_since: Date | null;
  readonly statistics: object | null;
  readonly statistics_at: Date | null;
}

interface LeaseColumns {
  readonly driver: string | null;
  readonly taken_at: Date | null;
  readonly expires_at: Date | null;
  readonly released_at: Date | null;
  readonly lost_at: Date | null;
}
/** What an earlier version, which may have counted less, did not write. */
const UNCOUNTED: LineCounts = {
  polls: 0,
  retries: 0,
  broadcasts: 0,
  replies: 0,
  silences: 0,
  crcErrors: 0,
  damaged: 0,
  streamErrors: 0,
  discardedBytes: 0,
  chirps: 0,
  busy: 0,
  nacks: 0,
  exceptions: 0,
  loopBreaks: 0,
  longGaps: 0,
  worstGapMs: null,
  reopenings: 0,
};

function toLine(row: LineRow): SasLine {
  return {
    id: row.id,
    venueId: row.venue_id,
    name: row.name,
    port: row.port,
    wakeupMode: row.wakeup_mode,
    profile: row.profile,
    drivenBy: row.driven_by,
    driver: toHolder(row),
    version: row.version,
    ...standingOf(row),
    silentSince: row.silent_since,
    statistics: row.statistics && { ...UNCOUNTED, ...row.statistics },
    statisticsAt: row.statistics_at,
    removedAt: row.removed_at,
  };
}

/** Whatever its driver still says of a line that was removed. */
function standingOf({ removed_at, state, cause, changed_at }: LineRow) {
  if (removed_at) return { state: 'DOWN', cause: 'It was removed.', changedAt: removed_at } as const;
  return { state: state ?? 'UNKNOWN', cause, changedAt: changed_at } as const;
}

function toHolder(row: LeaseColumns): LineHolder | null {
  if (row.driver === null || !row.taken_at || !row.expires_at || row.released_at) return null;
  return { name: row.driver, since: row.taken_at, leaseExpiresAt: row.expires_at, lostAt: row.lost_at };
}
