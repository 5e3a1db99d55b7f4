import { chmod, mkdir, mkdtemp, realpath, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Connection } from '../../src/db/database.ts';
import { startEmbedded } from '../../src/db/embedded.ts';
import { Running } from '../../src/lib/running.ts';
import { type ApiOptions, startApi } from './api.ts';
import { startNginx } from './nginx.ts';
import type { Part, PartLog } from './part.ts';
import { findPrograms } from './programs.ts';
import { startRedis } from './redis.ts';
import { type ReadSettings, readSettings, type Settings } from './settings.ts';

export interface TopologyOptions {
  readonly envFile: string;
  /** Where nginx answers on loopback. Default: a free port. */
  readonly port?: number;
  /** Keeps the database and made-up secrets. Default: a temporary one, which goes at the end. */
  readonly folder?: string;
  /** What to tell the API processes besides the env file. */
  readonly settings?: Settings;
  /** False for a database that need not survive a crash of the machine. Default true. */
  readonly fsync?: boolean;
  /** What the API processes run. Default: `src` as it stands. */
  readonly program?: string;
  /** Where nginx's TLS is configured. Default: deploy/tls. */
  readonly tlsFolder?: string;
  readonly log: PartLog;
}

/** What compose.yaml starts, as programs of this machine. Disposing it drains the API processes and stops all. */
export interface Topology extends AsyncDisposable {
  /** Of nginx. */
  readonly url: string;
  readonly apis: readonly [Api, Api];
  readonly connection: Connection;
  /** What the API processes were told; `areNew` as long as nobody has seen its secrets. */
  readonly told: ReadSettings;
  /** Resolves with how a part ended that was not asked to. */
  readonly failure: Promise<string>;
}

export interface Api {
  readonly part: Part;
  readonly port: number;
}

/** @throws PartError, DatabaseSetupError with a message for a person */
export async function startTopology(options: TopologyOptions): Promise<Topology> {
  const running = new Running();
  try {
    return await start(options, running);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(options: TopologyOptions, running: Running): Promise<Topology> {
  const { log, fsync = true, program, tlsFolder } = options;
  const programs = await findPrograms();
  const folder = options.folder ? await makeFolder(options.folder) : await temporaryFolder(running);
  const told = await readSettings(options.envFile, folder);
  const [freePort, redisPort, ...apiPorts] = await findFreePorts();
  const port = options.port ?? freePort;

  const database = running.add(
    await startEmbedded({
      dataDir: join(folder, 'database'),
      binaries: programs.postgres,
      fsync,
      log: (line) => log('postgres', line),
      onDown: (reason) => log('postgres', reason),
    }),
  );
  const redis = await startRedis({
    program: programs.redis,
    folder: join(folder, 'redis'),
    port: redisPort,
    log,
  });
  running.add(redis.part);
  // Before the processes it serves, because it is to be stopped after them: clients hear that they drain.
  const nginx = running.add(
    await startNginx({
      program: programs.nginx,
      folder: join(folder, 'nginx'),
      port,
      apiPorts,
      log,
      ...(tlsFolder && { tlsFolder }),
    }),
  );
  const url = `http://127.0.0.1:${port}`;
  const settings: Settings = {
    PUBLIC_URL: url,
    ...told.settings,
    ...options.settings,
    DATA_DIR: join(folder, 'files'),
    DATABASE_URL: database.connection,
    REDIS_URL: redis.url,
    TRUST_PROXY: 'loopback',
  };
  const apis = await startBoth(apiPorts, { settings, log, ...(program && { program }) }, running);
  return {
    url,
    apis,
    connection: database.connection,
    told,
    failure: Promise.race([redis.part.ended, nginx.ended, ...apis.map(({ part }) => part.ended)]),
    [Symbol.asyncDispose]: () => running[Symbol.asyncDispose](),
  };
}

/** At once, as compose does; and stopped at once, so that nobody is sent from one to the other. */
async function startBoth(
  [first, second]: readonly [number, number],
  options: ApiOptions,
  running: Running,
): Promise<[Api, Api]> {
  const starts = [
    startApi({ name: 'api-1', port: first }, options),
    startApi({ name: 'api-2', port: second }, options),
  ] as const;
  running.add({
    async [Symbol.asyncDispose]() {
      const parts = await Promise.allSettled(starts);
      await Promise.all(
        parts.map((part) => part.status === 'fulfilled' && part.value[Symbol.asyncDispose]()),
      );
    },
  });
  const [one, two] = await Promise.all(starts);
  return [
    { part: one, port: first },
    { part: two, port: second },
  ];
}

async function temporaryFolder(running: Running): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'floorwire-topology-')));
  running.add({ [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) });
  await chmod(folder, 0o711);
  return folder;
}

/** Others may pass, since root's PostgreSQL and nginx run as others; they may not look. */
async function makeFolder(path: string): Promise<string> {
  await mkdir(path, { recursive: true, mode: 0o711 });
  return await realpath(path);
}

/** Four that nobody listens on. */
async function findFreePorts(): Promise<[number, number, number, number]> {
  return await Promise.all([freePort(), freePort(), freePort(), freePort()]);
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => (typeof address === 'object' && address ? resolve(address.port) : reject()));
    });
  });
}
