import { execFile } from 'node:child_process';
import { chown, lstat, readdir, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseSetupError } from './errors.ts';

/** How PostgreSQL's programs are started: as whom, and with which commands in front. */
export interface Launcher {
  /** Who the server is, seen from outside any namespace. Its files and its socket belong to them. */
  readonly uid: number;
  readonly gid: number;
  /** Commands that replace themselves by what follows them, so the pid stays that of the program. */
  readonly prefix: readonly string[];
  /** Whether the server may be another than this process, so that paths must be checked for it. */
  readonly confined: boolean;
}

/** `nobody`: the account PostgreSQL runs as when root starts it. */
const NOBODY = 65534;

const UNSHARE = ['unshare', '--user', `--map-user=${NOBODY}`, `--map-group=${NOBODY}`, '--'];
/** Makes the server stop (SIGINT: fast shutdown) when this process ends, whatever ended it. */
const DIE_WITH_PARENT = ['setpriv', '--pdeathsig', 'INT', '--'];

/**
 * Chooses how to start PostgreSQL, which refuses to run as root. Root starts it in a user namespace
 * (the files stay root's) or, where that is refused, as `nobody`. Files of an ordinary user are served
 * as that user.
 *
 * `clusterDir` is looked at for its owner; it need not exist.
 */
export async function chooseLauncher(clusterDir: string): Promise<Launcher> {
  const uid = process.getuid?.() ?? 0;
  const gid = process.getgid?.() ?? 0;
  const diesWithParent = await works(DIE_WITH_PARENT);
  const last = diesWithParent ? DIE_WITH_PARENT : [];
  if (uid !== 0) return { uid, gid, prefix: last, confined: false };

  const owner = await stat(clusterDir).catch(() => null);
  if (owner && owner.uid !== 0 && owner.uid !== NOBODY) return becoming(owner.uid, owner.gid);
  // setpriv comes last: a change of user would clear the signal it sets (prctl(2)).
  const namespaced = [...UNSHARE, ...last];
  if (await works(namespaced)) return { uid, gid, prefix: namespaced, confined: true };
  return becoming(NOBODY, NOBODY);
}

/**
 * Gives a folder and what is in it to the launcher's user, where it is not theirs already. Only root
 * gets here with anything to do.
 */
export async function giveTo(launcher: Launcher, folder: string): Promise<void> {
  if ((await lstat(folder)).uid === launcher.uid) return;
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true })) {
    const path = join(entry.parentPath, entry.name);
    if (!entry.isSymbolicLink()) await chown(path, launcher.uid, launcher.gid);
  }
  await chown(folder, launcher.uid, launcher.gid);
}

/** The first folder on the way to `path` that the server may not pass, null when it gets there. */
export async function findBarrier(launcher: Launcher, path: string): Promise<string | null> {
  if (!launcher.confined) return null;
  const parent = dirname(path);
  if (parent !== path) {
    const above = await findBarrier(launcher, parent);
    if (above) return above;
  }
  const { mode, uid, gid } = await stat(path);
  const execute = uid === launcher.uid ? 0o100 : gid === launcher.gid ? 0o010 : 0o001;
  return (mode & execute) === 0 ? path : null;
}

async function becoming(uid: number, gid: number): Promise<Launcher> {
  const become = ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'];
  const prefix = [...become, '--pdeathsig', 'INT', '--'];
  if (await works(prefix)) return { uid, gid, prefix, confined: true };
  throw new DatabaseSetupError(
    'PostgreSQL does not run as root, and neither unshare nor setpriv works here: ' +
      'start floorwire as an ordinary user, or set DATABASE_URL.',
  );
}

async function works(prefix: readonly string[]): Promise<boolean> {
  const [command = '', ...args] = prefix;
  try {
    await promisify(execFile)(command, [...args, 'true']);
    return true;
  } catch {
    return false;
  }
}
