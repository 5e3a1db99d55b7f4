import { type ExecutionResult, GraphQLError, type GraphQLSchema, getOperationAST } from 'graphql';
import { MessageType, type SubscribePayload } from 'graphql-ws';
import type { Caller } from '../graphql/context.ts';
import { publicError, ShuttingDownError } from '../graphql/errors.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import type { Subscription } from '../graphql/stream.ts';
import { isWritten } from '../graphql/written-result.ts';
import { isSignedIn } from '../lib/actor.ts';
import { admitActor, admitAddress } from './admission.ts';
import { publicResult, writtenJson } from './answer.ts';
import { askedDocument } from './asked-document.ts';
import type { RefreshActor } from './authenticate.ts';
import { ConnectionLimitError } from './errors.ts';
import { encodeText, type Frame } from './frame.ts';
import { type Limits, RETRY_AFTER_MS } from './limits.ts';
import { asGraphQLError, type OperationArguments, type Operations } from './operations.ts';
import type { PrepareAsked } from './persisted-documents.ts';
import { createRequestLog, type RequestLog, type RequestLogOptions } from './request-log.ts';
import type { Outlet } from './sink.ts';
import type { SocketSession } from './socket-session.ts';

export interface SocketOperationOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareAsked;
  readonly operations: Operations;
  readonly refreshActor: RefreshActor;
  readonly rateLimits: RateLimits;
  readonly createContext: (caller: Caller) => OperationArguments['contextValue'];
  readonly limits: Limits;
  readonly isDraining: () => boolean;
  readonly log: RequestLogOptions;
}

/** An operation that can run, or what is wrong with its document. */
type Prepared =
  | { readonly args: OperationArguments; readonly isSubscription: boolean }
  | { readonly errors: readonly GraphQLError[] };

/** One operation on a socket, from its subscribe message to its end. It is where the frames of a subscription go. */
export class SocketOperation implements Outlet {
  readonly id: string;
  readonly #options: SocketOperationOptions;
  readonly #session: SocketSession;
  readonly #log: RequestLog;
  /** How often rights had changed when it was asked for. */
  readonly #begunAt: number;
  #subscription: Subscription | null = null;
  /** A query or a mutation under way, which a shutdown waits for. */
  #isRunning = false;
  /** Nobody waits for it any more: the client has completed it, or gone. It may still run, and its id be another’s. */
  #isLeft = false;

  constructor(
    options: SocketOperationOptions,
    { session, id }: { readonly session: SocketSession; readonly id: string },
  ) {
    this.#options = options;
    this.#session = session;
    this.id = id;
    this.#begunAt = session.changes;
    this.#log = createRequestLog(options.log);
  }

  get isFollowing(): boolean {
    return this.#subscription !== null;
  }

  get channels(): readonly string[] {
    return this.#subscription?.channels ?? [];
  }

  /** Until it is answered, or followed. It does not throw. */
  async run(payload: SubscribePayload): Promise<void> {
    try {
      const prepared = await this.#prepare(payload);
      if (this.#isLeft) return this.#finish();
      if ('errors' in prepared) return this.#refuse(prepared.errors);
      const { operations } = this.#options;
      if (!prepared.isSubscription) return await this.#answer(await operations.execute(prepared.args));
      const begun = await operations.subscribe(prepared.args, this);
      if ('recheck' in begun) this.#follow(begun);
      else await this.#answer(begun);
    } catch (error) {
      this.#refuse([asGraphQLError(error)]);
    }
  }

  /** The client does not want it any more, or has gone. */
  leave(): void {
    this.#isLeft = true;
    this.#session.forget(this);
    this.#subscription?.end();
  }

  async recheck(): Promise<void> {
    await this.#subscription?.recheck();
  }

  async begins(subscription: Subscription): Promise<void> {
    this.#subscription = subscription;
    if (this.#isLeft) subscription.end();
    else if (this.#begunAt !== this.#session.changes) await subscription.recheck();
  }

  get isSlow(): boolean {
    return this.#session.connection.isSlow;
  }

  get isFull(): boolean {
    return this.#session.connection.isFull;
  }

  next(frame: Frame): void {
    this.#session.connection.queue(frame.forSocket(this.id));
  }

  drained(): Promise<void> {
    return this.#session.connection.drained();
  }

  /**
   * What it is executed with. The caller is looked up anew, as a request over HTTP would: what his session
   * may do can have changed since the last.
   *
   * @throws whatever refuses it
   */
  async #prepare(payload: SubscribePayload): Promise<Prepared> {
    const { schema, prepare, refreshActor, rateLimits, createContext, limits, isDraining } = this.#options;
    const { connection, operations } = this.#session;
    if (isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
    if (operations > limits.maxOperationsPerSocket)
      throw new ConnectionLimitError(
        `A socket runs at most ${limits.maxOperationsPerSocket} operations at a time.`,
      );
    await admitAddress(rateLimits, connection.client.address);
    const { operationName, variables } = payload;
    const { document, errors } = prepare(askedDocument(payload));
    if (errors) return { errors };
    const definition = getOperationAST(document, operationName);
    if (!definition) throw new GraphQLError('Say by operationName which operation of the document to run.');
    const { actor: known, keyId } = connection.identity;
    const actor = isSignedIn(known) ? await refreshActor(known) : known;
    await admitActor(rateLimits, actor);

    const { client } = connection;
    const { requestId, errors: told } = this.#log;
    const isSubscription = definition.operation === 'subscription';
    this.#log.operation({ kind: definition.operation, name: definition.name?.value ?? null });
    if (isSubscription) this.#log.streaming();
    else {
      this.#isRunning = true;
      connection.running += 1;
    }
    const contextValue = createContext({
      actor,
      keyId,
      requestId,
      client,
      socket: this.#session,
      onErrorMember: (code) => told.onCode(code),
    });
    const args = { schema, document, operationName, variableValues: variables, contextValue };
    return { args, isSubscription };
  }

  #follow(subscription: Subscription): void {
    subscription.whenOver((failure) => {
      if (failure) this.#refuse([asGraphQLError(failure.error)]);
      else this.#complete();
    });
  }

  /** A result without data is the `error` message of the protocol, not a `next`. */
  async #answer(result: ExecutionResult): Promise<void> {
    if (!isWritten(result) && result.data === undefined && result.errors) return this.#refuse(result.errors);
    // Also where nobody waits for it any more: what is a fault is logged.
    const told = isWritten(result) ? result : publicResult(result, this.#log.errors);
    if (!this.#isLeft) {
      const payload = isWritten(told) ? writtenJson(told) : JSON.stringify(told);
      const message = `{"id":${JSON.stringify(this.id)},"type":"${MessageType.Next}","payload":${payload}}`;
      await this.#session.connection.answer(encodeText(message), () => !this.#isLeft);
    }
    this.#complete();
  }

  #refuse(errors: readonly GraphQLError[]): void {
    // Also where nobody waits for them any more: what is a fault is logged.
    const answers = errors.map((error) => publicError(error, this.#log.errors));
    if (!this.#isLeft) {
      if (answers.some(({ extensions }) => extensions.code === 'WS_004'))
        this.#session.connection.closeAsSlow();
      this.#send(MessageType.Error, answers);
    }
    this.#finish();
  }

  #complete(): void {
    if (!this.#isLeft) this.#session.connection.send({ id: this.id, type: MessageType.Complete });
    this.#finish();
  }

  #send(type: MessageType, payload: unknown): void {
    this.#session.connection.send({ id: this.id, type, payload });
  }

  #finish(): void {
    if (this.#isRunning) this.#session.connection.running -= 1;
    this.#isRunning = false;
    this.#subscription = null;
    this.#log.finish({});
    if (!this.#isLeft) this.#session.forget(this);
    this.#isLeft = true;
  }
}
