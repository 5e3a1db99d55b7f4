import DataLoader from 'dataloader';
import { sumDeliveries } from '../notification/channel-delivery-store.ts';
import { findLastMessageTimes } from '../notification/channel-store.ts';
import { countFollowers } from '../realtime/connection-store.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

/** By the key of a channel of the caller's venue: how many subscriptions follow it. */
export const subscribersOf = perContext(async (context, channels) => {
  const counts = await countFollowers(context.db, venueIdOf(context), { channels });
  return new Map(counts.map(({ channel, subscribers }) => [channel, subscribers]));
});

/** By the same: when its newest message was sent. */
export const lastMessageTimes = perContext((context, channels) =>
  findLastMessageTimes(context.db, venueIdOf(context), channels),
);

/** By the id of a message: to how many subscriptions it was handed. */
export const deliveriesOf = perContext((context, messageIds) => sumDeliveries(context.db, messageIds));

/** One query for all that is asked in a turn; its answers live as long as their context. Null for what has none. */
function perContext<Value>(
  find: (context: Context, keys: readonly string[]) => Promise<ReadonlyMap<string, Value>>,
): (context: Context) => DataLoader<string, Value | null> {
  const loaders = new WeakMap<Context, DataLoader<string, Value | null>>();
  return (context) => {
    const known = loaders.get(context);
    if (known) return known;
    const loader = new DataLoader<string, Value | null>(async (keys) => {
      const found = await find(context, keys);
      return keys.map((key) => found.get(key) ?? null);
    });
    loaders.set(context, loader);
    return loader;
  };
}
