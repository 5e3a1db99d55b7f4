import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { afterAll, expect, test } from 'vitest';
import { withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = programFile('cli');
const DATA_DIR = await temporaryFolder();
const server = await startServerProcess({ DATA_DIR, ...UNDRIVEN_DEMO });
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});

async function token(input: string, args: readonly string[] = ['inspect']) {
  const child = spawn(process.execPath, [CLI, 'token', ...args], {
    env: { PATH: process.env.PATH, DATA_DIR },
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

test.each([
  ['nothing', '', ['inspect']],
  ['no token', 'let me in', ['inspect']],
  ['a token among the arguments', '', ['inspect', 'eyJ.e30.x']],
  ['no action', '', []],
])('it takes a token on standard input and nothing else: %s ends with one line', async (_, input, args) => {
  const { code, stdout, stderr } = await token(input, args);
  expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
  expect(stderr).toMatch(/^floorwire: token (inspect )?takes .*\n$/);
});
