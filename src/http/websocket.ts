import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE } from '../graphql/close-codes.ts';
import { ShuttingDownError } from '../graphql/errors.ts';
import type { DomainError } from '../lib/errors.ts';
import { admitSocketFrom } from './admission.ts';
import type { FindClient } from './client-address.ts';
import { Connection } from './connection.ts';
import { HttpsRequiredError } from './errors.ts';
import { RECONNECTS_PER_SECOND, RETRY_AFTER_MS } from './limits.ts';
import type { Origins } from './origins.ts';
import { describeFault } from './request-log.ts';
import { createSocketProtocol, refuseSocket, type SocketProtocolOptions } from './socket-protocol.ts';
import { closeNameOf } from './traffic.ts';

/** The WebSockets of this process. */
export interface Sockets {
  readonly count: number;
  /** Of all of them: written and gathered, and not yet taken by the network. */
  bufferedBytes(): number;
  /** Takes a connection over from HTTP, or refuses it in HTTP's own words. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  /** Lets queries and mutations finish, tells every socket with 1012, and ends what is left at the deadline. */
  drain(deadlineMs: number): Promise<void>;
}

export interface SocketsOptions extends SocketProtocolOptions {
  readonly origins: () => Origins;
  readonly findClient: FindClient;
  readonly requireHttps: boolean;
}

/** A client at the door. */
interface Arrival {
  /** Beneath the WebSocket. */
  readonly stream: Duplex;
  readonly request: IncomingMessage;
  readonly address: string | null;
  /** Why it may not stay, null when it may. */
  readonly refusal: unknown;
}

const DRAIN_CHECK_MS = 20;
/** For a goodbye to get through behind what was not read, and to be answered; then the socket is cut. Its types do not know it. */
const GOODBYE = { closeTimeout: 5_000 };

export function createSockets(options: SocketsOptions): Sockets {
  const { limits, isDraining, findClient, requireHttps } = options;
  const protocol = createSocketProtocol(options);
  const connections = new Set<Connection>();
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    ...GOODBYE,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const heartbeat = setInterval(() => {
    for (const connection of connections) connection.checkAlive();
  }, limits.pingIntervalMs).unref();

  function open(socket: WebSocket, { stream, request, address, refusal }: Arrival): void {
    const client = { address, userAgent: request.headers['user-agent'] };
    const connection = new Connection(socket, stream, { client, limits });
    // ws closes the socket itself, with 1009 for one; without a listener the process would end.
    socket.on('error', (error) => options.logger.debug({ fault: describeFault(error) }, 'socket error'));
    connections.add(connection);
    socket.once('close', () => connections.delete(connection));
    connection.ended.then(({ code }) => options.traffic.closes.add(closeNameOf(code)));
    try {
      if (refusal !== null) throw refusal;
      if (isDraining()) throw new ShuttingDownError(RETRY_AFTER_MS);
      const place = options.quota.admit(address);
      socket.once('close', () => place[Symbol.dispose]());
      serve(socket, connection);
    } catch (error) {
      refuseSocket(options, connection, error);
    }
  }

  function serve(socket: WebSocket, connection: Connection): void {
    const fail = (error: unknown) => {
      const isProtocolError =
        error instanceof Error && error.message.startsWith('Unexpected message of type');
      if (isProtocolError) return connection.close(CLOSE.BAD_MESSAGE, 'Unexpected message');
      options.logger.error({ fault: describeFault(error) }, 'unexpected error');
      connection.close(CLOSE.TRY_AGAIN_LATER, 'SYS_001 Unexpected error.');
    };
    const closed = protocol.opened(
      {
        protocol: socket.protocol,
        send: (data) => connection.send(data),
        close: (code = CLOSE.BAD_MESSAGE, reason = '') => connection.close(code, reason),
        onMessage: (handle) => {
          socket.on('message', (data, isBinary) => {
            // A socket that is closing may still be told things, and does nothing about them.
            if (socket.readyState !== socket.OPEN) return;
            if (isBinary) connection.close(CLOSE.BAD_MESSAGE, 'Messages are text');
            else handle(String(data)).catch(fail);
          });
        },
      },
      connection,
    );
    connection.ended.then(({ code, reason }) => closed(code, reason)).catch(fail);
  }

  function refusalOf(request: IncomingMessage): Refusal | null {
    if (!/^\/graphql\/?(?:\?|$)/.test(request.url ?? '')) return { status: 404 };
    if (isDraining()) return { status: 503 };
    if (requireHttps && findClient(request).isExposed)
      return { status: 403, error: new HttpsRequiredError() };
    return options.origins().mayConnect(request.headers.origin) ? null : { status: 403 };
  }

  return {
    get count() {
      return connections.size;
    },
    bufferedBytes: () => [...connections].reduce((sum, connection) => sum + connection.bufferedBytes, 0),
    upgrade(request, socket, head) {
      socket.on('error', destroy);
      const refusal = refusalOf(request);
      if (refusal !== null) return refuse(socket, refusal);
      const { address } = findClient(request);
      // What refuses it is told by the close of a socket: a page cannot read the answer to a handshake.
      const proceed = (refused: unknown = null) =>
        server.handleUpgrade(request, socket, head, (webSocket) =>
          open(webSocket, { stream: socket, request, address, refusal: refused }),
        );
      admitSocketFrom(options.rateLimits, address)
        .then(() => proceed(), proceed)
        .catch(() => socket.destroy());
    },
    async drain(deadlineMs) {
      clearInterval(heartbeat);
      for (const [at, connection] of [...connections].entries())
        connection.notify({
          notice: 'SERVER_DRAINING',
          reconnectAfterMs: RETRY_AFTER_MS + Math.floor((at * 1_000) / RECONNECTS_PER_SECOND),
        });
      const isBusy = () => [...connections].some(({ running }) => running > 0);
      while (isBusy() && performance.now() < deadlineMs) await pause(DRAIN_CHECK_MS);
      for (const connection of connections)
        connection.close(CLOSE.DRAINING, 'SYS_004 The server is shutting down.');
      while (connections.size > 0 && performance.now() < deadlineMs) await pause(DRAIN_CHECK_MS);
      for (const connection of connections) connection.terminate();
    },
  };
}

const STATUS_TEXTS = { 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' } as const;

interface Refusal {
  readonly status: keyof typeof STATUS_TEXTS;
  /** What the status leaves open. */
  readonly error?: DomainError;
}

function refuse(socket: Duplex, { status, error }: Refusal): void {
  const body = error ? `${error.code} ${error.message}` : '';
  const head = [
    `HTTP/1.1 ${status} ${STATUS_TEXTS[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** No closure of `upgrade`: it would keep the request for as long as the socket. */
function destroy(this: Duplex): void {
  this.destroy();
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
