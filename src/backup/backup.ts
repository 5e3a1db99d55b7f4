import { createHash } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { open, rename, writeFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type pg from 'pg';
import { to as copyTo } from 'pg-copy-streams';
import { type Connection, closeClient, connectClient } from '../db/database.ts';
import type { LandedMigration } from '../db/migration-files.ts';
import { type BackupHeader, type BackupTable, END_OF_ROWS, FORMAT } from './backup-format.ts';
import { beginDraft } from './draft.ts';
import { listTables } from './tables.ts';

export interface Backup {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
  readonly rows: number;
}

/**
 * Writes all there is at one instant into a file of its own in this folder; the database goes on meanwhile.
 * Under its name the file is whole: it is written under another one first. No other backup has or gets that name.
 */
export async function takeBackup(connection: Connection, folder: string): Promise<Backup> {
  const client = await connectClient(connection, {
    applicationName: 'floorwire backup',
    statementTimeoutMs: 0,
  });
  try {
    await client.query('begin isolation level repeatable read read only');
    // What it waits for is the disk it writes to.
    await client.query('set local idle_in_transaction_session_timeout = 0');
    // Whatever the server's habits are, the text reads the same elsewhere.
    await client.query("set local datestyle = 'ISO'; set local intervalstyle = 'postgres'");
    const takenAt = new Date();
    await using draft = await beginDraft(folder, takenAt);
    const { path, sumPath, partialPath } = draft;
    const { rows, ...written } = await writeWhole(partialPath, snapshotOf(client, takenAt));
    await writeFile(sumPath, `${written.sha256}  ${basename(path)}\n`, { flush: true });
    await rename(partialPath, path);
    await syncFolder(folder);
    return { path, rows, ...written };
  } finally {
    await closeClient(client);
  }
}

/** The text of a backup, piece by piece; what it returns is how many rows there were. */
async function* snapshotOf(client: pg.Client, takenAt: Date): AsyncGenerator<Buffer, number> {
  const { rows: migrations } = await client.query<LandedMigration>(
    'select version, name, checksum from schema_migration order by version',
  );
  const header: BackupHeader = {
    floorwire: 'backup',
    format: FORMAT,
    takenAt: takenAt.toISOString(),
    migrations,
  };
  yield line(header);
  const rows: Record<string, number> = {};
  for (const table of await listTables(client)) {
    yield line(table satisfies BackupTable);
    const columns = table.columns.map((column) => client.escapeIdentifier(column)).join(', ');
    const copy = client.query(copyTo(`copy ${client.escapeIdentifier(table.table)} (${columns}) to stdout`));
    for await (const chunk of copy) yield chunk as Buffer;
    yield Buffer.from(`${END_OF_ROWS}\n`);
    rows[table.table] = copy.rowCount;
  }
  yield line({ rows });
  return Object.values(rows).reduce((sum, count) => sum + count, 0);
}

const line = (value: object) => Buffer.from(`${JSON.stringify(value)}\n`);

/** Compresses a text into a file that is on the disk when this is done. */
async function writeWhole(
  path: string,
  text: AsyncGenerator<Buffer, number>,
): Promise<Pick<Backup, 'bytes' | 'sha256' | 'rows'>> {
  const hash = createHash('sha256');
  let bytes = 0;
  let rows = 0;
  await pipeline(
    async function* () {
      rows = yield* text;
    },
    createGzip(),
    async function* (compressed: AsyncIterable<Buffer>) {
      for await (const chunk of compressed) {
        hash.update(chunk);
        bytes += chunk.length;
        yield chunk;
      }
    },
    createWriteStream(path, { flags: 'r+', flush: true }),
  );
  return { bytes, rows, sha256: hash.digest('hex') };
}

/** So that a rename survives a loss of power. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
