import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { commandLine, workingFolder } from './embedded-process.ts';
import { codeOf, DatabaseSetupError } from './errors.ts';

/** A living server of a data folder, as its `postmaster.pid` tells. */
export interface Postmaster {
  readonly pid: number;
  readonly port: number;
  readonly socketFolder: string;
  /** Whether it takes connections, as far as it has told; it does not while it starts or stops. */
  readonly ready: boolean;
  /** Whether floorwire started it, and nobody by hand. */
  readonly ours: boolean;
}

/** Given to every server we start, so that it can be told from one started by hand. */
export const CLUSTER_NAME = 'floorwire';

const GONE_TIMEOUT_MS = 20_000;
/** A server whose owner died stops by itself where it can be told to; elsewhere it is asked after this time. */
const ASK_TO_STOP_MS = 2_000;
const POLL_MS = 20;
/** Above what Linux (4194304) and macOS (99999) give out. */
const NOBODYS_PID = 4_194_305;

/**
 * The server that runs on the folder, null when none does. A pid that meanwhile belongs to another
 * program is not taken for one.
 *
 * @throws when the folder may not be read by this user.
 */
export async function findPostmaster(clusterDir: string): Promise<Postmaster | null> {
  const lines = (await readPidFile(clusterDir))?.split('\n') ?? [];
  const [pid, , , port, socketFolder, , , status] = lines;
  if (!pid || !port || !socketFolder) return null;
  const command = await commandLine(Number(pid));
  if (!command || !(await serves(Number(pid), command, clusterDir))) return null;
  return {
    pid: Number(pid),
    port: Number(port),
    socketFolder,
    ready: status?.trim() === 'ready',
    ours: command.includes(` cluster_name=${CLUSTER_NAME} `),
  };
}

/**
 * Waits until nothing serves the folder: the server of an owner that was killed needs a moment to stop.
 * Then disarms what it left.
 *
 * @throws DatabaseSetupError after 20 seconds, or at once for a server that somebody started by hand.
 */
export async function waitUntilUnserved(clusterDir: string): Promise<void> {
  const started = performance.now();
  let asked = false;
  for (;;) {
    const postmaster = await findPostmaster(clusterDir);
    if (!postmaster) break;
    const waited = performance.now() - started;
    if (!postmaster.ours || waited > GONE_TIMEOUT_MS) {
      const hint = postmaster.ours ? 'and does not stop' : 'which floorwire did not start';
      throw new DatabaseSetupError(
        `PostgreSQL (pid ${postmaster.pid}) runs on ${clusterDir}, ${hint}: stop it first.`,
      );
    }
    if (!asked && waited > ASK_TO_STOP_MS) {
      asked = true;
      tryToKill(postmaster.pid, 'SIGINT');
    }
    await pause(POLL_MS);
  }
  await disarmPidFile(clusterDir);
}

/**
 * Puts an impossible pid into what a dead server left. PostgreSQL would not start while its pid belongs
 * to another program or to remains that nobody reaps. The rest of the file stays: by it PostgreSQL finds
 * out whether processes of the dead server still use its memory.
 */
async function disarmPidFile(clusterDir: string): Promise<void> {
  const content = await readPidFile(clusterDir);
  if (!content) return;
  // No shorter than before, and written in place: the file keeps its owner and is never half empty.
  const lines = [NOBODYS_PID, ...content.split('\n').slice(1)];
  const file = await open(join(clusterDir, 'postmaster.pid'), 'r+');
  try {
    await file.write(lines.join('\n'), 0);
  } finally {
    await file.close();
  }
}

/** In doubt yes: a second server on the same files would destroy them. */
async function serves(pid: number, command: string, clusterDir: string): Promise<boolean> {
  if (!/postgres|postmaster/.test(command)) return false;
  const folder = await workingFolder(pid);
  return folder === null || folder === clusterDir;
}

function tryToKill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone meanwhile, or another user's: the caller's deadline decides.
  }
}

async function readPidFile(clusterDir: string): Promise<string | null> {
  try {
    return await readFile(join(clusterDir, 'postmaster.pid'), 'utf8');
  } catch (error) {
    if (codeOf(error) === 'ENOENT' || codeOf(error) === 'ENOTDIR') return null;
    throw error;
  }
}
