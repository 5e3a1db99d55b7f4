import { createExpiringCache } from '../auth/expiring-cache.ts';
import { type Actor, credentialOf } from '../lib/actor.ts';

/** Sockets and streams by the session or API key they are open on behalf of. */
export interface SessionConnections {
  /**
   * Keeps `end` to be called when the actor's session or key ends, until disposed of. One that ended
   * while its connection was being opened ends it at once. Nobody's connection has nothing to end.
   */
  add(actor: Actor, end: () => void): Disposable;
  /** Ends everything that is open for this session or key. */
  end(credentialId: string): void;
}

/** Longer than opening a connection can take; a session that has ended never comes back. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export function createSessionConnections(): SessionConnections {
  const open = new Map<string, Set<() => void>>();
  const ended = createExpiringCache<true>(MAX_REMEMBERED);

  return {
    add(actor, end) {
      const credentialId = credentialOf(actor);
      if (credentialId === null) return { [Symbol.dispose]: () => {} };
      const ends = open.get(credentialId) ?? new Set();
      // Its own, so that two connections with one function are two.
      const call = () => end();
      open.set(credentialId, ends.add(call));
      if (ended.get(credentialId, performance.now())) {
        // Not before the caller has what he disposes of.
        queueMicrotask(() => ends.has(call) && end());
      }
      return {
        [Symbol.dispose]() {
          ends.delete(call);
          if (ends.size === 0 && open.get(credentialId) === ends) open.delete(credentialId);
        },
      };
    },
    end(credentialId) {
      ended.set(credentialId, true, performance.now() + REMEMBERED_MS);
      for (const end of [...(open.get(credentialId) ?? [])]) end();
    },
  };
}
