import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import pg from 'pg';
import { afterAll, expect, test } from 'vitest';
import { joinEmbedded } from '../../src/db/embedded-join.ts';
import { emptyDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aFreePort } from '../support/free-port.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { startS3Server } from '../support/s3-server.ts';
import { type ServerProcess, startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { connect } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

/** What README says of starting, of the database by hand and of the log, done as it stands there. */
const README = await readFile(new URL('../../README.md', import.meta.url), 'utf8');
const HOME = await temporaryFolder();
const DATA_DIR = join(HOME, 'data');
const running: ServerProcess[] = [];
afterAll(async () => {
  for (const { process } of running) process.kill('SIGKILL');
  await Promise.all(running.map(({ exited }) => exited));
});

async function start(environment: Record<string, string>): Promise<ServerProcess> {
  const started = await startServerProcess({ ...UNDRIVEN_DEMO, ...environment });
  running.push(started);
  return started;
}

async function stop({ process, exited }: ServerProcess): Promise<void> {
  process.kill('SIGTERM');
  await withDeadline(exited, 60_000, 'the end of the server');
}

const server = await start({ DATA_DIR, LOG_LEVEL: 'debug' });

/** The command blocks below a title. */
const blockBelow = (title: string): string =>
  new RegExp(`^### ${title}\\n.*?^\`\`\`sh\\n(.*?)^\`\`\`$`, 'ms').exec(README)?.[1] ?? '';

/** A command of README in the folder that has `data`. */
async function run(command: string, input = '') {
  const child = spawn('bash', ['--norc', '-euo', 'pipefail', '-c', command], {
    cwd: HOME,
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  // Where there is nothing to say it may be over by now, and so would this be.
  child.stdin.end(input === '' ? undefined : input);
  const [out, err, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'exit')]);
  return { out, err, code };
}

/** What it prints. */
async function printed(command: string, input = ''): Promise<string> {
  const { out, ...ending } = await run(command, input);
  expect({ command, ...ending }).toEqual({ command, err: '', code: 0 });
  return out;
}

async function floorwire(args: readonly string[], environment: Record<string, string> = {}) {
  const { stdout } = await promisify(execFile)(process.execPath, [programFile('cli'), ...args], {
    env: { PATH: process.env.PATH, DATA_DIR, ...environment },
  });
  return stdout;
}

async function signIn({ url }: ServerProcess, identifier: string, password: string) {
  const { body, headers } = await httpClient(url).ask(
    `mutation { login(input: { identifier: "${identifier}", password: "${password}" }) {
      __typename ... on LoginSuccess { accessToken user { roles } } ... on Error { code } } }`,
  );
  return { ...body.data.login, requestId: headers.get('x-request-id') };
}

/** The statements of README that are to be typed. */
const statements = [...README.matchAll(/^\* \*\*By hand\*\*: `([^`]+)`/gm)].map(([, sql = '']) => sql);

async function bookASlot(): Promise<void> {
  const { accessToken } = await signIn(server, 'player1', 'seven-cherries-in-a-row');
  const { post } = httpClient(server.url);
  const ask = async (query: string, variables: object = {}) =>
    (await post({ query, variables }, { authorization: `Bearer ${accessToken}` })).body.data;
  const { resources } = await ask('{ resources(kind: ROOM, first: 1) { nodes { id } } }');
  const date = new Date(Date.now() + 3 * 86_400_000).toISOString().slice(0, 10);
  const { slots } = await ask(
    'query ($resourceId: ID!, $date: LocalDate!) { slots(resourceId: $resourceId, date: $date) { slots { id } } }',
    { resourceId: resources.nodes[0].id, date },
  );
  const { bookSlot } = await ask(
    'mutation ($input: BookSlotInput!) { bookSlot(input: $input) { __typename } }',
    { input: { slotId: slots.slots[40].id } },
  );
  expect(bookSlot.__typename).toBe('BookSlotSuccess');
}
await bookASlot();

test('each statement of README runs, and that of bookings lists a slot that is booked', async () => {
  const client = new pg.Client({ connectionString: (await joinEmbedded(DATA_DIR)) ?? '' });
  await client.connect();
  try {
    expect(statements).toHaveLength(2);
    const [booked, lots] = await Promise.all(statements.map((sql) => client.query(sql)));
    expect(booked?.rows).toMatchObject([{ kind: 'BOOKING', username: 'player1', name: expect.any(String) }]);
    expect(lots?.rows.map(({ name }) => name)).toContain('Garage');
  } finally {
    await client.end();
  }
});

test('psql reaches the embedded database as README says, and changes nothing', async (context) => {
  requires('psql', context);
  const command = blockBelow('The database by hand').trim();
  expect(await printed(`${command} --csv`, `${statements[0]};`)).toMatch(/,BOOKING,player1$/m);
  const { err, code } = await run(`${command} -v ON_ERROR_STOP=1`, 'delete from slot_claim;');
  expect(err).toContain('in a read-only transaction');
  expect(code).not.toBe(0);
});

test('the recipes for the log find what they say', async (context) => {
  requires('jq', context);
  const { requestId, code } = await signIn(server, 'operator', 'not his');
  const socket = await connect({ port: Number(new URL(server.url).port) });
  await socket.init();
  socket.socket.close();
  // What goes wrong: its database is killed.
  const [postmaster] = (await readFile(join(DATA_DIR, 'postgres/postmaster.pid'), 'utf8')).split('\n');
  process.kill(Number(postmaster), 'SIGKILL');
  const back = 'the embedded PostgreSQL answers again';
  await eventually(() => server.stdout().includes(back) && server.stdout().includes('socket ended'));
  // A line that is driven, as machine/line-driver.ts says it.
  const driven = `{"level":"info","time":"2026-01-31T12:00:00.000Z","line":"Line A","port":"lines/line-a","machines":4,"epoch":1,"msg":"driving line"}\n`;
  await writeFile(join(HOME, 'floorwire.log'), server.stdout() + driven);

  const recipes = blockBelow('Logs').trim().split('\n');
  const found = new Map<string, string>();
  for (const recipe of recipes) {
    const filled = recipe.replace('…', requestId ?? '').replace('.ms > 1000', '.ms >= 0');
    found.set(/# (.*)$/.exec(recipe)?.[1] ?? '', await printed(filled));
  }
  const foundBy = (words: string) =>
    [...found].find(([what]) => what.startsWith(words))?.[1] ?? `no recipe for ${words}`;
  expect(foundBy('what went wrong')).toContain('the embedded PostgreSQL ended');
  expect(foundBy('what is said of one request').trim().split('\n')).toHaveLength(1);
  expect(foundBy('what was refused')).toMatch(new RegExp(`^ *\\d+ ${code}$`, 'm'));
  expect(foundBy('what took longer')).toContain('"kind":"mutation"');
  expect(foundBy('what happened to a serial line')).toBe(driven);
  expect(foundBy('the embedded PostgreSQL')).toContain('database system is ready');
  expect(foundBy('WebSockets')).toMatch(
    /"msg":"socket opened".*\n(?:.*\n)*.*"msg":"socket ended".*"closeCode":\d/,
  );
  expect(found.size).toBe(recipes.length);
});

test('who lost the first ADMIN makes another with the command of README', async () => {
  const args = blockBelow('When it does not start')
    .trim()
    .replace(/^npx floorwire /, '')
    .split(' ');
  const password = /shown this once: (\S+)/.exec(await floorwire(args))?.[1] ?? '';
  expect(await signIn(server, 'second', password)).toMatchObject({ user: { roles: ['ADMIN'] } });
});

/** The messages of the table, as patterns: `…` stands for whatever is there. */
const messages = [...README.matchAll(/^\| `(floorwire: [^`]+)`/gm)].map(
  ([, message = '']) =>
    new RegExp(
      `^${message
        .split('…')
        .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
        .join('.*')}\\n$`,
    ),
);
const shown = (said: string) => messages.findIndex((message) => message.test(said));

async function refusal(environment: Record<string, string>): Promise<string> {
  const refused = await start(environment);
  expect(await refused.exited).toEqual({ code: 1, signal: null });
  return refused.stderr();
}

test('what keeps it from starting is said as README has it', async () => {
  const elsewhere = await temporaryFolder();
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const port = String((taken.address() as { port: number }).port);
  const said = (await refusal({ DATA_DIR: elsewhere, PORT: port })).replace(`:${port} `, ':8000 ');
  taken.close();
  expect(shown(said)).toBe(0);

  expect(shown(await refusal({ DATA_DIR }))).toBe(1);
  const file = join(elsewhere, 'file');
  await writeFile(file, '');
  expect(shown(await refusal({ DATA_DIR: file }))).toBe(2);
  const away = `postgres://floorwire@127.0.0.1:${await aFreePort()}/floorwire`;
  expect(shown(await refusal({ DATA_DIR: elsewhere, DATABASE_URL: away }))).toBe(3);

  const copied = join(elsewhere, 'copied');
  await mkdir(copied);
  const first = await start({ DATA_DIR: copied });
  await stop(first);
  await rm(join(copied, 'postgres.password'));
  expect(shown(await refusal({ DATA_DIR: copied }))).toBe(5);

  await using s3 = await startS3Server();
  s3.refuseWith('NoSuchBucket');
  const bucket = { STORAGE: 's3', S3_BUCKET: 'floor', S3_ACCESS_KEY_ID: 'a', S3_SECRET_ACCESS_KEY: 'b' };
  const refused = await refusal({ DATA_DIR: elsewhere, ...bucket, S3_ENDPOINT: s3.url });
  // Before it the client of S3 may say what it thinks of this Node.
  expect(shown(refused.slice(refused.indexOf('floorwire: ')))).toBe(6);
  expect(messages).toHaveLength(7);
});

test('who lost the secret keeps everything but what is sealed, as README says', async () => {
  await stop(server);
  await rm(join(DATA_DIR, 'secret'));
  expect(shown(await refusal({ DATA_DIR }))).toBe(4);
  const backups = join(HOME, 'backups');
  await floorwire(['backup', '--to', backups]);
  const file = (await readdir(backups)).find((name) => name.endsWith('.backup')) ?? '';
  const { connection } = await emptyDatabase();
  const settings = { DATA_DIR: await temporaryFolder(), DATABASE_URL: connection };
  await floorwire(['restore', join(backups, file), '--without-secret'], settings);
  const again = await start(settings);
  expect(await signIn(again, 'operator', 'walk-across-the-floor')).toMatchObject({
    user: { roles: ['OPERATOR'] },
  });
  await stop(again);
});
