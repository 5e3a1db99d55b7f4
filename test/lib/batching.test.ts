import { expect, test } from 'vitest';
import { type BatchingOptions, createBatching } from '../../src/lib/batching.ts';
import { aGate } from '../support/gate.ts';

/** Takes numbers, and gives their doubles when the gate is open. */
function doubling(options: Partial<BatchingOptions<number, number>> = {}) {
  const batches: (readonly number[])[] = [];
  const gate = aGate();
  const take = createBatching<number, number>({
    maxSize: 3,
    async take(requests) {
      batches.push(requests);
      await gate.opened;
      return requests.map((request) => request * 2);
    },
    ...options,
  });
  return { take, batches, gate };
}

test('what comes while something is under way goes together, in its order, as much as fits', async () => {
  const { take, batches, gate } = doubling();
  const answers = [1, 2, 3, 4, 5].map(take);
  gate.open();
  expect(await Promise.all(answers)).toEqual([2, 4, 6, 8, 10]);
  expect(batches).toEqual([[1], [2, 3, 4], [5]]);
});

test('a request that is larger than a batch goes alone', async () => {
  const { take, batches, gate } = doubling({ sizeOf: (request) => request });
  const answers = [1, 2, 1, 9, 1].map(take);
  gate.open();
  await Promise.all(answers);
  expect(batches).toEqual([[1], [2, 1], [9], [1]]);
});

test('an answer that is an error refuses one alone', async () => {
  const { take, batches, gate } = doubling({
    async take(requests) {
      batches.push(requests);
      await gate.opened;
      return requests.map((request) => (request === 2 ? new Error('not 2') : request));
    },
  });
  const answers = [1, 2, 3].map(take);
  gate.open();
  expect(await Promise.allSettled(answers)).toEqual([
    { status: 'fulfilled', value: 1 },
    { status: 'rejected', reason: new Error('not 2') },
    { status: 'fulfilled', value: 3 },
  ]);
  expect(batches).toEqual([[1], [2, 3]]);
});

test('one that makes the work fail takes no other with it', async () => {
  const { take, batches, gate } = doubling({
    async take(requests) {
      batches.push(requests);
      await gate.opened;
      if (requests.includes(3)) throw new Error('3 is too much');
      return requests;
    },
  });
  const answers = [1, 2, 3, 4].map(take);
  gate.open();
  const outcomes = await Promise.allSettled(answers);
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
  expect(batches).toEqual([[1], [2, 3, 4], [2], [3], [4]]);
  await expect(take(7)).resolves.toBe(7);
});
