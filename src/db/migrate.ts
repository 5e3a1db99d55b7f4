import type pg from 'pg';
import { lockKey } from './advisory-lock.ts';
import { APP_ROLE, type Connection, checkServerVersion, closeClient, connectClient } from './database.ts';
import { codeOf, DatabaseSetupError } from './errors.ts';
import { type LandedMigration, type MigrationFile, pendingOf, readMigrations } from './migration-files.ts';

const LOCK = lockKey('floorwire migrate');
const ROLE_TRIES = 5;
/** SQLSTATEs of two sessions making or granting one role at once: the second try finds it done. */
const ROLE_RACE = new Set(['42710', '23505', 'XX000']);
const MISSING_TABLE = '42P01';

/**
 * Brings a database up to the folder's migrations: in order, each in a transaction of its own, recorded
 * in `schema_migration`. Runners that start at once wait for each other. The connection's user owns
 * what is made; the role `floorwire_app` exists before the first migration, so that each can grant to it.
 *
 * @param through the last one to run; all there are without it.
 * @returns the names of the migrations it ran.
 * @throws DatabaseSetupError as `pendingOf` and `readMigrations` do, and for a migration that fails,
 * naming its line; the ones before it stay.
 */
export async function migrate(
  connection: Connection,
  dir: string,
  { through = Number.POSITIVE_INFINITY }: { readonly through?: number } = {},
): Promise<{ applied: string[] }> {
  const files = (await readMigrations(dir)).filter(({ version }) => version <= through);
  return await withClient(connection, async (client) => {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await ensureAppRole(client);
    await client.query(BOOK);
    const applied: string[] = [];
    for (const file of pendingOf(files, await readLanded(client))) {
      await run(client, file);
      applied.push(file.name);
    }
    return { applied };
  });
}

/**
 * The names of the migrations `migrate` would run, without running any.
 *
 * @throws DatabaseSetupError as `migrate` does before its first migration.
 */
export async function pendingMigrations(connection: Connection, dir: string): Promise<string[]> {
  const files = await readMigrations(dir);
  return await withClient(connection, async (client) => {
    return pendingOf(files, await readLanded(client)).map(({ name }) => name);
  });
}

/** What was run on a database. */
export const landedMigrations = (connection: Connection): Promise<LandedMigration[]> =>
  withClient(connection, readLanded);

const BOOK = `
  create table if not exists schema_migration (
    version int primary key,
    name text not null,
    checksum text not null,
    applied_at timestamptz not null default now()
  );
  grant select on schema_migration to ${APP_ROLE}`;

/** The lock goes with the session, so however the work ends the next runner gets it. */
async function withClient<Result>(
  connection: Connection,
  work: (client: pg.Client) => Promise<Result>,
): Promise<Result> {
  const client = await connectClient(connection, {
    applicationName: 'floorwire migrate',
    statementTimeoutMs: 0,
  });
  try {
    await checkServerVersion(client);
    return await work(client);
  } finally {
    await closeClient(client);
  }
}

async function readLanded(client: pg.Client): Promise<LandedMigration[]> {
  try {
    const { rows } = await client.query<LandedMigration>(
      'select version, name, checksum from schema_migration order by version',
    );
    return rows;
  } catch (error) {
    if (codeOf(error) === MISSING_TABLE) return [];
    throw error;
  }
}

async function run(client: pg.Client, file: MigrationFile): Promise<void> {
  try {
    await client.query('begin');
    const transaction = await currentTransaction(client);
    await client.query(file.sql);
    if ((await currentTransaction(client)) !== transaction) {
      throw new DatabaseSetupError(
        `Migration ${file.name} ends its transaction itself: take its commit out.`,
      );
    }
    await client.query('insert into schema_migration (version, name, checksum) values ($1, $2, $3)', [
      file.version,
      file.name,
      file.checksum,
    ]);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error instanceof DatabaseSetupError ? error : failureOf(file, error);
  }
}

async function currentTransaction(client: pg.Client): Promise<string> {
  const { rows } = await client.query<{ id: string }>('select pg_current_xact_id()::text as id');
  return rows[0]?.id ?? '';
}

function failureOf(file: MigrationFile, cause: unknown): DatabaseSetupError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const position = cause instanceof Error && 'position' in cause ? Number(cause.position) : Number.NaN;
  const line = position > 0 ? `, line ${file.sql.slice(0, position - 1).split('\n').length}` : '';
  return new DatabaseSetupError(`Migration ${file.name}${line} failed: ${reason}`, { cause });
}

/**
 * Roles belong to the cluster, advisory locks to one database: runners on two databases may meet here.
 */
async function ensureAppRole(client: pg.Client): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await client.query(MAKE_ROLE);
      return;
    } catch (error) {
      if (ROLE_RACE.has(codeOf(error) ?? '') && attempt < ROLE_TRIES) continue;
      const cure = `have an administrator run: create role ${APP_ROLE} nologin; grant ${APP_ROLE} to this user`;
      throw new DatabaseSetupError(`The role ${APP_ROLE} cannot be made (${String(error)}): ${cure}.`, {
        cause: error,
      });
    }
  }
}

const MAKE_ROLE = `
  do $$
  begin
    if not exists (select from pg_roles where rolname = '${APP_ROLE}') then
      create role ${APP_ROLE} nologin;
    end if;
    if not pg_has_role(current_user, '${APP_ROLE}', case
        when current_setting('server_version_num')::int >= 160000 then 'SET' else 'MEMBER' end) then
      grant ${APP_ROLE} to current_user;
    end if;
  end $$`;
