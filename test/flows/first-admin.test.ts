import { afterAll, expect, test } from 'vitest';
import { type App, createApp } from '../../src/app.ts';
import { readConfig } from '../../src/config.ts';
import { createLogger } from '../../src/lib/logger.ts';
import { cloneDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { httpClient } from '../support/http-client.ts';
import { watchOutput } from '../support/secrets.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const { connection } = await cloneDatabase();
const DATA_DIR = await temporaryFolder();
const running: App[] = [];
afterAll(async () => {
  for (const app of running) await app[Symbol.asyncDispose]();
});

const NAMED = {
  DEFAULT_USERNAME: 'admin',
  DEFAULT_PASSWORD: 'admin123',
  DEFAULT_VENUE: 'grand',
  DEFAULT_CURRENCY: 'EUR',
};

async function start(variables: Record<string, string>) {
  const config = {
    ...readConfig({ DATA_DIR, PORT: '0', LOG_LEVEL: 'trace', ...variables }),
    databaseUrl: connection,
  };
  const lines: string[] = [];
  watchOutput('the log', () => lines.join(''));
  const app = await createApp(
    config,
    createLogger(config.logLevel, { write: (line) => void lines.push(line) }),
  );
  running.push(app);
  return asking(app.url);
}

function asking(url: string) {
  const { post } = httpClient(url);
  return async (query: string, token?: string) =>
    (await post({ query }, token ? { authorization: `Bearer ${token}` } : {})).body;
}

async function stop({ process, exited }: ServerProcess) {
  process.kill('SIGTERM');
  await withDeadline(exited, 60_000, 'the end of the server');
}

const LOGIN = (username: string, password: string) =>
  `mutation { login(input: { identifier: "${username}", password: "${password}" }) {
    ... on LoginSuccess { accessToken } ... on Error { code }
  } }`;
const VIEWER = '{ viewer { roles user { mustChangePassword } venue { slug currency } } }';
const CHANGE = `mutation {
  changePassword(input: { currentPassword: "admin123", newPassword: "nine grey herons over a weir" }) { __typename }
}`;

test('the first start makes the ADMIN that is named, who chooses another password first, and no later start another', async () => {
  const [ask, other] = await Promise.all([start(NAMED), start(NAMED)]);
  const { accessToken: token } = (await ask(LOGIN('admin', 'admin123'))).data.login;
  expect((await other(VIEWER, token)).data.viewer).toEqual({
    roles: ['ADMIN'],
    user: { mustChangePassword: true },
    venue: { slug: 'grand', currency: 'EUR' },
  });
  for (const query of ['{ machines { totalCount } }', '{ users { totalCount } }'])
    expect((await ask(query, token)).errors[0].extensions.code).toBe('AUTH_013');
  expect((await ask(CHANGE, token)).data.changePassword.__typename).toBe('ChangePasswordSuccess');
  expect((await ask('{ users { totalCount } }', token)).data.users.totalCount).toBe(1);

  const later = await start({ ...NAMED, DEFAULT_USERNAME: 'root', DEFAULT_VENUE: 'other' });
  expect((await later(LOGIN('root', 'admin123'))).data.login.code).toBe('AUTH_001');
  expect((await later(LOGIN('admin', 'admin123'))).data.login.code).toBe('AUTH_001');
  expect((await later(LOGIN('admin', 'nine grey herons over a weir'))).data.login.accessToken).toEqual(
    expect.any(String),
  );
});

test('production does not start with a password that anybody hits on, and says so in one line', async () => {
  const { exited, stderr } = await startServerProcess({
    DATA_DIR,
    NODE_ENV: 'production',
    SECRET_KEY: 'k3eP7his0ut0fTheLogsAndTheRepo!!',
    ...NAMED,
  });
  expect(await exited).toMatchObject({ code: 1 });
  expect(stderr()).toMatch(/^floorwire: DEFAULT_PASSWORD: [^\n]*\n$/);
  expect(stderr()).not.toContain('admin123');
});

test('production does not start over a first ADMIN whose password anybody hits on, until he has changed it', async () => {
  const SECRET_KEY = 'k3eP7his0ut0fTheLogsAndTheRepo!!';
  const { connection } = await cloneDatabase();
  const place = { DATA_DIR: await temporaryFolder(), DATABASE_URL: connection, SECRET_KEY };
  const inProduction = { ...place, NODE_ENV: 'production' };
  const developed = await startServerProcess({ ...place, ...NAMED });
  await stop(developed);

  const refused = await startServerProcess(inProduction);
  expect(await refused.exited).toMatchObject({ code: 1 });
  expect(refused.stderr()).toMatch(/^floorwire: DEFAULT_PASSWORD: admin still has [^\n]*\n$/);
  expect(refused.stderr()).not.toContain('admin123');

  const again = await startServerProcess(place);
  const ask = asking(again.url);
  const { accessToken: token } = (await ask(LOGIN('admin', 'admin123'))).data.login;
  expect((await ask(CHANGE, token)).data.changePassword.__typename).toBe('ChangePasswordSuccess');
  await stop(again);

  const serving = await startServerProcess(inProduction);
  const produced = asking(serving.url);
  expect((await produced(LOGIN('admin', 'admin123'))).data.login.code).toBe('AUTH_001');
  expect((await produced(LOGIN('admin', 'nine grey herons over a weir'))).data.login).toEqual({
    accessToken: expect.any(String),
  });
  await stop(serving);
}, 120_000);
