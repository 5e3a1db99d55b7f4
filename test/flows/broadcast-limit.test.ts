import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { channelsOf } from '../support/channels.ts';
import { NO_RATE_LIMITS } from '../support/rate-limits.ts';

const settings = { rateLimits: { ...NO_RATE_LIMITS, broadcastsPerUser: 2, windowSeconds: 3_600 } };
const floor = await aFloorApp({ machines: 0, settings });
const { broadcast } = await channelsOf(floor);

test('who says too much is refused, sees how much that is, and keeps nobody else from speaking', async () => {
  expect(await broadcast({ data: 1 })).toMatchObject({ __typename: 'BroadcastSuccess' });
  expect(await broadcast({ data: 2 })).toMatchObject({ __typename: 'BroadcastSuccess' });
  expect(await broadcast({ data: 3 })).toEqual({ code: 'API_005' });
  const { data } = await floor.ask('{ rateLimit { broadcastsPerUser { limit used remaining } } }');
  expect(data.rateLimit.broadcastsPerUser).toMatchObject({ limit: 2, remaining: 0 });
  expect(await broadcast({ data: 4 }, 'ADMIN')).toMatchObject({ __typename: 'BroadcastSuccess' });
});
