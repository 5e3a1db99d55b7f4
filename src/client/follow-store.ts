import type { GraphqlError } from './errors.ts';
import type { FloorClient, FollowOptions } from './floor-client.ts';
import type { Listener, OperationRequest, Result } from './operation.ts';
import type { Store } from './store.ts';

/** What a component shows of a subscription. */
export interface Subscribed<Data = unknown> {
  /** Of the newest frame; null before the first. */
  readonly data: Data | null;
  /** What the newest frame could not be answered with. */
  readonly errors: readonly GraphqlError[];
  /** It has ended so; null while it goes on. What ended because the connection did begins anew with the next one. */
  readonly error: unknown;
}

export interface SubscriptionOptions<Data = unknown> extends FollowOptions, Pick<Listener<Data>, 'gap'> {
  /** Told each frame, also those that came too fast to be shown. */
  readonly onNext?: (result: Result<Data>) => void;
}

export const NOTHING: Subscribed<never> = { data: null, errors: [], error: null };

/**
 * A subscription, followed for as long as the store is there.
 *
 * @param request null follows nothing
 * @param options asked for whenever they are needed: a component may bring new ones each time it is rendered
 */
export function createFollowStore<Data>(
  client: FloorClient,
  request: OperationRequest | null,
  options: () => SubscriptionOptions<Data>,
): Store<Subscribed<Data>> {
  let now: Subscribed<Data> = NOTHING;
  let hasLostConnection = false;

  function follow(request: OperationRequest, become: (next: Subscribed<Data>) => void): () => void {
    const { poll, gap } = options();
    hasLostConnection = false;
    return client.on<Data>(
      request,
      {
        next(result) {
          become({ data: result.data ?? null, errors: result.errors ?? [], error: null });
          options().onNext?.(result);
        },
        error(error) {
          hasLostConnection = 'error' in client.status && client.status.error === error;
          become({ ...now, error });
        },
        ...(gap && { gap: () => options().gap?.() }),
      },
      poll && { poll },
    );
  }

  function subscribe(changed: () => void): () => void {
    if (!request) return () => {};
    const become = (next: Subscribed<Data>) => {
      now = next;
      changed();
    };
    let stop = follow(request, become);
    const stopWatching = client.onStatus(({ state }) => {
      if (!hasLostConnection || state !== 'connecting') return;
      become({ ...now, error: null });
      stop = follow(request, become);
    });
    return () => {
      stopWatching();
      stop();
    };
  }
  return { subscribe, snapshot: () => now };
}
