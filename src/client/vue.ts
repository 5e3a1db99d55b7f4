/** What a Vue app imports, as `floorwire/client/vue`: composables over the client that the app or a component provides. */
export type { Balance, BalanceOptions } from './balance.ts';
export type { ChannelMessage, OutgoingMessage } from './channels.ts';
export type { SubscriptionOptions } from './follow-store.ts';
export { type FollowedBalance, useBalance } from './vue/balance.ts';
export { type FollowedChannels, useChannels } from './vue/channels.ts';
export { FLOOR_CLIENT, provideFloorClient, useFloorClient } from './vue/floor-client.ts';
export { type FloorConnection, useFloorConnection } from './vue/floor-connection.ts';
export { type Subscribed, useSubscription } from './vue/subscription.ts';
