import { principalKeyOf } from '../graphql/rate-limits.ts';
import type { Actor } from '../lib/actor.ts';
import { ConnectionLimitError } from './errors.ts';

/** How many WebSockets each user, device and partner has open in this process. */
export interface SocketQuota {
  /** Counts one more until disposed of; nobody's are not counted. @throws ConnectionLimitError */
  take(actor: Actor): Disposable;
}

export function createSocketQuota(maxSocketsPerUser: number): SocketQuota {
  const open = new Map<string, Set<object>>();

  return {
    take(actor) {
      const key = principalKeyOf(actor);
      if (key === null) return { [Symbol.dispose]: () => {} };
      const his = open.get(key) ?? new Set();
      if (his.size >= maxSocketsPerUser)
        throw new ConnectionLimitError(
          `You have ${maxSocketsPerUser} sockets open already. Close one first.`,
        );
      const place = {};
      open.set(key, his.add(place));
      return {
        [Symbol.dispose]() {
          his.delete(place);
          if (his.size === 0 && open.get(key) === his) open.delete(key);
        },
      };
    },
  };
}
