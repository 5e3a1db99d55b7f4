import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { codeOf, DatabaseSetupError } from '../db/errors.ts';
import { type MigrationFile, readMigrations } from '../db/migration-files.ts';
import { type BackupHeader, parseHeader } from './backup-format.ts';
import { linesOf } from './lines.ts';

/** A backup that is as it was taken, and that this floorwire can restore. */
export interface OpenedBackup extends AsyncDisposable {
  readonly name: string;
  readonly header: BackupHeader;
  /** What comes behind the header. @throws DatabaseSetupError at the end, which comes behind the last line that is read */
  readonly nextLine: () => Promise<string>;
}

/** What gzip begins with. */
const GZIP = Buffer.from([0x1f, 0x8b]);
const CURE = 'It is damaged or cut off: copy it again from where it was taken, or take another backup.';

/**
 * Looks at everything that can be wrong with a file before a database is touched.
 *
 * @param migrations the folder of this floorwire's
 * @throws DatabaseSetupError
 */
export async function openBackup(path: string, migrations: string): Promise<OpenedBackup> {
  const name = basename(path);
  await checkFile(path, name);
  const lines = linesOf(createReadStream(path).pipe(createGunzip()));
  const nextLine = () => readLine(lines, name);
  const close = async () => void (await lines.return(undefined));
  try {
    const header = parseHeader(await nextLine(), name);
    refuseOtherMigrations(header, await readMigrations(migrations), name);
    return { name, header, nextLine, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function checkFile(path: string, name: string): Promise<void> {
  const beginning = await readBeginning(path);
  if (name.endsWith('.sha256'))
    throw new DatabaseSetupError(
      `${name} is the checksum of a backup: name the file beside it, without .sha256.`,
    );
  if (name.endsWith('.partial'))
    throw new DatabaseSetupError(`${name} is what an interrupted backup left: name one that is whole.`);
  const said = await readFile(`${path}.sha256`, 'utf8').catch(() => null);
  if (said === null) {
    if (!beginning.equals(GZIP)) throw notABackup(name);
    throw new DatabaseSetupError(
      `There is no ${name}.sha256 beside ${name}, which says whether the file is whole: copy it too.`,
    );
  }
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  if (hash.digest('hex') !== said.split(/\s/)[0])
    throw new DatabaseSetupError(`${name} has another checksum than ${name}.sha256 says. ${CURE}`);
  if (!beginning.equals(GZIP)) throw notABackup(name);
}

/** @throws DatabaseSetupError unless it is a file that can be read */
async function readBeginning(path: string): Promise<Buffer> {
  try {
    const file = await open(path);
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(GZIP.length), 0);
      return buffer.subarray(0, bytesRead);
    } finally {
      await file.close();
    }
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') throw new DatabaseSetupError(`There is no file ${path}.`, { cause });
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new DatabaseSetupError(`${path} cannot be read: ${reason}`, { cause });
  }
}

const notABackup = (name: string) =>
  new DatabaseSetupError(
    `${name} is no backup of floorwire, whose names are floorwire-<when>.backup: name one of those.`,
  );

/** By what it has run, whatever its format: its tables are others. */
function refuseOtherMigrations(header: BackupHeader, files: readonly MigrationFile[], name: string): void {
  const known = new Map(files.map((file) => [file.name, file.checksum]));
  for (const migration of header.migrations) {
    const checksum = known.get(migration.name);
    if (checksum === undefined)
      throw new DatabaseSetupError(
        `${name} is of a newer floorwire, which has migration ${migration.name}: restore it with that version, or a newer one.`,
      );
    if (checksum !== migration.checksum)
      throw new DatabaseSetupError(
        `${name} is of another floorwire, whose migration ${migration.name} is not this one's: restore it with the version that took it.`,
      );
  }
}

async function readLine(lines: AsyncGenerator<string, void>, name: string): Promise<string> {
  try {
    const { value, done } = await lines.next();
    if (!done && value !== undefined) return value;
  } catch (cause) {
    if (!/^Z_/.test(codeOf(cause) ?? '')) throw cause;
    throw new DatabaseSetupError(`${name} cannot be unpacked. ${CURE}`, { cause });
  }
  throw new DatabaseSetupError(`${name} ends too early. ${CURE}`);
}
