import { type CredentialSource, createCredentials } from './credentials.ts';
import { createDebug } from './debug.ts';
import { createFollowing } from './following.ts';
import { createHttp, type Fetch } from './http.ts';
import { createLatestFrames, type FrameStore, type Latest } from './latest.ts';
import { createLink } from './link.ts';
import { type Network, SYSTEM_NETWORK } from './network.ts';
import type { Gap, Listener, OperationRequest, Result } from './operation.ts';
import type { PollOptions } from './poll.ts';
import { createRequests } from './requests.ts';
import { findOperation } from './resumption.ts';
import { askServerFacts } from './server-facts.ts';
import type { Status } from './status.ts';
import { SYSTEM_TIMERS, type Timers } from './timers.ts';

export {
  type ChannelMessage,
  type Channels,
  type ChannelsOptions,
  type OutgoingMessage,
  openChannels,
} from './channels.ts';
export type { Credential, CredentialSource } from './credentials.ts';
export {
  ConnectionClosedError,
  type GraphqlError,
  NotResumableError,
  RefusedError,
  SignedOutError,
} from './errors.ts';
export { graphqlWsClient } from './graphql-ws-client.ts';
export type { FrameStore, Latest } from './latest.ts';
export type { Network } from './network.ts';
export type { Gap, Listener, OperationRequest, Result } from './operation.ts';
export { OWN_DOCUMENTS } from './own-documents.ts';
export type { PollOptions } from './poll.ts';
export { createSession, type Session, type SessionOptions, type SessionTokens } from './session.ts';
export {
  type ContentSync,
  type LayoutUpdate,
  type LayoutUpdated,
  sendContentSync,
  sendLayoutUpdate,
} from './signage.ts';
export type { Status } from './status.ts';
export type { Timers } from './timers.ts';

export interface FloorClientOptions {
  /** The GraphQL endpoint, as in `http://127.0.0.1:8000/graphql`; in a browser also from the page on, `/graphql`. */
  readonly url: string;
  /** Where sockets connect, if not at `url` with `ws` for `http`. */
  readonly webSocketUrl?: string;
  /** Whoever asks; nobody without it. `createSession` makes one of what `login` answered. */
  readonly token?: CredentialSource;
  /** Whether sockets begin with a token of `issueRealtimeToken` where another would do too. */
  readonly realtimeTokens?: boolean;
  /** Where there is no `WebSocket`: that of `ws`. */
  readonly webSocketImpl?: unknown;
  readonly fetch?: Fetch;
  /** For listeners without a `gap` of their own. */
  readonly onGap?: (request: OperationRequest) => Gap | Promise<Gap>;
  /** How many frames of a subscription are kept for listeners who come late; 100. */
  readonly bufferedFrames?: number;
  /** Where the newest frame of each subscription is kept for `latest` besides in memory, such as `localStorage`. */
  readonly frameStore?: FrameStore;
  /** How long a socket that nothing runs on is kept, in milliseconds; 1000. */
  readonly lingerMs?: number;
  /** True writes what goes on to the console, a function takes the lines. They hold no data. */
  readonly debug?: boolean | ((line: string) => void);
  readonly timers?: Timers;
  /** Who says when there is a network again, where that is not the browser. */
  readonly network?: Network;
}

export interface FollowOptions {
  /** How to poll, where the server has no query of the same name and selection. The first listener's counts. */
  readonly poll?: PollOptions;
}

/** One connection to floorwire, for everybody in an app who listens. */
export interface FloorClient {
  /**
   * Listens to a subscription. All who listen to the same text with the same variables share one; it is resumed
   * behind its last frame whenever the connection was gone. A query or mutation is asked over HTTP, once.
   *
   * Answers how to stop listening.
   */
  on<Data = unknown>(
    request: OperationRequest,
    listener: Listener<Data>,
    options?: FollowOptions,
  ): () => void;
  /** Stops all that this listener listens to. */
  off<Data = unknown>(listener: Listener<Data>): void;
  /** Asks a query or mutation over HTTP. @throws SignedOutError; TypeError when the server cannot be reached */
  ask<Data = unknown>(request: OperationRequest): Promise<Result<Data>>;
  /** The newest frames of a subscription that somebody listens to, oldest first. */
  recent(request: OperationRequest): readonly Result[];
  /**
   * The newest frame of a subscription, also when nothing carries it now or nobody listens any more: `isStale` says
   * so. Of the same text and variables but `after`; null when none ever came.
   */
  latest<Data = unknown>(request: OperationRequest): Latest<Data> | null;
  readonly status: Status;
  /** Tells each change of the status. Answers how to stop that. */
  onStatus(listener: (status: Status) => void): () => void;
  /** Gives the connection up and begins another at once, as when a device has woken. */
  reconnect(): void;
  /** Hangs up until `connect`. Who listens hears nothing until then, and goes on behind his last frame. */
  disconnect(): void;
  /**
   * Connects at once: after `disconnect`, while it waits for the next try, and after an end, where listeners who were
   * told the error have to listen anew. Without a listener it does not last.
   */
  connect(): void;
  /**
   * The app has another token of the same sign-in: asks `token` for it, and renews the socket with it. A socket that may
   * not go on with that one is begun anew, and so is what waits for the next try or has ended.
   */
  updateToken(): void;
  /** Ends everything, without a word to the listeners. Who comes later begins anew. */
  dispose(): void;
}

/** @throws TypeError when `url` is none */
export function createFloorClient(options: FloorClientOptions): FloorClient {
  const { timers = SYSTEM_TIMERS, fetch = globalThis.fetch, token = () => null } = options;
  const url = new URL(options.url, Reflect.get(globalThis, 'location')?.href).href;
  const http = createHttp(url, { fetch, timers });
  const credentials = createCredentials(token, http);
  const requests = createRequests({ http, credentials });
  const link = createLink({
    url: new URL(options.webSocketUrl ?? url.replace(/^http/, 'ws')).href,
    webSocketImpl: options.webSocketImpl ?? Reflect.get(globalThis, 'WebSocket'),
    timers,
    network: options.network ?? SYSTEM_NETWORK,
    debug: createDebug(options.debug),
    http,
    credentials,
    prefersRealtimeTokens: options.realtimeTokens ?? false,
    facts: () => askServerFacts(http, timers.now),
    lingerMs: options.lingerMs ?? 1_000,
    onOver: (operation) => following.forget(operation),
  });
  const frames = createLatestFrames({ store: options.frameStore ?? null, now: timers.now });
  const following = createFollowing({
    link,
    bufferedFrames: options.bufferedFrames ?? 100,
    onGap: options.onGap,
    onFrame: frames.put,
  });
  const stops = new Map<Listener, Set<() => void>>();
  const forget = (listener: Listener, stop: () => void) => {
    const own = stops.get(listener);
    own?.delete(stop);
    if (own?.size === 0) stops.delete(listener);
  };

  return {
    on<Data>(request: OperationRequest, given: Listener<Data>, { poll }: FollowOptions = {}) {
      const listener = given as Listener;
      const isSubscription = findOperation(request).operation.kind === 'subscription';
      let leave = () => {};
      const stop = () => {
        leave();
        forget(listener, stop);
      };
      const ending = untilItsEnd(listener, () => forget(listener, stop));
      stops.set(listener, (stops.get(listener) ?? new Set()).add(stop));
      leave = isSubscription ? following.join(request, ending, poll ?? null) : requests.run(request, ending);
      // He may be told or stopped before it is known how he leaves.
      if (!stops.get(listener)?.has(stop)) leave();
      return stop;
    },
    off(listener) {
      for (const stop of [...(stops.get(listener as Listener) ?? [])]) stop();
    },
    ask: <Data>(request: OperationRequest) => requests.ask(request) as Promise<Result<Data>>,
    recent: (request) => following.find(request)?.recent() ?? [],
    latest<Data>(request: OperationRequest) {
      const found = frames.find(request) as Omit<Latest<Data>, 'isStale'> | null;
      return found && { ...found, isStale: !following.shows(request) };
    },
    get status() {
      return link.status;
    },
    onStatus: link.onStatus,
    reconnect: link.reconnect,
    disconnect: link.disconnect,
    connect: link.connect,
    updateToken: link.updateToken,
    dispose() {
      for (const own of [...stops.values()]) for (const stop of [...own]) stop();
      // Of nobody any more.
      link.reconnect();
    },
  };
}

/** The same listener, who is forgotten before he is told that it is over. */
const untilItsEnd = (listener: Listener, forget: () => void): Listener => ({
  next: (result) => listener.next(result),
  error(error) {
    forget();
    listener.error?.(error);
  },
  complete() {
    forget();
    listener.complete?.();
  },
  ...(listener.gap && { gap: () => listener.gap?.() }),
});
