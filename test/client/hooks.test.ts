import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { afterAll, describe, expect, type TestContext, test, vi } from 'vitest';
import { channelsOf } from '../support/channels.ts';
import { aBrowser } from '../support/chromium.ts';
import { aClientFloor, heard, upTo } from './floor.ts';
import type { HooksPage, Shown } from './hooks-page.ts';

vi.setConfig({ testTimeout: 180_000 });

/** The hooks in a browser, by both frameworks: in React's strict mode, which mounts everything twice, and as Vue's composables. */
const FRAMEWORKS = ['react', 'vue'] as const;
type Framework = (typeof FRAMEWORKS)[number];
const pages = createServer((_request, response) =>
  response.setHeader('content-type', 'text/html').end('<body>'),
);
await once(pages.listen(0, '127.0.0.1'), 'listening');
const origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`;
const { floor, proxy, url, raise } = await aClientFloor({ corsOrigins: [origin] });
const { names, followed, broadcast } = await channelsOf(floor);
afterAll(() => pages.close());

const DOORS = `subscription Doors($after: Cursor, $types: [MachineEventType!]) {
  machineEvents(types: $types, after: $after) { exceptionCode cursor }
}`;
const DISCONNECT = `mutation ($input: DisconnectClientInput!) {
  disconnectClient(input: $input) { __typename }
}`;

/** What Vue has a bundler decide. */
const VUE = {
  __VUE_OPTIONS_API__: 'false',
  __VUE_PROD_DEVTOOLS__: 'false',
  __VUE_PROD_HYDRATION_MISMATCH_DETAILS__: 'false',
};

interface Global {
  readonly hooks: HooksPage;
}

const bundles = new Map(FRAMEWORKS.map((framework) => [framework, bundle(framework)] as const));

async function bundle(framework: Framework): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`${framework}-page.ts`, import.meta.url))],
    bundle: true,
    platform: 'browser',
    format: 'iife',
    globalName: 'hooks',
    footer: { js: 'globalThis.hooks = hooks;' },
    // In production React mounts once, and neither warns of anything.
    define: { 'process.env.NODE_ENV': '"development"', ...VUE },
    write: false,
  });
  return outputFiles[0]?.text ?? '';
}

/** A page with the components, signed in as the OPERATOR, and what a person sees and does there. */
async function aPage(framework: Framework, context: TestContext) {
  const page = await (await aBrowser(context)).newPage();
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (message) => {
    const isOfReact = message.type() === 'error' && message.text().includes('React');
    if (isOfReact || message.text().includes('[Vue warn]')) complaints.push(message.text());
  });
  await page.goto(origin);
  await page.evaluate((await bundles.get(framework)) ?? '');
  floor.signInAgain('OPERATOR');
  const given = { url, token: await floor.token('OPERATOR') };
  await page.evaluate((given) => (globalThis as unknown as Global).hooks.open(given), given);
  return {
    show: (shown: Shown) =>
      page.evaluate((shown) => (globalThis as unknown as Global).hooks.show(shown), shown),
    leave: () => page.evaluate(() => (globalThis as unknown as Global).hooks.leave()),
    told: () => page.evaluate(() => (globalThis as unknown as Global).hooks.told),
    click: (id: string) => page.locator(`#${id}`).click(),
    /** Waits until the component says so. */
    says: (id: string, value: unknown) =>
      heard(async () => (await page.locator(`#${id}`).textContent()) === String(value)),
    async close() {
      expect(complaints).toEqual([]);
      await page.close();
    },
  };
}

const doorsFrom = (after: string | null, types = 'SLOT_DOOR_OPENED') => ({ query: DOORS, after, types });

describe.each(FRAMEWORKS)('%s', (framework) => {
  test('a component shows what happens, by one subscription however often it is rendered', async (context) => {
    const { show, says, told, close } = await aPage(framework, context);
    const after = await floor.cursor();
    await show({ doors: doorsFrom(after) });
    await says('state', 'connected');
    await raise(2);
    await says('door', 2);
    for (const _ of upTo(3)) await show({ doors: doorsFrom(after) });
    await raise(2, 3);
    await says('door', 4);
    const { codes, lines, renders } = await told();
    expect(codes).toEqual(upTo(4));
    expect(renders).toBeGreaterThan(4);
    expect(lines.filter((line) => line.startsWith('floorwire subscribed'))).toHaveLength(1);

    // With other variables nothing of the former is shown.
    await show({ doors: doorsFrom(null, 'DROP_DOOR_OPENED') });
    await says('door', undefined);
    await close();
  });

  test('cut off, and blocked for a while, it goes on behind the last frame', async (context) => {
    const { show, says, told, close } = await aPage(framework, context);
    await show({ doors: doorsFrom(await floor.cursor()) });
    await says('connected', true);
    await raise(1);
    await says('door', 1);
    proxy.block('SOCKET');
    await says('connected', false);
    await raise(2, 2);
    proxy.block();
    await says('door', 3);
    await says('connected', true);
    expect((await told()).codes).toEqual(upTo(3));
    await close();
  });

  test('who disconnects is shown no more until he connects, and then what he missed', async (context) => {
    const { show, says, told, click, close } = await aPage(framework, context);
    await show({ doors: doorsFrom(await floor.cursor()) });
    await raise(1);
    await says('door', 1);
    await click('disconnect');
    await says('connected', false);
    await heard(() => proxy.open('SOCKET') === 0);
    await raise(2, 2);
    expect((await told()).codes).toEqual([1]);
    await click('connect');
    await says('door', 3);
    expect((await told()).codes).toEqual(upTo(3));
    await close();
  });

  test('thrown out by an ADMIN it shows why, and connecting begins everything anew', async (context) => {
    const { show, says, click, close } = await aPage(framework, context);
    await show({ doors: doorsFrom(null), names: [names.VENUE] });
    await followed({ [names.VENUE]: 1 });
    const { data } = await floor.ask('{ realtimeConnections(first: 100) { nodes { id } } }', { as: 'ADMIN' });
    for (const { id: connectionId } of data.realtimeConnections.nodes)
      await floor.ask(DISCONNECT, {
        as: 'ADMIN',
        variables: { input: { connectionId, reason: 'closing time' } },
      });
    // His session goes on, so that he is not asked to sign in.
    await says('ended', 4493);
    await says('words-error', 4493);
    await says('words-connected', false);
    await click('connect');
    await says('ended', null);
    await says('words-error', null);
    await followed({ [names.VENUE]: 1 });
    await says('words-connected', true);
    await close();
  });

  test('words are said, heard until nobody listens, and an unmounted component follows nothing', async (context) => {
    const { show, says, told, click, leave, close } = await aPage(framework, context);
    await show({ doors: null, names: [names.VENUE] });
    await followed({ [names.VENUE]: 1 });
    await click('say');
    await says('words', 'said.');
    await show({ doors: null, names: [names.VENUE] });
    await broadcast({ type: 'word', data: 'again' });
    await says('words', 'said.again.');
    await show({ doors: null, names: ['lunch'] });
    await says('words-error', 'WS_007');
    await show({ doors: null, names: [names.VENUE] });
    await followed({ [names.VENUE]: 1 });
    await says('words-error', null);
    await click('deafen');
    const arrived = async () => (await told()).lines.filter((line) => line.endsWith('next channels')).length;
    const before = await arrived();
    await broadcast({ type: 'word', data: 'unheard' });
    await heard(async () => (await arrived()) > before);
    await says('words', 'said.again.');
    await leave();
    await followed({});
    await heard(() => proxy.open('SOCKET') === 0);
    await close();
  });
});
