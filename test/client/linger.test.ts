import { expect, test, vi } from 'vitest';
import { SignedOutError } from '../../src/client/errors.ts';
import type { Timers } from '../../src/client/timers.ts';
import { fastTimers } from '../support/fast-timers.ts';
import { aClientFloor, DOORS, heard, listener } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** How long a connection that nothing runs on is kept. */
const { floor, proxy, client, raise } = await aClientFloor();
const LINGER_MS = 777;
const REFUSED = 'subscription { meters(machineIds: ["TWFjaGluZTp4"]) { version } }';

/** A client that keeps such a connection until `pass`. */
function lingering(options: Parameters<typeof client>[0] = {}) {
  const fast = fastTimers();
  const waiting = new Set<() => void>();
  const after: Timers['after'] = (delayMs, run) => {
    if (delayMs !== LINGER_MS) return fast.after(delayMs, run);
    const own = () => run();
    waiting.add(own);
    return () => void waiting.delete(own);
  };
  const way = client({ ...options, lingerMs: LINGER_MS, timers: { ...fast, after } });
  const pass = () => {
    for (const run of waiting) run();
  };
  return { way, pass, isWaiting: () => waiting.size > 0 };
}

test('who comes meanwhile is heard on it, however the last one went', async () => {
  const { way, pass, isWaiting } = lingering();
  const [refused, told] = [listener(), listener()];
  const stop = way.on({ query: REFUSED }, refused);
  await heard(() => refused.errors.length === 1);
  expect(isWaiting()).toBe(true);
  // As a component does that is unmounted behind its error.
  stop();
  const before = proxy.begun('SOCKET');
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  pass();
  await raise(1);
  await heard(() => told.codes.length === 1);
  expect([way.status.state, proxy.begun('SOCKET') - before]).toEqual(['connected', 0]);
});

test('when nobody comes it is closed, and the next one has another', async () => {
  const { way, pass } = lingering();
  const [refused, told] = [listener(), listener()];
  way.on({ query: REFUSED }, refused);
  await heard(() => refused.errors.length === 1);
  const open = proxy.open('SOCKET');
  pass();
  expect(way.status).toEqual({ state: 'idle' });
  await heard(() => proxy.open('SOCKET') === open - 1);
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length === 1);
});

test('why it has ended is said for longer', async () => {
  const { way, pass } = lingering({ token: () => Promise.reject(new SignedOutError('Sign in first.')) });
  const told = listener();
  way.on({ query: DOORS, variables: { after: null } }, told);
  await heard(() => told.errors.length === 1);
  pass();
  expect(way.status).toMatchObject({ state: 'disconnected', retryInMs: null, error: told.errors[0] });
});
