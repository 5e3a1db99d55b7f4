import { DatabaseSetupError } from '../db/errors.ts';
import type { LandedMigration } from '../db/migration-files.ts';

/**
 * A backup is one file, compressed with gzip: a line of JSON that says what it is, then each table as a line
 * of JSON and its rows as `COPY … TO STDOUT` writes them, ended by `\.`, and a line that says that this is all.
 * Beside it lies its SHA-256, as `sha256sum` writes it.
 */
export const FORMAT = 1;

export interface BackupHeader {
  readonly floorwire: 'backup';
  readonly format: number;
  readonly takenAt: string;
  /** What had been run on the database. */
  readonly migrations: readonly LandedMigration[];
}

export interface BackupTable {
  readonly table: string;
  readonly columns: readonly string[];
  /** What numbers its rows, and how far that had come; null when nothing does. */
  readonly sequence: { readonly column: string; readonly last: string } | null;
}

export interface BackupFooter {
  /** How many there are in each table. */
  readonly rows: Readonly<Record<string, number>>;
}

/** What ends the rows of a table: no row can be this, since COPY writes a backslash twice. */
export const END_OF_ROWS = '\\.';

const NAME = /^floorwire-(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z(?:-(\d+))?\.backup$/;

/** `floorwire-20260131T120000Z.backup`, and `…Z-2.backup` for the second one of that second. */
export const backupName = (takenAt: Date, number = 1): string =>
  `floorwire-${takenAt.toISOString().replace(/[-:]|\.\d+/g, '')}${number === 1 ? '' : `-${number}`}.backup`;

/** When the backup of this name was taken, and as which of its second; null for any other file. */
export function parseBackupName(name: string): { readonly takenAt: Date; readonly number: number } | null {
  const [, ...parts] = NAME.exec(name) ?? [];
  const [year, month, day, hour, minute, second, number] = parts.map((part) => Number(part ?? 1));
  if (year === undefined || month === undefined || number === undefined) return null;
  return { takenAt: new Date(Date.UTC(year, month - 1, day, hour, minute, second)), number };
}

/** @throws DatabaseSetupError */
export function parseHeader(line: string, name: string): BackupHeader {
  const header = parseLine<BackupHeader>(line, name);
  if (header?.floorwire !== 'backup') throw new DatabaseSetupError(`${name} is no backup of floorwire.`);
  if (header.format !== FORMAT)
    throw new DatabaseSetupError(
      `${name} is of format ${header.format}, and this floorwire reads ${FORMAT}: restore it with the version that took it, or a newer one.`,
    );
  return header;
}

/** @throws DatabaseSetupError */
export function parseLine<T>(line: string, name: string): T {
  try {
    return JSON.parse(line) as T;
  } catch (error) {
    throw new DatabaseSetupError(`${name} is no backup of floorwire, or is damaged.`, { cause: error });
  }
}
