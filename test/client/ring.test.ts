import { expect, test } from 'vitest';
import { createFollowed } from '../../src/client/followed.ts';
import { createRing } from '../../src/client/ring.ts';

/** What a client keeps of what it hears (S1-39). */

const LIMIT = 100;

test('of 10 000 items as many are kept as there is room for, the newest, in order', () => {
  const ring = createRing<number>(LIMIT);
  let most = 0;
  for (let item = 0; item < 10_000; item += 1) {
    ring.put(item);
    most = Math.max(most, ring.items.length);
  }
  expect(most).toBe(LIMIT);
  expect(ring.items).toEqual(Array.from({ length: LIMIT }, (_, at) => 9_900 + at));
  expect(ring.isComplete).toBe(false);
});

test('a subscription that has heard 10 000 notices keeps the newest, and its listeners heard all', () => {
  const query = 'subscription { notifications { ... on Notification { message cursor } } }';
  const followed = createFollowed(
    { query },
    { poll: null, bufferedFrames: LIMIT, onFrame: () => {}, onGap: undefined },
  );
  let heard = 0;
  const next = () => {
    heard += 1;
  };
  followed.add({ next }, 'JOIN');
  for (let at = 0; at < 10_000; at += 1)
    followed.hear({ data: { notifications: { message: String(at), cursor: String(at) } } });
  expect(heard).toBe(10_000);
  const kept = followed.recent();
  expect(kept).toHaveLength(LIMIT);
  expect(kept[0]?.data).toMatchObject({ notifications: { message: '9900' } });
});
