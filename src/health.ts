import { type Kysely, sql } from 'kysely';
import type { Database } from './db/schema.ts';
import type { RedisConnection, RedisStanding } from './events/redis.ts';
import type { Health, HealthCheck, HealthStatus } from './graphql/context.ts';
import { DatabaseUnavailableError } from './lib/errors.ts';
import { listAllLines } from './machine/line-store.ts';
import type { SasLine } from './machine/machine.ts';

const DATABASE_TIMEOUT_MS = 2_000;
/** An event that waits longer than this for its place in the log is late. */
const OUTBOX_LATE_SECONDS = 5;

export interface HealthParts {
  readonly db: Kysely<Database>;
  readonly redis: Pick<RedisConnection, 'look'> | null;
  /** Null where files are kept by this computer. */
  readonly isStorageFailing: (() => boolean) | null;
}

/** How the server is doing: what everybody may know, without the name of a line. */
export async function serverHealth({ db, redis, isStorageFailing }: HealthParts): Promise<Health> {
  const [database, ...shared] = await Promise.all([checkDatabase(db), ...(redis ? [checkRedis(redis)] : [])]);
  if (isStorageFailing) shared.push(storageCheck(isStorageFailing()));
  if (database.status === 'UNHEALTHY') return health([database, ...shared]);
  return health([
    database,
    ...shared,
    ...(await attempt('event-log', () => checkOutbox(db))),
    ...(await attempt('sas', () => checkLines(db))),
  ]);
}

/** The same with the serial lines of one venue, as they were read, a check for each. */
export async function venueHealth(db: Kysely<Database>, lines: readonly SasLine[]): Promise<Health> {
  const database = await checkDatabase(db);
  if (database.status === 'UNHEALTHY') return health([database]);
  const checks = lines.map(checkLine);
  return health([database, ...(await attempt('event-log', () => checkOutbox(db))), ...checks]);
}

async function checkDatabase(db: Kysely<Database>): Promise<HealthCheck> {
  const started = performance.now();
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new DatabaseUnavailableError()), DATABASE_TIMEOUT_MS);
    });
    const asked = sql<{
      readonly: boolean;
    }>`select current_setting('transaction_read_only')::bool as readonly`.execute(db);
    const { rows } = await Promise.race([asked, late]);
    const latencyMs = Math.round((performance.now() - started) * 100) / 100;
    // As a standby does after a failover, where the address still leads to it.
    if (rows[0]?.readonly)
      return { name: 'database', status: 'UNHEALTHY', message: 'PostgreSQL takes no writes.', latencyMs };
    return { name: 'database', status: 'HEALTHY', message: 'PostgreSQL answers.', latencyMs };
  } catch {
    return { name: 'database', status: 'UNHEALTHY', message: 'PostgreSQL does not answer.', latencyMs: null };
  } finally {
    clearTimeout(timer);
  }
}

/** Without it each process counts and listens by itself, so it is not to be sent requests (RULES 44). */
async function checkRedis(redis: Pick<RedisConnection, 'look'>): Promise<HealthCheck> {
  const { standing, latencyMs } = await redis.look();
  return {
    name: 'redis',
    status: standing === 'SERVES' ? 'HEALTHY' : 'UNHEALTHY',
    message: REDIS[standing],
    latencyMs: standing === 'SILENT' ? null : latencyMs,
  };
}

const REDIS: Readonly<Record<RedisStanding, string>> = {
  SERVES: 'Redis answers.',
  SILENT: 'Redis does not answer.',
  TAKES_NO_WRITES: 'Redis takes no writes.',
  NOT_HEARD: 'Redis answers, but hands on nothing of what other processes say.',
};

/** Screens show what they have, so it is no reason to send requests to another process. */
const storageCheck = (isFailing: boolean): HealthCheck => ({
  name: 'files',
  status: isFailing ? 'DEGRADED' : 'HEALTHY',
  message: isFailing ? 'The storage of files failed when it was last asked.' : 'Files are kept.',
  latencyMs: null,
});

async function checkOutbox(db: Kysely<Database>): Promise<HealthCheck> {
  const { rows } = await sql<{ seconds: number }>`
    select coalesce(extract(epoch from now() - (select at from outbox order by id limit 1)), 0)::float8 as seconds`.execute(
    db,
  );
  const late = (rows[0]?.seconds ?? 0) > OUTBOX_LATE_SECONDS;
  return {
    name: 'event-log',
    status: late ? 'DEGRADED' : 'HEALTHY',
    message: late ? 'Events wait for their place in the log.' : 'Events are put in order.',
    latencyMs: null,
  };
}

async function checkLines(db: Kysely<Database>): Promise<HealthCheck> {
  const lines = await listAllLines(db);
  const down = lines.filter(({ state }) => state !== 'UP').length;
  const silent = lines.filter(({ silentSince }) => silentSince).length;
  const faults = [
    ...(down > 0 ? [`${down} of ${lines.length} serial lines are down.`] : []),
    ...(silent > 0 ? [`On ${silent} of ${lines.length} serial lines no machine answers.`] : []),
  ];
  return {
    name: 'sas',
    status: faults.length > 0 ? 'DEGRADED' : 'HEALTHY',
    message: faults.join(' ') || 'All serial lines are polled.',
    latencyMs: null,
  };
}

function checkLine(line: SasLine): HealthCheck {
  const fault = faultOf(line);
  return {
    name: `sas-line:${line.name}`,
    status: fault ? 'DEGRADED' : 'HEALTHY',
    message: fault ?? 'The line is polled.',
    latencyMs: null,
  };
}

function faultOf({ state, cause, silentSince }: SasLine): string | null {
  if (state !== 'UP') return `The line is down${cause ? `: ${cause}` : '.'}`;
  return silentSince && 'The port of the line is open, but none of its machines answers.';
}

/** The database may go away between two checks. */
async function attempt(name: string, check: () => Promise<HealthCheck>): Promise<HealthCheck[]> {
  try {
    return [await check()];
  } catch {
    return [{ name, status: 'UNHEALTHY', message: 'Could not be looked at.', latencyMs: null }];
  }
}

const SEVERITY: readonly HealthStatus[] = ['HEALTHY', 'DEGRADED', 'UNHEALTHY'];

function health(checks: readonly HealthCheck[]): Health {
  const worst = Math.max(...checks.map(({ status }) => SEVERITY.indexOf(status)));
  return { status: SEVERITY[worst] ?? 'UNHEALTHY', checks, timestamp: new Date() };
}
