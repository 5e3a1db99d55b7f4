import { GRAPHQL_TRANSPORT_WS_PROTOCOL, type Message, MessageType, validateMessage } from 'graphql-ws';
import { isRealtimeToken } from '../auth/realtime-token.ts';
import type { ClientTrace } from '../auth/session.ts';
import { BACKOFF } from '../graphql/client-policy.ts';
import { CLOSE } from '../graphql/close-codes.ts';
import type { OpenSocket } from '../graphql/context.ts';
import { ShuttingDownError } from '../graphql/errors.ts';
import { encodeGlobalId } from '../graphql/ids.ts';
import type { DomainError } from '../lib/errors.ts';
import { admitSocketOf } from './admission.ts';
import { isRecord } from './asked-document.ts';
import type { Connection, Ending, Holder } from './connection.ts';
import type { ConnectionQuota, Place } from './connection-quota.ts';
import type { OpenConnection, SessionConnections } from './connections.ts';
import { RETRY_AFTER_MS, realtimeTimes } from './limits.ts';
import { createRequestLog } from './request-log.ts';
import {
  identifyAgain,
  identifySocket,
  type SocketIdentityOptions,
  type SocketParameters,
} from './socket-identity.ts';
import { endingFacts, identityFacts, logSocket } from './socket-log.ts';
import { SocketOperation, type SocketOperationOptions } from './socket-operation.ts';
import { refusalOf } from './socket-refusal.ts';
import { closeNameOf, type Traffic } from './traffic.ts';

export interface SocketSessionOptions extends SocketOperationOptions, SocketIdentityOptions {
  readonly sessions: SessionConnections;
  readonly quota: ConnectionQuota;
  readonly traffic: Traffic;
  /** Told when nothing is left of it. */
  readonly onGone: (session: SocketSession) => void;
}

/** What `connection_ack` tells a client. */
interface Acknowledgement {
  /** Under which id `realtimeConnections` lists the socket. */
  readonly connectionId: string;
  /** When it closes with 4403 unless renewed; null: not by itself. */
  readonly expiresAt: Date | null;
  readonly expiryNoticeSeconds: number;
  readonly heartbeatIntervalSeconds: number;
  readonly backoff: typeof BACKOFF;
}

const NONE: readonly SocketOperation[] = [];

const CLOSE_OF: Readonly<Record<string, number>> = {
  WS_002: CLOSE.TOKEN_REFUSED,
  WS_006: CLOSE.ACCESS_REVOKED,
};

/** The words of graphql-transport-ws, behind the code that says the same. */
const UNAUTHORIZED = 'WS_001 Unauthorized: an operation came before connection_init was acknowledged.';
const INIT_TIMEOUT = 'WS_001 Connection initialisation timeout: connection_init did not come in time.';

/**
 * One client on one socket, in graphql-transport-ws. What goes wrong in one operation is the `error`
 * message of that operation, and its siblings go on (RULES 25, 26).
 *
 * The server of graphql-ws keeps an iterator, closures and promises for each subscription, and takes an id for
 * that of whichever operation has it by then. Here a subscription is an object that is told of its end.
 */
export class SocketSession implements Holder, OpenConnection, OpenSocket {
  readonly connection: Connection;
  readonly #options: SocketSessionOptions;
  #state: 'NEW' | 'INITIALISING' | 'READY' = 'NEW';
  #isEnded = false;
  /** Under way. Seldom more than one, so a list of just that length is the least. */
  #operations = NONE;
  /** Since it was opened. */
  #begun = 0;
  #place: Place | null = null;
  #registered: Disposable | null = null;
  #initTimer: NodeJS.Timeout | undefined;

  constructor(options: SocketSessionOptions, connection: Connection) {
    this.#options = options;
    this.connection = connection;
    connection.holdBy(this);
  }

  /** Lets a client in until he has to have said who he is, or closes with why not. */
  open({ protocol, refusal }: { readonly protocol: string; readonly refusal: unknown }): void {
    const { isDraining, quota, limits } = this.#options;
    this.#log('socket opened', () => ({ protocol, address: this.client.address }));
    try {
      if (refusal !== null) throw refusal;
      if (isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
      this.#place = quota.admit(this.client.address);
      if (protocol === GRAPHQL_TRANSPORT_WS_PROTOCOL)
        this.#initTimer = setTimeout(() => this.#timeOut(), limits.initTimeoutMs);
      else this.connection.close(CLOSE.SUBPROTOCOL, 'Subprotocol not acceptable');
    } catch (error) {
      this.#refuse(error);
    }
  }

  heard(text: string): void {
    const message = read(text);
    switch (message?.type) {
      case MessageType.ConnectionInit:
        void this.#initialise(message.payload);
        break;
      case MessageType.Ping: {
        const { payload } = message;
        this.connection.send({ type: MessageType.Pong, ...(payload && { payload }) });
        break;
      }
      case MessageType.Pong:
        break;
      case MessageType.Subscribe:
        this.#subscribe(message);
        break;
      case MessageType.Complete:
        this.#operations.find(({ id }) => id === message.id)?.leave();
        break;
      default:
        this.connection.close(CLOSE.BAD_MESSAGE, message ? 'Unexpected message' : 'Invalid message received');
    }
  }

  ended(ending: Ending): void {
    const { openedAt } = this;
    this.#log('socket ended', () => endingFacts(ending, { openedAt, operations: this.#begun }));
    this.#isEnded = true;
    this.#stopWaiting();
    this.#registered?.[Symbol.dispose]();
    this.#options.traffic.closes.add(closeNameOf(ending.code));
    for (const operation of this.#operations) operation.leave();
  }

  gone(): void {
    this.#place?.[Symbol.dispose]();
    this.#options.onGone(this);
  }

  get id(): string {
    return this.connection.id;
  }

  get transport(): 'WEBSOCKET' {
    return 'WEBSOCKET';
  }

  get client(): ClientTrace {
    return this.connection.client;
  }

  get openedAt(): Date {
    return this.connection.openedAt;
  }

  get expiresAt(): Date | null {
    return this.connection.identity.expiresAt;
  }

  get keyId(): string | null {
    return this.connection.identity.keyId;
  }

  get operations(): number {
    return this.#operations.length;
  }

  get subscriptions(): number {
    let count = 0;
    for (const { isFollowing } of this.#operations) if (isFollowing) count += 1;
    return count;
  }

  get channels(): readonly string[] {
    const [only] = this.#operations;
    if (only && this.#operations.length === 1) return only.channels;
    return this.#operations.flatMap(({ channels }) => channels);
  }

  /** How often rights have ended or changed: what was begun at another number is to be asked again. */
  get changes(): number {
    return this.#options.sessions.changes;
  }

  end({ code, message }: DomainError): void {
    this.connection.close(CLOSE_OF[code] ?? CLOSE.TRY_AGAIN_LATER, `${code} ${message}`);
  }

  /** Ends what its caller may no longer follow; the rest goes on. */
  async recheck(): Promise<void> {
    await Promise.all(this.#operations.map((operation) => operation.recheck()));
  }

  async renew(token: string): Promise<Date | null> {
    const identity = await identifyAgain(this.#options, { token, holder: this.connection.identity.actor });
    this.#options.sessions.refuseRevoked(identity.keyId);
    this.connection.identify(identity);
    const shown = { isRealtimeToken: isRealtimeToken(token) };
    this.#log('socket renewed', () => identityFacts(identity, shown));
    await this.recheck();
    return identity.expiresAt;
  }

  /** Forgets an operation that is over. */
  forget(operation: SocketOperation): void {
    this.#operations =
      this.#operations.length === 1 ? NONE : this.#operations.filter((each) => each !== operation);
  }

  async #initialise(payload: SocketParameters): Promise<void> {
    if (this.#state !== 'NEW')
      return this.connection.close(CLOSE.SECOND_INIT, 'Too many initialisation requests');
    this.#state = 'INITIALISING';
    this.#stopWaiting();
    try {
      if (this.#options.isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
      const identity = await identifySocket(this.#options, payload);
      await admitSocketOf(this.#options.rateLimits, identity.actor);
      if (this.#isEnded) return;
      this.#place?.claim(identity.actor);
      this.connection.identify(identity);
      this.#registered = this.#options.sessions.add(identity.actor, this);
      const shown = { isRealtimeToken: (payload?.realtimeToken ?? null) !== null };
      this.#log('socket identified', () => identityFacts(identity, shown));
    } catch (error) {
      return this.#refuse(error);
    }
    this.#state = 'READY';
    this.connection.send({ type: MessageType.ConnectionAck, payload: this.#acknowledgement() });
  }

  #acknowledgement(): Acknowledgement {
    const { heartbeatIntervalSeconds, expiryNoticeSeconds } = realtimeTimes(this.#options.limits);
    return {
      connectionId: encodeGlobalId('RealtimeConnection', this.id),
      expiresAt: this.expiresAt,
      expiryNoticeSeconds,
      heartbeatIntervalSeconds,
      backoff: BACKOFF,
    };
  }

  #subscribe({ id, payload }: Extract<Message, { readonly type: MessageType.Subscribe }>): void {
    if (this.#state !== 'READY') {
      this.connection.close(CLOSE.NOT_INITIALISED, UNAUTHORIZED);
      return;
    }
    if (this.#operations.some((operation) => operation.id === id)) {
      this.connection.close(CLOSE.DUPLICATE_OPERATION, `Subscriber for ${id} already exists`);
      return;
    }
    const operation = new SocketOperation(this.#options, { session: this, id });
    this.#operations = [...this.#operations, operation];
    this.#begun += 1;
    void operation.run(payload);
  }

  /** Closes with what says why it may not go on. */
  #refuse(error: unknown): void {
    const log = createRequestLog(this.#options.log);
    const { code, reason } = refusalOf(error, log.errors);
    this.connection.close(code, reason);
    log.finish({ closeCode: code });
  }

  #timeOut(): void {
    this.connection.close(CLOSE.INIT_TIMEOUT, INIT_TIMEOUT);
  }

  #log(message: string, facts: () => object): void {
    logSocket(this.#options.log.logger, this.connection, { message, facts });
  }

  #stopWaiting(): void {
    clearTimeout(this.#initTimer);
    this.#initTimer = undefined;
  }
}

/** Null for what is no message of the protocol. */
function read(text: string): Message | null {
  try {
    return validateMessage(withQuery(JSON.parse(text)));
  } catch {
    return null;
  }
}

/** The protocol wants a text also where the document is asked for by its hash. */
function withQuery(message: unknown): unknown {
  if (!isRecord(message) || message.type !== MessageType.Subscribe || !isRecord(message.payload))
    return message;
  const { query = null, documentId = null, extensions } = message.payload;
  const { persistedQuery = null } = isRecord(extensions) ? extensions : {};
  const isByHash = query === null && (documentId !== null || persistedQuery !== null);
  return isByHash ? { ...message, payload: { ...message.payload, query: '' } } : message;
}
