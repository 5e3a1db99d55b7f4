import { resolve } from 'node:path';
import type { FirstAdmin } from './auth/first-admin.ts';
import type { LockOutPolicy } from './auth/lock-out.ts';
import type { OAuthSettings } from './auth/oauth.ts';
import type { PasswordPolicy } from './auth/password.ts';
import type { HashCost } from './auth/password-hasher.ts';
import { checkSettings, misspeltIn, parseSettings } from './checked-settings.ts';
import { ConfigError } from './config-error.ts';
import { type DriverSettings, driverSettings } from './driver-settings.ts';
import {
  type ExportSettings,
  exportSettings,
  type StorageSettings,
  storageSettings,
  type UploadSettings,
  uploadSettings,
} from './file-settings.ts';
import { DEFAULT_LIMITS, type Limits } from './http/limits.ts';
import { DEFAULT_RATE_LIMITS, type RateLimitOptions } from './http/rate-limiter.ts';
import type { TrustedProxies } from './http/trusted-proxies.ts';
import { keptSecret } from './kept-secret.ts';
import { type MailSettings, mailSettings } from './mail-settings.ts';
import type { NotificationRetention } from './notification/jobs.ts';
import { databaseUrlProblems, leaseProblems } from './setting-problems.ts';

/**
 * Every setting, read once. The only reader of `process.env`; README and `.env.example`
 * describe each variable.
 */
export interface Config {
  readonly production: boolean;
  readonly host: string;
  readonly port: number;
  /** Where clients reach the server, without a trailing slash. */
  readonly publicUrl: string | null;
  /** Whose word on a client's address and scheme counts. */
  readonly trustedProxies: TrustedProxies;
  /** Whether other machines are refused what they ask over plain http. */
  readonly requireHttps: boolean;
  readonly logLevel: string;
  readonly corsOrigins: readonly string[];
  readonly dataDir: string;
  /** Null: the embedded PostgreSQL in `dataDir`. */
  readonly databaseUrl: string | null;
  readonly databasePoolSize: number;
  readonly secretKey: string;
  /** The one before, until `floorwire keys rewrap` has run. */
  readonly secretKeyOld: string | null;
  /** Secrets of HS256: the first signs, each verifies. None: Ed25519 with keys of our own. */
  readonly jwtSecrets: readonly string[];
  readonly accessTokenMinutes: number;
  /** From sign-in, however often it is renewed. */
  readonly sessionLifetimeMs: number;
  readonly lockOut: LockOutPolicy;
  readonly passwordPolicy: PasswordPolicy;
  /** Of a password; cheaper ones are written anew at the next sign-in. */
  readonly hashCost: HashCost;
  /** What opens a socket: access tokens too, or realtime tokens alone. */
  readonly realtimeAuth: 'access' | 'strict';
  /** A file of documents that clients ask for by their hash; null: there is none. */
  readonly persistedDocumentsFile: string | null;
  /** Whether no other documents are run. */
  readonly persistedDocumentsOnly: boolean;
  /** Whom an installation without an ADMIN gets. */
  readonly firstAdmin: FirstAdmin | null;
  /** Whether an empty database becomes the demo venue, with machines that play. */
  readonly demo: boolean;
  /** Whether a demo venue, whose passwords everyone knows, may be reached from elsewhere. */
  readonly demoPublic: boolean;
  /** How mail leaves; null: it does not. */
  readonly mail: MailSettings | null;
  /** Where the frontend has its pages for the tokens of mails, without a trailing slash. */
  readonly accountUrl: string | null;
  /** Whether an address has to be shown to be one's own before the first sign-in. */
  readonly requireVerifiedEmail: boolean;
  /** With whom people sign in besides a password. */
  readonly oauth: OAuthSettings;
  /** How far back a cursor may lie. */
  readonly eventRetentionMs: number;
  readonly meterRetentionMs: number;
  /** For how long a notice is kept that was read, and one that was not. */
  readonly notificationRetention: NotificationRetention;
  /** How many parking reservations a person can have open at a time. */
  readonly parkingReservationsPerUser: number;
  /** How many cars of a person can stand at a time when he begins one more stay himself. */
  readonly parkedCarsPerUser: number;
  /** For how long it is known how full parking lots were. */
  readonly parkingHistoryRetentionMs: number;
  /** How often devices report. */
  readonly deviceHeartbeatMs: number;
  /** For how long it is known how devices were, and what they were told. */
  readonly deviceHistoryRetentionMs: number;
  /** For how long it is known what screens showed. */
  readonly playRetentionMs: number;
  /** For how long an alert is known that is over. */
  readonly alertRetentionMs: number;
  readonly bulkExports: ExportSettings;
  /** For how long a key that moved money is known. */
  readonly idempotencyRetentionMs: number;
  readonly uploads: UploadSettings;
  readonly storage: StorageSettings;
  readonly commandTimeoutMs: number;
  readonly limits: Limits;
  readonly rateLimits: RateLimitOptions;
  /** Where processes count together; null: each by itself. */
  readonly redisUrl: string | null;
  /** What other machines show to read the metrics; null: none of them does. */
  readonly metricsToken: string | null;
  readonly driver: DriverSettings;
}

/** What leads to the database. */
export type DatabaseConfig = Pick<Config, 'dataDir' | 'databaseUrl'>;

/** What `floorwire driver` takes: it has none of the secrets that sign people in. */
export type DriverConfig = Pick<
  Config,
  'logLevel' | 'dataDir' | 'databasePoolSize' | 'redisUrl' | 'driver'
> & { readonly databaseUrl: string };

/**
 * Turns the environment into settings. Empty variables count as unset.
 *
 * @throws ConfigError with one line per problem
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const { values, production, dataDir, passwords, firstAdmin, oauth } = checkSettings(environment);
  return Object.freeze({
    production,
    host: values.HOST,
    port: values.PORT,
    publicUrl: values.PUBLIC_URL?.replace(/\/+$/, '') ?? null,
    trustedProxies: values.TRUST_PROXY,
    requireHttps: production && !values.ALLOW_PLAIN_HTTP,
    logLevel: values.LOG_LEVEL,
    corsOrigins: values.CORS_ORIGINS,
    dataDir,
    databaseUrl: values.DATABASE_URL ?? null,
    databasePoolSize: values.DATABASE_POOL,
    secretKey: values.SECRET_KEY ?? secretIn(dataDir),
    secretKeyOld: values.SECRET_KEY_OLD ?? null,
    jwtSecrets: [values.JWT_SECRET_KEY, values.JWT_SECRET_KEY_OLD].filter((secret) => secret !== undefined),
    accessTokenMinutes: values.JWT_EXPIRE_MINUTES,
    sessionLifetimeMs: values.SESSION_LIFETIME,
    lockOut: {
      failures: values.LOCKOUT_FAILURES,
      windowMs: values.LOCKOUT_WINDOW,
      addresses: values.LOCKOUT_ADDRESSES,
    },
    passwordPolicy: passwords,
    hashCost: { memoryKib: values.PASSWORD_HASH_MEMORY_KIB, passes: values.PASSWORD_HASH_PASSES },
    realtimeAuth: values.REALTIME_AUTH,
    persistedDocumentsFile: values.PERSISTED_DOCUMENTS ?? null,
    persistedDocumentsOnly: values.PERSISTED_DOCUMENTS_ONLY,
    firstAdmin,
    demo: values.DEMO ?? !(production || firstAdmin),
    demoPublic: values.DEMO_PUBLIC,
    mail: mailSettings(values, { production, dataDir }),
    accountUrl: values.ACCOUNT_URL?.replace(/\/+$/, '') ?? null,
    requireVerifiedEmail: values.REQUIRE_VERIFIED_EMAIL,
    oauth,
    eventRetentionMs: values.EVENT_RETENTION,
    meterRetentionMs: values.METER_RETENTION,
    notificationRetention: {
      readMs: values.NOTIFICATION_RETENTION,
      unreadMs: values.NOTIFICATION_UNREAD_RETENTION,
    },
    parkingReservationsPerUser: values.LIMIT_PARKING_RESERVATIONS_PER_USER,
    parkedCarsPerUser: values.LIMIT_PARKED_CARS_PER_USER,
    parkingHistoryRetentionMs: values.PARKING_HISTORY_RETENTION,
    deviceHeartbeatMs: values.DEVICE_HEARTBEAT_SECONDS * 1_000,
    deviceHistoryRetentionMs: values.DEVICE_HISTORY_RETENTION,
    playRetentionMs: values.PLAY_RETENTION,
    alertRetentionMs: values.ALERT_RETENTION,
    bulkExports: exportSettings(values, dataDir),
    idempotencyRetentionMs: values.IDEMPOTENCY_RETENTION,
    uploads: uploadSettings(values, dataDir),
    storage: storageSettings(values, dataDir),
    commandTimeoutMs: values.COMMAND_TIMEOUT,
    redisUrl: values.REDIS_URL ?? null,
    metricsToken: values.METRICS_TOKEN ?? null,
    driver: driverSettings(values),
    rateLimits: Object.freeze({
      ...DEFAULT_RATE_LIMITS,
      operationsPerAddress: values.LIMIT_OPERATIONS_PER_ADDRESS,
      operationsPerUser: values.LIMIT_OPERATIONS_PER_USER,
      credentialsPerAddress: values.LIMIT_CREDENTIALS_PER_ADDRESS,
      credentialsPerAccount: values.LIMIT_CREDENTIALS_PER_ACCOUNT,
      renewalsPerAddress: values.LIMIT_RENEWALS_PER_ADDRESS,
      connectsPerAddress: values.LIMIT_CONNECTS_PER_ADDRESS,
      connectsPerUser: values.LIMIT_CONNECTS_PER_USER,
      broadcastsPerUser: values.LIMIT_BROADCASTS_PER_USER,
    }),
    limits: Object.freeze({
      ...DEFAULT_LIMITS,
      maxSockets: values.LIMIT_SOCKETS,
      maxSocketsPerAddress: values.LIMIT_SOCKETS_PER_ADDRESS,
      maxSocketsPerUser: values.LIMIT_SOCKETS_PER_USER,
      initTimeoutMs: values.SOCKET_INIT_TIMEOUT,
      pingIntervalMs: values.SOCKET_PING_INTERVAL,
      ssePingIntervalMs: values.SSE_COMMENT_INTERVAL,
      expiryNoticeMs: values.SOCKET_EXPIRY_NOTICE,
      maxOperationsPerSocket: values.LIMIT_OPERATIONS_PER_SOCKET,
      maxMessageBytes: values.LIMIT_SOCKET_MESSAGE_BYTES,
      maxBufferedBytes: values.LIMIT_SOCKET_BUFFERED_BYTES,
      maxQueuedEvents: values.LIMIT_STREAM_QUEUE,
      maxBodyBytes: values.LIMIT_BODY_BYTES,
      maxTokens: values.LIMIT_QUERY_TOKENS,
      maxDepth: values.LIMIT_QUERY_DEPTH,
      maxAliases: values.LIMIT_QUERY_ALIASES,
      maxDirectives: values.LIMIT_QUERY_DIRECTIVES,
      maxComplexity: values.LIMIT_QUERY_COMPLEXITY,
    }),
  });
}

/**
 * Where the database is, as a server with this environment finds it. Nothing is made, the kept secret neither.
 *
 * @throws ConfigError as `readConfig` does
 */
export function readDatabaseConfig(environment: NodeJS.ProcessEnv = process.env): DatabaseConfig {
  const { values, dataDir } = checkSettings(environment);
  return Object.freeze({ dataDir, databaseUrl: values.DATABASE_URL ?? null });
}

/**
 * The settings of a process that only drives lines.
 *
 * @throws ConfigError with one line per problem
 */
export function readDriverConfig(environment: NodeJS.ProcessEnv = process.env): DriverConfig {
  const values = parseSettings(environment);
  const { DATABASE_URL: databaseUrl } = values;
  const problems = [...databaseUrlProblems(values), ...leaseProblems(values)];
  if (values.SAS_DRIVES.length === 0)
    problems.push('SAS_DRIVES: a driver that drives none has nothing to do');
  if (databaseUrl === undefined)
    problems.push(
      'DATABASE_URL: is required: a driver shares the database of the processes that answer the API',
    );
  if (databaseUrl === undefined || problems.length > 0)
    throw new ConfigError([...problems, ...misspeltIn(environment)]);
  return Object.freeze({
    logLevel: values.LOG_LEVEL,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl,
    databasePoolSize: values.DATABASE_POOL,
    redisUrl: values.REDIS_URL ?? null,
    driver: driverSettings(values),
  });
}

/** What is in the environment under a name that is almost one of a setting: one line for each, without its value. */
export const misspeltNames = (environment: NodeJS.ProcessEnv = process.env): readonly string[] =>
  misspeltIn(environment);

/** @throws ConfigError when there is no place for it */
function secretIn(dataDir: string): string {
  try {
    return keptSecret(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`DATA_DIR: ${dataDir} cannot be used: ${reason}`]);
  }
}
