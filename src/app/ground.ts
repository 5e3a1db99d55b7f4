import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import type { Config } from '../config.ts';
import { APP_ROLE, type Connection, countPool, openDatabase, type PoolCounts } from '../db/database.ts';
import { startEmbedded } from '../db/embedded.ts';
import { migrate } from '../db/migrate.ts';
import type { Database } from '../db/schema.ts';
import { type EventLog, startEventLog } from '../events/event-log.ts';
import { openRedis, type RedisConnection } from '../events/redis.ts';
import type { Logger } from '../lib/logger.ts';
import type { Running } from '../lib/running.ts';
import { createRunWork, type RunWork } from '../work.ts';

/** What everything else stands on. */
export interface Ground {
  readonly config: Config;
  readonly connection: Connection;
  readonly db: Kysely<Database>;
  readonly countPool: () => PoolCounts;
  /** Waits for PostgreSQL no longer: what waits for it fails, and nothing asks it any more. */
  readonly abandonDatabase: () => void;
  /** Null without `REDIS_URL`. */
  readonly redis: RedisConnection | null;
  readonly log: EventLog;
  readonly runWork: RunWork;
  readonly logger: Logger;
  /** Told of what fails behind a request's back. */
  readonly onError: (error: unknown) => void;
  /** What is added is stopped with the application, the last first. */
  readonly running: Running;
}

const MIGRATIONS = fileURLToPath(new URL('../../migrations', import.meta.url));

/** The database, up to date, its event log and units of work on it. @throws DatabaseSetupError */
export async function layGround(config: Config, logger: Logger, running: Running): Promise<Ground> {
  const onError = (error: unknown) => logger.warn({ err: error }, 'a background task failed and goes on');
  const connection = await connect(config, logger, running);
  await migrate(connection, MIGRATIONS);
  const { db, pool, abandon } = running.add(
    openDatabase({
      connection,
      poolSize: config.databasePoolSize,
      applicationName: 'floorwire',
      role: APP_ROLE,
      onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
    }),
  );
  const redis = config.redisUrl ? running.add(openRedis(config.redisUrl, onError)) : null;
  const log = running.add(await startEventLog({ db, connection, redis, onError }));
  const runWork = createRunWork({ db, onEvents: log.committed });
  return {
    config,
    connection,
    db,
    countPool: () => countPool(pool),
    abandonDatabase: abandon,
    redis,
    log,
    runWork,
    logger,
    onError,
    running,
  };
}

async function connect(config: Config, logger: Logger, running: Running): Promise<Connection> {
  if (config.databaseUrl) return config.databaseUrl;
  const embedded = await startEmbedded({
    dataDir: config.dataDir,
    log: (line) => logger.debug({ topic: 'postgres' }, line),
    onDown: (reason) => logger.error({ reason }, 'the embedded PostgreSQL ended and is started again'),
    onUp: () => logger.info('the embedded PostgreSQL answers again'),
  });
  return running.add(embedded).connection;
}
