import { type Kysely, sql } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { Machine, MachineStatus } from './machine.ts';
import { machines, toMachine } from './store.ts';

/** Which machines of a venue are meant; null: whatever there is. */
export interface MachineFilter {
  readonly lineId: string | null;
  /** Null: of any but those that were removed. */
  readonly statuses: readonly MachineStatus[] | null;
  /** In its name, serial number or asset number, in any case. */
  readonly search: string | null;
}

/** The first registered first, or in reverse when read backward. */
export async function listMachines(
  db: Kysely<Database>,
  venueId: string,
  { filter, range }: { readonly filter: MachineFilter; readonly range: KeysetRange },
): Promise<readonly Machine[]> {
  const query = filtered(db, venueId, filter);
  const rows = await keysetPage(query, { time: 'created_at', newestFirst: false }, range).execute();
  return rows.map(toMachine);
}

export async function countMachines(
  db: Kysely<Database>,
  venueId: string,
  filter: MachineFilter,
): Promise<number> {
  const { count } = await filtered(db, venueId, filter)
    .clearSelect()
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

function filtered(db: Kysely<Database>, venueId: string, { lineId, statuses, search }: MachineFilter) {
  let found = machines(db).where('venue_id', '=', venueId);
  // Of all that ever were most may be gone: this keeps to those that an index of the others has.
  if (!statuses?.includes('REMOVED')) found = found.where('removed_at', 'is', null);
  if (statuses !== null) found = found.where(sql<boolean>`${STATUS} = any(${statuses}::text[])`);
  if (lineId !== null) found = found.where('line_id', '=', lineId);
  // What is looked for has no line break, so it is found in one of them.
  if (search !== null)
    found = found.where(
      sql<boolean>`position(lower(${search}) in lower(concat_ws(E'\n', name, serial_number, asset_number))) > 0`,
    );
  return found;
}

/** `statusOf` in SQL. */
const STATUS = sql`case
  when removed_at is not null then 'REMOVED'
  when connection <> 'ONLINE' then connection
  when locked_at is not null then 'LOCKED'
  when in_game then 'PLAYING'
  else 'IDLE'
end`;
