import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { SecretKeys } from '../auth/sealing.ts';
import { type Connection, closeClient, connectClient } from '../db/database.ts';
import { codeOf, DatabaseSetupError } from '../db/errors.ts';
import { landedMigrations, migrate } from '../db/migrate.ts';
import { LISTENER } from '../events/listener.ts';
import { type BackupFooter, type BackupTable, END_OF_ROWS, parseLine } from './backup-format.ts';
import type { OpenedBackup } from './opened-backup.ts';
import { forgetUnopened, refuseOtherSecret } from './sealed-check.ts';

export interface Restored {
  readonly takenAt: string;
  readonly rows: number;
  /** Of each table, how many rows were left out because nobody can open them any more. */
  readonly forgotten: Readonly<Record<string, number>>;
}

export interface RestoreOptions {
  /** The folder of this floorwire's. */
  readonly migrations: string;
  /** What has to open everything that is sealed in the backup. */
  readonly secretKeys: SecretKeys;
  /** Whether nobody has the backup's any more, so that what they do not open is left out. Default: false. */
  readonly isSecretLost?: boolean;
}

const MISSING_TABLE = '42P01';
/** SQLSTATE classes of rows that PostgreSQL does not take: their values, or what constraints say of them. */
const REFUSED_ROWS = /^(?:22|23)/;
/** Rows go to PostgreSQL in pieces of about so many bytes. */
const PIECE_BYTES = 64 * 1024;
const EMPTY_ONE =
  'restore into an empty one: name another in DATABASE_URL, or in DATA_DIR a folder that is not there yet.';

/**
 * Puts a backup into a database in which there is nothing yet, all of it or nothing, and brings it up to this
 * floorwire's migrations. Its log is another one from then on: cursors given out before get WS_003.
 *
 * @throws DatabaseSetupError for a damaged file, a database that holds something or on which a server runs, and a SECRET_KEY that is not the backup's
 */
export async function restoreBackup(
  connection: Connection,
  backup: OpenedBackup,
  options: RestoreOptions,
): Promise<Restored> {
  const { header } = backup;
  const { migrations } = options;
  await withClient(connection, (client) => refuseForeignTables(client));
  await refuseNewer(connection, backup);
  await migrate(connection, migrations, { through: header.migrations.at(-1)?.version ?? 0 });
  const loaded = await load(connection, backup, options);
  await migrate(connection, migrations);
  return { takenAt: header.takenAt, ...loaded };
}

/** It knows keys and a log that would not be there any more. */
async function refuseRunning(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query(
    'select from pg_stat_activity where datname = current_database() and application_name = $1 limit 1',
    [LISTENER],
  );
  if (rowCount !== 0)
    throw new DatabaseSetupError('A server runs on this database: stop it, and restore then.');
}

/** Whatever else is there would be gone. */
async function refuseForeignTables(client: pg.Client): Promise<void> {
  await refuseRunning(client);
  await refuseVenue(client);
  const names = await tablesOf(client);
  if (names.length === 0) return;
  const { rows } = await client.query<{ ours: boolean }>(
    `select to_regclass('public.schema_migration') is not null as ours`,
  );
  if (!rows[0]?.ours)
    throw new DatabaseSetupError(`The database holds tables of something else (${names[0]}): ${EMPTY_ONE}`);
}

async function refuseNewer(connection: Connection, { header }: OpenedBackup): Promise<void> {
  const known = new Set(header.migrations.map(({ name }) => name));
  const landed = await landedMigrations(connection);
  if (landed.some(({ name }) => !known.has(name)))
    throw new DatabaseSetupError(`The database is newer than the backup: ${EMPTY_ONE}`);
}

async function refuseVenue(client: pg.Client): Promise<void> {
  try {
    const { rowCount } = await client.query('select from venue limit 1');
    if (rowCount === 0) return;
  } catch (error) {
    if (codeOf(error) === MISSING_TABLE) return;
    throw error;
  }
  throw new DatabaseSetupError(`There is a venue in the database: ${EMPTY_ONE}`);
}

/** All tables in one transaction, each behind those it refers to; constraints hold, triggers do not fire. */
async function load(
  connection: Connection,
  backup: OpenedBackup,
  { secretKeys: keys, isSecretLost = false }: RestoreOptions,
): Promise<Omit<Restored, 'takenAt'>> {
  return await withClient(connection, async (client) => {
    await client.query('begin');
    await emptyAll(client);
    const counted = await loadTables(client, backup);
    const sealed = { keys, tables: Object.keys(counted) };
    const forgotten = isSecretLost ? await forgetUnopened(client, sealed) : {};
    await refuseOtherSecret(client, sealed);
    // Transactions are numbered anew here: nothing of what waits for its place was written by one of these.
    await client.query('update outbox set xid = pg_current_xact_id()');
    await client.query('update event_log_incarnation set id = gen_random_uuid(), made_at = now()');
    // No table is altered while something about its rows is still to be judged.
    await client.query('set constraints all immediate');
    await setTriggers(client, 'enable');
    await client.query('commit');
    await client.query('analyze');
    return { rows: Object.values(counted).reduce((sum, count) => sum + count, 0), forgotten };
  });
}

/** How many rows there are in each. */
async function loadTables(
  client: pg.Client,
  { name, nextLine }: OpenedBackup,
): Promise<Readonly<Record<string, number>>> {
  const counted: Record<string, number> = {};
  for (;;) {
    const said = parseLine<BackupTable | BackupFooter>(await nextLine(), name);
    if ('rows' in said) {
      refuseOtherCount(counted, said, name);
      return counted;
    }
    counted[said.table] = await loadTable(client, said, nextLine).catch((cause: unknown) => {
      if (!REFUSED_ROWS.test(codeOf(cause) ?? '')) throw cause;
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new DatabaseSetupError(`${name} has rows of ${said.table} that PostgreSQL refuses: ${reason}`, {
        cause,
      });
    });
  }
}

/** Without what migrations put there, which the backup has as well. */
async function emptyAll(client: pg.Client): Promise<void> {
  await setTriggers(client, 'disable');
  // From here on nobody else writes; somebody may have since it was looked at.
  await refuseRunning(client);
  await refuseVenue(client);
  const tables = await tablesOf(client);
  await client.query(`truncate ${tables.map((table) => client.escapeIdentifier(table)).join(', ')}`);
}

/** What was right when it was written is not judged again by what writes beside it. */
async function setTriggers(client: pg.Client, action: 'enable' | 'disable'): Promise<void> {
  for (const table of await tablesOf(client))
    await client.query(`alter table ${client.escapeIdentifier(table)} ${action} trigger user`);
}

async function tablesOf(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select tablename as name from pg_tables where schemaname = 'public' and tablename <> 'schema_migration'`,
  );
  return rows.map(({ name }) => name);
}

async function loadTable(
  client: pg.Client,
  { table, columns, sequence }: BackupTable,
  nextLine: () => Promise<string>,
): Promise<number> {
  const name = client.escapeIdentifier(table);
  const into = `${name} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')})`;
  const copy = client.query(copyFrom(`copy ${into} from stdin`));
  await pipeline(rowsOf(nextLine), copy);
  if (sequence)
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [
      name,
      sequence.column,
      sequence.last,
    ]);
  return copy.rowCount;
}

async function* rowsOf(nextLine: () => Promise<string>): AsyncGenerator<string> {
  let piece = '';
  for (;;) {
    const row = await nextLine();
    if (row === END_OF_ROWS) break;
    piece += `${row}\n`;
    if (piece.length >= PIECE_BYTES) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

function refuseOtherCount(
  counted: Readonly<Record<string, number>>,
  { rows }: BackupFooter,
  name: string,
): void {
  const other = Object.entries(rows).find(([table, count]) => counted[table] !== count);
  if (other) throw new DatabaseSetupError(`${name} is damaged: rows of ${other[0]} are missing.`);
}

async function withClient<T>(connection: Connection, task: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = await connectClient(connection, {
    applicationName: 'floorwire restore',
    statementTimeoutMs: 0,
  });
  try {
    return await task(client);
  } finally {
    await closeClient(client);
  }
}
