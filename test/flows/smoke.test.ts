import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { aFloorApp } from '../support/app.ts';
import { PASSWORD } from '../support/builders.ts';
import { withDeadline } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { manglingProxy } from '../support/mangling-proxy.ts';
import { programFile } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 200_000 });

const port = await aFreePort();
const proxy = await manglingProxy(port);
const floor = await aFloorApp({ machines: 1, settings: { port, publicUrl: proxy.url } });
const SOCKETS = `${proxy.url.replace('http', 'ws')}/graphql`;
afterEach(() => {
  proxy.manner = 'HANDS_ON';
});
afterAll(() => proxy[Symbol.asyncDispose]());

async function smoke(
  args: readonly string[],
  { input = '', environment = {} }: { input?: string; environment?: Record<string, string> } = {},
) {
  // Unless that is what is tried, nothing fails because this machine is busy.
  const patience = args.includes('--timeout') ? [] : ['--timeout', '100'];
  const child = spawn(process.execPath, [programFile('cli'), 'smoke', ...args, ...patience], {
    env: { PATH: process.env.PATH, ...environment },
  });
  child.stdin.on('error', () => {}).end(input);
  const ended = Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  const [stdout, stderr, [code]] = await withDeadline(ended, 120_000, 'the end of the checks');
  const lines = stdout.split('\n').flatMap((line) => {
    const [, name, took, outcome] = /^(\S.*?) +(\d+ ms|–) {2}(.+)$/.exec(line) ?? [];
    return name && took && outcome ? [{ name, took, outcome }] : [];
  });
  return {
    code,
    stdout,
    stderr,
    outcomes: Object.fromEntries(lines.map(({ name, outcome }) => [name, outcome])),
  };
}

const OPERATOR = ['--username', 'operator', '--password-stdin'];
const asOperator = (...more: readonly string[]) =>
  smoke(['--url', proxy.url, ...OPERATOR, ...more], { input: `${PASSWORD}\n` });

const sessionsOf = async (as: 'OPERATOR' | 'AUDITOR'): Promise<number> =>
  (await floor.ask('{ viewer { sessions { id } } }', { as })).data.viewer.sessions.length;

const HEALTH = expect.stringMatching(/^ok: (HEALTHY|DEGRADED, because of sas)$/);
const FRAME = 'ok: the first frame of a subscription is here';
const BOTH = 'websocket and event stream';
const GOOD = {
  health: HEALTH,
  realtimeInfo: `ok: sockets are at ${SOCKETS}`,
  'sign-in': 'ok: as OPERATOR',
  websocket: FRAME,
  'event stream': FRAME,
  delivery: `ok: each event once by ${BOTH}`,
  resume: `ok: behind its cursor nothing is missed and nothing comes again by ${BOTH}`,
  'sign-out': 'ok: the session is over',
};

test('a server that holds passes every check, and the session that was begun is over', async () => {
  const before = await sessionsOf('OPERATOR');
  const { code, stdout, stderr, outcomes } = await asOperator();
  expect(outcomes).toEqual(GOOD);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout.trimEnd().split('\n')).toHaveLength(Object.keys(GOOD).length);
  expect(stdout).not.toContain(PASSWORD);
  expect(await sessionsOf('OPERATOR')).toBe(before);
});

test('without a sign-in it asks what everybody may, and says what that leaves open', async () => {
  const { code, outcomes } = await smoke(['--url', `${proxy.url}/graphql/`]);
  expect(outcomes).toEqual({
    health: HEALTH,
    realtimeInfo: GOOD.realtimeInfo,
    websocket: 'ok: a query is answered',
    'event stream': 'ok: a query is answered; whether streams are held back takes a sign-in',
    delivery: 'skipped: nobody is signed in',
  });
  expect(code).toBe(0);
});

test('who may publish nothing has streams that stay open, and a token that was given stays good', async () => {
  const token = await floor.token('PLAYER');
  const { code, stdout, outcomes } = await smoke(['--url', proxy.url, '--token-stdin'], { input: token });
  expect(outcomes).toMatchObject({
    'sign-in': 'ok: as PLAYER',
    websocket: 'ok: a subscription stays open',
    'event stream': 'ok: a subscription stays open',
    delivery: 'skipped: this account may publish nothing; an OPERATOR may',
  });
  expect(code).toBe(0);
  expect(outcomes).not.toHaveProperty('sign-out');
  expect(stdout).not.toContain(token);
  expect((await floor.ask('{ viewer { roles } }', { as: 'PLAYER' })).data.viewer.roles).toEqual(['PLAYER']);
});

const UPGRADE =
  'something in front takes no WebSockets, or does not hand on Upgrade and Connection (nginx: proxy_set_header)';

test.each([
  ['NO_UPGRADE', `failed: the upgrade is answered 400: ${UPGRADE}, at ${SOCKETS}`],
  ['CUTS_UPGRADE', `failed: the connection is cut at the upgrade: ${UPGRADE}, at ${SOCKETS}`],
] as const)('a proxy with %s fails the websocket alone', async (manner, line) => {
  proxy.manner = manner;
  const { code, outcomes } = await asOperator();
  expect(outcomes).toEqual({
    ...GOOD,
    websocket: line,
    delivery: 'ok: each event once by event stream',
    resume: 'ok: behind its cursor nothing is missed and nothing comes again by event stream',
  });
  expect(code).toBe(1);
});

test('where sockets are not expected, server-sent events alone will do', async () => {
  proxy.manner = 'NO_UPGRADE';
  const { code, outcomes } = await asOperator('--no-websocket');
  expect(outcomes).toMatchObject({
    websocket: 'skipped: --no-websocket',
    'event stream': FRAME,
    delivery: 'ok: each event once by event stream',
  });
  expect(code).toBe(0);
});

test('a proxy that takes sockets and hands on nothing of them is found out', async () => {
  proxy.manner = 'DEAF_SOCKETS';
  const { code, outcomes } = await asOperator('--timeout', '8');
  expect(outcomes.websocket).toBe(
    'failed: nothing came within 8 s: something in front takes the upgrade and hands on nothing that follows',
  );
  expect(code).toBe(1);
});

test('a proxy that buffers is found out by the first byte of a stream that stays open', async () => {
  proxy.manner = 'BUFFERS';
  const { code, outcomes } = await asOperator('--timeout', '8');
  expect(outcomes['event stream']).toBe(
    'failed: nothing came within 8 s: a stream is open and not even its first byte is here, so something in front holds it back (nginx: proxy_buffering off)',
  );
  expect(code).toBe(1);
});

test('a proxy that says events twice is found out', async () => {
  proxy.manner = 'REPEATS';
  const { code, outcomes } = await asOperator();
  expect(outcomes.delivery).toBe(
    'failed: events come more than once by event stream: something in front repeats or changes answers',
  );
  expect(outcomes['event stream']).toBe(FRAME);
  expect(code).toBe(1);
});

test.each([
  ['REDIRECTS', (path: string) => `it is answered 301 and sent to https://floor.example${path}: ask there`],
  ['DOWN', () => 'a proxy answered 502 in its place: no process of floorwire takes its connections'],
] as const)('where a proxy is %s nothing more is asked', async (manner, why) => {
  proxy.manner = manner;
  const { code, outcomes } = await asOperator();
  expect(outcomes).toEqual({
    health: `failed: ${why('/health')}`,
    realtimeInfo: `failed: ${why('/graphql')}`,
  });
  expect(code).toBe(1);
});

test('wrong credentials fail the sign-in, and the rest is checked as nobody', async () => {
  const { code, stdout, outcomes } = await smoke(['--url', proxy.url, ...OPERATOR], {
    input: 'not-that-one\n',
  });
  expect(outcomes).toMatchObject({
    'sign-in': 'failed: AUTH_001 The username, the password or the venue is wrong',
    websocket: 'ok: a query is answered',
    delivery: 'skipped: nobody is signed in',
  });
  expect(code).toBe(1);
  expect(stdout).not.toContain('not-that-one');

  const forged = await smoke(['--url', proxy.url, '--token-stdin'], { input: 'eyJ.e30.x\n' });
  expect(forged.outcomes['sign-in']).toMatch(/^failed: AUTH_003 /);
  expect(forged.code).toBe(1);

  const key = await smoke(['--url', proxy.url, '--token-stdin'], { input: await floor.token('PARTNER') });
  expect(key.outcomes['sign-in']).toBe('failed: the token is no person’s: it takes one of login');
  expect(key.code).toBe(1);
});

test('what is none of ours, and where nobody is, is told by its likely cause', async () => {
  const other = createServer((_request, response) => response.writeHead(404).end('<h1>Welcome</h1>'));
  await once(other.listen(0, '127.0.0.1'), 'listening');
  const strange = await smoke(['--url', `http://127.0.0.1:${(other.address() as AddressInfo).port}`]);
  other.close();
  const line =
    'failed: the answer is 404 and not floorwire’s: the address or its path is wrong, or something in front answers instead';
  expect(strange.outcomes).toEqual({ health: line, realtimeInfo: line });
  expect(strange.code).toBe(1);

  const misled = await smoke(['--url', `${proxy.url}/grapql`]);
  expect(misled.outcomes.realtimeInfo).toBe(
    'failed: floorwire answers, but not at this path: its endpoint is /graphql',
  );
  expect(misled.code).toBe(1);

  const nobody = await smoke(['--url', `http://127.0.0.1:${await aFreePort()}`]);
  const nothing =
    'failed: ECONNREFUSED, nothing listens there: the port is wrong, or the server or its proxy is not running';
  expect(nobody.outcomes).toEqual({ health: nothing, realtimeInfo: nothing });
  expect(nobody.code).toBe(1);
});

/** For 127.0.0.1, and signed by itself. */
async function aCertificate(openssl: string): Promise<{ key: string; cert: string; file: string }> {
  const folder = await temporaryFolder();
  const [keyFile, file] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const wanted = ['-subj', '/CN=floor', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2', '-nodes'];
  const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1'];
  const files = ['-keyout', keyFile, '-out', file];
  await promisify(execFile)(openssl, ['req', '-x509', ...kind, ...wanted, ...files]);
  return { key: await readFile(keyFile, 'utf8'), cert: await readFile(file, 'utf8'), file };
}

test('over https it wants a certificate that is trusted, and opens sockets over wss with realtime tokens where they must be', async (context) => {
  const { file, ...tls } = await aCertificate(requires('openssl', context));
  const behind = await aFreePort();
  await using secure = await manglingProxy(behind, tls);
  const publicUrl = secure.url;
  await using app = await createApp(
    {
      ...readConfig({ DEMO: '0', DATA_DIR: floor.dataDir, LOG_LEVEL: 'silent', SAS_DRIVES: 'none' }),
      databaseUrl: floor.connection,
      databasePoolSize: 4,
      port: behind,
      publicUrl,
      realtimeAuth: 'strict',
    },
    createLogger('silent'),
  );
  expect(app.url).toBe(publicUrl);
  const args = ['--url', publicUrl];
  const stranger = await smoke(args);
  const distrust =
    'failed: DEPTH_ZERO_SELF_SIGNED_CERT, the certificate is signed by nobody who is trusted here: its chain is incomplete, or NODE_EXTRA_CA_CERTS has to name the file of its authority';
  expect(stranger.outcomes).toEqual({ health: distrust, realtimeInfo: distrust });
  expect(stranger.code).toBe(1);

  const environment = { NODE_EXTRA_CA_CERTS: file };
  const trusting = await smoke([...args, ...OPERATOR], { environment, input: PASSWORD });
  expect(trusting.outcomes).toEqual({
    ...GOOD,
    realtimeInfo: `ok: sockets are at ${publicUrl.replace('https', 'wss')}/graphql`,
  });
  expect(trusting.code).toBe(0);
  const nobody = await smoke(args, { environment });
  expect(nobody.outcomes.websocket).toBe('skipped: sockets take realtime tokens only, which need a sign-in');
  expect(nobody.code).toBe(0);

  // The same server, reached past its proxy by a name of its own.
  const plain = await manglingProxy(port, tls);
  const astray = await smoke(['--url', plain.url], { environment });
  await plain[Symbol.asyncDispose]();
  expect(astray.outcomes.realtimeInfo).toBe(
    `failed: clients are sent to ${SOCKETS}, which pages of https may not open: PUBLIC_URL must be the https address`,
  );
  expect(astray.code).toBe(1);
});

test.each([
  [[], 'smoke takes --url.'],
  [['--url', 'floor.example'], '--url takes the address of a server: http://127.0.0.1:8000.'],
  [['--url', 'https://me:secret@floor.example'], '--url takes no name and no password.'],
  [['--url', 'http://127.0.0.1:9', '--timeout', 'soon'], '--timeout takes seconds, 1 to 600.'],
  [
    ['--url', 'http://127.0.0.1:9', '--username', 'operator'],
    'smoke takes --username with --password-stdin, or --token-stdin, or neither.',
  ],
  [['--url', 'http://127.0.0.1:9', ...OPERATOR], '--password-stdin takes a password on standard input.'],
])('floorwire smoke %j is refused in one line', async (args, message) => {
  const { code, stdout, stderr } = await smoke(args);
  expect({ code, stdout, stderr }).toEqual({ code: 1, stdout: '', stderr: `floorwire: ${message}\n` });
});
