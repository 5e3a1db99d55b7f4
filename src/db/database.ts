import { Socket } from 'node:net';
import { Kysely, type PostgresPoolClient } from 'kysely';
import pg from 'pg';
import { DatabaseSetupError } from './errors.ts';
import { poolClient } from './pool-client.ts';
import { createStatementNames } from './prepared.ts';
import { FloorDialect } from './query-compiler.ts';
import type { Database } from './schema.ts';

/**
 * Where PostgreSQL is: a URL as `DATABASE_URL` has it, or that of the embedded server (its host is a
 * folder). It carries the password, so it is never logged.
 */
export type Connection = string;

/** The role the application runs as: it may not change what migrations do not grant to it. */
export const APP_ROLE = 'floorwire_app';

export const OLDEST_POSTGRES = 15;
export const CONNECT_TIMEOUT_MS = 5_000;
const STATEMENT_TIMEOUT_MS = 15_000;
const IDLE_IN_TRANSACTION_TIMEOUT_MS = 10_000;
/** How long either side waits for the other's acknowledgement before it takes the connection as dead. */
const TCP_USER_TIMEOUT_MS = 10_000;

/**
 * A connection is kept so long for the next burst: whoever has to wait for a new one waits ten times as long as for
 * an answer.
 */
const IDLE_CLIENT_MS = 300_000;
/** A server that is alive ends a statement at its time limit; this much later it is not alive. */
const SILENCE_GRACE_MS = 5_000;
const CLOSE_TIMEOUT_MS = 1_000;
const INT8 = 20;
const INT8_ARRAY = 1016;

/** A connection's own behaviour, beside where it leads. */
export interface SessionOptions {
  readonly applicationName: string;
  /** Takes this role at once; without it the session has the rights of the connection's user. */
  readonly role?: typeof APP_ROLE;
  /** Default `STATEMENT_TIMEOUT_MS`; 0 sets no limit. */
  readonly statementTimeoutMs?: number;
  /** Statements are sent without waiting for the answers to those before. */
  readonly isPipelined?: boolean;
}

export interface DatabaseOptions extends SessionOptions {
  readonly connection: Connection;
  readonly poolSize: number;
  /** Told of connections that die while nobody uses them. The pool has already replaced them. */
  readonly onIdleError?: (error: Error) => void;
}

export interface ClientOptions extends SessionOptions {
  /** Called once when the connection ends without having been closed by `closeClient`. */
  readonly onLost?: (error: Error) => void;
}

export interface FloorDatabase extends AsyncDisposable {
  readonly db: Kysely<Database>;
  readonly pool: pg.Pool;
  /** Ends every connection at once: what waits for an answer fails, and nothing connects any more. */
  abandon(): void;
}

/** The connections of a pool now, and who wants one. */
export interface PoolCounts {
  readonly idle: number;
  readonly busy: number;
  /** Of what there is to do, how much waits for a connection. */
  readonly waiting: number;
}

export const countPool = ({ totalCount, idleCount, waitingCount }: pg.Pool): PoolCounts => ({
  idle: idleCount,
  busy: totalCount - idleCount,
  waiting: waitingCount,
});

/**
 * A pool and Kysely on it. Connects on first use, so a server that is away shows then, as an error for
 * which `isConnectionError` holds; later uses connect again by themselves.
 *
 * `int8` arrives as `bigint`. The first connection refuses a server older than PostgreSQL 15 with
 * `DatabaseSetupError`. Disposing waits for clients that are still checked out.
 */
export function openDatabase(options: DatabaseOptions): FloorDatabase {
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  const silenceMs = statementTimeoutMs + SILENCE_GRACE_MS;
  let versionChecked = false;
  let closed: Promise<void> | undefined;
  /** Of connections and of tries to connect. */
  const sockets = new Set<Socket>();
  const pool = new pg.Pool({
    ...clientConfig(options.connection, options),
    stream: () => {
      const socket = new Socket();
      sockets.add(socket);
      return socket.once('close', () => sockets.delete(socket));
    },
    max: options.poolSize,
    idleTimeoutMillis: IDLE_CLIENT_MS,
    verify: (client, done) => {
      if (versionChecked) return done();
      checkServerVersion(client).then(() => {
        versionChecked = true;
        done();
      }, done);
    },
  });
  // Without a listener the server closing an idle connection would end the process.
  // Those that close while the pool is being closed are no loss.
  pool.on('error', (error) => closed ?? options.onIdleError?.(error));
  pool.on('connect', (client) => {
    // The same for one that dies between two statements of a transaction: the next statement tells.
    client.on('error', () => {});
  });
  if (statementTimeoutMs > 0) {
    // While it is used: what nobody asks is silent.
    pool.on('connect', endWhenSilent);
    pool.on('acquire', (client) => limitSilence(client, silenceMs));
    pool.on('release', (_error, client) => limitSilence(client, 0));
  }

  const names = createStatementNames();
  const clients = new WeakMap<pg.PoolClient, PostgresPoolClient>();
  function clientOf(client: pg.PoolClient): PostgresPoolClient {
    const known = clients.get(client) ?? poolClient(client, names);
    clients.set(client, known);
    return known;
  }
  /** Who waits for a connection: a pool that has ended leaves them in its queue until their time is over. */
  const waiting = new Set<(reason: Error) => void>();
  const connect = () =>
    new Promise<PostgresPoolClient>((resolve, reject) => {
      waiting.add(reject);
      const settled = () => waiting.delete(reject);
      pool
        .connect()
        .then((client) => resolve(clientOf(client)), reject)
        .then(settled, settled);
    });
  const db = new Kysely<Database>({
    dialect: new FloorDialect({ pool: { connect, end: () => pool.end() } }),
  });
  const close = () => {
    closed ??= pool.end();
    return closed;
  };
  return {
    db,
    pool,
    abandon() {
      close().catch(() => {});
      for (const refuse of waiting) refuse(silence());
      for (const socket of sockets) socket.destroy(silence());
    },
    [Symbol.asyncDispose]: close,
  };
}

/** A connection of its own, for what lives as long as a session: `LISTEN`, session locks, migrations. */
export async function connectClient(connection: Connection, options: ClientOptions): Promise<pg.Client> {
  const client = new pg.Client(clientConfig(connection, options));
  let onLost: ClientOptions['onLost'];
  client.on('error', (error) => {
    const tell = onLost;
    onLost = undefined;
    tell?.(error);
  });
  await client.connect();
  const statementTimeoutMs = options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  // One that listens or holds a lock is silent for long.
  if (options.isPipelined) {
    endWhenSilent(client);
    limitSilence(client, statementTimeoutMs + SILENCE_GRACE_MS);
  }
  // Only now: a failed connect is told by the rejection and comes as an event as well.
  onLost = options.onLost;
  return client;
}

/** Closes a client of `connectClient` within a second, even when the server does not answer any more. */
export async function closeClient(client: pg.Client): Promise<void> {
  const timer = setTimeout(() => socketOf(client).destroy(), CLOSE_TIMEOUT_MS);
  try {
    await client.end();
  } finally {
    clearTimeout(timer);
  }
}

/** @throws DatabaseSetupError when the server is older than PostgreSQL 15. */
export async function checkServerVersion(client: pg.ClientBase): Promise<void> {
  const { rows } = await client.query<{ server_version: string }>('show server_version');
  const version = rows[0]?.server_version ?? 'unknown';
  if (Number.parseInt(version, 10) >= OLDEST_POSTGRES) return;
  throw new DatabaseSetupError(
    `The server runs PostgreSQL ${version}; floorwire needs ${OLDEST_POSTGRES} or newer.`,
  );
}

function clientConfig(connection: Connection, options: SessionOptions): pg.ClientConfig {
  return {
    connectionString: withSettings(connection, sessionSettings(options)),
    application_name: options.applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: TCP_USER_TIMEOUT_MS / 2,
    types: { getTypeParser },
    ...(options.isPipelined && { pipeline: true }),
  };
}

/**
 * Settings that hold from the first statement on and come back after `RESET`. The keepalives are the
 * server's: a host that vanished must not keep its locks.
 */
function sessionSettings(options: SessionOptions): Record<string, string | number> {
  return {
    statement_timeout: options.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_TIMEOUT_MS,
    tcp_user_timeout: TCP_USER_TIMEOUT_MS,
    tcp_keepalives_idle: 5,
    tcp_keepalives_interval: 1,
    tcp_keepalives_count: 5,
    plan_cache_mode: 'force_generic_plan',
    // What a plan costs is guessed without its values, mostly too high, and to compile it takes longer than it does.
    jit: 'off',
    ...(options.role && { role: options.role }),
  };
}

/** Adds the settings to the URL's own `options`, which win: pg would otherwise drop one of the two. */
function withSettings(connection: Connection, settings: Record<string, string | number>): Connection {
  const [base = '', query = ''] = connection.split('?', 2);
  const parameters = new URLSearchParams(query);
  const own = parameters.get('options') ?? '';
  const ours = Object.entries(settings).map(([name, value]) => `-c ${name}=${value}`);
  parameters.set('options', [...ours, own].join(' ').trim());
  return `${base}?${parameters}`;
}

/**
 * Ends a connection whose silence is limited, once it lasts that long: the server must be gone. TCP alone would keep a
 * query waiting for about 15 minutes when a host vanishes in the middle of it.
 */
function endWhenSilent(client: pg.ClientBase): void {
  const socket = socketOf(client);
  socket.on('timeout', () => socket.destroy(silence()));
}

/** @param ms 0: it may be silent for ever */
const limitSilence = (client: pg.ClientBase, ms: number): void => void socketOf(client).setTimeout(ms);

const silence = () => Object.assign(new Error('PostgreSQL does not answer'), { code: 'ETIMEDOUT' });

/** pg keeps its socket, after TLS too, in a place its types do not name. */
function socketOf(client: pg.ClientBase): Socket {
  return (client as unknown as { readonly connection: { readonly stream: Socket } }).connection.stream;
}

function getTypeParser(oid: number, format?: 'text' | 'binary'): (value: string) => unknown {
  if (format === 'binary') return pg.types.getTypeParser(oid, 'binary');
  if (oid === INT8) return BigInt;
  const parse = pg.types.getTypeParser(oid, 'text');
  return oid === INT8_ARRAY ? (value) => toBigInts(parse(value)) : parse;
}

function toBigInts(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(toBigInts);
  return typeof value === 'string' ? BigInt(value) : value;
}
