import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Kysely } from 'kysely';
import { type AccountMail, NO_ACCOUNT_MAIL } from './auth/account-mail-service.ts';
import { AUTH_EXPORTERS } from './auth/data-exporters.ts';
import { EmailTakenError, UsernameTakenError } from './auth/errors.ts';
import type { FirstAdmin } from './auth/first-admin.ts';
import {
  startAccountMail,
  startAccountTokenCleanup,
  startFailureCleanup,
  startKeyRefresh,
  startTokenCleanup,
} from './auth/jobs.ts';
import { createSealer } from './auth/sealing.ts';
import { type AuthServices, createAuth } from './auth/service.ts';
import { listAllVenues } from './auth/venue-store.ts';
import { type Config, ConfigError } from './config.ts';
import { holdLock } from './db/advisory-lock.ts';
import { APP_ROLE, type Connection, openDatabase } from './db/database.ts';
import { startEmbedded } from './db/embedded.ts';
import { codeOf, isConnectionError } from './db/errors.ts';
import { migrate } from './db/migrate.ts';
import type { Database } from './db/schema.ts';
import { seedDemo } from './demo/seed.ts';
import { simulateDemoLine } from './demo/simulated-line.ts';
import { type EventLog, startEventLog } from './events/event-log.ts';
import { openRedis } from './events/redis.ts';
import { createContext, type Services } from './graphql/context.ts';
import { buildSchema } from './graphql/schema.ts';
import { serverHealth, venueHealth } from './health.ts';
import { realtimeFacts } from './http/limits.ts';
import { createRateLimiter } from './http/rate-limiter.ts';
import { createHttpServer } from './http/server.ts';
import { DatabaseUnavailableError, type DomainError, TimeoutError } from './lib/errors.ts';
import type { Logger } from './lib/logger.ts';
import { isLoopback } from './lib/network.ts';
import { Running } from './lib/running.ts';
import { createCommandDesk } from './machine/command-desk.ts';
import { MACHINE_EXPORTER } from './machine/data-exporter.ts';
import { type Floor, startFloor } from './machine/floor.ts';
import { startCommandExpiry, startMeterRetention } from './machine/jobs.ts';
import { startMailroom } from './mail/mailroom.ts';
import { fileTransport, smtpTransport } from './mail/transport.ts';
import { createRunWork, type RunWork } from './work.ts';

/** A running floorwire. Disposing it drains, then stops everything, the database last. */
export interface App extends AsyncDisposable {
  /** Where it answers: `http://127.0.0.1:8000`. */
  readonly url: string;
  /** Whether it holds the demo venue, whose passwords everybody knows. */
  readonly isDemo: boolean;
  readonly services: Services;
}

const MIGRATIONS = fileURLToPath(new URL('../migrations', import.meta.url));
/** SQLSTATE of a statement that ran over its time. */
const STATEMENT_CANCELLED = '57014';
const PACKAGE = fileURLToPath(new URL('../package.json', import.meta.url));

/**
 * Wires everything once.
 *
 * @throws ConfigError, DatabaseSetupError, KeyDecryptionError with a message of one line
 */
export async function createApp(config: Config, logger: Logger): Promise<App> {
  const running = new Running();
  try {
    return await start(config, logger, running);
  } catch (error) {
    await running[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(config: Config, logger: Logger, running: Running): Promise<App> {
  const onError = (error: unknown) => logger.warn({ err: error }, 'a background task failed and goes on');
  const connection = await connect(config, logger, running);
  await migrate(connection, MIGRATIONS);

  const { db } = running.add(
    openDatabase({
      connection,
      poolSize: config.databasePoolSize,
      applicationName: 'floorwire',
      role: APP_ROLE,
      onIdleError: (error) => logger.warn({ err: error }, 'a database connection was lost'),
    }),
  );
  const log = running.add(await startEventLog({ db, connection, queueLimit: config.streamQueue, onError }));
  const runWork = createRunWork({ db, onEvents: log.committed });
  const mail = startMail({ config, db, runWork, logger, onError, running });
  const auth = await createAuth({
    db,
    runWork,
    mail,
    requireVerifiedEmail: config.requireVerifiedEmail,
    secretKey: config.secretKey,
    secretKeyOld: config.secretKeyOld,
    jwtSecrets: config.jwtSecrets,
    issuer: config.publicUrl ?? 'floorwire',
    accessTokenTtlSeconds: config.accessTokenMinutes * 60,
    sessionTtlSeconds: config.sessionLifetimeMs / 1000,
    lockOut: config.lockOut,
    passwordPolicy: config.passwordPolicy,
    hashCost: config.hashCost,
    onError,
  });
  const venues = await listAllVenues(db);
  const isDemo = venues.length === 0 ? config.demo : venues.some((venue) => venue.isDemo);
  if (isDemo) refuseExposedDemo(config);
  if (isDemo && (await seedDemo({ db, runWork, auth }))) logger.info('the demo venue was seeded');
  if (config.firstAdmin) await ensureFirstAdmin(config.firstAdmin, { auth, logger });

  const commands = createCommandDesk({ db, timeoutMs: config.commandTimeoutMs });
  const floor = running.add(
    await startVenueFloor({ config, connection, isDemo, db, runWork, log, logger, onError }),
  );
  const keyRefresh = running.add(startKeyRefresh({ reloadKeys: auth.reloadKeys, onError }));
  log.events.add((event) => {
    if (event.type === 'auth.key-rotated') keyRefresh.wake();
    if (event.type === 'machine.command-queued') floor.commandQueued(event.payload.command.lineId);
    if (event.type === 'machine.command-finished') commands.finished(event.payload.command.id);
  });
  running.add(startAccountTokenCleanup({ runWork, onError }));
  running.add(startTokenCleanup({ runWork, onError }));
  running.add(startFailureCleanup({ runWork, onError, windowMs: config.lockOut.windowMs }));
  running.add(startCommandExpiry({ runWork, onError }));
  running.add(startMeterRetention({ runWork, onError, retentionMs: config.meterRetentionMs }));

  const redis = config.redisUrl ? running.add(openRedis(config.redisUrl, onError)) : null;
  const rateLimits = createRateLimiter(config.rateLimits, redis?.client ?? null);
  let url = config.publicUrl ?? '';
  const services: Services = {
    db,
    runWork,
    auth,
    commands,
    exporters: [...AUTH_EXPORTERS, MACHINE_EXPORTER],
    streams: log.streams,
    rateLimits,
    health: () => serverHealth(db, redis),
    venueHealth: (lines) => venueHealth(db, lines),
    info: {
      name: 'floorwire',
      version: await readVersion(),
      startedAt: new Date(),
      get url() {
        return url;
      },
      get webSocketUrl() {
        return `${url.replace(/^http/, 'ws')}/graphql`;
      },
      realtime: { ...realtimeFacts(config.limits), authentication: config.realtimeAuth },
      connections: () => http.connectionCount,
    },
  };
  const http = createHttpServer({
    schema: buildSchema(),
    createContext: (caller) => createContext(services, caller),
    authenticate: auth.authenticate,
    authenticateRealtime: auth.authenticateRealtime,
    refreshActor: auth.refreshActor,
    realtimeTokensOnly: config.realtimeAuth === 'strict',
    rateLimits,
    health: services.health,
    jwks: auth.jwks,
    logger,
    translateError: asAnswer,
    publicUrl: config.publicUrl,
    trustedProxies: config.trustedProxies,
    requireHttps: config.requireHttps,
    corsOrigins: config.corsOrigins,
    limits: config.limits,
  });
  log.events.add((event) => {
    if (event.type === 'auth.roles-changed') {
      auth.forgetSessions();
      http.recheckUser(event.payload.userId).catch(onError);
    }
    if (event.type === 'auth.session-revoked') {
      auth.forgetSession(event.payload.sessionId);
      http.endSession(event.payload.sessionId);
    }
    if (event.type === 'auth.api-key-revoked') {
      auth.forgetApiKeys();
      http.endSession(event.payload.apiKeyId);
    }
  });
  const { address, port, family } = await http.listen({ host: config.host, port: config.port });
  url ||= `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`;
  running.add({ [Symbol.asyncDispose]: () => http.close() });
  return { url, isDemo, services, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

/** What of PostgreSQL's errors means something to a caller. */
function asAnswer(fault: unknown): DomainError | null {
  if (isConnectionError(fault)) return new DatabaseUnavailableError({ cause: fault });
  const isOverdue = codeOf(fault) === STATEMENT_CANCELLED;
  return isOverdue ? new TimeoutError('The database took too long. Try again.', { cause: fault }) : null;
}

interface MailParts {
  readonly config: Config;
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly logger: Logger;
  readonly onError: (error: unknown) => void;
  readonly running: Running;
}

/** What the outbox is sealed for. */
const MAIL_PURPOSE = 'mail';

/** Mail and the accounts that cause it. */
function startMail({ config, db, runWork, logger, onError, running }: MailParts): AccountMail {
  const { mail: settings, accountUrl } = config;
  if (!settings) {
    logger.warn('no mail leaves this server, so nobody can reset a password by himself: set SMTP_URL');
    return NO_ACCOUNT_MAIL;
  }
  const transport = settings.kind === 'SMTP' ? smtpTransport(settings) : fileTransport(settings);
  const sealer = createSealer(config, MAIL_PURPOSE);
  const mailroom = running.add(startMailroom({ runWork, sealer, transport, onError }));
  const requests = running.add(startAccountMail({ db, runWork, mail: { mailroom, accountUrl }, onError }));
  return { mailroom, accountUrl, requested: requests.wake };
}

interface FloorParts {
  readonly config: Config;
  readonly connection: Connection;
  readonly isDemo: boolean;
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly log: EventLog;
  readonly logger: Logger;
  readonly onError: (error: unknown) => void;
}

/** The serial lines, and in the demo the machines at their other end. */
function startVenueFloor({
  config,
  connection,
  isDemo,
  db,
  runWork,
  log,
  logger,
  onError,
}: FloorParts): Promise<Floor> {
  return startFloor({
    db,
    runWork,
    logger,
    portFolder: config.dataDir,
    signals: {
      metersChanged: (snapshot) =>
        log.signal({ type: 'machine.meters-changed', venueId: snapshot.venueId, payload: snapshot }),
      connectionChanged: ({ id: lineId, venueId }) =>
        log.signal({ type: 'machine.connection-changed', venueId, payload: { lineId } }),
    },
    own: (line, drive) =>
      ownLine({ connection, lineId: line.id, onError }, async () => {
        const together = new Running();
        try {
          if (isDemo) together.add(await simulateDemoLine(line, config.dataDir));
          together.add(await drive());
          return together;
        } catch (error) {
          // The next try starts machines of its own.
          await together[Symbol.asyncDispose]();
          throw error;
        }
      }),
  });
}

async function readVersion(): Promise<string> {
  const { version } = JSON.parse(await readFile(PACKAGE, 'utf8')) as { version: string };
  return version;
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

/** Makes him at the first start, and nothing at a later one, whatever the settings say then. */
async function ensureFirstAdmin(
  firstAdmin: FirstAdmin,
  { auth, logger }: { readonly auth: AuthServices; readonly logger: Logger },
): Promise<void> {
  try {
    if (await auth.createFirstAdmin(firstAdmin))
      logger.info('the first ADMIN was made: he chooses another password before anything else');
  } catch (error) {
    if (error instanceof UsernameTakenError)
      throw new ConfigError(['DEFAULT_USERNAME: somebody who is no ADMIN has this name']);
    if (error instanceof EmailTakenError)
      throw new ConfigError(['DEFAULT_EMAIL: somebody who is no ADMIN has this address']);
    throw error;
  }
}

/** A demo venue's passwords are printed in README. */
function refuseExposedDemo(config: Config): void {
  if (config.production) {
    throw new ConfigError([
      'This database holds the demo venue, whose passwords are public: start production with an empty database',
    ]);
  }
  if (!isLoopback(config.host) && !config.demoPublic) {
    throw new ConfigError([
      `HOST: a demo venue, whose passwords are public, answers on loopback only, not on ${config.host}, unless DEMO_PUBLIC=1`,
    ]);
  }
}

/** Drives a line for as long as this process, of all that share the database, is the one to do it. */
function ownLine(
  {
    connection,
    lineId,
    onError,
  }: { connection: Connection; lineId: string; onError: (error: unknown) => void },
  start: () => Promise<AsyncDisposable>,
): AsyncDisposable {
  let driving: AsyncDisposable | null = null;
  return holdLock({
    connection,
    name: `sas-line:${lineId}`,
    async onAcquired() {
      driving = await start();
    },
    async onLost() {
      await driving?.[Symbol.asyncDispose]();
      driving = null;
    },
    onError,
  });
}
