import { SessionRevokedError, SocketTokenRefusedError } from '../auth/errors.ts';
import { createExpiringCache } from '../auth/expiring-cache.ts';
import type { ClientTrace } from '../auth/session.ts';
import { type Actor, credentialOf, isSignedIn } from '../lib/actor.ts';
import type { DomainError } from '../lib/errors.ts';
import type { RefreshActor } from './authenticate.ts';
import { AccessRevokedError, DisconnectedError, RightsUnknownError } from './errors.ts';

/** A socket, or a stream of server-sent events. */
export interface OpenConnection {
  readonly id: string;
  readonly transport: 'WEBSOCKET' | 'SSE';
  readonly client: ClientTrace;
  readonly openedAt: Date;
  /** When what opened it ends; null for what does not end by itself. */
  readonly expiresAt: Date | null;
  /** What signed the token it is open by, or goes on by; null for what nobody signed. */
  readonly keyId: string | null;
  /** Under way on it. */
  readonly operations: number;
  readonly subscriptions: number;
  /** What those follow by name, once for each that does. */
  readonly channels: readonly string[];
  end(reason: DomainError): void;
  /** Ends what its caller may no longer follow. @throws what keeps this from being found out */
  recheck(): Promise<void>;
}

/** Sockets and streams by the session or API key they are open on behalf of. */
export interface SessionConnections {
  /**
   * Keeps a connection until disposed of, to end it with the actor's session or API key, or with what signed
   * his token. One that ended while its connection was being opened ends it at once. Nobody's connection has nothing to end.
   */
  add(actor: Actor, connection: OpenConnection): Disposable;
  /** All that is open, and on whose behalf. */
  list(): Iterable<ConnectionEntry>;
  /** Ends one connection, if it is here, with the words of whoever wants it so. */
  disconnect(connectionId: string, reason: string): void;
  /** Ends everything that is open for this session or key. */
  end(credentialId: string): void;
  /** Ends everything that is open by a token that this key signed. The sessions go on by other tokens. */
  endSignedBy(keyId: string): void;
  /** @throws SocketTokenRefusedError for a key of which `endSignedBy` was told */
  refuseRevoked(keyId: string | null): void;
  /**
   * Asks anew what this user may: connections of a session that is worth nothing any more end, of
   * others what he may no longer follow, and those of which it cannot be found out as well.
   *
   * @throws the first failure, when all is done
   */
  recheck(userId: string): Promise<void>;
  /** Has whatever is being opened now asked about its rights once it is open: nobody knows yet what it will follow. */
  recheckBeginnings(): void;
  /** How often rights have ended or changed: what was begun at another number is to be asked again. */
  readonly changes: number;
}

class Entry implements ConnectionEntry, Disposable {
  readonly actor: Actor;
  readonly connection: OpenConnection;
  readonly #remove: (entry: Entry) => void;

  constructor(actor: Actor, connection: OpenConnection, remove: (entry: Entry) => void) {
    this.actor = actor;
    this.connection = connection;
    this.#remove = remove;
  }

  [Symbol.dispose](): void {
    this.#remove(this);
  }
}

export interface ConnectionEntry {
  readonly actor: Actor;
  readonly connection: OpenConnection;
}

/** Longer than opening a connection can take; a session that has ended never comes back. */
const REMEMBERED_MS = 60_000;
const MAX_REMEMBERED = 10_000;

export function createSessionConnections(refreshActor: RefreshActor): SessionConnections {
  const all = new Map<string, Entry>();
  const open = new Map<string, Set<Entry>>();
  const ended = createExpiringCache<true>(MAX_REMEMBERED);
  /** A person revokes each, so there are few; and none comes back. */
  const revokedKeys = new Set<string>();
  let changes = 0;

  async function recheck({ actor, connection }: ConnectionEntry): Promise<void> {
    try {
      if (isSignedIn(actor)) await refreshActor(actor);
      await connection.recheck();
    } catch (error) {
      const isOver = error instanceof SessionRevokedError;
      connection.end(isOver ? new AccessRevokedError() : new RightsUnknownError({ cause: error }));
      if (!isOver) throw error;
    }
  }

  function remove(entry: Entry): void {
    all.delete(entry.connection.id);
    const credentialId = credentialOf(entry.actor);
    if (credentialId === null) return;
    const entries = open.get(credentialId);
    if (entries?.delete(entry) && entries.size === 0) open.delete(credentialId);
  }

  /** What became of it while its connection was being opened. */
  function endOf(credentialId: string, keyId: string | null): DomainError | null {
    if (ended.get(credentialId, performance.now())) return new AccessRevokedError();
    return keyId !== null && revokedKeys.has(keyId) ? keyRevoked() : null;
  }

  return {
    get changes() {
      return changes;
    },
    add(actor, connection) {
      const entry = new Entry(actor, connection, remove);
      all.set(connection.id, entry);
      const credentialId = credentialOf(actor);
      if (credentialId === null) return entry;
      const entries = open.get(credentialId) ?? new Set();
      open.set(credentialId, entries.add(entry));
      const reason = endOf(credentialId, connection.keyId);
      // Not before the caller has what he disposes of.
      if (reason) queueMicrotask(() => entries.has(entry) && connection.end(reason));
      return entry;
    },
    list: () => all.values(),
    disconnect: (connectionId, reason) =>
      all.get(connectionId)?.connection.end(new DisconnectedError(reason)),
    end(credentialId) {
      changes += 1;
      ended.set(credentialId, true, performance.now() + REMEMBERED_MS);
      for (const { connection } of [...(open.get(credentialId) ?? [])])
        connection.end(new AccessRevokedError());
    },
    endSignedBy(keyId) {
      revokedKeys.add(keyId);
      for (const { connection } of [...all.values()])
        if (connection.keyId === keyId) connection.end(keyRevoked());
    },
    refuseRevoked(keyId) {
      if (keyId !== null && revokedKeys.has(keyId)) throw keyRevoked();
    },
    recheckBeginnings() {
      changes += 1;
    },
    async recheck(userId) {
      changes += 1;
      const his = [...open.values()]
        .flatMap((entries) => [...entries])
        .filter(({ actor }) => actor.kind === 'user' && actor.userId === userId);
      const results = await Promise.allSettled(his.map(recheck));
      for (const result of results) if (result.status === 'rejected') throw result.reason;
    },
  };
}

const keyRevoked = () =>
  new SocketTokenRefusedError('The key was revoked that signed the token. Refresh it and connect again.');
