import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, expect, type TestContext, test, vi } from 'vitest';
import { aBrowser } from '../support/chromium.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { flakyProxy } from '../support/flaky-proxy.ts';
import { aFreePort } from '../support/free-port.ts';
import { httpClient } from '../support/http-client.ts';
import { aDependentProject, readmeBlocks } from '../support/package.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** The programs of README's "Frontends", as they stand there, with the package as it is packed, against the demo. */
const { folder, files } = await aDependentProject();
/** Where README serves its page, but on a port that is free. */
const page = `127.0.0.1:${await aFreePort()}`;
const { connection } = await cloneDatabase();
const server = await startServerProcess({
  DATA_DIR: await temporaryFolder(),
  DATABASE_URL: connection,
  DEMO: '1',
  CORS_ORIGINS: `http://${page}`,
  // Every program signs in, all of them as one person and within a minute or two.
  LIMIT_CREDENTIALS_PER_ADDRESS: '1000',
  LIMIT_CREDENTIALS_PER_ACCOUNT: '1000',
});
const way = await flakyProxy(() => Number(new URL(server.url).port));
afterAll(async () => {
  await way[Symbol.asyncDispose]();
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});
const { host } = new URL(way.url);
const blocks = await readmeBlocks('Frontends');
for (const { text } of blocks) {
  const [, name] = /^\/\/ (\S+\.\w+)/.exec(text) ?? [];
  if (name) await writeFile(join(folder, name), text.replaceAll('127.0.0.1:8000', host));
}
const binary = (name: string) => fileURLToPath(new URL(`../../node_modules/.bin/${name}`, import.meta.url));

/** What a program prints until it has nothing more to do. */
async function run(program: string): Promise<string> {
  const { stdout } = await promisify(execFile)(process.execPath, ['--experimental-websocket', program], {
    cwd: folder,
    timeout: 120_000,
    env: { PATH: process.env.PATH, NODE_NO_WARNINGS: '1' },
  });
  return stdout;
}

test('an app reads, follows, and leaves nothing behind', async () => {
  // The machines of the demo play.
  expect(await run('follow.mjs')).toMatch(/^now connecting\nnow connected\nheard [A-Z_0-9]+\nnow idle\n$/);
});

test('Apollo Client hears why it is refused, and follows through GraphQLWsLink', async () => {
  expect(await run('apollo.mjs')).toMatch(/^apollo was refused: API_001\napollo heard [A-Z_0-9]+\n$/);
});

test('urql follows through subscriptionExchange', async () => {
  // What came in one turn is heard before it has left.
  expect(await run('urql.mjs')).toMatch(/^(?:urql heard [A-Z_0-9]+\n)+$/);
});

test.each([
  ['Apollo Client', 'apollo'],
  ['urql', 'urql'],
])('%s asks by hashes, and follows', async (_client, name) => {
  // The first of them teaches the server, the second finds it taught.
  for (let time = 0; time < 2; time += 1)
    expect(await run(`${name}-hashes.mjs`)).toMatch(new RegExp(`^(?:${name} heard [A-Z_0-9]+\\n)+$`));
});

test('an app has a screen show a layout, tells of a change, and hears why it is refused', async () => {
  expect(await run('screens.mjs')).toBe('Lobby 1 is on 1 screen\ntold of the UPDATE\nrefused: API_001\n');
});

test('the samples of the React hooks and the Vue composables compile', async () => {
  const args = ['--noEmit', '--strict', '--allowJs', '--jsx', 'react-jsx', '--skipLibCheck', '--types', ''];
  const modules = ['--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler'];
  const samples = ['board.tsx', 'wallet.tsx', 'wallet-vue.ts'];
  await promisify(execFile)(binary('tsc'), [...args, ...modules, ...samples], { cwd: folder }).catch(
    ({ stdout, message }) => expect.fail(stdout || message),
  );
});

test('the types of what an app asks are made of the schema, and what they type runs', async () => {
  const execute = promisify(execFile);
  const failed = ({ stdout, stderr, message }: { stdout?: string; stderr?: string; message?: string }) =>
    expect.fail(stdout || stderr || message);
  await execute(binary('graphql-codegen'), ['--config', 'codegen.ts'], { cwd: folder }).catch(failed);
  const args = ['--noEmit', '--strict', '--allowJs', '--exactOptionalPropertyTypes', '--types', ''];
  const modules = ['--target', 'es2023', '--module', 'esnext', '--moduleResolution', 'bundler'];
  await execute(binary('tsc'), [...args, ...modules, 'typed.ts'], { cwd: folder }).catch(failed);
  const build = ['typed.ts', '--bundle', '--format=esm', '--platform=node', '--outfile=typed.mjs'];
  await execute(binary('esbuild'), build, { cwd: folder }).catch(failed);
  expect(await run('typed.mjs')).toMatch(/^typed heard [a-z_0-9]+\n$/);
});

/** A browser, while the commands that build and serve this sample do so. */
async function served(sample: string, context: TestContext): Promise<BrowserContext> {
  const commands = blocks.find(
    ({ language, text }) => language === 'sh' && text.includes(`esbuild ${sample}`),
  );
  const [write = '', serve = ''] = (commands?.text ?? '').trim().split('\n');
  await promisify(execFile)('sh', ['-c', write], { cwd: folder });
  const [, ...args] = serve.replace('127.0.0.1:3000', page).split(' ').slice(1);
  // It ends with its standard input.
  const bundler = spawn(binary('esbuild'), [...args, '--log-level=warning'], {
    cwd: folder,
    stdio: ['pipe', 'ignore', 'inherit'],
  });
  const exited = once(bundler, 'exit');
  const browser = await aBrowser(context);
  context.onTestFinished(async () => {
    bundler.stdin.end();
    await withDeadline(exited, 60_000, 'the end of esbuild');
  });
  await eventually(async () => (await fetch(`http://${page}/${sample.replace(/\.\w+$/, '.js')}`)).ok);
  return browser;
}

const says = (tab: Page, text: string | RegExp) => tab.getByText(text).first().waitFor({ timeout: 60_000 });

test('the sample of the React hooks runs, built and served by its commands', async (context) => {
  const browser = await served('board.tsx', context);
  const tab = await browser.newPage();
  await tab.goto(`http://${page}/`);
  // The machines of the demo play.
  await says(tab, / was read at 2/);
  await tab.getByRole('button', { name: 'Say it' }).click();
  await says(tab, 'The bar is open');
  await tab.getByRole('button', { name: 'Disconnect' }).click();
  await tab.getByRole('button', { name: 'Connect', exact: true }).click();
  await says(tab, 'Disconnect');
  await tab.getByRole('button', { name: 'Say it' }).click();
  await eventually(async () => (await tab.getByRole('listitem').count()) === 2);
});

/** Holds back the first question of a page for its wallet, until that is refused. */
async function holdBackWallet(tab: Page) {
  let refuseWallet = () => {};
  const refused = new Promise<void>((resolve) => {
    refuseWallet = resolve;
  });
  let isHeld = true;
  await tab.route('**/graphql', async (route) => {
    if (!isHeld || !route.request().postData()?.includes('wallet(currency')) return route.continue();
    await refused;
    isHeld = false;
    const refusal = { message: 'The cashier is closed.', extensions: { code: 'API_002', retryable: false } };
    const headers = { 'access-control-allow-origin': '*' };
    await route.fulfill({ headers, json: { data: null, errors: [refusal] } });
  });
  return { refuseWallet };
}

/** Pays player1 of the demo some dollars. */
async function pay(amount: string): Promise<void> {
  const { post } = httpClient(server.url);
  const ask = async (query: string, variables: object, headers = {}) =>
    // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
    Object.values<any>((await post({ query, variables }, headers)).body.data)[0];
  // In the text: the demo prints these passwords, and what goes in variables must not be printed.
  const signIn = async (identifier: string, password: string) => {
    const text = `login(input: { identifier: "${identifier}", password: "${password}" })`;
    const { accessToken } = await ask(`mutation { ${text} { ... on LoginSuccess { accessToken } } }`, {});
    return { authorization: `Bearer ${accessToken}` };
  };
  const player = await signIn('player1', 'seven-cherries-in-a-row');
  const { id: walletId } = await ask('{ wallet { id } }', {}, player);
  const admin = await signIn('admin', 'open-the-house-tonight');
  const input = { walletId, amount, currency: 'USD', kind: 'DEPOSIT', idempotencyKey: randomUUID() };
  const posted = await ask(
    `mutation ($input: PostWalletTransactionInput!) { postWalletTransaction(input: $input) {
      ... on PostWalletTransactionSuccess { replayed } } }`,
    { input },
    admin,
  );
  expect(posted).toEqual({ replayed: false });
}

test('the samples of a balance show what it is, why it is not known, and how the connection is', async (context) => {
  const browser = await served('wallet.tsx', context);
  const tabs = await Promise.all(
    ['wallet', 'wallet-vue'].map(async (name) => {
      const tab = await browser.newPage();
      const { refuseWallet } = await holdBackWallet(tab);
      await tab.goto(`http://${page}/${name}.html`);
      return { tab, refuseWallet };
    }),
  );
  const inBoth = (look: (each: (typeof tabs)[number]) => Promise<void>) => Promise.all(tabs.map(look));
  const bothSay = (text: string | RegExp) => inBoth(({ tab }) => says(tab, text));
  const dotIs = (label: string) =>
    inBoth(({ tab }) => tab.getByRole('img', { name: label, exact: true }).waitFor({ timeout: 60_000 }));
  const setOffline = (isOffline: boolean) => inBoth(({ tab }) => tab.context().setOffline(isOffline));

  await bothSay('Loading …');
  await dotIs('not connected');
  for (const { refuseWallet } of tabs) refuseWallet();
  await bothSay('The cashier is closed.');
  await inBoth(({ tab }) => tab.getByRole('button', { name: 'Try again' }).click());
  await bothSay('250.00 USD');
  await dotIs('connected');
  await bothSay('Live.');

  way.block('SOCKET');
  await bothSay(/^The connection is lost\. The next try comes in [1-5] s\.$/);
  await dotIs('not connected');
  way.block('SOCKET', 'SSE');
  await bothSay('Asked anew every few seconds.');
  await dotIs('connected');
  await pay('5.50');
  await bothSay('255.50 USD');

  way.block('SOCKET', 'SSE', 'HTTP');
  await setOffline(true);
  await bothSay('You are offline.');
  await bothSay('255.50 USD');
  await pay('1.00');
  way.block();
  await setOffline(false);
  await bothSay('Live.');
  await bothSay('256.50 USD');
});

test.each(['nodenext', 'bundler'])('the package has types under moduleResolution %s', async (resolution) => {
  const program = `
    import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
    import { createFloorClient, graphqlWsClient, type Status } from 'floorwire/client';
    import { useBalance, useSubscription } from 'floorwire/client/react';
    import * as vue from 'floorwire/client/vue';
    const floor = createFloorClient({ url: 'http://127.0.0.1/graphql' });
    floor.onStatus((status: Status) => status.state === 'fallback' && status.via.toLowerCase());
    floor.on<{ readonly a: string }>({ query: '{ a }' }, { next: ({ data }) => data?.a.length });
    export const link = new GraphQLWsLink(graphqlWsClient(floor));
    export const useA = () => useSubscription<{ readonly a: string }>({ query: '{ a }' }).data?.a.length;
    export const useB = () => useBalance({ currency: 'USD' }).balance?.amount.length;
    export const useC = () => vue.useSubscription<{ readonly a: string }>({ query: '{ a }' }).data.value?.a.length;
    export const useD = () => vue.useBalance(() => ({ currency: 'USD' })).balance.value?.amount.length;
    // @ts-expect-error: not a way to listen
    floor.on({ query: '{ a }' }, { nxt: () => {} });
  `;
  const file = join(folder, `${resolution}.mts`);
  await writeFile(file, program);
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
  const args = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--types', ''];
  await promisify(execFile)(
    binary('tsc'),
    [...args, '--skipLibCheck', 'false', '--module', module, '--moduleResolution', resolution, file],
    { cwd: folder },
  ).catch((error) => {
    // The declarations of others are theirs; none of ours may be wrong.
    const ours = String(error.stdout)
      .split('\n')
      .filter((line) => /floorwire|^\w+\.mts/.test(line));
    expect(ours).toEqual([]);
  });
});

test('the client in the package imports graphql-ws and nothing else, its hooks React, its composables Vue', async () => {
  const client = files.filter((path) => /^dist\/client\/.*\.js$/.test(path));
  expect(client.length).toBeGreaterThan(20);
  const importedBy = async (paths: readonly string[]) => {
    const texts = await Promise.all(
      paths.map((path) => readFile(join(folder, 'node_modules/floorwire', path), 'utf8')),
    );
    return new Set(
      texts.flatMap((text) => [...text.matchAll(/from '([^'.][^']*)'/g)].map(([, name]) => name)),
    );
  };
  const roomOf = (path: string) => /^dist\/client\/(react|vue)\//.exec(path)?.[1] ?? null;
  const inRoom = (room: string | null) => client.filter((path) => roomOf(path) === room);
  expect(await importedBy(inRoom(null))).toEqual(new Set(['graphql-ws/client']));
  expect(await importedBy(inRoom('react'))).toEqual(new Set(['react']));
  expect(await importedBy(inRoom('vue'))).toEqual(new Set(['vue']));
});
