import type { Context, SubscribePayload } from 'graphql-ws';
import type { ErrorScope } from '../graphql/errors.ts';
import type { Connection } from './connection.ts';
import type { RequestLog } from './request-log.ts';
import type { SocketOperation } from './socket-operation.ts';

type SocketContext = Context<Record<string, unknown>, Connection>;

/**
 * The operations on every socket. An operation is known by the payload it began with: its id may be
 * that of another one as soon as the client has left it, while it still runs.
 */
export interface SocketOperations {
  begin(context: SocketContext, id: string, payload: SubscribePayload): SocketOperation;
  /** Whether nobody waits for it any more: the client completed it, or has gone. */
  isLeft(context: SocketContext, id: string, payload: SubscribePayload): boolean;
  scopeOf(payload: SubscribePayload): ErrorScope;
  /** How often rights had changed when it began. */
  begunAt(payload: SubscribePayload): number | undefined;
  /** Ends its account and frees its id, where that is still its own. Whoever awaits this waits for ever. */
  forget(context: SocketContext, id: string, payload: SubscribePayload): Promise<never>;
}

export function createSocketOperations({
  createLog,
  changes,
}: {
  readonly createLog: () => RequestLog;
  /** `SessionConnections.changes`. */
  readonly changes: () => number;
}): SocketOperations {
  const operations = new WeakMap<SubscribePayload, SocketOperation>();
  const holders = new WeakMap<Connection, Map<string, SubscribePayload>>();

  const isLeft: SocketOperations['isLeft'] = ({ extra, subscriptions }, id, payload) =>
    !(id in subscriptions) || holders.get(extra)?.get(id) !== payload;

  return {
    begin({ extra: connection }, id, payload) {
      const operation = { log: createLog(), begunAt: changes(), isRunning: false };
      operations.set(payload, operation);
      const ids = holders.get(connection) ?? new Map();
      holders.set(connection, ids.set(id, payload));
      return operation;
    },
    isLeft,
    begunAt: (payload) => operations.get(payload)?.begunAt,
    scopeOf: (payload) => (operations.get(payload)?.log ?? createLog()).errors,
    forget({ extra: connection, subscriptions }, id, payload) {
      const operation = operations.get(payload);
      operations.delete(payload);
      if (operation?.isRunning) connection.running -= 1;
      operation?.log.finish({});
      const ids = holders.get(connection);
      if (ids?.get(id) === payload) {
        ids.delete(id);
        delete subscriptions[id];
      }
      // One for each: what waits for one promise that never comes is kept for as long as that.
      return new Promise(() => {});
    },
  };
}
