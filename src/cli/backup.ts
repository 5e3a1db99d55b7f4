import { join } from 'node:path';
import { takeBackup } from '../backup/backup.ts';
import { removeAbandoned } from '../backup/draft.ts';
import { openBackup } from '../backup/opened-backup.ts';
import { restoreBackup } from '../backup/restore.ts';
import { removeOldBackups } from '../backup/rotation.ts';
import { verifyAll } from '../backup/verification.ts';
import type { Config, DatabaseConfig } from '../config.ts';
import { APP_ROLE, type Connection, openDatabase } from '../db/database.ts';
import { makeFolder } from '../lib/folder.ts';
import { PACKAGE_FOLDER } from '../lib/package-folder.ts';
import { CommandError } from './command-error.ts';
import { reach, reachMigrated } from './database.ts';

const MIGRATIONS = join(PACKAGE_FOLDER, 'migrations');

const say = (line: string): void => void process.stdout.write(`${line}\n`);

export interface BackupOptions {
  readonly to?: string | undefined;
  readonly 'keep-days'?: string | undefined;
}

/** Writes a backup of the database beside a server that may be running, and removes old ones. @throws CommandError */
export async function backupCommand(config: DatabaseConfig, options: BackupOptions): Promise<void> {
  const { to: folder, 'keep-days': days } = options;
  if (folder === undefined) throw new CommandError('backup takes --to FOLDER.');
  const keepDays = days === undefined ? null : Number(days);
  if (keepDays !== null && !(Number.isInteger(keepDays) && keepDays >= 1))
    throw new CommandError('--keep-days takes a whole number from 1.');
  await makeFolder(folder);
  for (const name of await removeAbandoned(folder, new Date()))
    say(`removed ${name}, which an interrupted backup left`);
  await using database = await reachMigrated(config);
  const { path, bytes, rows, sha256 } = await takeBackup(database.connection, folder);
  say(`${path}: ${rows} rows, ${bytes} bytes, sha256 ${sha256}`);
  if (keepDays === null) return;
  for (const name of await removeOldBackups(folder, { keepDays, now: new Date() })) say(`removed ${name}`);
}

export interface RestoreCommandOptions {
  readonly verify: boolean;
  /** Nobody has the SECRET_KEY of the backup any more. */
  readonly 'without-secret': boolean;
}

/** Puts a backup into an empty database. @throws CommandError, DatabaseSetupError */
export async function restoreCommand(
  config: Config,
  path: string | undefined,
  { verify, 'without-secret': withoutSecret }: RestoreCommandOptions,
): Promise<void> {
  if (path === undefined) throw new CommandError('restore takes the file of a backup.');
  await using backup = await openBackup(path, MIGRATIONS);
  await using database = await reach(config);
  const { takenAt, rows, forgotten } = await restoreBackup(database.connection, backup, {
    migrations: MIGRATIONS,
    secretKeys: config,
    isSecretLost: withoutSecret,
  });
  say(`${rows} rows as of ${takenAt} are back. Every cursor given out before gets WS_003.`);
  for (const [table, count] of Object.entries(forgotten))
    say(`${count} of ${table} were left out: nobody can open them without the SECRET_KEY of their server`);
  if (verify) await verifyDatabase(database.connection);
}

/** Says what holds; the exit code is 1 when something does not. */
async function verifyDatabase(connection: Connection): Promise<void> {
  await using floor = openDatabase({
    connection,
    poolSize: 1,
    applicationName: 'floorwire verify',
    role: APP_ROLE,
    statementTimeoutMs: 0,
  });
  for (const { what, holds } of await verifyAll(floor.db)) {
    say(`${what}: ${holds ? 'hold' : 'BROKEN'}`);
    if (!holds) process.exitCode = 1;
  }
}
