/** What a React app imports, as `floorwire/client/react`: hooks over the client that a FloorProvider is given. */
export type { Balance, BalanceOptions } from './balance.ts';
export type { ChannelMessage, OutgoingMessage } from './channels.ts';
export type { Subscribed, SubscriptionOptions } from './follow-store.ts';
export { type FollowedBalance, useBalance } from './react/balance.ts';
export { type FollowedChannels, useChannels } from './react/channels.ts';
export { type FloorConnection, useFloorConnection } from './react/floor-connection.ts';
export { FloorProvider, type FloorProviderProps, useFloorClient } from './react/floor-provider.ts';
export { useSubscription } from './react/subscription.ts';
