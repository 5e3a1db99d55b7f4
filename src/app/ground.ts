import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { type Kysely, sql } from 'kysely';
import type { Config } from '../config.ts';
import {
  APP_ROLE,
  type Connection,
  countPool,
  type DatabaseOptions,
  type FloorDatabase,
  openDatabase,
  type PoolCounts,
} from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { DatabaseSetupError } from '../db/errors.ts';
import { migrate, pendingMigrations } from '../db/migrate.ts';
import type { Database } from '../db/schema.ts';
import { type EventLog, startEventLog } from '../events/event-log.ts';
import { openRedis, type RedisConnection } from '../events/redis.ts';
import type { Logger } from '../lib/logger.ts';
import { PACKAGE_FOLDER } from '../lib/package-folder.ts';
import type { Running } from '../lib/running.ts';
import { createRunWork, type RunWork } from '../work.ts';
import { type DueWatch, startDueWatch } from './due-watch.ts';
import { createOutageLog } from './outage-log.ts';

/** What there has to be said of the ground itself. */
export type GroundSettings = Pick<Config, 'dataDir' | 'databaseUrl' | 'databasePoolSize' | 'redisUrl'>;

type PoolOptions = Pick<DatabaseOptions, 'poolSize' | 'applicationName' | 'statementTimeoutMs'>;

/** What everything else stands on. */
export interface Ground<Settings = Config> {
  readonly config: Settings;
  readonly connection: Connection;
  readonly db: Kysely<Database>;
  readonly countPool: () => PoolCounts;
  /** One more pool on the database, for what must not wait for the others. */
  readonly openPool: (
    options: Omit<PoolOptions, 'applicationName'> & { readonly purpose: string },
  ) => FloorDatabase;
  /** Waits for PostgreSQL no longer: what waits for it fails, and nothing asks it any more. */
  readonly abandonDatabase: () => void;
  /** Null without `REDIS_URL`. */
  readonly redis: RedisConnection | null;
  readonly log: EventLog;
  /** Wakes what is to be done at its time. */
  readonly dues: DueWatch;
  readonly runWork: RunWork;
  readonly logger: Logger;
  /** Told of what fails behind a request's back. */
  readonly onError: (error: unknown) => void;
  /** What is added is stopped with the application, the last first. */
  readonly running: Running;
}

const MIGRATIONS = join(PACKAGE_FOLDER, 'migrations');

/** The database, up to date, its event log and units of work on it. @throws DatabaseSetupError */
export async function layGround<Settings extends GroundSettings>(
  config: Settings,
  processLogger: Logger,
  { running, mayMigrate = true }: { readonly running: Running; readonly mayMigrate?: boolean },
): Promise<Ground<Settings>> {
  let isAbandoned = false;
  const stopped = new AbortController();
  const ask = () => sql`select`.execute(db);
  const logger = createOutageLog(processLogger, { ask, stopped: stopped.signal });
  const onError = (error: unknown) => {
    if (!isAbandoned) logger.warn({ err: error }, 'a background task failed and goes on');
  };
  const connection = await connect(config, logger, running);
  if (mayMigrate) await migrate(connection, MIGRATIONS);
  else await refuseOutdated(connection);
  const pools: FloorDatabase[] = [];
  function open(options: PoolOptions): FloorDatabase {
    const onIdleError = (error: Error) => logger.warn({ err: error }, 'a database connection was lost');
    const opened = running.add(openDatabase({ connection, role: APP_ROLE, onIdleError, ...options }));
    pools.push(opened);
    return opened;
  }
  const { db, pool } = open({ poolSize: config.databasePoolSize, applicationName: 'floorwire' });
  running.add({ [Symbol.asyncDispose]: async () => stopped.abort() });
  const redis = config.redisUrl ? running.add(await openRedis(config.redisUrl, onError)) : null;
  const log = running.add(await startEventLog({ db, connection, redis, onError }));
  const dues = running.add(startDueWatch({ db, onError }));
  const runWork = createRunWork({ db, onEvents: log.committed });
  return {
    config,
    connection,
    db,
    countPool: () => countPool(pool),
    openPool: ({ purpose, ...options }) => open({ ...options, applicationName: `floorwire ${purpose}` }),
    abandonDatabase() {
      logger.warn('PostgreSQL does not answer; the shutdown waits for it no longer');
      isAbandoned = true;
      stopped.abort();
      for (const each of pools) each.abandon();
    },
    redis,
    log,
    dues,
    runWork,
    logger,
    onError,
    running,
  };
}

/** A drain does not wait for a PostgreSQL that hangs: it would not be over in ten seconds (RULES 34). */
const PATIENCE_MS = 5_000;
const ANSWER_MS = 1_000;
/** By then it is to be over, whatever it waits for. */
const LAST_MS = 9_500;

type Stoppable = Pick<Ground, 'running' | 'abandonDatabase' | 'db'>;

/** Stops all that runs on it, and then itself. */
export async function stopGround(ground: Stoppable): Promise<void> {
  const stopped = new AbortController();
  const watch = abandonWhenSilent(ground, stopped.signal).catch(() => {});
  try {
    await ground.running[Symbol.asyncDispose]();
  } finally {
    stopped.abort();
    await watch;
  }
}

/** It may take as long because somebody reads or asks slowly: then lines are still to be given back. */
async function abandonWhenSilent({ db, abandonDatabase }: Stoppable, stopped: AbortSignal): Promise<void> {
  const endMs = performance.now() + LAST_MS;
  await pause(PATIENCE_MS, undefined, { signal: stopped });
  while (performance.now() < endMs) {
    const silent = pause(ANSWER_MS, 'SILENT', { signal: stopped });
    // Nobody waits for one that says that it is away.
    const answered = sql`select`.execute(db).catch(() => {});
    if ((await Promise.race([answered, silent])) === 'SILENT') break;
    await silent;
  }
  abandonDatabase();
}

/** @throws DatabaseSetupError */
async function refuseOutdated(connection: Connection): Promise<void> {
  const pending = await pendingMigrations(connection, MIGRATIONS);
  if (pending.length > 0)
    throw new DatabaseSetupError(
      `The database lacks ${pending.join(', ')}: start the API of this version first, or run floorwire migrate.`,
    );
}

async function connect(config: GroundSettings, logger: Logger, running: Running): Promise<Connection> {
  if (config.databaseUrl) return config.databaseUrl;
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    log: (line) => logger.debug({ topic: 'postgres' }, line),
    onDown: (reason) => logger.error({ reason }, 'the embedded PostgreSQL ended and is started again'),
    onUp: () => logger.info('the embedded PostgreSQL answers again'),
  });
  return running.add(embedded).connection;
}
