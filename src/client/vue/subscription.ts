import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from 'vue';
import type { GraphqlError } from '../errors.ts';
import {
  createFollowStore,
  NOTHING,
  type Subscribed as Snapshot,
  type SubscriptionOptions,
} from '../follow-store.ts';
import { keyOf, type OperationRequest } from '../operation.ts';
import { useFloorClient } from './floor-client.ts';
import { useStore } from './store.ts';

/** What a component shows of a subscription. */
export interface Subscribed<Data = unknown> {
  /** Of the newest frame; null before the first. */
  readonly data: ComputedRef<Data | null>;
  /** What the newest frame could not be answered with. */
  readonly errors: ComputedRef<readonly GraphqlError[]>;
  /** It has ended so; null while it goes on. What ended because the connection did begins anew with the next one. */
  readonly error: ComputedRef<unknown>;
}

/**
 * Follows a subscription until the scope ends. One with the same text and variables stays the same; with others it
 * begins anew, with nothing shown.
 *
 * @param request null follows nothing, as long as its variables are not known
 */
export function useSubscription<Data = unknown>(
  request: MaybeRefOrGetter<OperationRequest | null>,
  options: SubscriptionOptions<Data> = {},
): Subscribed<Data> {
  const now = useFollowed(request, () => options);
  return {
    data: computed(() => now.value.data),
    errors: computed(() => now.value.errors),
    error: computed(() => now.value.error),
  };
}

/** What a composable follows, of which it may show less than all. */
export function useFollowed<Data>(
  request: MaybeRefOrGetter<OperationRequest | null>,
  options: () => SubscriptionOptions<Data>,
): ComputedRef<Snapshot<Data>> {
  const client = useFloorClient();
  const wanted = () => toValue(request);
  return useStore<Snapshot<Data>>({
    key() {
      const request = wanted();
      return request ? keyOf(request) : '';
    },
    make() {
      const request = wanted();
      return createFollowStore(client, request && asItIs(request), options);
    },
    before: NOTHING,
  });
}

/** Of reactive variables those of now: what the client was given stays the same, until the end. */
const asItIs = ({ query, variables, operationName }: OperationRequest): OperationRequest => ({
  query,
  variables: JSON.parse(JSON.stringify(variables ?? {})),
  operationName,
});
