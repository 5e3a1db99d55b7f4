import { createFollowed, type Followed, type FollowedOptions } from './followed.ts';
import { shownKeyOf } from './latest.ts';
import type { Link } from './link.ts';
import { keyOf, type Listener, type OperationRequest } from './operation.ts';
import type { PollOptions } from './poll.ts';

/** The subscriptions that somebody listens to: one of each text and variables. */
export interface Following {
  /** Answers how to leave. */
  join(request: OperationRequest, listener: Listener, poll: PollOptions | null): () => void;
  find(request: OperationRequest): Followed | null;
  /** Whether somebody listens to what shows the same, from wherever, and would hear what happens now. */
  shows(request: OperationRequest): boolean;
  /** It has ended by itself. */
  forget(operation: Followed): void;
}

export function createFollowing({
  link,
  ...options
}: Omit<FollowedOptions, 'poll'> & { readonly link: Link }): Following {
  const shared = new Map<string, Followed>();
  const forget = (operation: Followed) => {
    const key = keyOf(operation.request);
    if (shared.get(key) === operation) shared.delete(key);
  };
  return {
    join(request, listener, poll) {
      const key = keyOf(request);
      const known = shared.get(key);
      const entry = known?.entry() ?? 'APART';
      const operation = known && entry !== 'APART' ? known : createFollowed(request, { ...options, poll });
      const leave = operation.add(listener, entry);
      if (operation !== known || entry === 'ANEW') {
        shared.set(key, operation);
        link.run(operation);
      }
      return () => {
        if (leave() > 0) return;
        forget(operation);
        link.take(operation);
      };
    },
    find: (request) => shared.get(keyOf(request)) ?? null,
    shows(request) {
      const key = shownKeyOf(request);
      return [...shared.values()].some(
        (operation) => link.carries(operation) && shownKeyOf(operation.request) === key,
      );
    },
    forget,
  };
}
