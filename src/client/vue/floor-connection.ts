import { type ComputedRef, computed } from 'vue';
import { ONLINE } from '../online.ts';
import { IDLE, isHearing, type Status } from '../status.ts';
import { useFloorClient } from './floor-client.ts';
import { useStore } from './store.ts';

export interface FloorConnection {
  /** Whether what happens is heard now, by whatever way; false while nobody listens. */
  readonly isConnected: ComputedRef<boolean>;
  readonly status: ComputedRef<Status>;
  /** Whether the browser has a network: without one it may take a while until the connection is known to be gone. */
  readonly isOnline: ComputedRef<boolean>;
  /** Connects at once after `disconnect`, while it waits for the next try, and after an end; it takes a component that follows something. */
  readonly connect: () => void;
  /** Hangs up until `connect`. What is followed goes on behind its last frame then. */
  readonly disconnect: () => void;
}

/** The one connection of all components. */
export function useFloorConnection(): FloorConnection {
  const client = useFloorClient();
  const status = useStore({
    key: () => '',
    make: () => ({ subscribe: client.onStatus, snapshot: () => client.status }),
    before: IDLE,
  });
  return {
    isConnected: computed(() => isHearing(status.value)),
    status,
    isOnline: useStore({ key: () => '', make: () => ONLINE, before: true }),
    connect: client.connect,
    disconnect: client.disconnect,
  };
}
