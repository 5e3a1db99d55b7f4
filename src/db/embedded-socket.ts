import { createHash } from 'node:crypto';
import { chown, lstat, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { findBarrier, type Launcher } from './embedded-privileges.ts';
import { codeOf, DatabaseSetupError } from './errors.ts';

export const SOCKET_PORT = 5432;

/** Bytes of a socket's path without the ending zero: 107 on Linux, 103 on macOS. */
const MAX_PATH_BYTES = process.platform === 'darwin' ? 103 : 107;
const SOCKET_NAME_BYTES = Buffer.byteLength(`/.s.PGSQL.${SOCKET_PORT}`);

/**
 * An empty folder for the server's socket that only the server's user can enter: whoever could put a
 * socket of their own there would be sent the password. The path is short, however long the data
 * folder's is, and the same at every start unless somebody sits on it.
 *
 * @throws DatabaseSetupError when no folder for temporary files will do.
 */
export async function makeSocketFolder(clusterDir: string, launcher: Launcher): Promise<string> {
  const name = `floorwire-${createHash('sha256').update(clusterDir).digest('hex').slice(0, 16)}`;
  for (const parent of new Set([tmpdir(), '/tmp', '/var/tmp'])) {
    const longest = join(parent, `${name}-XXXXXX`);
    if (Buffer.byteLength(longest) + SOCKET_NAME_BYTES > MAX_PATH_BYTES) continue;
    if (!(await isTrustworthy(parent)) || (await findBarrier(launcher, parent))) continue;
    return await claimSocketFolder(join(parent, name), launcher);
  }
  throw new DatabaseSetupError(
    'No folder for the database socket: TMPDIR must be short, and writable only by you or sticky as /tmp is.',
  );
}

/** Whether a folder is one only `uid` can enter, as `makeSocketFolder` makes them. */
export async function isPrivateFolder(path: string, uid: number): Promise<boolean> {
  const found = await lstat(path).catch(() => null);
  if (!found?.isDirectory()) return false;
  return found.uid === uid && (found.mode & 0o077) === 0;
}

/** Removes what `makeSocketFolder` made, once the server is gone. */
export async function removeSocketFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
}

async function claimSocketFolder(path: string, launcher: Launcher): Promise<string> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (error) {
    if (codeOf(error) !== 'EEXIST') throw error;
    if (await isPrivateFolder(path, launcher.uid)) return await empty(path);
    const another = await mkdtemp(`${path}-`);
    await giveFolder(another, launcher);
    return another;
  }
  await giveFolder(path, launcher);
  return path;
}

async function giveFolder(path: string, launcher: Launcher): Promise<void> {
  if ((await lstat(path)).uid !== launcher.uid) await chown(path, launcher.uid, launcher.gid);
}

/** A killed server leaves its socket and a lock with its pid, which another program may have by now. */
async function empty(path: string): Promise<string> {
  for (const name of await readdir(path)) await rm(join(path, name), { recursive: true, force: true });
  return path;
}

/** Whether nobody but root and this user can rename what this user puts into the folder. */
async function isTrustworthy(folder: string): Promise<boolean> {
  const found = await stat(folder).catch(() => null);
  if (!found?.isDirectory()) return false;
  const sticky = (found.mode & 0o1000) !== 0;
  const open = (found.mode & 0o022) !== 0;
  const ownerIsFine = found.uid === 0 || found.uid === process.getuid?.();
  const parentIsFine = dirname(folder) === folder || (await isTrustworthy(dirname(folder)));
  return ownerIsFine && (!open || sticky) && parentIsFine;
}
