import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import { afterAll, expect, test } from 'vitest';
import { misspeltNames, readConfig, readDatabaseConfig, readDriverConfig } from '../src/config.ts';
import { ConfigError } from '../src/config-error.ts';
import { MACHINE_PROFILES } from '../src/sas/host/profiles.ts';
import { cpuMsOf } from './support/cpu-time.ts';

const DATA_DIR = mkdtempSync(join(tmpdir(), 'floorwire-config-'));
afterAll(() => rmSync(DATA_DIR, { recursive: true, force: true }));
const SECRET_KEY = 'k3eP7his0ut0fTheLogsAndTheRepo!!';

function problems(environment: NodeJS.ProcessEnv): readonly string[] {
  try {
    readConfig({ DATA_DIR, ...environment });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

test('nothing set gives the defaults', () => {
  const config = readConfig({ DATA_DIR });
  expect(config).toMatchObject({
    host: '127.0.0.1',
    port: 8000,
    production: false,
    demo: true,
    demoPublic: false,
    databaseUrl: null,
    accessTokenMinutes: 60,
    sessionLifetimeMs: 30 * 86_400_000,
    eventRetentionMs: 7 * 86_400_000,
    meterRetentionMs: 30 * 86_400_000,
    idempotencyRetentionMs: 30 * 86_400_000,
    commandTimeoutMs: 5_000,
    realtimeAuth: 'access',
  });
  expect(Object.isFrozen(config)).toBe(true);
});

test('a secret is made once, kept for its owner alone, and stays the same', () => {
  const { secretKey } = readConfig({ DATA_DIR });
  const file = join(DATA_DIR, 'secret');
  expect(Buffer.from(secretKey, 'base64')).toHaveLength(32);
  expect(readFileSync(file, 'utf8')).toBe(secretKey);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(readConfig({ DATA_DIR }).secretKey).toBe(secretKey);
});

test('every problem has a line of its own that begins with its variable', () => {
  const lines = problems({
    PORT: '70000',
    LOG_LEVEL: 'loud',
    CORS_ORIGINS: 'http://a.example/path',
    EVENT_RETENTION: '59s',
    METER_RETENTION: 'long',
    NOTIFICATION_RETENTION: 'short',
    NOTIFICATION_UNREAD_RETENTION: '-1d',
    PARKING_HISTORY_RETENTION: 'ever',
    PLAY_RETENTION: 'long',
    ALERT_RETENTION: 'soon',
    BULK_EXPORT_RETENTION: 'a week',
    BULK_EXPORT_MAX_BYTES: '0',
    BULK_EXPORTS_PER_VENUE: '11',
    DEVICE_HEARTBEAT_SECONDS: '0',
    DEVICE_HISTORY_RETENTION: 'always',
    IDEMPOTENCY_RETENTION: '6d',
    REALTIME_AUTH: 'loose',
    DEMO: 'yes',
  });
  expect(new Set(lines.map((line) => line.split(':')[0]))).toEqual(
    new Set([
      'PORT',
      'LOG_LEVEL',
      'CORS_ORIGINS',
      'EVENT_RETENTION',
      'METER_RETENTION',
      'NOTIFICATION_RETENTION',
      'NOTIFICATION_UNREAD_RETENTION',
      'PARKING_HISTORY_RETENTION',
      'PLAY_RETENTION',
      'ALERT_RETENTION',
      'BULK_EXPORT_RETENTION',
      'BULK_EXPORT_MAX_BYTES',
      'BULK_EXPORTS_PER_VENUE',
      'DEVICE_HEARTBEAT_SECONDS',
      'DEVICE_HISTORY_RETENTION',
      'IDEMPOTENCY_RETENTION',
      'REALTIME_AUTH',
      'DEMO',
    ]),
  );
  expect(lines.join('')).not.toContain('\n');
});

test('the clocks of connections are told to clients in whole seconds, and set so', () => {
  const environment = {
    DATA_DIR,
    SOCKET_INIT_TIMEOUT: '5s',
    SOCKET_PING_INTERVAL: '1m',
    SSE_COMMENT_INTERVAL: '20s',
  };
  expect(readConfig(environment).limits).toMatchObject({
    initTimeoutMs: 5_000,
    pingIntervalMs: 60_000,
    ssePingIntervalMs: 20_000,
  });
  for (const value of ['1500ms', '500ms', '1d'])
    expect(problems({ SOCKET_PING_INTERVAL: value })).toEqual([
      'SOCKET_PING_INTERVAL: takes a duration of whole seconds, from 1s to 600s',
    ]);
});

test('a misspelt NODE_ENV is no way around the rules of production', () => {
  expect(problems({ NODE_ENV: 'prod' })).toEqual([expect.stringMatching(/^NODE_ENV: /)]);
});

test('a short secret is one problem', () => {
  expect(problems({ NODE_ENV: 'production', SECRET_KEY: 'short' })).toHaveLength(1);
});

const JWT_SECRET_KEY = 'an0therSecretForTheTokensAlone!!';

test('tokens are signed with keys of our own, or with HS256 where that is said in full', () => {
  expect(readConfig({ DATA_DIR }).jwtSecrets).toEqual([]);
  const hs256 = { DATA_DIR, JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY };
  expect(readConfig(hs256).jwtSecrets).toEqual([JWT_SECRET_KEY]);
  const both = readConfig({ ...hs256, JWT_SECRET_KEY_OLD: SECRET_KEY });
  expect(both.jwtSecrets).toEqual([JWT_SECRET_KEY, SECRET_KEY]);
});

test.each([
  ['HS256 without a secret', { JWT_ALGORITHM: 'HS256' }, 'JWT_SECRET_KEY'],
  ['a short secret', { JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY: 'short' }, 'JWT_SECRET_KEY'],
  ['a secret that nothing uses', { JWT_SECRET_KEY }, 'JWT_SECRET_KEY'],
  ['an old secret that nothing uses', { JWT_SECRET_KEY_OLD: SECRET_KEY }, 'JWT_SECRET_KEY_OLD'],
  [
    'the same secret twice',
    { JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY, JWT_SECRET_KEY_OLD: JWT_SECRET_KEY },
    'JWT_SECRET_KEY_OLD',
  ],
  [
    'the SECRET_KEY for others to verify with',
    { JWT_ALGORITHM: 'HS256', SECRET_KEY, JWT_SECRET_KEY: SECRET_KEY },
    'JWT_SECRET_KEY',
  ],
  ['RS256', { JWT_ALGORITHM: 'RS256' }, 'JWT_ALGORITHM'],
  ['no algorithm', { JWT_ALGORITHM: 'none' }, 'JWT_ALGORITHM'],
  ['the same SECRET_KEY twice', { SECRET_KEY, SECRET_KEY_OLD: SECRET_KEY }, 'SECRET_KEY_OLD'],
])('%s is one problem', (_what, environment, variable) => {
  expect(problems(environment)).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
});

test('production refuses a token secret that can be guessed', () => {
  const environment = { NODE_ENV: 'production', SECRET_KEY, JWT_ALGORITHM: 'HS256' };
  const guessable = { ...environment, JWT_SECRET_KEY: 'a'.repeat(64) };
  expect(problems(guessable)).toEqual([expect.stringMatching(/^JWT_SECRET_KEY: /)]);
});

test.each([
  ['1', { hops: 1 }],
  ['16', { hops: 16 }],
  ['192.0.2.7', { networks: [{ address: '192.0.2.7', prefix: 32 }] }],
  [
    '10.0.0.0/8, 2001:DB8::/32',
    {
      networks: [
        { address: '10.0.0.0', prefix: 8 },
        { address: '2001:db8::', prefix: 32 },
      ],
    },
  ],
  [
    'loopback',
    {
      networks: [
        { address: '127.0.0.0', prefix: 8 },
        { address: '::1', prefix: 128 },
      ],
    },
  ],
])('the proxies %s are trusted', (text, trustedProxies) => {
  expect(readConfig({ DATA_DIR, TRUST_PROXY: text })).toMatchObject({ trustedProxies });
});

test.each([
  ...['true', 'yes', '*', '0', '17', '-1', '1.5', '1 192.0.2.7', ',', 'proxy.example', 'loopback true'],
  ...[
    '0.0.0.0/0',
    '::/0',
    '0.0.0.0/1 128.0.0.0/1',
    '::ffff:0:0/96',
    '10.0.0.0/7',
    '10.0.0.0/33',
    'fd00::/129',
  ],
  ...['10.0.0.0/', '10.0.0/8', '10.0.0.0/8/8', '192.0.2.7:80', '[::1]'],
])('the proxies %s are one problem', (text) => {
  expect(problems({ TRUST_PROXY: text })).toEqual([expect.stringMatching(/^TRUST_PROXY: takes .+$/)]);
});

test('production requires https unless plain http is allowed, and nothing else does', () => {
  const production = { DATA_DIR, NODE_ENV: 'production', SECRET_KEY };
  expect(readConfig(production).requireHttps).toBe(true);
  expect(readConfig({ ...production, ALLOW_PLAIN_HTTP: '1' }).requireHttps).toBe(false);
  expect(readConfig({ DATA_DIR, ALLOW_PLAIN_HTTP: '0' }).requireHttps).toBe(false);
  expect(problems({ ALLOW_PLAIN_HTTP: 'yes' })).toEqual([expect.stringMatching(/^ALLOW_PLAIN_HTTP: /)]);
});

test('every line of .env.example may be uncommented and says the default', () => {
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  const environment = parseEnv(example.replace(/^# (?=[A-Z_]+=)/gm, ''));
  expect(Object.keys(environment).length).toBeGreaterThan(20);
  expect(readConfig({ ...environment, DATA_DIR })).toEqual(readConfig({ DATA_DIR }));
});

test.each([
  ['no secret', {}, 'SECRET_KEY'],
  ['a short secret', { SECRET_KEY: 'short' }, 'SECRET_KEY'],
  ['a secret from an example', { SECRET_KEY: 'change-me-change-me-change-me-change-me' }, 'SECRET_KEY'],
  ['a secret of one letter', { SECRET_KEY: 'a'.repeat(64) }, 'SECRET_KEY'],
  ['the demo', { SECRET_KEY, DEMO: '1' }, 'DEMO'],
])('production refuses %s', (_what, environment, variable) => {
  expect(problems({ NODE_ENV: 'production', ...environment })[0]).toMatch(new RegExp(`^${variable}: `));
});

test.each([
  ['admin', 'admin123'],
  ['admin', 'admin'],
  ['floormaster', 'xX floormaster Xx'],
  ['floormaster', 'password-password'],
  ['floormaster', 'kq8#vT2!zp'],
])('production refuses %s with the password %s, in one line that does not tell it', (username, password) => {
  const environment = {
    NODE_ENV: 'production',
    SECRET_KEY,
    DEFAULT_USERNAME: username,
    DEFAULT_PASSWORD: password,
  };
  const [line, ...others] = problems(environment);
  expect(line).toMatch(/^DEFAULT_PASSWORD: production takes 12 characters or more/);
  expect(line).not.toContain(password);
  expect(others).toEqual([]);
});

test('the first ADMIN is named whole, and then no demo venue is seeded', () => {
  const named = { DEFAULT_USERNAME: 'floormaster', DEFAULT_PASSWORD: 'admin123' };
  expect(readConfig({ DATA_DIR, ...named })).toMatchObject({
    demo: false,
    firstAdmin: {
      username: 'floormaster',
      email: 'floormaster@localhost',
      password: 'admin123',
      venue: { slug: 'main', name: 'main', timeZone: 'UTC', currency: 'USD' },
    },
  });
  expect(readConfig({ DATA_DIR }).firstAdmin).toBeNull();
  const strong = { ...named, DEFAULT_PASSWORD: 'nine grey herons over a weir' };
  expect(readConfig({ DATA_DIR, NODE_ENV: 'production', SECRET_KEY, ...strong }).firstAdmin).not.toBeNull();
});

test.each([
  [{ DEFAULT_USERNAME: 'admin' }, 'DEFAULT_USERNAME'],
  [{ DEFAULT_PASSWORD: 'admin123' }, 'DEFAULT_PASSWORD'],
  [{ DEFAULT_VENUE: 'main' }, 'DEFAULT_VENUE'],
  [{ DEFAULT_USERNAME: 'a', DEFAULT_PASSWORD: 'x' }, 'DEFAULT_USERNAME'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x', DEFAULT_EMAIL: 'nowhere' }, 'DEFAULT_EMAIL'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x', DEFAULT_VENUE: 'Main' }, 'DEFAULT_VENUE'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x', DEFAULT_TIME_ZONE: '+02:00' }, 'DEFAULT_TIME_ZONE'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x', DEFAULT_CURRENCY: 'XYZ' }, 'DEFAULT_CURRENCY'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x'.repeat(257) }, 'DEFAULT_PASSWORD'],
  [{ DEFAULT_USERNAME: 'admin', DEFAULT_PASSWORD: 'x', DEMO: '1' }, 'DEFAULT_USERNAME'],
])('%j is no first ADMIN: %s', (environment, variable) => {
  expect(problems(environment)).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
});

test.each([
  [{ DEFAULT_USERNAME: 'admin' }, ['DEFAULT_USERNAME: takes DEFAULT_PASSWORD beside it']],
  [{ DEFAULT_PASSWORD: 'admin123' }, ['DEFAULT_PASSWORD: takes DEFAULT_USERNAME beside it']],
  [{ DEFAULT_VENUE: 'main' }, ['DEFAULT_VENUE: takes DEFAULT_USERNAME and DEFAULT_PASSWORD beside it']],
])('of half a first ADMIN, %j, it is said what is missing', (environment, said) => {
  expect(problems(environment)).toEqual(said);
});

test('production with a secret seeds nothing', () => {
  expect(readConfig({ DATA_DIR, NODE_ENV: 'production', SECRET_KEY })).toMatchObject({
    production: true,
    demo: false,
  });
});

test.each([
  ['500ms', 500],
  ['15m', 900_000],
  ['12h', 43_200_000],
])('the duration %s is %d ms', (text, ms) => {
  expect(readConfig({ DATA_DIR, COMMAND_TIMEOUT: text }).commandTimeoutMs).toBe(ms);
});

test('the token of the metrics is a secret of its own, long enough and made of one word', () => {
  const token = (METRICS_TOKEN: string, more = {}) => problems({ METRICS_TOKEN, ...more });
  expect(readConfig({ DATA_DIR }).metricsToken).toBeNull();
  expect(readConfig({ DATA_DIR, METRICS_TOKEN: SECRET_KEY }).metricsToken).toBe(SECRET_KEY);
  expect(token('short')).toEqual(['METRICS_TOKEN: takes 32 bytes or more']);
  expect(token('two words that are long enough for a token')).toEqual([
    'METRICS_TOKEN: takes letters, digits and signs without blanks',
  ]);
  expect(token(SECRET_KEY, { SECRET_KEY })).toEqual(['METRICS_TOKEN: must not be a key of this server']);
  const production = { NODE_ENV: 'production', SECRET_KEY };
  expect(token('change-me-change-me-change-me-change-me', production)).toEqual([
    'METRICS_TOKEN: this one can be guessed; take random bytes',
  ]);
});

test('every variable is in .env.example and in README', () => {
  const source = readFileSync(new URL('../src/environment.ts', import.meta.url), 'utf8');
  const names = [...source.matchAll(/^ {2}([A-Z][A-Z_]+): /gm)].map(([, name]) => name ?? '');
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  const readme = readFileSync(new URL('../README.md', import.meta.url), 'utf8');
  expect(names.length).toBeGreaterThan(20);
  for (const name of names) {
    expect(example).toContain(`${name}=`);
    expect(readme).toMatch(new RegExp(`\`(?:${name}|_${name.split('_').at(-1)})\``));
  }
});

test.each([
  [{}, { minLengthWithCode: 12, minLengthAlone: 12 }],
  [{ PASSWORD_MIN_LENGTH: '6' }, { minLengthWithCode: 6, minLengthAlone: 6 }],
  [{ PASSWORD_POLICY: 'nist' }, { minLengthWithCode: 12, minLengthAlone: 15 }],
  [
    { PASSWORD_POLICY: 'nist', PASSWORD_MIN_LENGTH: '64' },
    { minLengthWithCode: 64, minLengthAlone: 64 },
  ],
])('with %j passwords are as long as %j', (environment, passwordPolicy) => {
  expect(readConfig({ DATA_DIR, ...environment }).passwordPolicy).toEqual(passwordPolicy);
});

test.each([
  [{ PASSWORD_MIN_LENGTH: '5' }, 'PASSWORD_MIN_LENGTH: takes a number from 6 to 64'],
  [{ PASSWORD_MIN_LENGTH: '65' }, 'PASSWORD_MIN_LENGTH: takes a number from 6 to 64'],
  [{ PASSWORD_HASH_MEMORY_KIB: '19455' }, 'PASSWORD_HASH_MEMORY_KIB: takes a number from 19456 to 1048576'],
  [{ PASSWORD_HASH_PASSES: '1' }, 'PASSWORD_HASH_PASSES: takes a number from 2 to 100'],
  [{ PASSWORD_POLICY: 'none' }, 'PASSWORD_POLICY: takes default or nist'],
])('%j is refused in one line', (environment, line) => {
  expect(problems(environment)).toEqual([line]);
});

test('the floor holds for the first ADMIN in production too', () => {
  const named = { DEFAULT_USERNAME: 'floormaster', DEFAULT_PASSWORD: 'kqzvtplwmxraj' };
  const production = { NODE_ENV: 'production', SECRET_KEY, ...named };
  expect(problems(production)).toEqual([]);
  expect(problems({ ...production, PASSWORD_POLICY: 'nist' })).toEqual([
    expect.stringMatching(/^DEFAULT_PASSWORD: production takes 15 characters or more/),
  ]);
});

test('what a hash costs can be raised', () => {
  expect(readConfig({ DATA_DIR }).hashCost).toEqual({ memoryKib: 19_456, passes: 2 });
  const raised = { PASSWORD_HASH_MEMORY_KIB: '65536', PASSWORD_HASH_PASSES: '3' };
  expect(readConfig({ DATA_DIR, ...raised }).hashCost).toEqual({ memoryKib: 65_536, passes: 3 });
});

test('a process drives the lines of main, unless it is told names, or none', () => {
  const drives = (SAS_DRIVES?: string) => readConfig({ DATA_DIR, SAS_DRIVES }).driver.drives;
  expect(readConfig({ DATA_DIR }).driver).toEqual({
    profiles: MACHINE_PROFILES,
    name: hostname(),
    drives: ['main'],
    leaseMs: 15_000,
    renewalMs: 3_000,
    clockDriftMs: 60_000,
  });
  expect(drives('hall-1, hall-2')).toEqual(['hall-1', 'hall-2']);
  expect(drives('none')).toEqual([]);
  const refusal = 'SAS_DRIVES: takes names such as main or hall-2, separated by spaces or commas, or none';
  for (const wrong of ['Hall', 'main none', '-x', ','])
    expect(problems({ SAS_DRIVES: wrong })).toEqual([refusal]);
  expect(problems({ SAS_DRIVER_NAME: 'box 1' })).toEqual([
    'SAS_DRIVER_NAME: takes up to 100 letters, digits and signs without blanks',
  ]);
});

test('a lease outlasts a renewal that fails, and the silence at its end', () => {
  expect(problems({ SAS_LEASE: '8s', SAS_LEASE_RENEWAL: '1s' })).toEqual([]);
  expect(problems({ SAS_LEASE: '11s' })).toEqual([
    'SAS_LEASE: takes 11500ms or more with SAS_LEASE_RENEWAL=3000ms',
  ]);
});

test('a driver takes a shared database and lines to drive, and none of the secrets', () => {
  const read = (environment: NodeJS.ProcessEnv) => {
    try {
      return readDriverConfig({ DATA_DIR, NODE_ENV: 'production', ...environment });
    } catch (error) {
      return error instanceof ConfigError ? error.problems : error;
    }
  };
  const DATABASE_URL = 'postgres://box@db.example/floorwire';
  expect(read({ DATABASE_URL })).toMatchObject({
    databaseUrl: DATABASE_URL,
    redisUrl: null,
    driver: { drives: ['main'] },
  });
  expect(
    Object.keys(read({ DATABASE_URL }) as object).filter((key) => /secret|token|password/i.test(key)),
  ).toEqual([]);
  expect(read({ SAS_DRIVES: 'none', SAS_LEASE: '8s' })).toEqual([
    'SAS_LEASE: takes 11500ms or more with SAS_LEASE_RENEWAL=3000ms',
    'SAS_DRIVES: a driver that drives none has nothing to do',
    'DATABASE_URL: is required: a driver shares the database of the processes that answer the API',
  ]);
});

test('clocks of machines are kept right within a limit, or left alone', () => {
  const drift = (SAS_CLOCK_DRIFT: string) => readConfig({ DATA_DIR, SAS_CLOCK_DRIFT }).driver.clockDriftMs;
  expect([drift('2s'), drift('5m'), drift('off')]).toEqual([2_000, 300_000, null]);
  for (const wrong of ['1s', '2h', '1500ms', 'never'])
    expect(problems({ SAS_CLOCK_DRIFT: wrong })).toEqual([
      'SAS_CLOCK_DRIFT: takes a duration of whole seconds, from 2s to 3600s, or off',
    ]);
});

test('machine profiles come from a file, over those that are built in', () => {
  const file = join(DATA_DIR, 'profiles.json');
  writeFileSync(file, '{ "our-roulette": { "addressGapMs": 2 } }');
  const { profiles } = readConfig({ DATA_DIR, SAS_PROFILES_FILE: file }).driver;
  expect([...profiles.keys()]).toEqual(expect.arrayContaining(['interblock', 'our-roulette']));

  writeFileSync(file, '{ "our-roulette": { "addressGapMs": 20 } }');
  expect(problems({ SAS_PROFILES_FILE: file })).toEqual([
    `SAS_PROFILES_FILE: ${file} cannot be used: our-roulette.addressGapMs: takes 0 to 4`,
  ]);
  expect(problems({ SAS_PROFILES_FILE: '/nowhere/profiles.json' })).toEqual([
    expect.stringMatching(/^SAS_PROFILES_FILE: \/nowhere\/profiles\.json cannot be used: ENOENT/),
  ]);
});

const GOOGLE = { OAUTH_GOOGLE_CLIENT_ID: 'id', OAUTH_GOOGLE_CLIENT_SECRET: 'secret' };
const GITHUB = { OAUTH_GITHUB_CLIENT_ID: 'id', OAUTH_GITHUB_CLIENT_SECRET: 'secret' };
const OAUTH_REDIRECT_URIS = 'https://floor.example/a, https://floor.example/b?c';

test('people sign in with the providers that are set up, at their own addresses or others', () => {
  expect(readConfig({ DATA_DIR }).oauth).toEqual({ providers: [], redirectUris: [] });
  expect(readConfig({ DATA_DIR, ...GOOGLE, ...GITHUB, OAUTH_REDIRECT_URIS }).oauth).toEqual({
    redirectUris: ['https://floor.example/a', 'https://floor.example/b?c'],
    providers: [
      { name: 'GOOGLE', clientId: 'id', clientSecret: 'secret', issuer: 'https://accounts.google.com' },
      {
        name: 'GITHUB',
        clientId: 'id',
        clientSecret: 'secret',
        url: 'https://github.com',
        apiUrl: 'https://api.github.com',
      },
    ],
  });
  const enterprise = { ...GITHUB, OAUTH_REDIRECT_URIS, OAUTH_GITHUB_URL: 'https://git.example' };
  expect(readConfig({ DATA_DIR, ...enterprise }).oauth.providers).toMatchObject([
    { url: 'https://git.example', apiUrl: 'https://git.example/api/v3' },
  ]);
  const elsewhere = { ...enterprise, OAUTH_GITHUB_API_URL: 'https://api.git.example' };
  expect(readConfig({ DATA_DIR, ...elsewhere }).oauth.providers).toMatchObject([
    { apiUrl: 'https://api.git.example' },
  ]);
});

test.each<[object, string]>([
  [{ OAUTH_GOOGLE_CLIENT_ID: 'id', OAUTH_REDIRECT_URIS }, 'OAUTH_GOOGLE_CLIENT_SECRET'],
  [{ OAUTH_GITHUB_CLIENT_SECRET: 'secret' }, 'OAUTH_GITHUB_CLIENT_SECRET'],
  [{ OAUTH_GITHUB_URL: 'https://git.example' }, 'OAUTH_GITHUB_URL'],
  [{ OAUTH_GOOGLE_ISSUER: 'https://google.example/' }, 'OAUTH_GOOGLE_ISSUER'],
  [{ ...GOOGLE }, 'OAUTH_REDIRECT_URIS'],
  [{ ...GOOGLE, OAUTH_REDIRECT_URIS: '/signed-in' }, 'OAUTH_REDIRECT_URIS'],
  [{ ...GOOGLE, OAUTH_REDIRECT_URIS: 'https://floor.example/#a' }, 'OAUTH_REDIRECT_URIS'],
  [{ ...GOOGLE, OAUTH_REDIRECT_URIS: 'javascript:alert(1)' }, 'OAUTH_REDIRECT_URIS'],
])('%j sets no provider up: %s', (environment, variable) => {
  expect(problems({ ...environment })).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
});

test('production sends people, codes and secrets over https alone', () => {
  const plain = {
    ...GOOGLE,
    ...GITHUB,
    OAUTH_GOOGLE_ISSUER: 'http://google.example',
    OAUTH_GITHUB_URL: 'http://git.example',
    OAUTH_REDIRECT_URIS: 'http://floor.example/',
  };
  expect(readConfig({ DATA_DIR, ...plain }).oauth.providers).toHaveLength(2);
  const named = problems({ NODE_ENV: 'production', SECRET_KEY, ...plain }).map((line) => line.split(':')[0]);
  expect(named).toEqual(['OAUTH_GOOGLE_ISSUER', 'OAUTH_GITHUB_URL', 'OAUTH_REDIRECT_URIS']);
});

test('documents are listed in a file, and others are refused only where there is one', () => {
  expect(readConfig({ DATA_DIR })).toMatchObject({
    persistedDocumentsFile: null,
    persistedDocumentsOnly: false,
  });
  for (const PERSISTED_DOCUMENTS_ONLY of ['1', 'true'])
    expect(
      readConfig({ DATA_DIR, PERSISTED_DOCUMENTS: 'documents.json', PERSISTED_DOCUMENTS_ONLY }),
    ).toMatchObject({ persistedDocumentsFile: 'documents.json', persistedDocumentsOnly: true });
  expect(problems({ PERSISTED_DOCUMENTS_ONLY: 'yes' })).toEqual(['PERSISTED_DOCUMENTS_ONLY: takes 0 or 1']);
  expect(problems({ PERSISTED_DOCUMENTS_ONLY: '1' })).toEqual([
    expect.stringMatching(/^PERSISTED_DOCUMENTS: is required with PERSISTED_DOCUMENTS_ONLY=1/),
  ]);
});

test('files are kept on the disk, or in a bucket where that is said in full', () => {
  expect(
    readConfig({ DATA_DIR, UPLOAD_SCANNER: '/bin/scan  --quiet', UPLOAD_MAX_MEDIA_BYTES: '7' }),
  ).toMatchObject({
    uploads: {
      folder: join(DATA_DIR, 'uploads'),
      limits: { MEDIA: 7, FIRMWARE: 64 * 1_024 * 1_024 },
      scanner: ['/bin/scan', '--quiet'],
    },
    storage: { kind: 'DISK', folder: join(DATA_DIR, 'files') },
  });
  const bucket = { DATA_DIR, STORAGE: 's3', S3_BUCKET: 'floor' };
  expect(readConfig(bucket).storage).toEqual({
    kind: 'S3',
    bucket: 'floor',
    region: 'us-east-1',
    endpoint: null,
    credentials: null,
  });
  const secret = { S3_ACCESS_KEY_ID: 'id', S3_SECRET_ACCESS_KEY: 'key' };
  expect(readConfig({ ...bucket, ...secret }).storage).toMatchObject({
    credentials: { accessKeyId: 'id', secretAccessKey: 'key' },
  });
});

test.each([
  ['a bucket that nothing uses', { S3_BUCKET: 'floor' }, 'S3_BUCKET'],
  ['S3 without a bucket', { STORAGE: 's3' }, 'S3_BUCKET'],
  ['a folder that nothing uses', { STORAGE: 's3', S3_BUCKET: 'floor', STORAGE_DIR: '/tmp' }, 'STORAGE_DIR'],
  ['half of a key', { STORAGE: 's3', S3_BUCKET: 'floor', S3_ACCESS_KEY_ID: 'id' }, 'S3_ACCESS_KEY_ID'],
  ['a scanner that is looked for', { UPLOAD_SCANNER: 'clamdscan' }, 'UPLOAD_SCANNER'],
  [
    'more than goes in one piece',
    { UPLOAD_MAX_MEDIA_BYTES: String(6 * 1_024 ** 3) },
    'UPLOAD_MAX_MEDIA_BYTES',
  ],
])('%s is one problem', (_what, environment, variable) => {
  expect(problems(environment)).toEqual([expect.stringMatching(new RegExp(`^${variable}: `))]);
});

test.each([
  ['PROT', 'PORT'],
  ['LOG_LEVL', 'LOG_LEVEL'],
  ['log_level', 'LOG_LEVEL'],
  ['FLOORWIRE_PORT', 'PORT'],
  ['JWT_SECRET', 'JWT_SECRET_KEY'],
  ['DATABASE_URI', 'DATABASE_URL'],
  ['TRUSTED_PROXY', 'TRUST_PROXY'],
  ['LIMIT_SOCKET_PER_ADRESS', 'LIMIT_SOCKETS_PER_ADDRESS'],
  ['EVENTS_RETENTION', 'EVENT_RETENTION'],
  ['S3_ACCESS_KEY', 'S3_ACCESS_KEY_ID'],
])('%s is told to be no setting, with %s, and without what it holds', (name, meant) => {
  expect(misspeltNames({ [name]: 'a-secret' })).toEqual([
    `${name}: is no setting, and changes nothing: ${meant} may be meant`,
  ]);
});

test("what others put into an environment is nobody's slip", () => {
  const names = [
    ...[
      'PATH',
      'HOME',
      'PWD',
      'USER',
      'TERM',
      'LANG',
      'SHELL',
      'TZ',
      'HOSTNAME',
      'MAIL',
      'LOGNAME',
      'TMPDIR',
    ],
    ...['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_VERSION', 'NODE_COMPILE_CACHE', 'npm_config_port'],
    ...['AWS_REGION', 'AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY', 'INVOCATION_ID', 'JOURNAL_STREAM'],
    ...[
      'KUBERNETES_PORT',
      'KUBERNETES_SERVICE_HOST',
      'REDIS_PORT',
      'REDIS_SERVICE_PORT',
      'POSTGRES_PASSWORD',
    ],
    ...['PGHOST', 'PGPORT', 'PGPASSWORD', 'TEST_DATABASE_URL', 'DEBUG', 'CI', 'HTTP_PROXY', 'NO_PROXY'],
    ...['SITE_URL', 'BASE_URL', 'CACHE_DIR', 'APP_ENV'],
  ];
  expect(misspeltNames(Object.fromEntries(names.map((name) => [name, 'x'])))).toEqual([]);
  const example = readFileSync(new URL('../.env.example', import.meta.url), 'utf8');
  expect(misspeltNames(parseEnv(example.replace(/^# (?=[A-Z_]+=)/gm, '')))).toEqual([]);
});

test('where a service is called floorwire, what links to it is no slip', () => {
  expect(misspeltNames({ FLOORWIRE_PORT: 'tcp://10.0.0.7:8000', FLOORWIRE_SERVICE_PORT: '8000' })).toEqual(
    [],
  );
});

test('thousands of names of linked services hold up no start', () => {
  const names = Array.from({ length: 20_000 }, (_, at) => `FLOOR_OF_VENUE_${at}_SERVICE_PORT`);
  const variables = Object.fromEntries(names.map((name) => [name, '8000']));
  const costMs = cpuMsOf(() => expect(misspeltNames(variables)).toEqual([]));
  expect(costMs).toBeLessThan(5_000);
});

test('a start that is refused names the slip beside what is missing', () => {
  expect(problems({ NODE_ENV: 'production', SECRET_KYE: SECRET_KEY })).toEqual([
    expect.stringMatching(/^SECRET_KEY: is required in production/),
    'SECRET_KYE: is no setting, and changes nothing: SECRET_KEY may be meant',
  ]);
});

test.each(['DATA_DIR', 'UPLOAD_DIR', 'DATABASE_URL', 'SECRET_KEY', 'S3_ACCESS_KEY_ID'])(
  'a blank at an end of %s is refused, that of another way to end lines too',
  (name) => {
    const value = name === 'DATABASE_URL' ? 'postgres://floor@127.0.0.1/floor' : SECRET_KEY;
    for (const wrong of [` ${value}`, `${value} `, `${value}\r`, ' '])
      expect(problems({ [name]: wrong })).toContain(`${name}: begins or ends with a blank`);
  },
);

test('a key that was in use with the end of its line opens what it sealed, as the one before', () => {
  const keys = { SECRET_KEY, SECRET_KEY_OLD: `${JWT_SECRET_KEY}\n` };
  expect(readConfig({ DATA_DIR, ...keys }).secretKeyOld).toBe(keys.SECRET_KEY_OLD);
  const tokens = { JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY, JWT_SECRET_KEY_OLD: `${SECRET_KEY}\n` };
  expect(readConfig({ DATA_DIR, ...tokens }).jwtSecrets).toEqual([JWT_SECRET_KEY, tokens.JWT_SECRET_KEY_OLD]);
});

test('a password may end with a blank', () => {
  const named = { DEFAULT_USERNAME: 'floormaster', DEFAULT_PASSWORD: ' nine grey herons ' };
  expect(readConfig({ DATA_DIR, ...named }).firstAdmin?.password).toBe(' nine grey herons ');
});

test.each([
  ['COMMAND_TIMEOUT', '25h', 'takes a duration up to 24h'],
  ['METER_RETENTION', '36501d', 'takes a duration up to 36500d'],
  ['EVENT_RETENTION', '999999999d', 'takes a duration up to 36500d'],
])('%s=%s is longer than a timer or a calendar goes, and refused', (name, text, message) => {
  expect(problems({ [name]: text })).toEqual([`${name}: ${message}`]);
});

test.each(['DATA_DIR', 'PORT', 'DATABASE_URL', 'SECRET_KEY', 'S3_ACCESS_KEY_ID'])(
  'quotes around %s, which no shell took away, are refused by its name',
  (name) => {
    const value = { PORT: '8000', DATABASE_URL: 'postgres://floor@127.0.0.1/floor' }[name] ?? SECRET_KEY;
    for (const quote of ['"', "'"])
      expect(problems({ [name]: `${quote}${value}${quote}` })).toContainEqual(
        expect.stringMatching(
          new RegExp(`^${name}: is in quotes, and they are part of it: write it without(?:$|; )`),
        ),
      );
  },
);

test('of a key in quotes that was in use it is said where it belongs with them', () => {
  expect(problems({ SECRET_KEY: `"${SECRET_KEY}"` })).toEqual([
    'SECRET_KEY: is in quotes, and they are part of it: write it without; if it was in use so, put it with its quotes into SECRET_KEY_OLD, which opens what it sealed until `floorwire keys rewrap` has run',
  ]);
  expect(problems({ JWT_ALGORITHM: 'HS256', JWT_SECRET_KEY: `"${JWT_SECRET_KEY}"` })).toEqual([
    'JWT_SECRET_KEY: is in quotes, and they are part of it: write it without; if it was in use so, put it with its quotes into JWT_SECRET_KEY_OLD, so that tokens it has signed are accepted',
  ]);
});

test('a password, and a key of before, may be in quotes', () => {
  expect(problems({ SECRET_KEY, SECRET_KEY_OLD: `"${SECRET_KEY}"` })).toEqual([]);
});

test('a file that DATABASE_URL names for TLS is one, and the start says which is not', () => {
  const url = 'postgres://floor:geheim@127.0.0.1/floor?sslmode=verify-full';
  const [missing, junk] = [join(DATA_DIR, 'nowhere.pem'), join(DATA_DIR, 'junk.pem')];
  writeFileSync(junk, 'no certificate');
  expect(problems({ DATABASE_URL: `${url}&sslrootcert=${missing}&sslkey=${junk}` })).toEqual([
    `DATABASE_URL: sslrootcert=${missing} cannot be used: ENOENT: no such file or directory, open '${missing}'`,
    `DATABASE_URL: sslkey=${junk} cannot be used: it is no PEM file`,
  ]);
});

test('where the database is can be read without making anything', () => {
  const folder = join(DATA_DIR, 'not-there');
  expect(readDatabaseConfig({ DATA_DIR: folder })).toEqual({ dataDir: folder, databaseUrl: null });
  expect(existsSync(folder)).toBe(false);
});
