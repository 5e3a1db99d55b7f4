import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, expect, test, vi } from 'vitest';
import type * as Client from '../../src/client/floor-client.ts';
import { aBrowser } from '../support/chromium.ts';
import { aClientFloor, DOORS, heard, upTo } from './floor.ts';

vi.setConfig({ testTimeout: 180_000 });

/** What a bundler makes of the client, in a browser. */
const pages = createServer((_request, response) =>
  response.setHeader('content-type', 'text/html').end('app'),
);
await once(pages.listen(0, '127.0.0.1'), 'listening');
afterAll(() => pages.close());
const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
const { floor, proxy, url, raise } = await aClientFloor({ corsOrigins: [origin] });

interface Page {
  readonly floorwire: typeof Client;
  codes: number[];
  states: string[];
}

async function bundle(): Promise<{ readonly text: string; readonly sources: readonly string[] }> {
  const { outputFiles, metafile } = await build({
    entryPoints: [fileURLToPath(new URL('../../src/client/floor-client.ts', import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'floorwire',
    footer: { js: 'globalThis.floorwire = floorwire;' },
    minify: true,
    write: false,
    metafile: true,
  });
  return { text: outputFiles[0]?.text ?? '', sources: Object.keys(metafile.inputs) };
}

test('a bundle holds the client, that of graphql-ws, and nothing else', async () => {
  const { text, sources } = await bundle();
  expect(sources.filter((path) => !/^(?:src\/client\/|node_modules\/graphql-ws\/dist\/)/.test(path))).toEqual(
    [],
  );
  expect(sources.filter((path) => path.includes('server'))).toEqual(['src/client/server-facts.ts']);
  expect(text.length).toBeLessThan(42_000);
});

test('a page of another origin asks with the headers that its libraries add', async (context) => {
  const page = await (await aBrowser(context)).newPage();
  await page.goto(origin);
  const answer = await page.evaluate(
    async ({ url, token }) => {
      const headers = {
        authorization: `Bearer ${token}`,
        'content-type': 'application/json',
        // Of Apollo Client, and of tracing.
        'apollographql-client-name': 'floor',
        traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
      };
      const body = JSON.stringify({ query: '{ viewer { roles } }' });
      return await (await fetch(url, { method: 'POST', headers, body })).json();
    },
    { url, token: await floor.token('OPERATOR') },
  );
  expect(answer.data).toEqual({ viewer: { roles: ['OPERATOR'] } });
});

test('in a browser it follows, is cut, and goes on behind the last frame', async (context) => {
  const { text } = await bundle();
  const page = await (await aBrowser(context)).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(origin);
  await page.evaluate(text);
  const given = { url, token: await floor.token('OPERATOR'), query: DOORS, after: await floor.cursor() };
  await page.evaluate(({ url, token, query, after }) => {
    const page = globalThis as unknown as Page;
    page.codes = [];
    page.states = [];
    const client = page.floorwire.createFloorClient({ url, token: () => token });
    client.onStatus(({ state }) => void page.states.push(state));
    client.on<{ readonly machineEvents: { readonly exceptionCode: number } }>(
      { query, variables: { after } },
      { next: ({ data }) => void page.codes.push(data?.machineEvents.exceptionCode ?? 0) },
    );
  }, given);
  const codes = () => page.evaluate(() => (globalThis as unknown as Page).codes);
  await raise(3, 1);
  await heard(async () => (await codes()).length >= 3);
  proxy.cut('SOCKET');
  await raise(3, 4);
  await heard(async () => (await codes()).length >= 6);
  expect(await codes()).toEqual(upTo(6));
  const states = await page.evaluate(() => (globalThis as unknown as Page).states);
  expect(states).toEqual(['connecting', 'connected', 'disconnected', 'connecting', 'connected']);

  // And over server-sent events, by the fetch of the browser.
  proxy.block('SOCKET');
  await raise(3, 7);
  await heard(async () => (await codes()).length >= 9);
  expect(await codes()).toEqual(upTo(9));
  expect(complaints).toEqual([]);
});
