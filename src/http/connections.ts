import { SessionRevokedError } from '../auth/errors.ts';
import { createExpiringCache } from '../auth/expiring-cache.ts';
import { type Actor, credentialOf, isSignedIn } from '../lib/actor.ts';
import type { RefreshActor } from './authenticate.ts';

/** A socket, or a stream of server-sent events. */
export interface OpenConnection {
  /** Its session or key is over. */
  end(): void;
  /** Ends what its caller may no longer follow. @throws what keeps this from being found out */
  recheck(): Promise<void>;
}

/** Sockets and streams by the session or API key they are open on behalf of. */
export interface SessionConnections {
  /**
   * Keeps a connection until disposed of, to end it with the actor's session or key. One that ended
   * while its connection was being opened ends it at once. Nobody's connection has nothing to end.
   */
  add(actor: Actor, connection: OpenConnection): Disposable;
  /** Ends everything that is open for this session or key. */
  end(credentialId: string): void;
  /**
   * Asks anew what this user may: connections of a session that is worth nothing any more end, of
   * others what he may no longer follow.
   *
   * @throws the first failure; what it concerns is asked again at its next event
   */
  recheck(userId: string): Promise<void>;
}

interface Entry {
  readonly actor: Actor;
  readonly connection: OpenConnection;
}

/** Longer than opening a connection can take; a session that has ended never comes back. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export function createSessionConnections(refreshActor: RefreshActor): SessionConnections {
  const open = new Map<string, Set<Entry>>();
  const ended = createExpiringCache<true>(MAX_REMEMBERED);

  async function recheck({ actor, connection }: Entry): Promise<void> {
    try {
      if (isSignedIn(actor)) await refreshActor(actor);
    } catch (error) {
      if (!(error instanceof SessionRevokedError)) throw error;
      connection.end();
      return;
    }
    await connection.recheck();
  }

  return {
    add(actor, connection) {
      const credentialId = credentialOf(actor);
      if (credentialId === null) return { [Symbol.dispose]: () => {} };
      const entries = open.get(credentialId) ?? new Set();
      const entry = { actor, connection };
      open.set(credentialId, entries.add(entry));
      if (ended.get(credentialId, performance.now())) {
        // Not before the caller has what he disposes of.
        queueMicrotask(() => entries.has(entry) && connection.end());
      }
      return {
        [Symbol.dispose]() {
          entries.delete(entry);
          if (entries.size === 0 && open.get(credentialId) === entries) open.delete(credentialId);
        },
      };
    },
    end(credentialId) {
      ended.set(credentialId, true, performance.now() + REMEMBERED_MS);
      for (const { connection } of [...(open.get(credentialId) ?? [])]) connection.end();
    },
    async recheck(userId) {
      const his = [...open.values()]
        .flatMap((entries) => [...entries])
        .filter(({ actor }) => actor.kind === 'user' && actor.userId === userId);
      const results = await Promise.allSettled(his.map(recheck));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}
