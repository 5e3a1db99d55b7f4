import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startWakeable, type WakeableOptions } from '../../src/lib/wakeable.ts';

const IDLE_MS = 5_000;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A task whose outcome the test says, and what became of it. */
function aTask(options: Pick<Partial<WakeableOptions>, 'retryMs'> = {}) {
  const task = { runs: 0, errors: 0, outcome: async (): Promise<'idle' | 'again' | number> => 'idle' };
  const wakeable = startWakeable({
    ...options,
    idleMs: IDLE_MS,
    run() {
      task.runs += 1;
      return task.outcome();
    },
    onError: () => {
      task.errors += 1;
    },
  });
  return { task, wakeable };
}

const after = (ms: number) => vi.advanceTimersByTimeAsync(ms);

async function wakeEvery(ms: number, { wakeable, forMs }: { wakeable: { wake(): void }; forMs: number }) {
  for (let passedMs = 0; passedMs < forMs; passedMs += ms) {
    wakeable.wake();
    await after(ms);
  }
}

test('it runs at the start, when it is woken, and when nobody wakes it', async () => {
  const { task, wakeable } = aTask();
  await after(0);
  expect(task.runs).toBe(1);
  wakeable.wake();
  await after(0);
  expect(task.runs).toBe(2);
  await after(IDLE_MS - 1);
  expect(task.runs).toBe(2);
  await after(1);
  expect(task.runs).toBe(3);
  await wakeable[Symbol.asyncDispose]();
});

test('it comes back when it said it would', async () => {
  const { task, wakeable } = aTask();
  task.outcome = async () => 30;
  wakeable.wake();
  await after(0);
  const before = task.runs;
  await after(90);
  expect(task.runs).toBe(before + 3);
  await wakeable[Symbol.asyncDispose]();
});

test('woken during a run it runs once more', async () => {
  const { task, wakeable } = aTask();
  await after(0);
  task.outcome = () => new Promise((resolve) => setTimeout(resolve, 100, 'idle'));
  wakeable.wake();
  await after(50);
  for (let times = 0; times < 3; times += 1) wakeable.wake();
  await after(1_000);
  expect(task.runs).toBe(3);
  await wakeable[Symbol.asyncDispose]();
});

test('one that fails again and again tries less and less often, however often it is woken', async () => {
  const { task, wakeable } = aTask();
  task.outcome = async () => Promise.reject(new Error('no'));
  await wakeEvery(10, { wakeable, forMs: 10_000 });
  // After 0, 0.1, 0.3, 0.7 and 1.5 seconds, and each second from then on.
  expect(task.errors).toBeGreaterThan(10);
  expect(task.errors).toBeLessThan(16);

  task.outcome = async () => 'idle';
  await wakeEvery(10, { wakeable, forMs: 1_000 });
  const before = task.runs;
  await wakeEvery(10, { wakeable, forMs: 1_000 });
  expect(task.runs).toBe(before + 100);
  await wakeable[Symbol.asyncDispose]();
});

test('one that failed tries again though nobody wakes it', async () => {
  const { task, wakeable } = aTask();
  task.outcome = async () => Promise.reject(new Error('no'));
  wakeable.wake();
  await after(0);
  const { errors } = task;
  await after(2 * IDLE_MS);
  expect(task.errors - errors).toBe(2);
  await wakeable[Symbol.asyncDispose]();
});

test('one that failed tries again as soon as it was said to, however long it looks for nothing', async () => {
  const { task, wakeable } = aTask({ retryMs: IDLE_MS / 10 });
  task.outcome = async () => Promise.reject(new Error('no'));
  wakeable.wake();
  await after(IDLE_MS);
  expect(task.errors).toBe(11);
  task.outcome = async () => 'idle';
  await after(IDLE_MS / 10);
  const { runs } = task;
  await after(IDLE_MS - 1);
  expect(task.runs).toBe(runs);
  await wakeable[Symbol.asyncDispose]();
});

test('it ends at once, also while it rests', async () => {
  const { task, wakeable } = aTask();
  task.outcome = async () => Promise.reject(new Error('no'));
  wakeable.wake();
  await after(1_000);
  const { runs } = task;
  await wakeable[Symbol.asyncDispose]();
  await after(10 * IDLE_MS);
  expect(task.runs).toBe(runs);
  expect(vi.getTimerCount()).toBe(0);
});
