import { realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { makeFolder } from '../lib/folder.ts';
import type { Connection } from './database.ts';
import { type Binaries, copyBinaries, findBinaries, linkLibraries } from './embedded-binaries.ts';
import { type ClusterPlan, clusterDirOf, ensureCluster } from './embedded-cluster.ts';
import { answers, embeddedConnection } from './embedded-join.ts';
import { claimFolder } from './embedded-owner.ts';
import { findPostmaster, waitUntilUnserved } from './embedded-postmaster.ts';
import { chooseLauncher, findBarrier, giveTo } from './embedded-privileges.ts';
import { type ServerProcess, spawnServer } from './embedded-server-process.ts';
import { makeSocketFolder, removeSocketFolder } from './embedded-socket.ts';
import { DatabaseSetupError } from './errors.ts';

export interface EmbeddedOptions {
  /** Made when missing. The cluster is its `postgres` folder. */
  readonly dataDir: string;
  /** Which PostgreSQL to run. Default: the one npm brought. */
  readonly binaries?: Binaries;
  /** False for databases that need not survive a crash of the machine: tests. Default true. */
  readonly fsync?: boolean;
  /** Takes each line the server writes. */
  readonly log?: (line: string) => void;
  /** The server ended by itself; it is being started again. `reason` is one line. */
  readonly onDown?: (reason: string) => void;
  /** It answers again. */
  readonly onUp?: () => void;
}

/** Recovery after a crash may take this long on a slow disk. */
const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 5;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** What the children of a killed server still hold; they are about to notice. */
const LEFTOVERS = /pre-existing shared memory block/;
const LEFTOVERS_TIMEOUT_MS = 15_000;

/**
 * Starts the embedded PostgreSQL of a data folder and keeps it running until disposed; then stops it
 * within about ten seconds. Should this process die, the server stops by itself.
 *
 * @throws DatabaseSetupError when the folder has a living owner, when there is no PostgreSQL for this
 * platform, when the cluster is another major version's, or when the server does not start.
 */
export async function startEmbedded(options: EmbeddedOptions): Promise<EmbeddedServer> {
  const binaries = options.binaries ?? (await findBinaries());
  await makeFolder(options.dataDir);
  const dataDir = await realpath(options.dataDir);
  const claim = await claimFolder(dataDir);
  let socketFolder: string | undefined;
  const release = async () => {
    if (socketFolder) await removeSocketFolder(socketFolder);
    await claim[Symbol.asyncDispose]();
  };
  try {
    const plan = await planCluster(binaries, dataDir, options.fsync ?? true);
    const password = await ensureCluster(plan);
    await giveTo(plan.launcher, clusterDirOf(dataDir));
    const folder = await makeSocketFolder(clusterDirOf(dataDir), plan.launcher);
    socketFolder = folder;
    const server = new EmbeddedServer({
      connection: embeddedConnection(folder, password),
      clusterDir: clusterDirOf(dataDir),
      spawn: () => spawnServer(plan, folder, (line) => options.log?.(line)),
      options,
      release,
    });
    await server.start();
    return server;
  } catch (error) {
    await release();
    throw error;
  }
}

interface ServerParts {
  readonly connection: Connection;
  readonly clusterDir: string;
  readonly spawn: () => ServerProcess;
  readonly options: EmbeddedOptions;
  /** Gives the folder back. */
  readonly release: () => Promise<void>;
}

/** A running embedded PostgreSQL and the only process that may stop it. Made by `startEmbedded`. */
export class EmbeddedServer implements AsyncDisposable {
  readonly connection: Connection;
  readonly #parts: ServerParts;
  readonly #closing = new AbortController();
  #process: ServerProcess;
  #watch: Promise<void> = Promise.resolve();
  #closed: Promise<void> | undefined;

  constructor(parts: ServerParts) {
    this.connection = parts.connection;
    this.#parts = parts;
    this.#process = parts.spawn();
  }

  /** Of the server process; another after a restart. */
  get pid(): number | undefined {
    return this.#process.pid;
  }

  /** Waits until the server answers, then watches over it. To be called once. */
  async start(): Promise<void> {
    const started = performance.now();
    for (;;) {
      const failure = await failureToStart(this.#parts, this.#process);
      if (!failure) break;
      await this.#process.stop();
      if (!LEFTOVERS.test(failure) || performance.now() - started > LEFTOVERS_TIMEOUT_MS) {
        throw new DatabaseSetupError(`The embedded PostgreSQL does not start: ${failure}`);
      }
      await pause(FIRST_RETRY_MS);
      this.#process = this.#parts.spawn();
    }
    this.#watch = this.#keepRunning();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#closing.abort();
    await this.#process.stop();
    await this.#watch;
    await this.#parts.release();
  }

  async #keepRunning(): Promise<void> {
    const { onDown, onUp } = this.#parts.options;
    for (;;) {
      const how = await this.#process.ended;
      if (this.#closing.signal.aborted) return;
      onDown?.(`The embedded PostgreSQL ended (${how}); starting it again.`);
      if (!(await this.#restart())) return;
      onUp?.();
    }
  }

  /** Tries until it answers; false when the server was closed meanwhile. */
  async #restart(): Promise<boolean> {
    const { signal } = this.#closing;
    for (let delayMs = FIRST_RETRY_MS; ; delayMs = Math.min(2 * delayMs, LAST_RETRY_MS)) {
      await pause(delayMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return false;
      this.#process = this.#parts.spawn();
      const failure = await failureToStart(this.#parts, this.#process);
      if (!failure) return true;
      this.#parts.options.log?.(`The embedded PostgreSQL does not start: ${failure}`);
      await this.#process.stop();
    }
  }
}

/** Waits until the server answers; why it will not, in one line, otherwise. */
async function failureToStart(parts: ServerParts, server: ServerProcess): Promise<string | null> {
  const started = performance.now();
  while (!server.hasEnded()) {
    try {
      const postmaster = await findPostmaster(parts.clusterDir);
      if (postmaster?.pid === server.pid && postmaster?.ready && (await answers(parts.connection)))
        return null;
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
    if (performance.now() - started > READY_TIMEOUT_MS) return `no answer after ${READY_TIMEOUT_MS / 1000} s`;
    await pause(READY_POLL_MS);
  }
  return `${await server.ended}: ${server.lastLines.join(' ')}`;
}

/** Decides who runs which programs, once nothing serves the folder any more. */
async function planCluster(binaries: Binaries, dataDir: string, fsync: boolean): Promise<ClusterPlan> {
  const launcher = await chooseLauncher(clusterDirOf(dataDir));
  const barrier = await findBarrier(launcher, dataDir);
  if (barrier) {
    throw new DatabaseSetupError(
      `PostgreSQL runs as user ${launcher.uid}, who may not pass ${barrier}: ` +
        'set DATA_DIR to a folder elsewhere, start floorwire as an ordinary user, or set DATABASE_URL.',
    );
  }
  await waitUntilUnserved(clusterDirOf(dataDir));
  const reachable = (await findBarrier(launcher, join(binaries.folder, 'bin'))) === null;
  const inPlace = reachable && (await linkLibraries(binaries.folder));
  const programs = inPlace ? binaries.folder : await copyBinaries(binaries, dataDir);
  return { dataDir, binaries, programs, launcher, fsync };
}
