import { createHash } from 'node:crypto';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseSetupError } from './errors.ts';

/** One migration as it lies in the folder. */
export interface MigrationFile {
  /** From `0007-machine.sql`: 7. */
  readonly version: number;
  /** Without the ending: `0007-machine`. */
  readonly name: string;
  readonly sql: string;
  /** SHA-256 of the text with `\n` line ends, in hexadecimal. */
  readonly checksum: string;
}

/** One migration as the database remembers it. */
export interface LandedMigration {
  readonly version: number;
  readonly name: string;
  readonly checksum: string;
}

const FILE_NAME = /^(\d{4})-[a-z0-9]+(-[a-z0-9]+)*\.sql$/;

/**
 * The folder's migrations in order. Files that do not end in `.sql` are left alone.
 *
 * @throws DatabaseSetupError for a name that is not `NNNN-name.sql`, or a number given twice.
 */
export async function readMigrations(dir: string): Promise<MigrationFile[]> {
  const names = (await readdir(dir)).filter((name) => name.endsWith('.sql')).sort();
  const files = await Promise.all(names.map((name) => readMigration(dir, name)));
  for (const [index, file] of files.entries()) {
    const before = files[index - 1];
    if (before?.version === file.version) {
      throw new DatabaseSetupError(`Migrations ${before.name} and ${file.name} have the same number.`);
    }
  }
  return files;
}

/**
 * What is still to be run on a database where `landed` has been run.
 *
 * @throws DatabaseSetupError when what landed is not what the folder holds: edited, missing, newer than
 * the folder, or with a gap that a new file would fill afterwards.
 */
export function pendingOf(
  files: readonly MigrationFile[],
  landed: readonly LandedMigration[],
): MigrationFile[] {
  const byVersion = new Map(files.map((file) => [file.version, file]));
  const newestFile = files.at(-1)?.version ?? 0;
  for (const { version, name, checksum } of landed) {
    const file = byVersion.get(version);
    if (version > newestFile) {
      throw new DatabaseSetupError(
        `The database is newer than this floorwire: it has migration ${name}. Start the newer one.`,
      );
    }
    if (!file)
      throw new DatabaseSetupError(`Migration ${name} was run on this database and its file is missing.`);
    if (file.name !== name || file.checksum !== checksum) {
      throw new DatabaseSetupError(
        `Migration ${file.name} was edited after it was run: restore it, and put the change into a new migration.`,
      );
    }
  }
  const newestLanded = Math.max(0, ...landed.map(({ version }) => version));
  const done = new Set(landed.map(({ version }) => version));
  const pending = files.filter(({ version }) => !done.has(version));
  const late = pending.find(({ version }) => version < newestLanded);
  if (late) {
    throw new DatabaseSetupError(
      `Migration ${late.name} comes before one that was already run: give it a number above ${newestLanded}.`,
    );
  }
  return pending;
}

async function readMigration(dir: string, fileName: string): Promise<MigrationFile> {
  const number = FILE_NAME.exec(fileName)?.[1];
  if (!number) throw new DatabaseSetupError(`Migration ${fileName} is not named NNNN-name.sql.`);
  const sql = (await readFile(join(dir, fileName), 'utf8')).replaceAll('\r\n', '\n');
  return {
    version: Number(number),
    name: fileName.slice(0, -'.sql'.length),
    sql,
    checksum: createHash('sha256').update(sql).digest('hex'),
  };
}
