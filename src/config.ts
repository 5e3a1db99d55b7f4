import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { z } from 'zod';
import type { FirstAdmin } from './auth/first-admin.ts';
import { DEFAULT_LOCK_OUT, type LockOutPolicy } from './auth/lock-out.ts';
import { DEFAULT_MIN_PASSWORD_LENGTH, type PasswordPolicy, passwordPolicy } from './auth/password.ts';
import { DEFAULT_HASH_COST, type HashCost } from './auth/password-hasher.ts';
import { readFirstAdmin } from './first-admin.ts';
import { DEFAULT_LIMITS, type Limits } from './http/limits.ts';
import { DEFAULT_RATE_LIMITS, type RateLimitOptions } from './http/rate-limiter.ts';
import { NO_PROXIES, parseTrustedProxies, type TrustedProxies } from './http/trusted-proxies.ts';

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
  /** How far back a cursor may lie. */
  readonly eventRetentionMs: number;
  readonly meterRetentionMs: number;
  readonly commandTimeoutMs: number;
  readonly limits: Limits;
  readonly rateLimits: RateLimitOptions;
  /** Where processes count together; null: each by itself. */
  readonly redisUrl: string | null;
  /** What other machines show to read the metrics; null: none of them does. */
  readonly metricsToken: string | null;
}

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

const SECRET_KEY_MIN = 32;
/** Keys that stand in examples protect nothing. */
const PUBLISHED_KEY = /^(change|example|secret|replace|your)[-_ ]?/i;

const flag = z.enum(['0', '1'], 'takes 0 or 1').transform((value) => value === '1');

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
  return ms;
});

const wholeSeconds = (range: { min: number; max: number }) =>
  duration.refine(
    (ms) => ms % 1_000 === 0 && ms >= range.min && ms <= range.max,
    `takes a duration of whole seconds, from ${range.min / 1_000}s to ${range.max / 1_000}s`,
  );

const SESSION_LIFETIME_RANGE = { min: 60_000, max: 3_650 * 86_400_000 };

const LOCKOUT_WINDOW_RANGE = { min: 1_000, max: 86_400_000 };

const EVENT_RETENTION_MIN_MS = 60_000;

const origin = z
  .string()
  .refine(
    (text) => URL.canParse(text) && new URL(text).origin === text,
    'takes origins such as https://floor.example',
  );

const trustedProxies = z.string().transform((text, context) => {
  const proxies = parseTrustedProxies(text);
  if (proxies === null)
    context.addIssue(
      'takes a number of hops from 1 to 16, or addresses and networks such as loopback, 192.0.2.7 or 10.0.0.0/8, never everybody',
    );
  return proxies ?? NO_PROXIES;
});

const variables = z.object({
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
  EVENT_RETENTION: duration
    .refine((ms) => ms >= EVENT_RETENTION_MIN_MS, 'takes a duration of 1m or more')
    .default(7 * 86_400_000),
  METER_RETENTION: duration.default(30 * 86_400_000),
  COMMAND_TIMEOUT: duration.default(5_000),
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
  LIMIT_CONNECTS_PER_ADDRESS: count({ min: 1, max: 10_000_000 }).default(
    DEFAULT_RATE_LIMITS.connectsPerAddress,
  ),
  LIMIT_CONNECTS_PER_USER: count({ min: 1, max: 10_000_000 }).default(DEFAULT_RATE_LIMITS.connectsPerUser),
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

type Variables = z.infer<typeof variables>;

/**
 * Turns the environment into settings. Empty variables count as unset.
 *
 * @throws ConfigError with one line per problem
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env): Config {
  const present = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = variables.safeParse(present);
  if (!parsed.success) {
    throw new ConfigError(parsed.error.issues.map(({ path, message }) => `${String(path[0])}: ${message}`));
  }
  const values = parsed.data;
  const production = values.NODE_ENV === 'production';
  const dataDir = resolve(values.DATA_DIR);
  const problems = [
    ...secretProblems(values, production),
    ...jwtProblems(values, production),
    ...metricsProblems(values, production),
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
    secretKey: values.SECRET_KEY ?? keptSecret(dataDir),
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
    firstAdmin,
    demo: values.DEMO ?? !(production || firstAdmin),
    demoPublic: values.DEMO_PUBLIC,
    mail: mailSettings(values, { production, dataDir }),
    accountUrl: values.ACCOUNT_URL?.replace(/\/+$/, '') ?? null,
    requireVerifiedEmail: values.REQUIRE_VERIFIED_EMAIL,
    eventRetentionMs: values.EVENT_RETENTION,
    meterRetentionMs: values.METER_RETENTION,
    commandTimeoutMs: values.COMMAND_TIMEOUT,
    redisUrl: values.REDIS_URL ?? null,
    metricsToken: values.METRICS_TOKEN ?? null,
    rateLimits: Object.freeze({
      ...DEFAULT_RATE_LIMITS,
      operationsPerAddress: values.LIMIT_OPERATIONS_PER_ADDRESS,
      operationsPerUser: values.LIMIT_OPERATIONS_PER_USER,
      credentialsPerAddress: values.LIMIT_CREDENTIALS_PER_ADDRESS,
      credentialsPerAccount: values.LIMIT_CREDENTIALS_PER_ACCOUNT,
      connectsPerAddress: values.LIMIT_CONNECTS_PER_ADDRESS,
      connectsPerUser: values.LIMIT_CONNECTS_PER_USER,
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

function* secretProblems(
  { SECRET_KEY: secretKey, SECRET_KEY_OLD: old }: Pick<Variables, 'SECRET_KEY' | 'SECRET_KEY_OLD'>,
  production: boolean,
): Generator<string> {
  if (old !== undefined && secretKey === old) yield 'SECRET_KEY_OLD: is the same as SECRET_KEY';
  if (secretKey !== undefined) yield* weakness('SECRET_KEY', secretKey, production);
  else if (production)
    yield `SECRET_KEY: is required in production: ${SECRET_KEY_MIN} random bytes or more, e.g. from \`openssl rand -base64 32\``;
}

function* weakness(name: string, secret: string, production: boolean): Generator<string> {
  if (Buffer.byteLength(secret) < SECRET_KEY_MIN) yield `${name}: takes ${SECRET_KEY_MIN} bytes or more`;
  else if (production && (PUBLISHED_KEY.test(secret) || new Set(secret).size < 8)) {
    yield `${name}: this one can be guessed; take random bytes`;
  }
}

/** What signs tokens is said in full or not at all: a secret that nothing uses would be taken for one that does. */
function* jwtProblems(
  values: Pick<Variables, 'SECRET_KEY' | 'JWT_ALGORITHM' | 'JWT_SECRET_KEY' | 'JWT_SECRET_KEY_OLD'>,
  production: boolean,
): Generator<string> {
  const { JWT_ALGORITHM: algorithm, JWT_SECRET_KEY: secret, JWT_SECRET_KEY_OLD: old } = values;
  if (algorithm === 'HS256' && secret === undefined)
    yield `JWT_SECRET_KEY: is required with JWT_ALGORITHM=HS256: ${SECRET_KEY_MIN} random bytes or more`;
  for (const [name, value] of [
    ['JWT_SECRET_KEY', secret],
    ['JWT_SECRET_KEY_OLD', old],
  ] as const) {
    if (value === undefined) continue;
    if (algorithm !== 'HS256') yield `${name}: goes with JWT_ALGORITHM=HS256 only`;
    else if (value === values.SECRET_KEY) yield `${name}: must not be SECRET_KEY, which nobody else may know`;
    else yield* weakness(name, value, production);
  }
  if (secret !== undefined && secret === old) yield 'JWT_SECRET_KEY_OLD: is the same as JWT_SECRET_KEY';
}

/** It stands in the settings of what watches over the server, where no other secret belongs. */
function* metricsProblems(
  values: Pick<Variables, 'METRICS_TOKEN' | 'SECRET_KEY' | 'JWT_SECRET_KEY'>,
  production: boolean,
): Generator<string> {
  const { METRICS_TOKEN: token } = values;
  if (token === undefined) return;
  if (!/^[\x21-\x7e]+$/.test(token)) yield 'METRICS_TOKEN: takes letters, digits and signs without blanks';
  else if (token === values.SECRET_KEY || token === values.JWT_SECRET_KEY)
    yield 'METRICS_TOKEN: must not be a key of this server';
  else yield* weakness('METRICS_TOKEN', token, production);
}

/** Outside production a key is made once and kept, so that tokens survive a restart. */
function keptSecret(dataDir: string): string {
  const file = join(dataDir, 'secret');
  try {
    if (!existsSync(file)) {
      mkdirSync(dataDir, { recursive: true, mode: 0o700 });
      writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600, flag: 'wx' });
    }
  } catch (error) {
    // EEXIST: another process made it first.
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST' && existsSync(file))) {
      throw unusable(dataDir, error);
    }
  }
  try {
    return readFileSync(file, 'utf8').trim();
  } catch (error) {
    throw unusable(dataDir, error);
  }
}

function unusable(dataDir: string, error: unknown): ConfigError {
  const reason = error instanceof Error ? error.message : String(error);
  return new ConfigError([`DATA_DIR: ${dataDir} cannot be used: ${reason}`]);
}
