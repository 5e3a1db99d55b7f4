import type { ExecutionResult, FormattedExecutionResult } from 'graphql';
import { type Context, makeServer, type Server } from 'graphql-ws';
import type { ClientTrace } from '../auth/session.ts';
import { BACKOFF } from '../graphql/client-policy.ts';
import { CLOSE } from '../graphql/close-codes.ts';
import { type ErrorScope, publicError, ShuttingDownError } from '../graphql/errors.ts';
import { encodeGlobalId } from '../graphql/ids.ts';
import { isSubscription } from '../graphql/stream.ts';
import type { DomainError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Logger } from '../lib/logger.ts';
import { admitSocketOf } from './admission.ts';
import { publicResult } from './answer.ts';
import type { Connection } from './connection.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import type { OpenConnection, SessionConnections } from './connections.ts';
import { RETRY_AFTER_MS, realtimeTimes } from './limits.ts';
import { asGraphQLError, type Operations } from './operations.ts';
import { createRequestLog, type TranslateError } from './request-log.ts';
import { identifySocket, type SocketIdentityOptions } from './socket-identity.ts';
import {
  errorsIn,
  type PrepareOptions,
  prepareOperation,
  refusedIfNotRun,
  type SocketArguments,
} from './socket-operation.ts';
import { createSocketOperations } from './socket-operations.ts';
import { renewable } from './socket-renewal.ts';
import type { Traffic } from './traffic.ts';

export interface SocketProtocolOptions extends PrepareOptions, SocketIdentityOptions {
  readonly operations: Operations;
  readonly logger: Logger;
  readonly translate: TranslateError;
  readonly sessions: SessionConnections;
  readonly quota: ConnectionQuota;
  readonly traffic: Traffic;
}

type SocketContext = Context<Record<string, unknown>, Connection>;

/**
 * graphql-transport-ws over any socket. No hook of it throws: what goes wrong in one operation is
 * the `error` message of that operation, and its siblings go on (RULES 25, 26).
 *
 * graphql-ws is not let past the end of an operation: it would take the id from whichever operation
 * has it by then. So the last message of each is sent here, and what was left is left waiting.
 */
export function createSocketProtocol(options: SocketProtocolOptions): Server<Connection> {
  const { operations, limits } = options;
  const running = createSocketOperations({
    createLog: () => createLog(options),
    changes: () => options.sessions.changes,
  });

  return makeServer<Record<string, unknown>, Connection>({
    connectionInitWaitTimeout: limits.initTimeoutMs,
    onConnect: (context) => connect(options, context),
    async onSubscribe(context, id, payload) {
      const { extra: connection, subscriptions } = context;
      const operation = running.begin(context, id, payload);
      const count = Object.keys(subscriptions).length;
      const socket = renewable(options, { connection, recheck: () => recheckStreams(context) });
      const request = { connection, socket, id, count, payload, operation };
      const prepared = await prepareOperation(options, request).catch((error) => [asGraphQLError(error)]);
      return running.isLeft(context, id, payload) ? await running.forget(context, id, payload) : prepared;
    },
    execute: async (args) => refusedIfNotRun(await operations.execute(args as SocketArguments)),
    subscribe: async (args) => {
      const begun = args as SocketArguments;
      const result = await operations.subscribe(begun, begun.sink);
      // graphql-ws holds the arguments for as long as it runs, and with them all that the request was told.
      args.contextValue = null;
      return refusedIfNotRun(result);
    },
    async onOperation(context, id, payload, _args, result) {
      const stream = isSubscription(result) ? result : null;
      if (running.isLeft(context, id, payload)) {
        await stream?.return();
        return await running.forget(context, id, payload);
      }
      // Rights that changed while it was being opened, when nobody could tell it.
      if (running.begunAt(payload) === options.sessions.changes) return;
      await stream?.recheck().catch((error) => running.scopeOf(payload).onFault(error));
    },
    async onNext(context, id, payload, _args, result) {
      if (running.isLeft(context, id, payload)) return await running.forget(context, id, payload);
      return publicResult(result as ExecutionResult, running.scopeOf(payload)) as FormattedExecutionResult;
    },
    async onError(context, id, payload, errors) {
      if (running.isLeft(context, id, payload)) return await running.forget(context, id, payload);
      const scope = running.scopeOf(payload);
      const answers = errors.flatMap(errorsIn).map((error) => publicError(error, scope));
      const slow = answers.find(({ extensions }) => extensions.code === 'WS_004');
      if (slow) context.extra.closeAsSlow();
      void context.extra.send(JSON.stringify({ id, type: 'error', payload: answers }));
      return await running.forget(context, id, payload);
    },
    async onComplete(context, id, payload) {
      const isLeft = running.isLeft(context, id, payload);
      if (!isLeft) void context.extra.send(JSON.stringify({ id, type: 'complete' }));
      await running.forget(context, id, payload);
    },
  });
}

type LogOptions = Pick<SocketProtocolOptions, 'logger' | 'translate' | 'traffic'>;

const createLog = ({ logger, translate, traffic }: LogOptions) =>
  createRequestLog({
    logger,
    requestId: newId(),
    transport: 'websocket',
    translate,
    onCode: traffic.errors.add,
  });

/** What `connection_ack` tells a client. */
interface Acknowledgement extends Record<string, unknown> {
  /** Under which id `realtimeConnections` lists the socket. */
  readonly connectionId: string;
  /** When it closes with 4403 unless renewed; null: not by itself. */
  readonly expiresAt: Date | null;
  readonly expiryNoticeSeconds: number;
  readonly heartbeatIntervalSeconds: number;
  readonly backoff: typeof BACKOFF;
}

/** What a socket that may go on is told; one that may not has been closed with what says why. */
async function connect(
  options: SocketProtocolOptions,
  context: SocketContext,
): Promise<Acknowledgement | false> {
  const { extra, connectionParams } = context;
  // graphql-ws would keep the token for as long as the socket.
  Object.assign(context, { connectionParams: undefined });
  try {
    if (options.isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
    const identity = await identifySocket(options, connectionParams);
    await admitSocketOf(options.rateLimits, identity.actor);
    const place = options.quota.claim(identity.actor);
    extra.ended.then(() => place[Symbol.dispose]());
    extra.identify(identity);
    const registered = options.sessions.add(identity.actor, new SocketConnection(context));
    extra.ended.then(() => registered[Symbol.dispose]());
    const { heartbeatIntervalSeconds, expiryNoticeSeconds } = realtimeTimes(options.limits);
    return {
      connectionId: encodeGlobalId('RealtimeConnection', extra.id),
      expiresAt: identity.expiresAt,
      expiryNoticeSeconds,
      heartbeatIntervalSeconds,
      backoff: BACKOFF,
    };
  } catch (error) {
    refuseSocket(options, extra, error);
    return false;
  }
}

/** Closes a socket with what says why it may not go on. */
export function refuseSocket(options: LogOptions, connection: Connection, error: unknown): void {
  const log = createLog(options);
  const { code, reason } = refusalOf(error, log.errors);
  connection.close(code, reason);
  log.finish({ closeCode: code });
}

/** The socket as all that is open is kept. A class, for there are many: object literals with getters are dear. */
class SocketConnection implements OpenConnection {
  readonly transport = 'WEBSOCKET';
  readonly #context: SocketContext;

  constructor(context: SocketContext) {
    this.#context = context;
  }

  get id(): string {
    return this.#context.extra.id;
  }

  get client(): ClientTrace {
    return this.#context.extra.client;
  }

  get openedAt(): Date {
    return this.#context.extra.openedAt;
  }

  get expiresAt(): Date | null {
    return this.#context.extra.identity.expiresAt;
  }

  get operations(): number {
    return Object.keys(this.#context.subscriptions).length;
  }

  get subscriptions(): number {
    return this.#streams().length;
  }

  get channels(): readonly string[] {
    return this.#streams().flatMap(({ channels }) => channels);
  }

  #streams() {
    return Object.values(this.#context.subscriptions).filter(isSubscription);
  }

  end({ code, message }: DomainError): void {
    const closeCode = code === 'WS_006' ? CLOSE.ACCESS_REVOKED : CLOSE.TRY_AGAIN_LATER;
    this.#context.extra.close(closeCode, `${code} ${message}`);
  }

  recheck(): Promise<void> {
    return recheckStreams(this.#context);
  }
}

/** Ends what the caller of a socket may no longer follow; its siblings go on. */
async function recheckStreams({ subscriptions }: SocketContext): Promise<void> {
  const streams = Object.values(subscriptions).filter(isSubscription);
  await Promise.all(streams.map((stream) => stream.recheck()));
}

/** How a socket closes that may not go on; a client comes back to all but the first with the same token. */
function refusalOf(error: unknown, scope: ErrorScope): { readonly code: number; readonly reason: string } {
  const { message, extensions } = publicError(error, scope);
  const isOfToken = extensions.family === 'AUTH' || extensions.code === 'WS_002';
  if (isOfToken) return { code: CLOSE.TOKEN_REFUSED, reason: `WS_002 ${message}` };
  const code = CLOSE_OF[extensions.code] ?? CLOSE.TRY_AGAIN_LATER;
  return { code, reason: `${extensions.code} ${message}` };
}

const CLOSE_OF: Readonly<Record<string, number>> = { SYS_004: CLOSE.DRAINING, WS_005: CLOSE.LIMIT_REACHED };
