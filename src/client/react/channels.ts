import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import {
  askCursor,
  type Channels,
  type ChannelsFrame,
  type ChannelsOptions,
  channelsRequest,
  type OutgoingMessage,
  sendMessage,
} from '../channels.ts';
import { createMessageListeners } from '../message-listeners.ts';
import { useFloorConnection } from './floor-connection.ts';
import { useFloorClient } from './floor-provider.ts';
import { useFollowStore } from './subscription.ts';

export interface FollowedChannels extends Pick<Channels, 'on' | 'off' | 'send'> {
  readonly isConnected: boolean;
  /** It has ended: a name is not, or no longer, to be followed. Null while it goes on. */
  readonly error: unknown;
}

/**
 * Follows channels for as long as the component is there; without names the venue's and one's own. `on`, `off` and
 * `send` stay the same, so `useEffect(() => on(type, listener), [on])` listens and stops; messages render nothing.
 */
export function useChannels(options: Omit<ChannelsOptions, 'onError'> = {}): FollowedChannels {
  const client = useFloorClient();
  const { isConnected } = useFloorConnection();
  const [{ on, off, hear }] = useState(createMessageListeners);
  const { subscribe, snapshot } = useFollowStore<ChannelsFrame>(channelsRequest(options), {
    onNext: ({ data }) => data && hear(data.channels),
    gap: options.gap ?? (() => askCursor(client)),
  });
  const error = useSyncExternalStore(
    subscribe,
    () => snapshot().error,
    () => null,
  );
  const send = useCallback((message: OutgoingMessage) => sendMessage(client, message), [client]);
  return useMemo(() => ({ on, off, send, isConnected, error }), [on, off, send, isConnected, error]);
}
