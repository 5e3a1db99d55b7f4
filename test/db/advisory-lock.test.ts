import { expect, test } from 'vitest';
import { lockKey } from '../../src/db/advisory-lock.ts';

test('names are told apart by their keys, which are 64-bit integers', () => {
  expect(lockKey('sequencer')).toBe(lockKey('sequencer'));
  expect(lockKey('sequencer')).not.toBe(lockKey('Sequencer'));
  for (const name of ['', 'job', 'x'.repeat(1000)])
    expect(BigInt.asIntN(64, BigInt(lockKey(name)))).toBe(BigInt(lockKey(name)));
});
