import { expect, test } from 'vitest';
import { createExpiringCache } from '../../src/auth/expiring-cache.ts';

test('a value is remembered until its time and not at it', () => {
  const cache = createExpiringCache<string>(10);
  cache.set('a', 'one', 100);
  expect(cache.get('a', 99)).toBe('one');
  expect(cache.get('a', 100)).toBeUndefined();
  expect(cache.size()).toBe(0);
});

test('when full, the one unused for longest goes', () => {
  const cache = createExpiringCache<number>(3);
  for (const [value, key] of ['a', 'b', 'c'].entries()) cache.set(key, value, 100);
  cache.get('a', 0);
  cache.set('d', 3, 100);
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0))).toEqual([0, undefined, 2, 3]);
});

test('a million keys take the room of ten', () => {
  const cache = createExpiringCache<number>(10);
  for (let key = 0; key < 1_000_000; key += 1) cache.set(String(key), key, 100);
  expect(cache.size()).toBe(10);
});

test('a deleted value is gone and a new one under its key is not', () => {
  const cache = createExpiringCache<string>(10);
  cache.set('a', 'one', 100);
  cache.delete('a');
  expect(cache.get('a', 0)).toBeUndefined();
  cache.set('a', 'two', 200);
  expect(cache.get('a', 150)).toBe('two');
});
