import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { connect } from '../support/socket-client.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = programFile('cli');
const { connection } = await cloneDatabase();
const place = { DATA_DIR: await temporaryFolder(), DATABASE_URL: connection };
const server = await startServerProcess({ ...place, ...UNDRIVEN_DEMO });
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});

async function token(
  input: string,
  args: readonly string[] = ['inspect'],
  settings: Readonly<Record<string, string>> = {},
) {
  const child = spawn(process.execPath, [CLI, 'token', ...args], {
    env: { PATH: process.env.PATH, ...place, ...settings },
  });
  child.stdin.end(input);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit'),
  ]);
  return { code, stdout, stderr };
}

const LOGIN = `mutation { login(input: {identifier: "operator", password: "walk-across-the-floor"}) {
  ... on LoginSuccess { accessToken expiresAt }
} }`;

test('floorwire token inspect says whose a token is, and what a running server would say to it', async () => {
  const { ask } = httpClient(server.url);
  const { accessToken, expiresAt } = (await ask(LOGIN)).body.data.login;
  const id = '"[0-9a-f-]{36}"';
  const said = `^subject {2}${id}\\nvenue {4}${id}\\nsession {2}${id}\\nkey {6}"[\\w-]{43}"\\nexpires {2}`;
  const good = await token(`${accessToken}\n`);
  expect(good).toMatchObject({ code: 0, stderr: '' });
  expect(good.stdout).toMatch(new RegExp(`${said}.+\\nvalid\\n$`));
  expect(good.stdout).toContain(`expires  ${new Date(expiresAt).toISOString()}\n`);
  expect(good.stdout).not.toContain(accessToken.split('.')[2]);

  const forged = await token(`${accessToken.slice(0, -4)}AAAA`);
  expect(forged.code).toBe(1);
  expect(forged.stdout).toMatch(/\nrefused {2}AUTH_003 The access token is not valid\.\n$/);

  const headers = { authorization: `Bearer ${accessToken}` };
  expect((await ask('mutation { logout { __typename } }', headers)).status).toBe(200);
  const over = await token(accessToken);
  expect(over.code).toBe(1);
  expect(over.stdout).toMatch(new RegExp(`${said}.+\\nrefused {2}AUTH_012 `));
});

test('one of another PUBLIC_URL is refused with both issuers', async () => {
  const { accessToken } = (await httpClient(server.url).ask(LOGIN)).body.data.login;
  const elsewhere = await token(accessToken, ['inspect'], { PUBLIC_URL: 'https://floor.example' });
  expect(elsewhere.code).toBe(1);
  expect(elsewhere.stdout).toMatch(/\nrefused {2}AUTH_003 .+\nissuer .+\n$/);
  const said = elsewhere.stdout.split('\n').at(-2);
  for (const named of ['"floorwire"', '"https://floor.example"', 'PUBLIC_URL']) expect(said).toContain(named);
});

const ISSUE = `mutation ($singleUse: Boolean) { issueRealtimeToken(input: {singleUse: $singleUse}) {
  ... on IssueRealtimeTokenSuccess { token expiresAt }
} }`;

test.each([
  [true, 'one socket: it is unused', 'WS_002 Nothing is kept of it: it was used, '],
  [false, 'any number of sockets', null],
])(
  'it says whose a realtime token is without using it up (good once: %s)',
  async (singleUse, opens, refusal) => {
    const client = httpClient(server.url);
    const { accessToken } = (await client.ask(LOGIN)).body.data.login;
    const headers = { authorization: `Bearer ${accessToken}` };
    const { body } = await client.post({ query: ISSUE, variables: { singleUse } }, headers);
    const { token: realtimeToken, expiresAt } = body.data.issueRealtimeToken;
    const id = '"[0-9a-f-]{36}"';
    const good = new RegExp(
      `^subject {2}${id}\\nvenue {4}${id}\\nsession {2}${id}\\nopens {4}${opens}\\nexpires {2}${new Date(expiresAt).toISOString()}\\nvalid\\n$`,
    );
    // Twice: looking does not use it up.
    for (const _ of [1, 2]) {
      const { code, stdout } = await token(`${realtimeToken}\n`);
      expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(good) });
    }
    const socket = await connect({ port: Number(new URL(server.url).port) });
    await socket.init({ realtimeToken });
    socket.socket.close();
    const used = await token(realtimeToken);
    expect(used.code).toBe(refusal ? 1 : 0);
    expect(used.stdout).toMatch(refusal ? new RegExp(`^refused {2}${refusal}`) : good);

    expect((await client.ask('mutation { logout { __typename } }', headers)).status).toBe(200);
    const over = await token(realtimeToken);
    expect({ code: over.code, stdout: over.stdout }).toEqual({
      code: 1,
      stdout: expect.stringMatching(/^refused {2}WS_002 /),
    });
  },
);

test.each([
  ['nothing', '', ['inspect']],
  ['no token', 'let me in', ['inspect']],
  ['no realtime token', 'rt_short', ['inspect']],
  ['a token among the arguments', '', ['inspect', 'eyJ.e30.x']],
  ['no action', '', []],
])('it takes a token on standard input and nothing else: %s ends with one line', async (_, input, args) => {
  const { code, stdout, stderr } = await token(input, args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^floorwire: token (inspect )?takes .*\n$/);
});
