import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { TokenExpiredError } from '../auth/errors.ts';
import type { ClientTrace } from '../auth/session.ts';
import type { Caller } from '../graphql/context.ts';
import { ShuttingDownError } from '../graphql/errors.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import type { Subscription } from '../graphql/stream.ts';
import { newId } from '../lib/ids.ts';
import { admitActor, admitAddress } from './admission.ts';
import { answerWith } from './answer.ts';
import { type Authenticate, bearerToken, type Identity, identify, NOBODY } from './authenticate.ts';
import type { RemoteClient } from './client-address.ts';
import type { ConnectionQuota } from './connection-quota.ts';
import type { SessionConnections } from './connections.ts';
import { RequestRefusedError } from './errors.ts';
import { Expiry } from './expiry.ts';
import { type GraphQLRequest, readGraphQLRequest } from './graphql-request.ts';
import { type Limits, RETRY_AFTER_MS } from './limits.ts';
import { asGraphQLError, type OperationArguments, type Operations } from './operations.ts';
import type { PrepareAsked } from './persisted-documents.ts';
import type { RequestLog } from './request-log.ts';
import { sendReply, sendStream } from './responses.ts';
import { EventStream, type OpenStream } from './sse.ts';
import { createHttpAnswers, type HttpCall } from './yoga.ts';

export interface GraphQLEndpointOptions {
  readonly schema: GraphQLSchema;
  readonly prepare: PrepareAsked;
  readonly operations: Operations;
  readonly limits: Limits;
  readonly authenticate: Authenticate;
  readonly rateLimits: RateLimits;
  readonly createContext: (caller: Caller) => OperationArguments['contextValue'];
  readonly isDraining: () => boolean;
  readonly sessions: SessionConnections;
  readonly quota: ConnectionQuota;
}

/** GraphQL by POST and GET, subscriptions as server-sent events. */
export interface GraphQLEndpoint {
  handle(exchange: Exchange): Promise<void>;
  /** Streams of server-sent events open now. */
  readonly streamCount: number;
  /** Ends every stream with a last frame that says why. */
  endStreams(): void;
}

/** A request on its way through the server. */
export interface Exchange {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly client: RemoteClient;
  readonly url: URL;
  readonly log: RequestLog;
}

export function createGraphQLEndpoint(options: GraphQLEndpointOptions): GraphQLEndpoint {
  const answer = createHttpAnswers(options);
  const streams = new Set<OpenStream>();

  return {
    get streamCount() {
      return streams.size;
    },
    async handle(exchange) {
      const { request, response, client, url, log } = exchange;
      try {
        await admitAddress(options.rateLimits, client.address);
        const read = await readGraphQLRequest(request, url, options.limits);
        const answered = await answer(callOf(options, { exchange, read, streams }));
        if ('stream' in answered) await sendStream(response, answered);
        else sendReply(response, answered);
      } catch (error) {
        if (response.headersSent) throw error;
        sendReply(
          response,
          answerWith({ errors: [asGraphQLError(error)] }, request.headers.accept ?? null, log.errors),
        );
      }
    },
    endStreams() {
      for (const stream of streams) stream.end(new ShuttingDownError(RETRY_AFTER_MS));
    },
  };
}

const clientOf = ({ request, client }: Exchange): ClientTrace => ({
  address: client.address,
  userAgent: request.headers['user-agent'],
});

function callOf(
  { authenticate, rateLimits, createContext, limits, sessions, quota, isDraining }: GraphQLEndpointOptions,
  { exchange, read, streams }: { exchange: Exchange; read: GraphQLRequest; streams: Set<OpenStream> },
): HttpCall {
  const { request, response, log } = exchange;
  let identity: Identity = NOBODY;
  let expiry: Expiry | undefined;
  let subscription: Subscription | undefined;
  const begunAt = sessions.changes;
  let events: EventStream | undefined;
  const openEvents = () =>
    new EventStream({
      errors: log.errors,
      pingIntervalMs: limits.ssePingIntervalMs,
      maxBufferedBytes: limits.maxBufferedBytes,
      async onBegin(begun) {
        subscription = begun;
        const { actor, expiresAt, keyId } = identity;
        const registered = sessions.add(actor, {
          id: newId(),
          transport: 'SSE',
          client: clientOf(exchange),
          openedAt: new Date(),
          expiresAt,
          keyId,
          operations: 1,
          subscriptions: 1,
          channels: begun.channels,
          end: (reason) => begun.end(reason),
          recheck: () => begun.recheck(),
        });
        begun.whenOver(() => registered[Symbol.dispose]());
        if (begunAt !== sessions.changes) await begun.recheck();
      },
      onOpen(stream) {
        streams.add(stream);
        expiry = new Expiry({
          noticeMs: 0,
          onExpiring() {},
          onExpired: () => stream.end(new TokenExpiredError()),
        });
        expiry.set(identity.expiresAt);
        // Cancelling the body waits for its next chunk, which may be far.
        response.once('close', stream.leave);
        if (response.closed) stream.leave();
      },
      onClose(stream) {
        streams.delete(stream);
        expiry?.stop();
        // Whoever does not read would keep it for ever.
        const cut = setTimeout(() => response.destroy(), GOODBYE_MS).unref();
        response.once('close', () => clearTimeout(cut));
        if (response.closed) clearTimeout(cut);
      },
    });
  return {
    method: request.method === 'GET' ? 'GET' : 'POST',
    accept: request.headers.accept ?? null,
    request: read,
    log,
    async context() {
      identity = await identify(authenticate, bearerToken(request.headers.authorization));
      await admitActor(rateLimits, identity.actor);
      const lastEventId = lastEventIdOf(request);
      return createContext({
        actor: identity.actor,
        keyId: identity.keyId,
        requestId: log.requestId,
        client: clientOf(exchange),
        ...(lastEventId && { lastEventId }),
        onErrorMember: (code) => log.errors.onCode(code),
      });
    },
    events() {
      events ??= openEvents();
      return events;
    },
    stream() {
      if (response.closed) throw new RequestRefusedError(400, 'The connection is gone.');
      // Those that were open have been told to end, and nobody would tell this one.
      if (isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
      const place = quota.admit(exchange.client.address, identity.actor);
      response.once('close', () => place[Symbol.dispose]());
      log.streaming();
      events ??= openEvents();
      if (subscription) events.open(subscription);
      return events.body;
    },
    unsubscribe: () => subscription?.return().catch((error) => log.errors.onFault(error)),
  };
}

/** What a reader of server-sent events sends when it connects again: the `id` it saw last. */
function lastEventIdOf({ headers }: IncomingMessage): string | undefined {
  const id = headers['last-event-id'];
  return typeof id === 'string' ? id : undefined;
}

/** For the last frame to get through behind what was not read; then the connection is cut. */
const GOODBYE_MS = 5_000;
