import { createClient } from 'graphql-ws/client';
import type { Debug } from './debug.ts';
import type { GraphqlError } from './errors.ts';
import { memberOf } from './member.ts';
import type { OperationRequest, Result } from './operation.ts';
import type { Timers } from './timers.ts';

/** One WebSocket, from its first byte to its last. It does not come again: another is opened in its place. */
export interface Socket {
  /** `ended` is told once, with the errors that refused the operation or null at its end; not when the socket closes. */
  run(
    request: OperationRequest,
    sink: { next(result: Result): void; ended(errors: readonly GraphqlError[] | null): void },
  ): () => void;
  /** Says good-bye; `closed` is not told. */
  close(): void;
}

export interface SocketEnd {
  readonly code: number;
  readonly reason: string;
}

export interface SocketOptions {
  readonly url: string;
  readonly params: Readonly<Record<string, string>>;
  /** A browser's, or what a Node without one is given. */
  readonly webSocketImpl: unknown;
  readonly timers: Timers;
  /** The server answers something at least this often, or the connection is dead. */
  readonly heartbeatIntervalMs: number;
  readonly debug: Debug;
  /** The server took the credential. */
  readonly onConnected: (ack: Readonly<Record<string, unknown>>) => void;
  /** What the server sends with a ping. */
  readonly onNotice: (notice: Readonly<Record<string, unknown>>) => void;
  /** Once, and nothing after it. */
  readonly onClosed: (end: SocketEnd) => void;
}

/** How long a socket may take from the first byte to its acknowledgement. */
const CONNECT_MS = 10_000;

export const ABNORMAL: SocketEnd = { code: 1006, reason: 'The connection was lost.' };

export function openSocket(options: SocketOptions): Socket {
  const { timers, debug } = options;
  let isConnected = false;
  let isOver = false;
  let raw: WebSocketLike | null = null;

  const end = (closing: SocketEnd) => {
    if (isOver) return;
    isOver = true;
    stopWaiting();
    watch.stop();
    options.onClosed(closing);
  };
  const giveUp = () => {
    end(ABNORMAL);
    client.terminate();
  };
  const ping = () => {
    debug('sent', 'ping');
    raw?.send('{"type":"ping"}');
  };
  const watch = watchSilence(timers, { late: giveUp, ping });

  const client = createClient({
    url: options.url,
    connectionParams: options.params,
    webSocketImpl: guarded(options.webSocketImpl, {
      made(socket) {
        raw = socket;
      },
      failed: () => void (isOver || giveUp()),
    }),
    lazy: false,
    retryAttempts: 0,
    onNonLazyError: () => {},
    on: {
      opened: () => debug('sent', 'connection_init'),
      connected(_socket, ack) {
        if (isOver) return;
        isConnected = true;
        stopWaiting();
        watch.start(options.heartbeatIntervalMs);
        options.onConnected(ack ?? {});
      },
      message: watch.heard,
      ping(isReceived, payload) {
        if (isReceived && payload && !isOver) options.onNotice(payload);
      },
      closed: (event) => end(endOf(event)),
    },
  });
  const stopWaiting = timers.after(CONNECT_MS, giveUp);

  return {
    run({ query, variables, operationName }, { next, ended }) {
      if (isOver) return () => {};
      return client.subscribe(
        { query, variables: { ...variables }, operationName },
        {
          next: (result) => void (isOver || next(result as Result)),
          error: (error) => void (isOver || !Array.isArray(error) || ended(error)),
          complete: () => void (isOver || ended(null)),
        },
      );
    },
    close() {
      if (isOver) return;
      isOver = true;
      stopWaiting();
      watch.stop();
      if (isConnected) Promise.resolve(client.dispose()).catch(() => {});
      else client.terminate();
    },
  };
}

/** After half an interval without a word it pings, and after half of it without an answer it is late. */
function watchSilence(
  timers: Timers,
  { ping, late }: { readonly ping: () => void; readonly late: () => void },
) {
  let stop = () => {};
  let heardAt = 0;
  const waitForWord = (halfMs: number) => {
    stop = timers.after(Math.max(0, heardAt + halfMs - timers.now()), () => {
      const pingedAt = timers.now();
      if (pingedAt - heardAt < halfMs) return waitForWord(halfMs);
      ping();
      stop = timers.after(halfMs, () => (heardAt < pingedAt ? late() : waitForWord(halfMs)));
    });
  };
  return {
    start(intervalMs: number) {
      stop();
      heardAt = timers.now();
      waitForWord(intervalMs / 2);
    },
    heard() {
      heardAt = timers.now();
    },
    stop: () => stop(),
  };
}

/** What a close event says; a stock client's own words mean that the connection was lost. */
function endOf(event: unknown): SocketEnd {
  const code = memberOf(event, 'code');
  if (code === undefined) return ABNORMAL;
  return { code: Number(code), reason: String(memberOf(event, 'reason') ?? '') };
}

interface WebSocketLike {
  send(text: string): void;
  addEventListener(type: 'open' | 'error', listener: () => void): void;
}

interface Guard {
  readonly made: (socket: WebSocketLike) => void;
  /** An error came before it was open. A close may follow, or, from that of Node 20, nothing. */
  readonly failed: () => void;
}

/**
 * The same constructor, whose sockets always have somebody who hears their errors: without one, `ws` ends the
 * process when a connection is given up that was not there yet.
 */
function guarded(webSocketImpl: unknown, { made, failed }: Guard): unknown {
  if (typeof webSocketImpl !== 'function') return webSocketImpl;
  return new Proxy(webSocketImpl, {
    construct(target, args) {
      const socket: WebSocketLike = Reflect.construct(target, args);
      let isOpen = false;
      socket.addEventListener('open', () => {
        isOpen = true;
      });
      socket.addEventListener('error', () => void (isOpen || failed()));
      made(socket);
      return socket;
    },
  });
}
