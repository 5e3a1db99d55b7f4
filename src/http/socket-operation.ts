import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import type { SubscribePayload } from 'graphql-ws';
import type { Caller, OpenSocket } from '../graphql/context.ts';
import { ShuttingDownError } from '../graphql/errors.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import { isAsyncIterable, type Subscription } from '../graphql/stream.ts';
import { isSignedIn } from '../lib/actor.ts';
import { admitActor, admitAddress } from './admission.ts';
import type { RefreshActor } from './authenticate.ts';
import type { Connection } from './connection.ts';
import type { PrepareDocument } from './documents.ts';
import { ConnectionLimitError } from './errors.ts';
import type { Frame } from './frame.ts';
import { type Limits, RETRY_AFTER_MS } from './limits.ts';
import type { OperationArguments } from './operations.ts';
import type { RequestLog } from './request-log.ts';
import type { Sink } from './sink.ts';

/** One operation on a socket, from its subscribe message to its end. */
export interface SocketOperation {
  readonly log: RequestLog;
  /** `SessionConnections.changes` when it began. */
  readonly begunAt: number;
  /** Whether it is a query or a mutation under way, which a shutdown waits for. */
  isRunning: boolean;
}

export interface PrepareOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareDocument;
  readonly refreshActor: RefreshActor;
  readonly rateLimits: RateLimits;
  readonly createContext: (caller: Caller) => OperationArguments['contextValue'];
  readonly limits: Limits;
  readonly isDraining: () => boolean;
}

/** An operation as graphql-ws hands it on, with where the frames of a subscription go. */
export interface SocketArguments extends OperationArguments {
  readonly sink: Sink;
}

/**
 * What an operation is executed with, or what is wrong with its document. The caller is looked up
 * anew, as a request over HTTP would: what his session may do can have changed since the last.
 *
 * @throws whatever refuses it
 */
export async function prepareOperation(
  { schema, prepare, refreshActor, rateLimits, createContext, limits, isDraining }: PrepareOptions,
  request: {
    readonly connection: Connection;
    readonly socket: OpenSocket;
    readonly id: string;
    /** Operations on this socket, this one included. */
    readonly count: number;
    readonly payload: SubscribePayload;
    readonly operation: SocketOperation;
  },
): Promise<SocketArguments | readonly GraphQLError[]> {
  const { connection, socket, payload, operation } = request;
  if (isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
  if (request.count > limits.maxOperationsPerSocket) {
    throw new ConnectionLimitError(
      `A socket runs at most ${limits.maxOperationsPerSocket} operations at a time.`,
    );
  }
  await admitAddress(rateLimits, connection.client.address);
  const { document, errors } = prepare(payload.query);
  if (errors) return errors;
  const { operationName, variables } = payload;
  const definition = getOperationAST(document, operationName);
  if (!definition) throw new GraphQLError('Say by operationName which operation of the document to run.');
  const { actor: known } = connection.identity;
  const actor = isSignedIn(known) ? await refreshActor(known) : known;
  await admitActor(rateLimits, actor);

  const { log } = operation;
  log.operation({ kind: definition.operation, name: definition.name?.value ?? null });
  if (definition.operation === 'subscription') log.streaming();
  else {
    operation.isRunning = true;
    connection.running += 1;
  }
  const contextValue = createContext({
    actor,
    requestId: log.requestId,
    client: connection.client,
    socket,
  });
  const sink = new SocketSink(connection, request.id);
  return { schema, document, operationName, variableValues: variables, contextValue, sink };
}

class SocketSink implements Sink {
  readonly #connection: Connection;
  readonly #id: string;

  constructor(connection: Connection, id: string) {
    this.#connection = connection;
    this.#id = id;
  }

  get isSlow(): boolean {
    return this.#connection.isSlow;
  }

  get isFull(): boolean {
    return this.#connection.isFull;
  }

  next(frame: Frame): void {
    this.#connection.queue(frame.forSocket(this.#id));
  }

  drained(): Promise<void> {
    return this.#connection.drained();
  }
}

/** Errors because of which an operation did not run at all. */
class OperationRefusal extends Error {
  readonly errors: readonly GraphQLError[];
  constructor(errors: readonly GraphQLError[]) {
    super('The operation was refused.');
    this.errors = errors;
  }
}

/**
 * A result without data is the `error` message of the protocol, not a `next`. graphql-ws sends one
 * for a stream that throws.
 */
export function refusedIfNotRun(
  result: ExecutionResult | Subscription,
): ExecutionResult | AsyncIterable<ExecutionResult> {
  if (isAsyncIterable(result) || result.data !== undefined || !result.errors) return result;
  const refusal = new OperationRefusal(result.errors);
  return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(refusal) }) };
}

/** The errors of a refusal, or the error itself when it is none. */
export const errorsIn = (error: GraphQLError): readonly GraphQLError[] =>
  error.originalError instanceof OperationRefusal ? error.originalError.errors : [error];
