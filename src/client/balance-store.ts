import { DEFAULT_BACKOFF, delayBefore } from './backoff.ts';
import {
  type Balance,
  type BalanceFrame,
  type BalanceOptions,
  balanceOf,
  changesBehind,
  isNewer,
  pollOfWallet,
  readWallet,
  type ShownWallet,
  type WalletReading,
} from './balance.ts';
import { tellEach } from './emitter.ts';
import { isFinal, RefusedError } from './errors.ts';
import type { FloorClient } from './floor-client.ts';
import { createFollowStore } from './follow-store.ts';
import { memberOf } from './member.ts';
import { SYSTEM_NETWORK } from './network.ts';
import { createRetryTimer } from './retry-timer.ts';
import type { Store } from './store.ts';
import { SYSTEM_TIMERS } from './timers.ts';

/** What a component shows of a balance. */
export interface BalanceState {
  /** The newest that is known; null before the first answer, and for who has no such wallet. */
  readonly balance: Balance | null;
  /** Whether nothing was answered yet. */
  readonly isLoading: boolean;
  /** Why there is none, or none that is newer; null while it goes on. Where another try may help, it comes by itself. */
  readonly error: unknown;
}

export interface BalanceStore extends Store<BalanceState> {
  /** Reads it at once, and follows it anew. */
  readonly retry: () => void;
  /** `updateToken` of the client; what an error had ended begins anew. */
  readonly updateToken: () => void;
}

export const LOADING: BalanceState = { balance: null, isLoading: true, error: null };

const STORES = new WeakMap<FloorClient, Map<string, BalanceStore>>();

/** One for all who show the same: it is read and followed once, from the first of them to the last. */
export function balanceStoreOf(client: FloorClient, options: BalanceOptions): BalanceStore {
  const { currency, minIntervalMs } = options;
  const stores = STORES.get(client) ?? new Map<string, BalanceStore>();
  STORES.set(client, stores);
  const key = JSON.stringify([currency, minIntervalMs]);
  const store = stores.get(key) ?? createBalanceStore(client, { currency, minIntervalMs });
  stores.set(key, store);
  return store;
}

function createBalanceStore(client: FloorClient, options: BalanceOptions): BalanceStore {
  const listeners = new Set<() => void>();
  let now = LOADING;
  let stop = () => {};

  const become = (change: Partial<BalanceState>) => {
    now = { ...now, ...change };
    tellEach(listeners, (changed) => changed());
  };
  function retry() {
    if (listeners.size === 0) return;
    stop();
    become({ isLoading: now.balance === null, error: null });
    stop = followBalance(client, options, become);
  }
  return {
    subscribe(changed) {
      const own = () => changed();
      listeners.add(own);
      if (listeners.size === 1) stop = followBalance(client, options, become);
      return () => {
        if (!listeners.delete(own) || listeners.size > 0) return;
        stop();
        now = LOADING;
      };
    },
    snapshot: () => now,
    retry,
    updateToken() {
      client.updateToken();
      if (now.error !== null) retry();
    },
  };
}

/** Reads it, until that succeeds or cannot, and goes on behind what was read. Answers how to stop. */
function followBalance(
  client: FloorClient,
  options: BalanceOptions,
  become: (change: Partial<BalanceState>) => void,
): () => void {
  const nextTry = createRetryTimer({ timers: SYSTEM_TIMERS, network: SYSTEM_NETWORK });
  let failures = 0;
  let isOver = false;
  let stop = () => {};

  function begin() {
    stop();
    readWallet(client, options).then(
      (reading) => void (isOver || follow(reading)),
      (error) => void (isOver || fail(error)),
    );
  }
  function fail(error: unknown) {
    become({ isLoading: false, error });
    if (isFinal(error)) return;
    failures += 1;
    const askedMs = error instanceof RefusedError ? error.retryAfterMs : 0;
    const delayMs = Math.max(askedMs, delayBefore(failures, DEFAULT_BACKOFF, SYSTEM_TIMERS));
    nextTry.wait({ delayMs, askedMs }, begin);
  }
  function follow(reading: WalletReading) {
    let shown = reading.wallet;
    const show = (wallet: ShownWallet | null) => {
      shown = wallet;
      become({ balance: wallet && balanceOf(wallet), isLoading: false, error: null });
    };
    const hear = ({ balance: wallet }: BalanceFrame) => {
      // His first: from now on that one alone is followed.
      if (!shown) return wallet.userId === reading.userId ? begin() : undefined;
      if (wallet.walletId === shown.walletId && isNewer(wallet, shown)) show(wallet);
    };
    failures = 0;
    show(shown);
    const store = createFollowStore<BalanceFrame>(client, changesBehind(reading, options), () => ({
      poll: pollOfWallet(options),
      onNext: ({ data }) => data && hear(data),
      async gap() {
        try {
          const { wallet, cursor } = await readWallet(client, options);
          if (!isOver) show(wallet);
          return cursor;
        } catch (error) {
          if (!isOver) fail(error);
          throw error;
        }
      },
    }));
    let ended: unknown = null;
    stop = store.subscribe(() => {
      const { error } = store.snapshot();
      // What keeps it from being read anew was told.
      if (error !== ended && memberOf(error, 'code') !== 'WS_003') become({ error });
      ended = error;
    });
  }
  begin();
  return () => {
    isOver = true;
    nextTry.cancel();
    stop();
  };
}
