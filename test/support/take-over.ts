import { sql } from 'kysely';
import { openDatabase } from '../../src/db/database.ts';
import type { TestDatabase } from './database.ts';

/** Ends every connection that waits for news of a database; it comes back by itself. */
export async function cutListeners({ connection }: Pick<TestDatabase, 'connection'>): Promise<void> {
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
  await sql`
    select pg_terminate_backend(pid) from pg_stat_activity
    where datname = current_database() and application_name = 'floorwire-listener'`.execute(owner.db);
}

/** The same database as a standby would have it that took over and lacks so many of the newest events. */
export async function takeOver(
  database: Pick<TestDatabase, 'connection'>,
  { without }: { readonly without: number },
): Promise<void> {
  await using owner = openDatabase({
    connection: database.connection,
    poolSize: 1,
    applicationName: 'owner',
  });
  const { db } = owner;
  const head = sql`(select max(position) - ${without}::bigint from event_log)`;
  await sql`delete from audit_entry where position > ${head}`.execute(db);
  await sql`delete from event_log where position > ${head}`.execute(db);
  await sql`
    update event_log_incarnation set made_in = regexp_replace(made_in, '/[^/]*', '/00000007')`.execute(db);
  await cutListeners(database);
}
