import type { Pool } from 'pg';

/** How many wait for a lock in this database; those of other tests, on the same server, are none of them. */
export async function lockWaits({ pool }: { readonly pool: Pick<Pool, 'query'> }): Promise<number> {
  const { rows } = await pool.query(
    'select from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()',
  );
  return rows.length;
}
