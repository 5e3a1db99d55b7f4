import { useMemo, useSyncExternalStore } from 'react';
import type { BalanceOptions } from '../balance.ts';
import { type BalanceState, type BalanceStore, balanceStoreOf, LOADING } from '../balance-store.ts';
import { useFloorConnection } from './floor-connection.ts';
import { useFloorClient } from './floor-provider.ts';

export interface FollowedBalance extends BalanceState, Pick<BalanceStore, 'retry' | 'updateToken'> {
  readonly isConnected: boolean;
}

/** What whoever is signed in has, now and whenever it changes. All components that show the same share it. */
export function useBalance({ currency, minIntervalMs }: BalanceOptions = {}): FollowedBalance {
  const client = useFloorClient();
  const { isConnected } = useFloorConnection();
  const { subscribe, snapshot, retry, updateToken } = useMemo(
    () => balanceStoreOf(client, { currency, minIntervalMs }),
    [client, currency, minIntervalMs],
  );
  const state = useSyncExternalStore(subscribe, snapshot, () => LOADING);
  return useMemo(
    () => ({ ...state, isConnected, retry, updateToken }),
    [state, isConnected, retry, updateToken],
  );
}
