import { expect, test } from 'vitest';
import { createFrame } from '../../src/http/frame.ts';
import { createFrameCache } from '../../src/http/frame-cache.ts';

test('the newest frames are kept, as many as there is room for, and no longer those that went', async () => {
  const cache = createFrameCache({ frames: 100, characters: 10 });
  let made = 0;
  const get = (key: string) =>
    cache.get(key, async () => {
      made += 1;
      return createFrame('{"n":1}'.slice(0, 5), key);
    });
  for (const key of ['1', '2', '3', '4', '5', '6']) await get(key);
  expect(made).toBe(6);
  for (const key of ['5', '6']) await get(key);
  expect(made).toBe(6);
  await get('4');
  expect(made).toBe(7);
});
