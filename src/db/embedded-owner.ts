import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commandLine, processStart } from './embedded-process.ts';
import { codeOf, DatabaseSetupError } from './errors.ts';

/** Who owns the embedded server of a data folder. The start tells two processes with one pid apart. */
interface Owner {
  readonly pid: number;
  readonly start: string;
}

const OWNER_FILE = 'postgres.owner';
const TRIES = 10;

/**
 * Makes this process the one owner of the folder's embedded server, until disposed. What a dead owner
 * left is taken over. PostgreSQL's own `postmaster.pid` is the last word; this file says it kindlier,
 * and holds while the server is down.
 *
 * @throws DatabaseSetupError naming the living owner.
 */
export async function claimFolder(dataDir: string): Promise<AsyncDisposable> {
  const file = join(dataDir, OWNER_FILE);
  const claim = JSON.stringify({ pid: process.pid, start: await processStart(process.pid) });
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    if (await writeOnce(file, claim, 0o644)) return { [Symbol.asyncDispose]: () => withdraw(file, claim) };
    const found = await readFile(file, 'utf8').catch(() => '');
    await refuseIfAlive(found, dataDir);
    await removeStale(file, found);
  }
  throw new DatabaseSetupError(`Several processes are starting on ${dataDir} at once; try again.`);
}

/**
 * Writes a file that did not exist, whole and on disk, or nothing. False when it exists.
 */
export async function writeOnce(file: string, content: string, mode: number): Promise<boolean> {
  const draft = `${file}.${randomUUID()}`;
  const handle = await open(draft, 'wx', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
    await handle.close();
    await link(draft, file);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  } finally {
    await handle.close().catch(() => {});
    await rm(draft, { force: true });
  }
}

async function refuseIfAlive(content: string, dataDir: string): Promise<void> {
  const owner = parseOwner(content);
  if (!owner || (await processStart(owner.pid)) !== owner.start) return;
  const name =
    owner.pid === process.pid ? 'this very process' : ((await commandLine(owner.pid)) ?? '').slice(0, 80);
  throw new DatabaseSetupError(
    `The data folder ${dataDir} is in use by process ${owner.pid} (${name}): stop it first, or set DATA_DIR to another folder.`,
  );
}

/** Takes away what was found dead. A claim that came in between is put back. */
async function removeStale(file: string, content: string): Promise<void> {
  const aside = `${file}.${randomUUID()}`;
  try {
    await rename(file, aside);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return;
    throw error;
  }
  if ((await readFile(aside, 'utf8')) !== content) await link(aside, file).catch(() => {});
  await rm(aside, { force: true });
}

async function withdraw(file: string, claim: string): Promise<void> {
  const found = await readFile(file, 'utf8').catch(() => null);
  if (found === claim) await rm(file, { force: true });
}

function parseOwner(content: string): Owner | null {
  try {
    const value: unknown = JSON.parse(content);
    if (typeof value !== 'object' || value === null) return null;
    const { pid, start } = value as Partial<Owner>;
    return typeof pid === 'number' && typeof start === 'string' ? { pid, start } : null;
  } catch {
    return null;
  }
}
