import { useMemo, useSyncExternalStore } from 'react';
import { ONLINE } from '../online.ts';
import { IDLE, isHearing, type Status } from '../status.ts';
import { useFloorClient } from './floor-provider.ts';

export interface FloorConnection {
  /** Whether what happens is heard now, by whatever way; false while nobody listens. */
  readonly isConnected: boolean;
  readonly status: Status;
  /** Whether the browser has a network: without one it may take a while until the connection is known to be gone. */
  readonly isOnline: boolean;
  /** Connects at once after `disconnect`, while it waits for the next try, and after an end; it takes a component that follows something. */
  readonly connect: () => void;
  /** Hangs up until `connect`. What is followed goes on behind its last frame then. */
  readonly disconnect: () => void;
}

/** The one connection of all components. */
export function useFloorConnection(): FloorConnection {
  const client = useFloorClient();
  const status = useSyncExternalStore(
    client.onStatus,
    () => client.status,
    () => IDLE,
  );
  const isOnline = useSyncExternalStore(ONLINE.subscribe, ONLINE.snapshot, () => true);
  return useMemo(
    () => ({
      isConnected: isHearing(status),
      status,
      isOnline,
      connect: client.connect,
      disconnect: client.disconnect,
    }),
    [client, status, isOnline],
  );
}
