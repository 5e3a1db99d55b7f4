import { sumDeliveries } from '../notification/channel-delivery-store.ts';
import { findLastMessageTimes } from '../notification/channel-store.ts';
import { countFollowers } from '../realtime/connection-store.ts';
import { venueIdOf } from './caller.ts';
import { perContext } from './per-context.ts';

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
