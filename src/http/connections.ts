import { createExpiringCache } from '../auth/expiring-cache.ts';
import type { Actor } from '../lib/actor.ts';

/** Sockets and streams by the session they are open on behalf of. */
export interface SessionConnections {
  /**
   * Keeps `end` to be called when the session ends, until disposed of. A session that ended while
   * its connection was being opened ends it at once. Nobody's connection has no session to end.
   */
  add(actor: Actor, end: () => void): Disposable;
  /** Ends everything that is open for this session. */
  end(sessionId: string): void;
}

/** Longer than opening a connection can take; a session that has ended never comes back. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export function createSessionConnections(): SessionConnections {
  const open = new Map<string, Set<() => void>>();
  const ended = createExpiringCache<true>(MAX_REMEMBERED);

  return {
    add(actor, end) {
      if (actor.kind !== 'user') return { [Symbol.dispose]: () => {} };
      const { sessionId } = actor;
      const ends = open.get(sessionId) ?? new Set();
      // Its own, so that two connections with one function are two.
      const call = () => end();
      open.set(sessionId, ends.add(call));
      if (ended.get(sessionId, performance.now())) {
        // Not before the caller has what he disposes of.
        queueMicrotask(() => ends.has(call) && end());
      }
      return {
        [Symbol.dispose]() {
          ends.delete(call);
          if (ends.size === 0 && open.get(sessionId) === ends) open.delete(sessionId);
        },
      };
    },
    end(sessionId) {
      ended.set(sessionId, true, performance.now() + REMEMBERED_MS);
      for (const end of [...(open.get(sessionId) ?? [])]) end();
    },
  };
}
