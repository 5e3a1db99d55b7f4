import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { DEMO_USERS } from '../../src/demo/venue.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';

const folder = await mkdtemp(join(tmpdir(), 'floorwire-start-'));
const running: ServerProcess[] = [];
afterAll(async () => {
  for (const server of running) server.process.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

const DEMO = { DATA_DIR: folder, DEMO: '1' };
const operator = DEMO_USERS.find(({ username }) => username === 'operator');

async function start(environment: Record<string, string>): Promise<ServerProcess> {
  const server = await startServerProcess(environment);
  running.push(server);
  return server;
}

async function ask(server: ServerProcess, query: string, token?: string) {
  const response = await fetch(`${server.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query }),
  });
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  return ((await response.json()) as any).data;
}

async function signIn(server: ServerProcess): Promise<string> {
  const data = await ask(
    server,
    `mutation { login(input: { identifier: "operator", password: "${operator?.password}" }) { ... on LoginSuccess { accessToken } } }`,
  );
  return data.login.accessToken;
}

const FLOOR =
  '{ venues { slug isDemo } machines { totalCount nodes { name connection meters(set: ALL) { values { code value } } } } }';

async function stop(server: ServerProcess, signals: readonly NodeJS.Signals[]): Promise<void> {
  for (const signal of signals) server.process.kill(signal);
  expect(await withDeadline(server.exited, 60_000, 'the end of the server')).toEqual({
    code: 0,
    signal: null,
  });
}

/** Whoever still has our folder in his command line. */
const leftBehind = () =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.includes(folder));

test('a first start seeds a demo that plays; a second keeps it; a signal leaves nothing running', async () => {
  const first = await start(DEMO);
  await eventually(() => first.stderr().includes(`${first.url}/graphql`));
  for (const { username, password } of DEMO_USERS)
    expect(first.stderr()).toMatch(new RegExp(`${username}\\s+${password}`));
  const token = await signIn(first);
  const playing = await eventually(async () => {
    const data = await ask(first, FLOOR, token);
    const played = data.machines.nodes.flatMap(
      ({ meters }: { meters: { values: { code: string; value: string }[] } | null }) =>
        (meters?.values ?? []).filter(({ code, value }) => code === 'GAMES_PLAYED' && value !== '0'),
    );
    return played.length > 2 && data;
  });
  expect(playing).toMatchObject({ venues: [{ slug: 'demo', isDemo: true }], machines: { totalCount: 8 } });
  // The second signal changes nothing.
  await stop(first, ['SIGINT', 'SIGTERM']);
  await eventually(() => leftBehind().length === 0);

  const second = await start(DEMO);
  const again = await ask(second, FLOOR, await signIn(second));
  expect(again.machines.totalCount).toBe(8);
  expect(again.venues).toHaveLength(1);
  for (const [at, machine] of again.machines.nodes.entries()) {
    const before = playing.machines.nodes[at];
    expect(machine.name).toBe(before.name);
    for (const { code, value } of before.meters?.values ?? []) {
      if (code === 'CURRENT_CREDITS') continue;
      const now = machine.meters.values.find((meter: { code: string }) => meter.code === code);
      expect(BigInt(now.value)).toBeGreaterThanOrEqual(BigInt(value));
    }
  }

  const other = await start(DEMO);
  expect(await other.exited).toMatchObject({ code: 1 });
  expect(other.stderr()).toMatch(/^floorwire: .*\n$/);
  expect(other.stderr()).toContain(String(second.process.pid));

  await stop(second, ['SIGTERM']);
  await eventually(() => leftBehind().length === 0);
  expect(await readdir(join(folder, 'machines'))).toHaveLength(8);
}, 120_000);

test('a demo venue is not shown to the world, nor taken into production', async () => {
  const exposed = await start({ ...DEMO, HOST: '0.0.0.0' });
  expect(await exposed.exited).toMatchObject({ code: 1 });
  expect(exposed.stderr()).toMatch(/^floorwire: HOST: .*DEMO_PUBLIC=1\n$/);

  const production = await start({
    DATA_DIR: folder,
    DEMO: '',
    NODE_ENV: 'production',
    SECRET_KEY: 'k3eP7his0ut0fTheLogsAndTheRepo!!',
  });
  expect(await production.exited).toMatchObject({ code: 1 });
  expect(production.stderr()).toMatch(/^floorwire: .*\n$/);
  await eventually(() => leftBehind().length === 0);
});

test('a port that is taken ends the start with one line', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const { connection } = await cloneDatabase();
  const late = await start({ DATA_DIR: folder, DATABASE_URL: connection, PORT: String(port) });
  expect(await late.exited).toEqual({ code: 1, signal: null });
  expect(late.stderr()).toMatch(new RegExp(`^floorwire: 127\\.0\\.0\\.1:${port} is already in use\\..*\\n$`));
  taken.close();
});

test.each([
  ['192.0.2.1', /^floorwire: 192\.0\.2\.1 is no address of this machine\. Set HOST .*\n$/],
  ['nowhere.invalid', /^floorwire: nowhere\.invalid is no address .*Set HOST .*\n$/],
])(
  'HOST=%s, which is not of this machine, ends the start with one line',
  async (host, line) => {
    const { connection } = await cloneDatabase();
    const astray = await start({ DATA_DIR: folder, DATABASE_URL: connection, HOST: host });
    expect(await astray.exited).toEqual({ code: 1, signal: null });
    expect(astray.stderr()).toMatch(line);
  },
  60_000,
);

test('a wrong setting ends the start with one line per problem', async () => {
  const wrong = await startServerProcess({ DATA_DIR: folder, PORT: 'eighty', LOG_LEVEL: 'loud' });
  expect(await wrong.exited).toMatchObject({ code: 1 });
  expect(wrong.stderr().trim().split('\n')).toEqual([
    expect.stringMatching(/^floorwire: PORT: /),
    expect.stringMatching(/^floorwire: LOG_LEVEL: /),
  ]);
});

test('a list of documents that this server cannot run ends the start with one line for each', async () => {
  const file = join(folder, 'documents.json');
  await writeFile(file, JSON.stringify({ a: '{ __typename }', b: '{ __typename }' }));
  const wrong = await startServerProcess({ DATA_DIR: folder, PERSISTED_DOCUMENTS: file });
  expect(await wrong.exited).toMatchObject({ code: 1 });
  expect(wrong.stderr().trim().split('\n')).toEqual(
    ['a', 'b'].map(
      (id) => `floorwire: PERSISTED_DOCUMENTS: ${file} ${id} is not the SHA-256 of its document`,
    ),
  );
});
