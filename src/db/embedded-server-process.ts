import { type ChildProcess, spawn } from 'node:child_process';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { type ClusterPlan, clusterDirOf, serverEnvironment } from './embedded-cluster.ts';
import { CLUSTER_NAME } from './embedded-postmaster.ts';
import { SOCKET_PORT } from './embedded-socket.ts';

export interface ServerProcess {
  readonly pid: number | undefined;
  /** Resolves with how it ended: an exit code, a signal, or why it could not be started. */
  readonly ended: Promise<string>;
  readonly hasEnded: () => boolean;
  /** The last lines it wrote, oldest first. */
  readonly lastLines: readonly string[];
  /** Asks it to stop, ever less kindly, until it has ended: at most about ten seconds. */
  stop(): Promise<void>;
}

const KEPT_LINES = 5;
const LAST_WORDS_MS = 200;
/** After a fast shutdown's time comes an immediate one (recovery at the next start), then the end. */
const STOP_STEPS = [
  ['SIGINT', 8_000],
  ['SIGQUIT', 2_000],
  ['SIGKILL', 2_000],
] as const satisfies readonly (readonly [NodeJS.Signals, number])[];

/**
 * Starts the server in a process group of its own, so that Ctrl-C in the terminal does not stop the
 * database before the application has drained. It ends when this process does.
 */
export function spawnServer(
  plan: ClusterPlan,
  socketFolder: string,
  log: (line: string) => void,
): ServerProcess {
  const args = ['-D', clusterDirOf(plan.dataDir), ...settingsOf(plan, socketFolder)];
  const [command = '', ...rest] = [...plan.launcher.prefix, join(plan.programs, 'bin', 'postgres'), ...args];
  const child = spawn(command, rest, {
    detached: true,
    cwd: plan.dataDir,
    env: serverEnvironment(),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const lastLines: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lastLines.push(line);
    if (lastLines.length > KEPT_LINES) lastLines.shift();
    log(line);
  });

  let over = false;
  const stopWithProcess = () => child.kill('SIGINT');
  process.once('exit', stopWithProcess);
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => {
      const how = signal ?? `exit code ${code}`;
      // What it wrote last comes until 'close', which its own children may hold back.
      const timer = setTimeout(resolve, LAST_WORDS_MS, how);
      child.once('close', () => {
        clearTimeout(timer);
        resolve(how);
      });
    });
  }).finally(() => {
    over = true;
    process.off('exit', stopWithProcess);
  });
  return { pid: child.pid, ended, hasEnded: () => over, lastLines, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<string>): Promise<void> {
  for (const [signal, timeoutMs] of STOP_STEPS) {
    child.kill(signal);
    const timer = new AbortController();
    const timeout = pause(timeoutMs, 'timeout', { signal: timer.signal }).catch(() => 'aborted');
    const first = await Promise.race([ended.then(() => 'ended'), timeout]);
    timer.abort();
    if (first === 'ended') return;
  }
}

const MIB = 2 ** 20;

/**
 * What PostgreSQL keeps of the data at hand, and takes only as the data grow: an eighth of the memory there is. A million
 * bookings fit into 512 MB; with 128 each look at a day of them was copied from the system's cache.
 */
function sharedBuffersMb(): number {
  const limit = process.constrainedMemory();
  const memory = limit > 0 ? Math.min(limit, totalmem()) : totalmem();
  return Math.min(512, Math.max(128, Math.floor(memory / 8 / MIB)));
}

function settingsOf(plan: ClusterPlan, socketFolder: string): string[] {
  const settings: Record<string, string | number> = {
    cluster_name: CLUSTER_NAME,
    listen_addresses: '',
    port: SOCKET_PORT,
    unix_socket_directories: socketFolder,
    unix_socket_permissions: '0700',
    // A server takes some fifteen, each driver half as many, and several of both may share it.
    max_connections: 200,
    shared_buffers: `${sharedBuffersMb()}MB`,
    // Parallel workers share memory in /dev/shm, of which a container has 64 MB.
    max_parallel_workers_per_gather: 0,
    timezone: 'UTC',
    log_timezone: 'UTC',
    log_destination: 'stderr',
    log_line_prefix: '',
    // The outbox is written and emptied thousands of times a second; what is gone of it lies in the way until a vacuum.
    autovacuum_naptime: '15s',
    log_checkpoints: 'off',
    // Errors reach the client; in the server's log they would show what people typed.
    log_min_messages: 'log',
    ...(plan.fsync ? {} : { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}
