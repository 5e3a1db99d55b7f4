import { expect, test, vi } from 'vitest';
import { aClientFloor, DOORS, heard, listener } from './floor.ts';

vi.setConfig({ testTimeout: 120_000 });

/** A server that takes realtime tokens alone. */
const { floor, client, raise } = await aClientFloor({ realtimeAuth: 'strict' });

test('who has known it before it was strict asks anew what it takes', async () => {
  let asked = 0;
  const way = client({
    async fetch(...request) {
      const response = await fetch(...request);
      const text = await response.text();
      if (text.includes('"realtimeInfo"')) asked += 1;
      const before = text.replace('"tokenParameters":["realtimeToken"]', '"tokenParameters":["accessToken"]');
      return new Response(asked === 1 ? before : text, { status: response.status });
    },
  });
  const told = listener();
  way.on({ query: DOORS, variables: { after: await floor.cursor() } }, told);
  await raise(1);
  await heard(() => told.codes.length + told.errors.length > 0);
  expect(told).toMatchObject({ codes: [1], errors: [] });
  expect(asked).toBe(2);
});
