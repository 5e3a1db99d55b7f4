import { isAbsolute } from 'node:path';
import * as z from 'zod';
import { DEFAULT_LOCK_OUT } from './auth/lock-out.ts';
import { DEFAULT_MIN_PASSWORD_LENGTH } from './auth/password.ts';
import { DEFAULT_HASH_COST } from './auth/password-hasher.ts';
import { DEFAULT_LIMITS } from './http/limits.ts';
import { DEFAULT_RATE_LIMITS } from './http/rate-limiter.ts';
import { NO_PROXIES, parseTrustedProxies } from './http/trusted-proxies.ts';
import { isDriverName } from './machine/line-lease.ts';
import { MOST_OPEN_RESERVATIONS } from './parking/reservation.ts';
import { MOST_OPEN_STAYS } from './parking/session.ts';

const flag = z
  .enum(['0', '1', 'false', 'true'], 'takes 0 or 1')
  .transform((value) => value === '1' || value === 'true');

const count = (range: { min: number; max: number }) =>
  z
    .string()
    .regex(/^\d+$/, 'takes a whole number')
    .transform(Number)
    .refine(
      (value) => value >= range.min && value <= range.max,
      `takes a number from ${range.min} to ${range.max}`,
    );

const UNIT_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

const duration = z.string().transform((text, context) => {
  const match = /^(\d{1,9})(ms|s|m|h|d)$/.exec(text);
  const ms = Number(match?.[1]) * (UNIT_MS[match?.[2] ?? ''] ?? Number.NaN);
  if (Number.isNaN(ms) || ms === 0) context.addIssue('takes a duration such as 500ms, 30s, 15m, 12h or 30d');
  // So long ago is still a day of the calendar.
  else if (ms > 36_500 * 86_400_000) context.addIssue('takes a duration up to 36500d');
  return ms;
});

const wholeSeconds = (range: { min: number; max: number }) =>
  duration.refine(
    (ms) => ms % 1_000 === 0 && ms >= range.min && ms <= range.max,
    `takes a duration of whole seconds, from ${range.min / 1_000}s to ${range.max / 1_000}s`,
  );

const SESSION_LIFETIME_RANGE = { min: 60_000, max: 3_650 * 86_400_000 };

const LOCKOUT_WINDOW_RANGE = { min: 1_000, max: 86_400_000 };

const CLOCK_DRIFT_RANGE = { min: 2_000, max: 3_600_000 };

/** Null is off. */
const clockDrift = z.string().transform((text, context) => {
  if (text === 'off') return null;
  const parsed = wholeSeconds(CLOCK_DRIFT_RANGE).safeParse(text);
  if (!parsed.success) context.addIssue('takes a duration of whole seconds, from 2s to 3600s, or off');
  return parsed.data ?? null;
});

const LEASE_RANGE = { min: 8_000, max: 600_000 };
const LEASE_RENEWAL_RANGE = { min: 1_000, max: 60_000 };

/** What S3 takes in one piece. */
const UPLOAD_RANGE = { min: 1, max: 5 * 1_024 ** 3 };

const EVENT_RETENTION_MIN_MS = 60_000;
const IDEMPOTENCY_RETENTION_MIN_MS = 7 * 86_400_000;

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'takes origins such as https://floor.example',
  );

const word = z
  .string()
  .regex(/^[\x21-\x7e]{1,500}$/, 'takes up to 500 letters, digits and signs without blanks');

/** Others are made of it by adding a path. */
const providerUrl = z
  .string()
  .refine(
    (text) => text.length <= 500 && /^https?:\/\/[^\s?#]*[^\s?#/]$/.test(text) && URL.canParse(text),
    'takes an http or https URL without a slash at its end, a query or a fragment',
  );

const redirectUri = z
  .string()
  .refine(
    (text) => /^https?:\/\/[^#]+$/.test(text) && URL.canParse(text),
    'takes http or https URLs without a fragment',
  );

const trustedProxies = z.string().transform((text, context) => {
  const proxies = parseTrustedProxies(text);
  if (proxies === null)
    context.addIssue(
      'takes a number of hops from 1 to 16, or addresses and networks such as loopback, 192.0.2.7 or 10.0.0.0/8, never everybody',
    );
  return proxies ?? NO_PROXIES;
});

const driverNames = z.string().transform((text, context) => {
  if (text === 'none') return [];
  const names = text.split(/[\s,]+/).filter(Boolean);
  if (names.length === 0 || !names.every(isDriverName))
    context.addIssue('takes names such as main or hall-2, separated by spaces or commas, or none');
  return names;
});

/** The variables of the environment by name: what each takes, and what it is when it is not set. */
export const variables = z.object({
  NODE_ENV: z
    .enum(['development', 'test', 'production'], 'takes development, test or production')
    .default('development'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: count({ min: 0, max: 65_535 }).default(8000),
  PUBLIC_URL: z.url({ protocol: /^https?$/, error: 'takes an http or https URL' }).optional(),
  TRUST_PROXY: trustedProxies.default(NO_PROXIES),
  ALLOW_PLAIN_HTTP: flag.default(false),
  LOG_LEVEL: z
    .enum(
      ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'],
      'takes trace, debug, info, warn, error, fatal or silent',
    )
    .default('info'),
  CORS_ORIGINS: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(origin)),
  DATA_DIR: z.string().min(1).default('./data'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'takes a postgres:// URL' }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'takes a redis:// or rediss:// URL' }).optional(),
  METRICS_TOKEN: z.string().optional(),
  DATABASE_POOL: count({ min: 4, max: 500 }).default(16),
  SECRET_KEY: z.string().optional(),
  SECRET_KEY_OLD: z.string().optional(),
  JWT_ALGORITHM: z.enum(['EdDSA', 'HS256'], 'takes EdDSA or HS256').default('EdDSA'),
  JWT_SECRET_KEY: z.string().optional(),
  JWT_SECRET_KEY_OLD: z.string().optional(),
  JWT_EXPIRE_MINUTES: count({ min: 1, max: 1_440 }).default(60),
  SESSION_LIFETIME: duration
    .refine(
      (ms) => ms >= SESSION_LIFETIME_RANGE.min && ms <= SESSION_LIFETIME_RANGE.max,
      'takes a duration from 1m to 3650d',
    )
    .default(30 * 86_400_000),
  LOCKOUT_FAILURES: count({ min: 1, max: 1_000 }).default(DEFAULT_LOCK_OUT.failures),
  LOCKOUT_WINDOW: duration
    .refine(
      (ms) => ms >= LOCKOUT_WINDOW_RANGE.min && ms <= LOCKOUT_WINDOW_RANGE.max,
      'takes a duration from 1s to 24h',
    )
    .default(DEFAULT_LOCK_OUT.windowMs),
  LOCKOUT_ADDRESSES: count({ min: 2, max: 1_000 }).default(DEFAULT_LOCK_OUT.addresses),
  PASSWORD_MIN_LENGTH: count({ min: 6, max: 64 }).default(DEFAULT_MIN_PASSWORD_LENGTH),
  PASSWORD_POLICY: z.enum(['default', 'nist'], 'takes default or nist').default('default'),
  PASSWORD_HASH_MEMORY_KIB: count({ min: DEFAULT_HASH_COST.memoryKib, max: 1_048_576 }).default(
    DEFAULT_HASH_COST.memoryKib,
  ),
  PASSWORD_HASH_PASSES: count({ min: DEFAULT_HASH_COST.passes, max: 100 }).default(DEFAULT_HASH_COST.passes),
  PERSISTED_DOCUMENTS: z.string().min(1).optional(),
  PERSISTED_DOCUMENTS_ONLY: flag.default(false),
  REALTIME_AUTH: z.enum(['access', 'strict'], 'takes access or strict').default('access'),
  DEFAULT_USERNAME: z.string().optional(),
  DEFAULT_PASSWORD: z.string().optional(),
  DEFAULT_EMAIL: z.string().optional(),
  DEFAULT_VENUE: z.string().optional(),
  DEFAULT_TIME_ZONE: z.string().optional(),
  DEFAULT_CURRENCY: z.string().optional(),
  DEMO: flag.optional(),
  DEMO_PUBLIC: flag.default(false),
  SMTP_URL: z
    .url({ protocol: /^smtps?$/, error: 'takes a URL such as smtps://user:password@mail.example' })
    .optional(),
  MAIL_FROM: z
    .string()
    .regex(
      /^(?:[^<>\r\n]*<[^<>@\s]+@[^<>@\s]+>|[^<>@\s]+@[^<>@\s]+)$/,
      'takes an address such as Casino <floor@casino.example>',
    )
    .optional(),
  ACCOUNT_URL: z.url({ protocol: /^https?$/, error: 'takes an http or https URL' }).optional(),
  REQUIRE_VERIFIED_EMAIL: flag.default(false),
  OAUTH_GOOGLE_CLIENT_ID: word.optional(),
  OAUTH_GOOGLE_CLIENT_SECRET: word.optional(),
  OAUTH_GOOGLE_ISSUER: providerUrl.optional(),
  OAUTH_GITHUB_CLIENT_ID: word.optional(),
  OAUTH_GITHUB_CLIENT_SECRET: word.optional(),
  OAUTH_GITHUB_URL: providerUrl.optional(),
  OAUTH_GITHUB_API_URL: providerUrl.optional(),
  OAUTH_REDIRECT_URIS: z
    .string()
    .default('')
    .transform((text) => text.split(/[\s,]+/).filter(Boolean))
    .pipe(z.array(redirectUri)),
  EVENT_RETENTION: duration
    .refine((ms) => ms >= EVENT_RETENTION_MIN_MS, 'takes a duration of 1m or more')
    .default(7 * 86_400_000),
  METER_RETENTION: duration.default(30 * 86_400_000),
  NOTIFICATION_RETENTION: duration.default(30 * 86_400_000),
  NOTIFICATION_UNREAD_RETENTION: duration.default(365 * 86_400_000),
  PARKING_HISTORY_RETENTION: duration.default(400 * 86_400_000),
  DEVICE_HEARTBEAT_SECONDS: count({ min: 1, max: 3_600 }).default(30),
  DEVICE_HISTORY_RETENTION: duration.default(90 * 86_400_000),
  PLAY_RETENTION: duration.default(400 * 86_400_000),
  BULK_EXPORT_RETENTION: duration.default(7 * 86_400_000),
  BULK_EXPORT_MAX_BYTES: count(UPLOAD_RANGE).default(1_024 ** 3),
  BULK_EXPORTS_PER_VENUE: count({ min: 1, max: 10 }).default(1),
  ALERT_RETENTION: duration.default(400 * 86_400_000),
  IDEMPOTENCY_RETENTION: duration
    .refine((ms) => ms >= IDEMPOTENCY_RETENTION_MIN_MS, 'takes a duration of 7d or more')
    .default(30 * 86_400_000),
  UPLOAD_DIR: z.string().min(1).optional(),
  UPLOAD_MAX_MEDIA_BYTES: count(UPLOAD_RANGE).default(256 * 1_024 * 1_024),
  UPLOAD_MAX_FIRMWARE_BYTES: count(UPLOAD_RANGE).default(64 * 1_024 * 1_024),
  UPLOAD_SCANNER: z
    .string()
    .transform((text) => text.split(/\s+/).filter(Boolean))
    .refine(
      ([program = '']) => isAbsolute(program),
      'takes the path of a program, such as /usr/bin/clamdscan, and its arguments',
    )
    .optional(),
  STORAGE: z.enum(['disk', 's3'], 'takes disk or s3').default('disk'),
  STORAGE_DIR: z.string().min(1).optional(),
  S3_BUCKET: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'takes the name of a bucket')
    .optional(),
  S3_REGION: z
    .string()
    .regex(/^[a-z0-9-]{1,50}$/, 'takes a region such as eu-central-1')
    .default('us-east-1'),
  S3_ENDPOINT: z.url({ protocol: /^https?$/, error: 'takes an http or https URL' }).optional(),
  S3_ACCESS_KEY_ID: z.string().optional(),
  S3_SECRET_ACCESS_KEY: z.string().optional(),
  // A timer of more than 24 days is over at once.
  COMMAND_TIMEOUT: duration.refine((ms) => ms <= 86_400_000, 'takes a duration up to 24h').default(5_000),
  SAS_DRIVES: driverNames.default(['main']),
  SAS_DRIVER_NAME: z
    .string()
    .regex(/^[\x21-\x7e]{1,100}$/, 'takes up to 100 letters, digits and signs without blanks')
    .optional(),
  SAS_LEASE: wholeSeconds(LEASE_RANGE).default(15_000),
  SAS_LEASE_RENEWAL: wholeSeconds(LEASE_RENEWAL_RANGE).default(3_000),
  SAS_CLOCK_DRIFT: clockDrift.default(60_000),
  SAS_PROFILES_FILE: z.string().min(1).optional(),
  LIMIT_OPERATIONS_PER_ADDRESS: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.operationsPerAddress,
  ),
  LIMIT_OPERATIONS_PER_USER: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.operationsPerUser,
  ),
  LIMIT_CREDENTIALS_PER_ADDRESS: count({ min: 1, max: 1_000_000 }).default(
    DEFAULT_RATE_LIMITS.credentialsPerAddress,
  ),
  LIMIT_CREDENTIALS_PER_ACCOUNT: count({ min: 1, max: 1_000_000 }).default(
    DEFAULT_RATE_LIMITS.credentialsPerAccount,
  ),
  LIMIT_RENEWALS_PER_ADDRESS: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.renewalsPerAddress,
  ),
  LIMIT_CONNECTS_PER_ADDRESS: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.connectsPerAddress,
  ),
  LIMIT_CONNECTS_PER_USER: count({ min: 1, max: 10_000_000 }).default(DEFAULT_RATE_LIMITS.connectsPerUser),
  LIMIT_BROADCASTS_PER_USER: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.broadcastsPerUser,
  ),
  LIMIT_PARKING_RESERVATIONS_PER_USER: count({ min: 1, max: 1_000 }).default(MOST_OPEN_RESERVATIONS),
  LIMIT_PARKED_CARS_PER_USER: count({ min: 1, max: 1_000 }).default(MOST_OPEN_STAYS),
  SOCKET_INIT_TIMEOUT: wholeSeconds({ min: 1_000, max: 60_000 }).default(DEFAULT_LIMITS.initTimeoutMs),
  SOCKET_PING_INTERVAL: wholeSeconds({ min: 1_000, max: 600_000 }).default(DEFAULT_LIMITS.pingIntervalMs),
  SSE_COMMENT_INTERVAL: wholeSeconds({ min: 1_000, max: 600_000 }).default(DEFAULT_LIMITS.ssePingIntervalMs),
  SOCKET_EXPIRY_NOTICE: wholeSeconds({ min: 1_000, max: 3_600_000 }).default(DEFAULT_LIMITS.expiryNoticeMs),
  LIMIT_STREAM_QUEUE: count({ min: 1, max: 100_000 }).default(DEFAULT_LIMITS.maxQueuedEvents),
  LIMIT_SOCKETS: count({ min: 1, max: 1_000_000 }).default(DEFAULT_LIMITS.maxSockets),
  LIMIT_SOCKETS_PER_ADDRESS: count({ min: 1, max: 1_000_000 }).default(DEFAULT_LIMITS.maxSocketsPerAddress),
  LIMIT_SOCKETS_PER_USER: count({ min: 1, max: 1_000_000 }).default(DEFAULT_LIMITS.maxSocketsPerUser),
  LIMIT_OPERATIONS_PER_SOCKET: count({ min: 1, max: 10_000 }).default(DEFAULT_LIMITS.maxOperationsPerSocket),
  LIMIT_SOCKET_MESSAGE_BYTES: count({ min: 1_024, max: 16_777_216 }).default(DEFAULT_LIMITS.maxMessageBytes),
  LIMIT_SOCKET_BUFFERED_BYTES: count({ min: 16_384, max: 268_435_456 }).default(
    DEFAULT_LIMITS.maxBufferedBytes,
  ),
  LIMIT_BODY_BYTES: count({ min: 1_024, max: 16_777_216 }).default(DEFAULT_LIMITS.maxBodyBytes),
  LIMIT_QUERY_TOKENS: count({ min: 100, max: 2_000 }).default(DEFAULT_LIMITS.maxTokens),
  LIMIT_QUERY_DEPTH: count({ min: 3, max: 50 }).default(DEFAULT_LIMITS.maxDepth),
  LIMIT_QUERY_ALIASES: count({ min: 1, max: 500 }).default(DEFAULT_LIMITS.maxAliases),
  LIMIT_QUERY_DIRECTIVES: count({ min: 1, max: 500 }).default(DEFAULT_LIMITS.maxDirectives),
  LIMIT_QUERY_COMPLEXITY: count({ min: 10, max: 1_000_000 }).default(DEFAULT_LIMITS.maxComplexity),
});

export type Variables = z.infer<typeof variables>;
