import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, expect, test, vi } from 'vitest';
import { withDeadline } from '../support/deadline.ts';
import { aDependentProject, readmeBlocks } from '../support/package.ts';
import { startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

vi.setConfig({ testTimeout: 180_000, hookTimeout: 180_000 });

/** The programs of README's "Frontends", as they stand there, with the package as it is packed, against the demo. */
const { folder, files } = await aDependentProject();
const server = await startServerProcess({ DATA_DIR: await temporaryFolder(), DEMO: '1' });
afterAll(async () => {
  server.process.kill('SIGTERM');
  await withDeadline(server.exited, 60_000, 'the end of the server');
});
const { host } = new URL(server.url);
for (const { text } of await readmeBlocks('Frontends')) {
  const [, name = ''] = /^\/\/ (\S+\.mjs)/.exec(text) ?? [];
  await writeFile(join(folder, name), text.replaceAll('127.0.0.1:8000', host));
}

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

test('Apollo Client follows through GraphQLWsLink', async () => {
  expect(await run('apollo.mjs')).toMatch(/^apollo heard [A-Z_0-9]+\n$/);
});

test('urql follows through subscriptionExchange', async () => {
  // What came in one turn is heard before it has left.
  expect(await run('urql.mjs')).toMatch(/^(?:urql heard [A-Z_0-9]+\n)+$/);
});

test('an app has a screen show a layout, tells of a change, and hears why it is refused', async () => {
  expect(await run('screens.mjs')).toBe('Lobby 1 is on 1 screen\ntold of the UPDATE\nrefused: API_001\n');
});

test.each(['nodenext', 'bundler'])('the package has types under moduleResolution %s', async (resolution) => {
  const program = `
    import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
    import { createFloorClient, graphqlWsClient, type Status } from 'floorwire/client';
    const floor = createFloorClient({ url: 'http://127.0.0.1/graphql' });
    floor.onStatus((status: Status) => status.state === 'fallback' && status.via.toLowerCase());
    floor.on<{ readonly a: string }>({ query: '{ a }' }, { next: ({ data }) => data?.a.length });
    export const link = new GraphQLWsLink(graphqlWsClient(floor));
    // @ts-expect-error: not a way to listen
    floor.on({ query: '{ a }' }, { nxt: () => {} });
  `;
  const file = join(folder, `${resolution}.mts`);
  await writeFile(file, program);
  const module = resolution === 'bundler' ? 'esnext' : 'nodenext';
  const args = ['--noEmit', '--strict', '--target', 'es2023', '--lib', 'es2023,dom', '--types', ''];
  const tsc = fileURLToPath(new URL('../../node_modules/.bin/tsc', import.meta.url));
  await promisify(execFile)(
    tsc,
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

test('the client in the package imports graphql-ws and nothing else', async () => {
  const client = files.filter((path) => /^dist\/client\/.*\.js$/.test(path));
  expect(client.length).toBeGreaterThan(20);
  const texts = await Promise.all(
    client.map((path) => readFile(join(folder, 'node_modules/floorwire', path), 'utf8')),
  );
  const imported = texts.flatMap((text) =>
    [...text.matchAll(/from '([^'.][^']*)'/g)].map(([, name]) => name),
  );
  expect(new Set(imported)).toEqual(new Set(['graphql-ws/client']));
});
