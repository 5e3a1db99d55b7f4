import { createServer } from 'node:http';
import { type AddressInfo, Server as NetServer } from 'node:net';
import type { GraphQLSchema } from 'graphql';
import type { LoggedEvent } from '../events/events.ts';
import type { Caller, Health } from '../graphql/context.ts';
import type { RateLimits } from '../graphql/rate-limits.ts';
import { createSdl } from '../graphql/sdl.ts';
import type { Logger } from '../lib/logger.ts';
import type { Authenticate, RefreshActor } from './authenticate.ts';
import type { ReadCalendar } from './calendar.ts';
import { createFindClient } from './client-address.ts';
import { createConnectionQuota } from './connection-quota.ts';
import { type ConnectionEntry, createSessionConnections } from './connections.ts';
import { createDocuments } from './documents.ts';
import { createExchanges } from './exchanges.ts';
import { type CreateViewContext, createFanOut, type FanOutCounts } from './fan-out.ts';
import { createGraphiql } from './graphiql.ts';
import { createGraphQLEndpoint } from './graphql-endpoint.ts';
import { keepIntrospection } from './introspection.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type ListenAddress, listenOn } from './listen.ts';
import type { MetricsSource } from './metrics.ts';
import { createOperations, type OperationArguments, type Shortcut } from './operations.ts';
import { createOrigins, originsOf } from './origins.ts';
import { asksForWebSocket, ignoreOffer } from './other-upgrades.ts';
import { createPersistedDocuments, type ListedDocuments, NONE_LISTED } from './persisted-documents.ts';
import { quietTurn } from './quiet-turn.ts';
import { describeFault, type TranslateError } from './request-log.ts';
import { createRoutes, type FileRoutes } from './routes.ts';
import { createTraffic, type Traffic } from './traffic.ts';
import { hasProxies, NO_PROXIES, type TrustedProxies } from './trusted-proxies.ts';
import { createSockets } from './websocket.ts';

export interface HttpServerOptions {
  readonly schema: GraphQLSchema;
  /** What the resolvers of one operation get. */
  readonly createContext: (caller: Caller) => OperationArguments['contextValue'];
  /** What one event of a stream is executed with for all who share a view of it. */
  readonly createViewContext: CreateViewContext;
  /** For what is asked so often that its execution is dear. Default: all is executed. */
  readonly shortcut?: Shortcut;
  readonly authenticate: Authenticate;
  /** The same for the realtime tokens that open sockets. */
  readonly authenticateRealtime: Authenticate;
  readonly refreshActor: RefreshActor;
  /** Whether sockets are opened with realtime tokens and with nothing else. Default: with either. */
  readonly realtimeTokensOnly?: boolean;
  readonly rateLimits: RateLimits;
  readonly health: () => Promise<Health>;
  readonly metrics: MetricsSource;
  /** The public keys of access tokens. */
  readonly jwks: () => object;
  /** What a calendar program is shown under a token. Default: nothing. */
  readonly calendar?: ReadCalendar;
  /** How files come and go. Default: they do not. */
  readonly files?: FileRoutes;
  readonly logger: Logger;
  /** Names a foreign error that means something to a caller, such as a lost connection to the database. */
  readonly translateError: TranslateError;
  /** Where browsers reach the server, when that is not the address it listens on. */
  readonly publicUrl?: string | null | undefined;
  /** Whose word on a client's address and scheme counts. Default: nobody's. */
  readonly trustedProxies?: TrustedProxies;
  /** Whether other machines are refused what they ask over plain http. Default: they are answered. */
  readonly requireHttps?: boolean;
  /** Other origins whose pages may use the API. */
  readonly corsOrigins?: readonly string[];
  readonly limits?: Partial<Limits>;
  /** Documents that are run by their hash without having been sent. Default: none. */
  readonly listedDocuments?: ListedDocuments;
}

export interface HttpServer {
  /** WebSockets open now. */
  readonly connectionCount: number;
  /** Streams of server-sent events open now. */
  readonly streamCount: number;
  readonly traffic: Traffic;
  readonly fanOutCounts: () => FanOutCounts;
  /** @throws AddressRefusedError */
  listen(address: ListenAddress): Promise<AddressInfo>;
  /** Written to WebSockets and gathered for them, and not yet taken by the network. */
  readonly bufferedBytes: () => number;
  /** Closes the sockets and ends the streams that are open on behalf of a session or API key that is over. */
  endSession(credentialId: string): void;
  /** The same for those that are open by a token which a key signed that was revoked. */
  endSignedBy(keyId: string): void;
  /** How many subscriptions here that follow a channel are yet to be shown this event. */
  awaiting(event: LoggedEvent, channel: string): number;
  /** All that is open here, and on whose behalf. */
  openConnections(): Iterable<ConnectionEntry>;
  /** Closes one connection, if it is open here: a person said why. */
  disconnect(connectionId: string, reason: string): void;
  /** Ends what of this user's sockets and streams he may no longer have. @throws what keeps this from being found out */
  recheckUser(userId: string): Promise<void>;
  /** The same for what is being opened now, whoever opens it. */
  recheckBeginnings(): void;
  /**
   * Takes nothing new, lets what runs finish, tells sockets and streams, and ends what is left when
   * the time is over. A second call waits for the first.
   */
  close(graceMs?: number): Promise<void>;
}

/** What else is to be stopped in ten seconds (RULES 34), such as to give lines back, takes its time too. */
const GRACE_MS = 8_000;
/**
 * For a proxy to hear, by the answers on its connections, that these end, and to close those that it does not use: that in
 * deploy/nginx.conf does after 4 s. What is just being asked on a connection that is closed it asks nobody else.
 */
const PROXY_LINGER_MS = 4_500;
/** How much of the time operations on sockets may take; the rest is for saying goodbye. */
const SHARE_OF_SOCKETS = 0.8;

/** HTTP, server-sent events and WebSockets on one port. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const limits: Limits = { ...DEFAULT_LIMITS, ...options.limits };
  const { schema, logger, translateError: translate, publicUrl, corsOrigins: allowed = [] } = options;
  const { trustedProxies = NO_PROXIES } = options;
  const configured = publicUrl ? [new URL(publicUrl).origin] : [];
  let origins = createOrigins({ own: configured, allowed });
  let closing: Promise<void> | null = null;
  const traffic = createTraffic();
  const fanOut = createFanOut({
    ...options,
    translate,
    queueLimit: limits.maxQueuedEvents,
    onCode: traffic.errors.add,
  });

  const shared = {
    ...options,
    realtimeTokensOnly: options.realtimeTokensOnly ?? false,
    requireHttps: options.requireHttps ?? false,
    calendar: options.calendar ?? (async () => null),
    files: options.files ?? null,
    findClient: createFindClient(trustedProxies),
    limits,
    translate,
    prepare: createPersistedDocuments({
      ...limits,
      prepare: createDocuments(schema, limits),
      listed: options.listedDocuments ?? NONE_LISTED,
    }),
    operations: createOperations({
      ...limits,
      fanOut,
      meter: traffic.operations,
      shortcut: keepIntrospection(options.shortcut ?? (async () => null)),
    }),
    traffic,
    origins: () => origins,
    isDraining: () => closing !== null,
    sessions: createSessionConnections(options.refreshActor),
    quota: createConnectionQuota(limits),
  };
  const endpoint = createGraphQLEndpoint(shared);
  const sockets = createSockets(shared);
  const routes = createRoutes({ ...shared, endpoint, graphiql: createGraphiql(), sdl: createSdl(schema) });
  const exchanges = createExchanges({ ...shared, routes });

  const server = createServer(
    // Bodies and streams have limits of their own; the check must run often enough to mean ten seconds.
    {
      headersTimeout: limits.headersTimeoutMs,
      keepAliveTimeout: limits.keepAliveTimeoutMs,
      requestTimeout: 0,
      connectionsCheckingInterval: 1_000,
    },
    exchanges.handle,
  );
  // Before anything else listens: an address that is taken must be told, not swallowed (RULES 33).
  server.on('error', (error) => {
    if (server.listening) logger.error({ fault: describeFault(error) }, 'server error');
  });
  server.on('upgrade', (request, socket, head) => {
    if (asksForWebSocket(request)) sockets.upgrade(request, socket, head);
    else ignoreOffer(server, request, { socket, head });
  });

  async function drain(graceMs: number): Promise<void> {
    const startedMs = performance.now();
    // Who has connected and was not taken yet is cut off with the port.
    await quietTurn();
    // That of HTTP closes what it takes for idle besides.
    const closed = new Promise<void>((resolve) => NetServer.prototype.close.call(server, () => resolve()));
    // Only now: whoever is told comes back at once, by a new connection.
    exchanges.drain(() => server.closeIdleConnections(), hasProxies(trustedProxies) ? PROXY_LINGER_MS : 0);
    endpoint.endStreams();
    await sockets.drain(startedMs + graceMs * SHARE_OF_SOCKETS);
    const left = setTimeout(() => server.closeAllConnections(), startedMs + graceMs - performance.now());
    await closed;
    clearTimeout(left);
    // It no longer listens, and stops looking for connections that are late.
    server.close();
  }

  return {
    get connectionCount() {
      return sockets.count;
    },
    get streamCount() {
      return endpoint.streamCount;
    },
    traffic,
    async listen(address) {
      const bound = await listenOn(server, address);
      origins = createOrigins({ own: [...configured, ...originsOf(bound)], allowed });
      return bound;
    },
    fanOutCounts: fanOut.counts,
    awaiting: fanOut.awaiting,
    bufferedBytes: sockets.bufferedBytes,
    endSession: shared.sessions.end,
    endSignedBy: shared.sessions.endSignedBy,
    openConnections: shared.sessions.list,
    disconnect: shared.sessions.disconnect,
    recheckUser: shared.sessions.recheck,
    recheckBeginnings: shared.sessions.recheckBeginnings,
    close(graceMs = GRACE_MS) {
      closing ??= drain(graceMs);
      return closing;
    },
  };
}
