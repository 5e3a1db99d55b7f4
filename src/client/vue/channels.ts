import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from 'vue';
import {
  askCursor,
  type Channels,
  type ChannelsFrame,
  type ChannelsOptions,
  channelsRequest,
  sendMessage,
} from '../channels.ts';
import { createMessageListeners } from '../message-listeners.ts';
import { useFloorClient } from './floor-client.ts';
import { useFloorConnection } from './floor-connection.ts';
import { useFollowed } from './subscription.ts';

export interface FollowedChannels extends Pick<Channels, 'on' | 'off' | 'send'> {
  readonly isConnected: ComputedRef<boolean>;
  /** It has ended: a name is not, or no longer, to be followed. Null while it goes on. */
  readonly error: ComputedRef<unknown>;
}

/**
 * Follows channels until the scope ends; without names the venue's and one's own. What `on` listens to is heard for as
 * long.
 */
export function useChannels(
  options: MaybeRefOrGetter<Omit<ChannelsOptions, 'onError'>> = {},
): FollowedChannels {
  const client = useFloorClient();
  const { isConnected } = useFloorConnection();
  const { on, off, hear } = createMessageListeners();
  const now = useFollowed<ChannelsFrame>(
    () => channelsRequest(toValue(options)),
    () => ({
      onNext: ({ data }) => data && hear(data.channels),
      gap: toValue(options).gap ?? (() => askCursor(client)),
    }),
  );
  return {
    on,
    off,
    send: (message) => sendMessage(client, message),
    isConnected,
    error: computed(() => now.value.error),
  };
}
