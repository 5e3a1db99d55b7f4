import { readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

/** Who may import whom: the rooms of HOUSE.md. A room is a folder of `src` or a file beside them. */

const SRC = fileURLToPath(new URL('../src', import.meta.url));

/** Domains see those of the groups before theirs. */
const DOMAINS = [
  ['mail'],
  ['auth'],
  ['realtime'],
  ['notification'],
  ['wallet'],
  ['machine'],
  ['booking', 'parking'],
  ['signage'],
  ['alert'],
  ['export'],
];
const ALL_DOMAINS = DOMAINS.flat();

/** Wiring: it may import everything. */
const WIRING = [
  'app',
  'main',
  'serve',
  'cli',
  'config',
  'environment',
  'first-admin',
  'config-error',
  'driver-settings',
  'file-settings',
  'mail-settings',
  'oauth-settings',
  'checked-settings',
  'misspelt-settings',
  'setting-problems',
  'kept-secret',
  'health',
  'start-failure',
  'stop-on-signals',
  'demo',
];

/** What a room may import besides itself: rooms, and packages whole or by their scope. Node itself is everybody's but the codec's. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  lib: ['pino', 'uuidv7', 'temporal-polyfill'],
  db: ['lib', 'kysely', 'pg'],
  events: ['db', 'lib', 'kysely'],
  work: ['db', 'events', 'lib', 'kysely'],
  idempotency: ['work', 'lib', 'kysely'],
  job: ['work', 'db', 'lib', 'kysely'],
  'sas/codec': ['lib'],
  'sas/host': ['sas/codec', 'lib'],
  'sas/simulator': ['sas/codec', 'lib'],
  'sas/watch': ['sas/codec', 'sas/host', 'lib'],
  graphql: [
    ...ALL_DOMAINS,
    'work',
    'events',
    'lib',
    'graphql',
    'graphql-scalars',
    'dataloader',
    'zod',
    '@pothos/',
  ],
  http: ['graphql', 'auth', 'events', 'lib', 'graphql-yoga', '@graphql-yoga/', 'graphql-ws', 'ws'],
  metrics: ['lib', 'prom-client'],
  backup: ['db', 'events', 'lib', 'auth', 'wallet', 'kysely', 'pg', 'pg-copy-streams'],
  client: ['graphql-ws'],
  player: ['client'],
  ...Object.fromEntries(
    DOMAINS.flatMap((group, at) =>
      group.map((name) => [
        name,
        [...DOMAINS.slice(0, at).flat(), 'idempotency', 'job', 'work', 'db', 'events', 'lib', 'kysely'],
      ]),
    ),
  ),
};

/** What single files may import beyond their room. */
const EXCEPTIONS: readonly {
  readonly target: RegExp;
  readonly files: RegExp;
  readonly typeOnly?: boolean;
}[] = [
  { target: /^serialport$/, files: /^sas\/host\/serial-port$/ },
  { target: /^koffi$/, files: /^sas\/(host\/termios|simulator\/pseudo-terminal)$/ },
  { target: /^sas\/host\/port$/, files: /^sas\/simulator\// },
  { target: /^zod$/, files: /^sas\/simulator\/(profile|scenario)$/ },
  {
    target: /^sas\/(codec|host)\//,
    files:
      /^machine\/(ingest|said|commands|command-sending|handpay-writer|aft-saga|aft-locks|aft-step|aft-question|aft-reconciler)$/,
  },
  // How a line is opened and driven is its configuration; what suits a machine depends on what it says it is.
  { target: /^sas\/host\//, files: /^machine\/(line-plan|registry|suggested-profile)$/ },
  { target: /^zod$/, files: /^sas\/host\/machine-profile$/ },
  // What a machine says, as values: which meters, exceptions and denominations there are.
  { target: /^sas\/codec\/(meters|exceptions|denominations|features)$/, files: /^machine\// },
  { target: /^db\//, files: /^graphql\//, typeOnly: true },
  { target: /^kysely$/, files: /^graphql\//, typeOnly: true },
  { target: /^@graphql-yoga\/subscription$/, files: /^events\/pubsub$/ },
  { target: /^rate-limiter-flexible$/, files: /^http\/rate-limiter$/ },
  { target: /^ioredis$/, files: /^events\/redis$/ },
  { target: /^pg$/, files: /^events\/listener$/ },
  { target: /^(jose|@node-rs\/argon2|otpauth)$/, files: /^auth\// },
  { target: /^@zxcvbn-ts\/language-common$/, files: /^auth\/leaked-passwords$/ },
  { target: /^ical-generator$/, files: /^booking\/calendar-text$/ },
  { target: /^rrule-temporal$/, files: /^booking\/recurrence$/ },
  { target: /^nodemailer$/, files: /^mail\// },
  // Apps without it import the client all the same.
  { target: /^react$/, files: /^client\/react\// },
  { target: /^vue$/, files: /^client\/vue\// },
  { target: /^@aws-sdk\/client-s3$/, files: /^signage\/s3-storage$/ },
];

interface Import {
  /** Without `.ts`, below `src`. */
  readonly file: string;
  /** A file below `src`, or the name of a package. */
  readonly target: string;
  readonly isOurs: boolean;
  readonly isType: boolean;
}

const files = readdirSync(SRC, { recursive: true, encoding: 'utf8' })
  .filter((path) => path.endsWith('.ts'))
  .map((path) => path.replace(/\.ts$/, ''));

function importsOf(file: string): Import[] {
  const text = readFileSync(join(SRC, `${file}.ts`), 'utf8');
  const found = text.matchAll(
    /^(?:import|export)\s+(type\s)?[^'"`;]*?from\s+'([^']+)'|^import\s+'([^']+)'|\bimport\(\s*'([^']+)'/gm,
  );
  return [...found].map(([, type, from, bare, dynamic]) => {
    const specifier = from ?? bare ?? dynamic ?? '';
    const isOurs = specifier.startsWith('.');
    const target = isOurs
      ? relative(SRC, join(SRC, dirname(file), specifier)).replace(/\.ts$/, '')
      : specifier;
    return { file, target, isOurs, isType: type !== undefined };
  });
}

function roomOf(file: string): string {
  const [first = '', second = ''] = file.split('/');
  return first === 'sas' ? `sas/${second}` : first;
}

function isAllowed({ file, target, isOurs, isType }: Import): boolean {
  const room = roomOf(file);
  if (WIRING.includes(room) || (isOurs && roomOf(target) === room)) return true;
  if (
    EXCEPTIONS.some((each) => each.files.test(file) && each.target.test(target) && (isType || !each.typeOnly))
  )
    return true;
  if (target.startsWith('node:')) return room !== 'sas/codec' && room !== 'client';
  const allowed = MAY_IMPORT[room] ?? [];
  if (isOurs) return allowed.includes(roomOf(target));
  // GraphQL's own types belong to both who build the schema and who serve it.
  if (target === 'graphql') return room === 'graphql' || room === 'http';
  return allowed.some((name) => target === name || target.startsWith(name.endsWith('/') ? name : `${name}/`));
}

test('every file imports only what its room may', () => {
  const imports = files.flatMap(importsOf);
  expect(imports.length).toBeGreaterThan(300);
  const forbidden = imports
    .filter((each) => !isAllowed(each))
    .map(({ file, target }) => `${file} imports ${target}`);
  expect(forbidden).toEqual([]);
});

test('every room is known', () => {
  const rooms = new Set(files.map(roomOf));
  expect([...rooms].filter((room) => !WIRING.includes(room) && !(room in MAY_IMPORT))).toEqual([]);
});

test('imports name the file that defines, with its extension', () => {
  const loose = files.flatMap((file) =>
    [...readFileSync(join(SRC, `${file}.ts`), 'utf8').matchAll(/from\s+'(\.[^']*)'/g)]
      .map(([, specifier]) => specifier ?? '')
      .filter((specifier) => !specifier.endsWith('.ts') && !file.endsWith('graphiql-page'))
      .map((specifier) => `${file} imports ${specifier}`),
  );
  expect(loose).toEqual([]);
});

test('no file is a drawer for everything', () => {
  const drawers = files.filter((file) => /^(index|utils?|helpers?|common|types|misc)$/.test(basename(file)));
  expect(drawers).toEqual([]);
  expect(files.filter((file) => /(^|\/)(utils?|helpers?|common|types|misc)\//.test(file))).toEqual([]);
});

test('the environment is read in one place', () => {
  const readers = files.filter((file) =>
    /\bprocess\.env\b/.test(readFileSync(join(SRC, `${file}.ts`), 'utf8')),
  );
  // The launcher of PostgreSQL hands on where programs and libraries are; it takes no setting.
  expect(readers).toEqual(['config', 'db/embedded-cluster']);
});
