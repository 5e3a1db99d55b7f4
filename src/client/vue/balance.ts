import { type ComputedRef, computed, type MaybeRefOrGetter, toValue } from 'vue';
import type { Balance, BalanceOptions } from '../balance.ts';
import { type BalanceStore, balanceStoreOf, LOADING } from '../balance-store.ts';
import { useFloorClient } from './floor-client.ts';
import { useFloorConnection } from './floor-connection.ts';
import { useStore } from './store.ts';

export interface FollowedBalance extends Pick<BalanceStore, 'retry' | 'updateToken'> {
  /** The newest that is known; null before the first answer, and for who has no such wallet. */
  readonly balance: ComputedRef<Balance | null>;
  /** Whether nothing was answered yet. */
  readonly isLoading: ComputedRef<boolean>;
  /** Why there is none, or none that is newer; null while it goes on. Where another try may help, it comes by itself. */
  readonly error: ComputedRef<unknown>;
  readonly isConnected: ComputedRef<boolean>;
}

/** What whoever is signed in has, now and whenever it changes. All components that show the same share it. */
export function useBalance(options: MaybeRefOrGetter<BalanceOptions> = {}): FollowedBalance {
  const client = useFloorClient();
  const { isConnected } = useFloorConnection();
  const store = () => balanceStoreOf(client, toValue(options));
  const now = useStore({
    key() {
      const { currency, minIntervalMs } = toValue(options);
      return JSON.stringify([currency, minIntervalMs]);
    },
    make: store,
    before: LOADING,
  });
  return {
    balance: computed(() => now.value.balance),
    isLoading: computed(() => now.value.isLoading),
    error: computed(() => now.value.error),
    isConnected,
    retry: () => store().retry(),
    updateToken: () => store().updateToken(),
  };
}
