import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import type pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { type Connection, closeClient, connectClient } from '../db/database.ts';
import { codeOf, DatabaseSetupError } from '../db/errors.ts';
import { landedMigrations, migrate } from '../db/migrate.ts';
import {
  type BackupFooter,
  type BackupHeader,
  type BackupTable,
  END_OF_ROWS,
  parseHeader,
  parseLine,
} from './backup-format.ts';
import { linesOf } from './lines.ts';

export interface Restored {
  readonly takenAt: string;
  readonly rows: number;
}

const MISSING_TABLE = '42P01';
/** Rows go to PostgreSQL in pieces of about so many bytes. */
const PIECE_BYTES = 64 * 1024;

/**
 * Puts a backup into a database in which there is nothing yet, all of it or nothing, and brings it up to this
 * floorwire's migrations. Its log is another one from then on: cursors given out before get WS_003.
 *
 * @throws DatabaseSetupError for a damaged file, a newer one, and a database that holds a venue
 */
export async function restoreBackup(
  connection: Connection,
  { path, migrations }: { readonly path: string; readonly migrations: string },
): Promise<Restored> {
  await checkSum(path);
  const lines = linesOf(createReadStream(path).pipe(createGunzip()));
  try {
    const header = parseHeader(await nextLine(lines));
    await refuseUnlessEmpty(connection, header);
    const through = header.migrations.at(-1)?.version ?? 0;
    await migrate(connection, migrations, { through });
    await refuseOtherMigrations(connection, header);
    const rows = await load(connection, lines);
    await migrate(connection, migrations);
    return { takenAt: header.takenAt, rows };
  } finally {
    await lines.return(undefined);
  }
}

/** @throws DatabaseSetupError unless the file is what was written */
async function checkSum(path: string): Promise<void> {
  const said = await readFile(`${path}.sha256`, 'utf8').catch((cause: unknown) => {
    throw new DatabaseSetupError(`There is no ${basename(path)}.sha256 beside the backup.`, { cause });
  });
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash).catch((cause: unknown) => {
    throw new DatabaseSetupError(`The backup ${basename(path)} cannot be read.`, { cause });
  });
  if (hash.digest('hex') !== said.split(/\s/)[0])
    throw new DatabaseSetupError('The backup is damaged: it has another checksum than when it was taken.');
}

async function refuseUnlessEmpty(connection: Connection, header: BackupHeader): Promise<void> {
  const known = new Set(header.migrations.map(({ name }) => name));
  const landed = await landedMigrations(connection);
  if (landed.some(({ name }) => !known.has(name)))
    throw new DatabaseSetupError('The database is newer than the backup: restore into an empty one.');
  const hasVenue = await withClient(connection, async (client) => {
    try {
      return (await client.query('select from venue limit 1')).rowCount !== 0;
    } catch (error) {
      if (codeOf(error) === MISSING_TABLE) return false;
      throw error;
    }
  });
  if (hasVenue) throw new DatabaseSetupError('There is a venue in the database: restore into an empty one.');
}

async function refuseOtherMigrations(connection: Connection, header: BackupHeader): Promise<void> {
  const landed = new Map((await landedMigrations(connection)).map((each) => [each.name, each.checksum]));
  const other = header.migrations.find(({ name, checksum }) => landed.get(name) !== checksum);
  if (other)
    throw new DatabaseSetupError(
      `The backup is of another floorwire: this one has another migration ${other.name}.`,
    );
}

/** All tables in one transaction, each behind those it refers to; constraints hold, triggers do not fire. */
async function load(connection: Connection, lines: AsyncGenerator<string, void>): Promise<number> {
  return await withClient(connection, async (client) => {
    await client.query('begin');
    const counted: Record<string, number> = {};
    for (;;) {
      const said = parseLine<BackupTable | BackupFooter>(await nextLine(lines));
      if ('rows' in said) {
        refuseOtherCount(counted, said);
        break;
      }
      if (Object.keys(counted).length === 0) await emptyAll(client);
      counted[said.table] = await loadTable(client, said, lines);
    }
    // Transactions are numbered anew here: nothing of what waits for its place was written by one of these.
    await client.query('update outbox set xid = pg_current_xact_id()');
    await client.query('update event_log_incarnation set id = gen_random_uuid(), made_at = now()');
    // No table is altered while something about its rows is still to be judged.
    await client.query('set constraints all immediate');
    await setTriggers(client, 'enable');
    await client.query('commit');
    await client.query('analyze');
    return Object.values(counted).reduce((sum, count) => sum + count, 0);
  });
}

/** Without what migrations put there, which the backup has as well. */
async function emptyAll(client: pg.Client): Promise<void> {
  await setTriggers(client, 'disable');
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
  lines: AsyncGenerator<string, void>,
): Promise<number> {
  const name = client.escapeIdentifier(table);
  const into = `${name} (${columns.map((column) => client.escapeIdentifier(column)).join(', ')})`;
  const copy = client.query(copyFrom(`copy ${into} from stdin`));
  await pipeline(rowsOf(lines), copy);
  if (sequence)
    await client.query('select setval(pg_get_serial_sequence($1, $2), $3)', [
      name,
      sequence.column,
      sequence.last,
    ]);
  return copy.rowCount;
}

async function* rowsOf(lines: AsyncGenerator<string, void>): AsyncGenerator<string> {
  let piece = '';
  for (;;) {
    const row = await nextLine(lines);
    if (row === END_OF_ROWS) break;
    piece += `${row}\n`;
    if (piece.length >= PIECE_BYTES) {
      yield piece;
      piece = '';
    }
  }
  if (piece !== '') yield piece;
}

function refuseOtherCount(counted: Readonly<Record<string, number>>, { rows }: BackupFooter): void {
  const other = Object.entries(rows).find(([table, count]) => counted[table] !== count);
  if (other) throw new DatabaseSetupError(`The backup is damaged: rows of ${other[0]} are missing.`);
}

/** @throws DatabaseSetupError at the end of the file, which comes behind the last line that is read */
async function nextLine(lines: AsyncGenerator<string, void>): Promise<string> {
  const { value, done } = await lines.next();
  if (done || value === undefined) throw new DatabaseSetupError('The backup is cut off.');
  return value;
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
