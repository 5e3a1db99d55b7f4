import { afterEach, expect, test, vi } from 'vitest';
import { type Network, SYSTEM_NETWORK } from '../../src/client/network.ts';
import { createRetryTimer } from '../../src/client/retry-timer.ts';
import type { Timers } from '../../src/client/timers.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { manualTimers } from '../support/manual-timers.ts';
import { aClientFloor, DOORS, heard, listener } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A network that is back is a reason to try again, whatever was still to be waited for. */
const { floor, proxy, client, raise } = await aClientFloor();
afterEach(() => {
  proxy.block();
  vi.unstubAllGlobals();
});

/** A network that is back whenever a test says so. */
function aNetwork(): Network & { comesBack(): void; readonly listeners: number } {
  const listeners = new Set<() => void>();
  return {
    onOnline(run) {
      listeners.add(run);
      return () => void listeners.delete(run);
    },
    comesBack() {
      for (const run of [...listeners]) run();
    },
    get listeners() {
      return listeners.size;
    },
  };
}

/** Timers on which whoever waits for so long, or for longer, waits for ever. */
function endlessFrom(limitMs: number): Timers {
  const timers = fastTimers();
  return { ...timers, after: (ms, run) => (ms >= limitMs ? () => {} : timers.after(ms, run)) };
}

test('a socket is tried as soon as there is a network, and nobody listens for one any longer', async () => {
  const network = aNetwork();
  const way = client({ network, timers: endlessFrom(1_000) });
  const told = listener();
  proxy.block('SOCKET');
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await heard(() => way.status.state === 'disconnected');
  expect(network.listeners).toBe(1);
  proxy.block();
  network.comesBack();
  await raise(1);
  await heard(() => told.codes.length === 1);
  expect([told.codes, network.listeners]).toEqual([[1], 0]);
});

test('whoever polls asks again as soon as there is a network', async () => {
  const network = aNetwork();
  // As long as the longest backoff, and the interval at which a socket is tried.
  const way = client({ network, timers: endlessFrom(30_000) });
  const versions: string[] = [];
  proxy.block('SOCKET', 'SSE');
  await floor.online();
  way.on<{ readonly meters: { readonly version: string } }>(
    { query: 'subscription { meters { version } }' },
    { next: ({ data }) => void (data && versions.push(data.meters.version)) },
  );
  await heard(() => versions.length > 0);
  proxy.block('SOCKET', 'SSE', 'HTTP');
  await heard(() => way.status.state === 'disconnected');
  proxy.block('SOCKET', 'SSE');
  network.comesBack();
  await heard(() => way.status.state === 'fallback' && way.status.via === 'POLLING');
});

test('with the client goes the ear for the network', async () => {
  const network = aNetwork();
  const way = client({ network, timers: endlessFrom(1_000) });
  proxy.block('SOCKET');
  way.on({ query: DOORS, variables: { after: null } }, { next: () => {} });
  await heard(() => network.listeners === 1);
  way.dispose();
  expect(network.listeners).toBe(0);
});

test('a network that comes and goes all the time brings on one try a second', async () => {
  const timers = manualTimers();
  const network = aNetwork();
  const timer = createRetryTimer({ timers, network });
  const tries: number[] = [];
  const wait = () =>
    timer.wait({ delayMs: 30_000 }, () => {
      tries.push(timers.now());
      wait();
    });
  wait();
  for (let ms = 0; ms < 3_000; ms += 10) {
    network.comesBack();
    await timers.advance(10);
  }
  expect(tries).toEqual([0, 1_000, 2_000, 3_000]);
  timer.cancel();
  await timers.advance(60_000);
  expect([tries.length, network.listeners]).toEqual([4, 0]);
});

test('what the server asked to wait is waited for, and without a network’s word all of it', async () => {
  const timers = manualTimers();
  const network = aNetwork();
  const timer = createRetryTimer({ timers, network });
  const tries: number[] = [];
  timer.wait({ delayMs: 20_000, askedMs: 17_000 }, () => void tries.push(timers.now()));
  network.comesBack();
  await timers.advance(40_000);
  timer.wait({ delayMs: 5_000 }, () => void tries.push(timers.now()));
  await timers.advance(40_000);
  expect(tries).toEqual([17_000, 45_000]);
});

test('a browser says when it is online, and Node never does', () => {
  expect(() => SYSTEM_NETWORK.onOnline(() => {})()).not.toThrow();
  const page = new EventTarget();
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  let times = 0;
  const stop = SYSTEM_NETWORK.onOnline(() => {
    times += 1;
  });
  page.dispatchEvent(new Event('offline'));
  page.dispatchEvent(new Event('online'));
  stop();
  page.dispatchEvent(new Event('online'));
  expect(times).toBe(1);
});
