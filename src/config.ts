import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join, resolve } from 'node:path';
import type { FirstAdmin } from './auth/first-admin.ts';
import type { LockOutPolicy } from './auth/lock-out.ts';
import type { OAuthSettings } from './auth/oauth.ts';
import { type PasswordPolicy, passwordPolicy } from './auth/password.ts';
import type { HashCost } from './auth/password-hasher.ts';
import { type Variables, variables } from './environment.ts';
import { readFirstAdmin } from './first-admin.ts';
import { DEFAULT_LIMITS, type Limits } from './http/limits.ts';
import { DEFAULT_RATE_LIMITS, type RateLimitOptions } from './http/rate-limiter.ts';
import type { TrustedProxies } from './http/trusted-proxies.ts';
import { keptSecret } from './kept-secret.ts';
import type { LeaseTimes } from './machine/line-lease.ts';
import type { NotificationRetention } from './notification/jobs.ts';
import { readOAuth } from './oauth-settings.ts';
import { type MachineProfiles, parseProfiles } from './sas/host/machine-profile.ts';
import { MACHINE_PROFILES } from './sas/host/profiles.ts';
import {
  jwtProblems,
  leaseProblems,
  metricsProblems,
  persistedDocumentsProblems,
  secretProblems,
  storageProblems,
} from './setting-problems.ts';
import type { UploadLimits } from './signage/upload.ts';

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

/** How files come. */
export interface UploadSettings {
  /** Where they are until they are checked. */
  readonly folder: string;
  readonly limits: UploadLimits;
  /** A program and its arguments; null: none looks at them. */
  readonly scanner: readonly string[] | null;
}

/** Where files are kept. */
export type StorageSettings =
  | { readonly kind: 'DISK'; readonly folder: string }
  | {
      readonly kind: 'S3';
      readonly bucket: string;
      readonly region: string;
      /** Null: Amazon's. */
      readonly endpoint: string | null;
      /** Null: as the environment of the process says. */
      readonly credentials: { readonly accessKeyId: string; readonly secretAccessKey: string } | null;
    };

/** How this process drives serial lines. */
export interface DriverSettings extends LeaseTimes {
  /** What people know it by. */
  readonly name: string;
  /** It drives the lines whose `drivenBy` is one of these: none at all when there are none. */
  readonly drives: readonly string[];
  /** How machines and adapters that need something beyond SAS as it is written are driven. */
  readonly profiles: MachineProfiles;
  /** How far the clock of a machine may be off before it is set; null leaves clocks alone. */
  readonly clockDriftMs: number | null;
}

/** What `floorwire driver` takes: it has none of the secrets that sign people in. */
export type DriverConfig = Pick<
  Config,
  'logLevel' | 'dataDir' | 'databasePoolSize' | 'redisUrl' | 'driver'
> & { readonly databaseUrl: string };

/** By a mail server, or as files in a folder. */
export type MailSettings = { readonly from: string } & (
  | { readonly kind: 'SMTP'; readonly url: string }
  | { readonly kind: 'FILES'; readonly folder: string }
);

/** What is wrong with the settings, one line each. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/**
 * Turns the environment into settings. Empty variables count as unset.
 *
 * @throws ConfigError with one line per problem
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const values = parse(environment);
  const production = values.NODE_ENV === 'production';
  const dataDir = resolve(values.DATA_DIR);
  const problems = [
    ...secretProblems(values, production),
    ...jwtProblems(values, production),
    ...metricsProblems(values, production),
    ...leaseProblems(values),
    ...storageProblems(values),
    ...persistedDocumentsProblems(values),
  ];
  if (production && values.DEMO)
    problems.push('DEMO: a demo venue has well-known passwords and does not go with NODE_ENV=production');
  const passwords = passwordPolicy(values.PASSWORD_POLICY, values.PASSWORD_MIN_LENGTH);
  const { firstAdmin, problems: firstAdminProblems } = readFirstAdmin(values, {
    production,
    passwordPolicy: passwords,
  });
  problems.push(...firstAdminProblems);
  if (firstAdmin && values.DEMO)
    problems.push('DEFAULT_USERNAME: the demo venue of DEMO=1 has an ADMIN of its own');
  const { oauth, problems: oauthProblems } = readOAuth(values, production);
  problems.push(...oauthProblems);
  if (values.SMTP_URL && !values.MAIL_FROM) problems.push('MAIL_FROM: is required with SMTP_URL');
  if (production && values.REQUIRE_VERIFIED_EMAIL && !values.SMTP_URL)
    problems.push('REQUIRE_VERIFIED_EMAIL: takes a mail server in production: set SMTP_URL');
  if (problems.length > 0) throw new ConfigError(problems);

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
    parkingHistoryRetentionMs: values.PARKING_HISTORY_RETENTION,
    deviceHeartbeatMs: values.DEVICE_HEARTBEAT_SECONDS * 1_000,
    deviceHistoryRetentionMs: values.DEVICE_HISTORY_RETENTION,
    playRetentionMs: values.PLAY_RETENTION,
    alertRetentionMs: values.ALERT_RETENTION,
    idempotencyRetentionMs: values.IDEMPOTENCY_RETENTION,
    uploads: {
      folder: resolve(values.UPLOAD_DIR ?? join(dataDir, 'uploads')),
      limits: { MEDIA: values.UPLOAD_MAX_MEDIA_BYTES, FIRMWARE: values.UPLOAD_MAX_FIRMWARE_BYTES },
      scanner: values.UPLOAD_SCANNER ?? null,
    },
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
 * The settings of a process that only drives lines.
 *
 * @throws ConfigError with one line per problem
 */
export function readDriverConfig(environment: NodeJS.ProcessEnv = process.env): DriverConfig {
  const values = parse(environment);
  const { DATABASE_URL: databaseUrl } = values;
  const problems = [...leaseProblems(values)];
  if (values.SAS_DRIVES.length === 0)
    problems.push('SAS_DRIVES: a driver that drives none has nothing to do');
  if (databaseUrl === undefined)
    problems.push(
      'DATABASE_URL: is required: a driver shares the database of the processes that answer the API',
    );
  if (databaseUrl === undefined || problems.length > 0) throw new ConfigError(problems);
  return Object.freeze({
    logLevel: values.LOG_LEVEL,
    dataDir: resolve(values.DATA_DIR),
    databaseUrl,
    databasePoolSize: values.DATABASE_POOL,
    redisUrl: values.REDIS_URL ?? null,
    driver: driverSettings(values),
  });
}

/** @throws ConfigError */
function parse(environment: NodeJS.ProcessEnv): Variables {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(present);
  if (parsed.success) return parsed.data;
  throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`));
}

const driverSettings = (values: Variables): DriverSettings => ({
  name: values.SAS_DRIVER_NAME ?? hostname(),
  drives: values.SAS_DRIVES,
  profiles: readProfiles(values.SAS_PROFILES_FILE),
  clockDriftMs: values.SAS_CLOCK_DRIFT,
  leaseMs: values.SAS_LEASE,
  renewalMs: values.SAS_LEASE_RENEWAL,
});

function storageSettings(values: Variables, dataDir: string): StorageSettings {
  if (values.STORAGE === 'disk')
    return { kind: 'DISK', folder: resolve(values.STORAGE_DIR ?? join(dataDir, 'files')) };
  const { S3_ACCESS_KEY_ID: accessKeyId, S3_SECRET_ACCESS_KEY: secretAccessKey } = values;
  return {
    kind: 'S3',
    bucket: values.S3_BUCKET ?? '',
    region: values.S3_REGION,
    endpoint: values.S3_ENDPOINT ?? null,
    credentials:
      accessKeyId !== undefined && secretAccessKey !== undefined ? { accessKeyId, secretAccessKey } : null,
  };
}

/** Files hold live secrets and stay, so they are for trying things out and never for production. */
function mailSettings(
  {
    SMTP_URL: url,
    MAIL_FROM: from = 'floorwire <floorwire@localhost>',
  }: Pick<Variables, 'SMTP_URL' | 'MAIL_FROM'>,
  { production, dataDir }: { readonly production: boolean; readonly dataDir: string },
): MailSettings | null {
  if (url) return { kind: 'SMTP', url, from };
  return production ? null : { kind: 'FILES', folder: join(dataDir, 'mail'), from };
}

/** The built-in profiles, with those of a file over them. */
function readProfiles(file: string | undefined): MachineProfiles {
  if (file === undefined) return MACHINE_PROFILES;
  try {
    return parseProfiles(readFileSync(file, 'utf8'));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`SAS_PROFILES_FILE: ${file} cannot be used: ${reason}`]);
  }
}

/** @throws ConfigError when there is no place for it */
function secretIn(dataDir: string): string {
  try {
    return keptSecret(dataDir);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new ConfigError([`DATA_DIR: ${dataDir} cannot be used: ${reason}`]);
  }
}
