import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { programFile } from '../support/program.ts';
import { type ServerProcess, startServerProcess, UNDRIVEN_DEMO } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const CLI = programFile('cli');
const DATA_DIR = await temporaryFolder();
const PASSWORD = 'nine grey herons over a weir';
let server: ServerProcess | undefined;
afterAll(async () => {
  server?.process.kill('SIGTERM');
  if (server) await withDeadline(server.exited, 60_000, 'the end of the server');
});

async function users(args: readonly string[], input = '') {
  const child = spawn(process.execPath, [CLI, 'users', ...args], {
    env: { PATH: process.env.PATH, DATA_DIR },
  });
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  child.stdin.on('error', () => {}).end(input);
  const [code] = await withDeadline(once(child, 'close'), 60_000, `users ${args.join(' ')}`);
  return { code: code as number, ...said };
}

test('people are made, given roles, locked and unlocked from the shell while the server runs', async () => {
  server = await startServerProcess({ DATA_DIR, ...UNDRIVEN_DEMO });
  const { post } = httpClient(server.url);
  const ask = async (query: string, token?: string) =>
    (await post({ query }, token ? { authorization: `Bearer ${token}` } : {})).body;
  const login = async (password: string) =>
    (
      await ask(`mutation { login(input: { identifier: "rosa", password: "${password}" }) {
        ... on LoginSuccess { accessToken } ... on Error { code }
      } }`)
    ).data.login;

  const rosa = ['create', '--username', 'rosa', '--email', 'rosa@example.com', '--role', 'operator,auditor'];
  const made = await users(rosa);
  expect(made).toMatchObject({ code: 0, err: '' });
  const password =
    /^rosa is AUDITOR, OPERATOR at demo and .*\nThe password, shown this once: (\S+)\n$/.exec(
      made.out,
    )?.[1] ?? '';
  const { accessToken: token } = await login(password);
  const change = `mutation { changePassword(input: { currentPassword: "${password}", newPassword: "${PASSWORD}" }) { __typename } }`;
  expect((await ask('{ machines { totalCount } }', token)).errors[0].extensions.code).toBe('AUTH_013');
  expect((await ask(change, token)).data.changePassword.__typename).toBe('ChangePasswordSuccess');
  expect((await ask('{ machines { totalCount } }', token)).data.machines.totalCount).toBe(8);

  expect((await users(['role', '--user', 'rosa', '--role', 'operator', '--grant', 'wallets_post'])).out).toBe(
    'rosa is OPERATOR with WALLETS_POST at his home venue.\n',
  );
  expect((await users(['list'])).out).toMatch(/^rosa\t.*\tACTIVE\tOPERATOR\tWALLETS_POST\n/);
  expect((await users(['role', '--user', 'ROSA@example.com', '--role', 'player'])).out).toBe(
    'rosa is PLAYER at his home venue.\n',
  );
  const code = async () => (await ask('{ machines { totalCount } }', token)).errors?.[0].extensions.code;
  await eventually(async () => (await code()) === 'AUTH_004');
  expect((await users(['lock', '--user', 'rosa', '--reason', 'left'])).out).toBe(
    'rosa is locked; sessions ended: 1.\n',
  );
  await eventually(async () => (await code()) === 'AUTH_012');
  expect((await login(PASSWORD)).code).toMatch(/^AUTH_/);
  expect((await users(['list'])).out).toMatch(/^rosa\trosa@example\.com\tLOCKED\tPLAYER\t-\n(.*\n){4}$/);
  expect((await users(['unlock', '--user', 'rosa'])).out).toBe('rosa may sign in.\n');
  expect(await login(PASSWORD)).toEqual({ accessToken: expect.any(String) });

  const olga = ['create', '--email', 'olga@example.com', '--role', 'PLAYER', '--password-stdin'];
  expect(await users(olga, `${PASSWORD}\nand more`)).toEqual({
    code: 0,
    out: 'olga@example.com is PLAYER at demo and chooses another password first.\n',
    err: '',
  });
}, 120_000);

test.each([
  [['nope'], /^floorwire: users takes create, role, lock, unlock, list\.$/],
  [['create', '--role', 'PLAYER'], /--email and --role/],
  [['create', '--email', 'a@example.com', '--role', 'KING'], /--role takes roles/],
  [['create', '--email', 'a@example.com', '--role', 'DEVICE'], /A person can be ADMIN/],
  [['create', '--email', 'admin@demo.example', '--role', 'PLAYER'], /already registered/],
  [['create', '--email', 'a@example.com', '--role', 'PLAYER', '--venue', 'nowhere'], /no venue nowhere/],
  [
    ['create', '--email', 'a@example.com', '--role', 'PLAYER', '--password-stdin'],
    /--password-stdin takes a password/,
  ],
  [['create', '--email', 'a@example.com', '--role', 'PLAYER', '--password', 'x'], /--password/],
  [['lock', '--user', 'admin', '--reason', 'x'], /last ADMIN/],
  [['lock', '--user', 'admin', '--role', 'ADMIN'], /lock does not take --role/],
  [['role', '--user', 'operator', '--role', 'OPERATOR', '--grant', 'MONEY'], /--grant takes scopes/],
  [['role', '--user', 'player1', '--role', 'PLAYER', '--grant', 'WALLETS_POST'], /beside the role OPERATOR/],
  [['role', '--user', 'nobody', '--role', 'none'], /no such user/],
])(
  'floorwire users %j is refused in one line',
  async (args, line) => {
    const { code, err, out } = await users(args);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(/^floorwire: [^\n]*\n$/);
    expect(err.trim()).toMatch(line);
  },
  40_000,
);
