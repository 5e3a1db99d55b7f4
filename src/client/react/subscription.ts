import { useInsertionEffect, useMemo, useRef, useSyncExternalStore } from 'react';
import { createFollowStore, NOTHING, type Subscribed, type SubscriptionOptions } from '../follow-store.ts';
import { keyOf, type OperationRequest } from '../operation.ts';
import type { Store } from '../store.ts';
import { useFloorClient } from './floor-provider.ts';

/**
 * Follows a subscription for as long as the component is there. One with the same text and variables stays the same
 * however often it is rendered; with others it begins anew, with nothing shown.
 *
 * @param request null follows nothing, as long as its variables are not known
 */
export function useSubscription<Data = unknown>(
  request: OperationRequest | null,
  options: SubscriptionOptions<Data> = {},
): Subscribed<Data> {
  const { subscribe, snapshot } = useFollowStore(request, options);
  return useSyncExternalStore(subscribe, snapshot, () => NOTHING);
}

/** What a hook follows with `useSyncExternalStore`, of which it may show less than all. */
export function useFollowStore<Data>(
  request: OperationRequest | null,
  options: SubscriptionOptions<Data>,
): Store<Subscribed<Data>> {
  const client = useFloorClient();
  const newest = useRef(options);
  useInsertionEffect(() => {
    newest.current = options;
  });
  const key = request && keyOf(request);
  // biome-ignore lint/correctness/useExhaustiveDependencies: requests with the same key are the same
  return useMemo(() => createFollowStore(client, request, () => newest.current), [client, key]);
}
