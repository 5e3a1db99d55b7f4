import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { handleProtocols } from 'graphql-ws';
import { type WebSocket, WebSocketServer } from 'ws';
import { CLOSE } from '../graphql/close-codes.ts';
import type { DomainError } from '../lib/errors.ts';
import type { Logger } from '../lib/logger.ts';
import { admitSocketFrom } from './admission.ts';
import type { FindClient } from './client-address.ts';
import { Connection } from './connection.ts';
import { HttpsRequiredError } from './errors.ts';
import { RECONNECTS_PER_SECOND, RETRY_AFTER_MS } from './limits.ts';
import type { Origins } from './origins.ts';
import { describeFault, type TranslateError } from './request-log.ts';
import { tokenInAddress } from './socket-identity.ts';
import { logRefusedUpgrade } from './socket-log.ts';
import { SocketSession, type SocketSessionOptions } from './socket-session.ts';

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

export interface SocketsOptions extends Omit<SocketSessionOptions, 'log' | 'onGone'> {
  readonly logger: Logger;
  readonly translate: TranslateError;
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
  const sessions = new Set<SocketSession>();
  /** Those of which it is not known yet whether they may stay. */
  const arriving = new Set<Duplex>();
  const shared = {
    ...options,
    log: {
      logger: options.logger,
      transport: 'websocket',
      translate: options.translate,
      onCode: options.traffic.errors.add,
    },
    onGone: (session: SocketSession) => void sessions.delete(session),
  } as const;
  const server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload: limits.maxMessageBytes,
    perMessageDeflate: false,
    ...GOODBYE,
    handleProtocols: (protocols) => handleProtocols(protocols),
  });
  const checkAll = () => {
    for (const { connection } of sessions) connection.checkAlive();
  };
  let heartbeat: NodeJS.Timeout;
  // A process that stood still itself reads first what was answered meanwhile, and each ping has its whole interval.
  const beat = () => {
    if (isDraining()) return;
    checkAll();
    heartbeat = setTimeout(() => setImmediate(beat), limits.pingIntervalMs).unref();
  };
  beat();

  function open(socket: WebSocket, { stream, request, address, refusal }: Arrival): void {
    // ws closes the socket itself, with 1009 for one; without a listener the process would end.
    socket.on('error', onError);
    const client = { address, userAgent: request.headers['user-agent'] };
    const session = new SocketSession(shared, new Connection(socket, stream, { client, limits }));
    sessions.add(session);
    session.open({ protocol: socket.protocol, refusal });
  }

  const onError = (error: Error) => options.logger.debug({ fault: describeFault(error) }, 'socket error');

  function refusalOf(request: IncomingMessage): Refusal | null {
    if (!/^\/graphql\/?$/.test(pathOf(request))) return { status: 404, why: 'sockets are on /graphql' };
    if (isDraining()) return DRAINING;
    if (requireHttps && findClient(request).isExposed)
      return { status: 403, why: 'it came over plain http', error: new HttpsRequiredError() };
    if (options.origins().mayConnect(request.headers.origin)) return null;
    return { status: 403, why: 'neither PUBLIC_URL nor CORS_ORIGINS names its page' };
  }

  return {
    get count() {
      return sessions.size;
    },
    bufferedBytes: () => [...sessions].reduce((sum, { connection }) => sum + connection.bufferedBytes, 0),
    upgrade(request, socket, head) {
      socket.on('error', destroy);
      const refusal = refusalOf(request);
      const { address } = findClient(request);
      if (refusal !== null) {
        const { status, why } = refusal;
        logRefusedUpgrade(options.logger, { status, why, address, origin: request.headers.origin });
        return refuse(socket, refusal);
      }
      // What refuses it is told by the close of a socket: a page cannot read the answer to a handshake.
      const proceed = (refused: unknown) => {
        if (!arriving.delete(socket)) return;
        server.handleUpgrade(request, socket, head, (webSocket) =>
          open(webSocket, { stream: socket, request, address, refusal: refused }),
        );
      };
      arriving.add(socket);
      admitSocketFrom(options.rateLimits, address)
        .then(() => proceed(tokenInAddress(request.url)), proceed)
        .catch(() => socket.destroy());
    },
    async drain(deadlineMs) {
      clearTimeout(heartbeat);
      // What they wait for may never come, and HTTP has handed them over: nothing else would end them.
      for (const socket of arriving) refuse(socket, DRAINING);
      arriving.clear();
      for (const [at, { connection }] of [...sessions].entries())
        connection.notify({
          notice: 'SERVER_DRAINING',
          reconnectAfterMs: RETRY_AFTER_MS + Math.floor((at * 1_000) / RECONNECTS_PER_SECOND),
        });
      const isBusy = () => [...sessions].some(({ connection }) => connection.running > 0);
      while (isBusy() && performance.now() < deadlineMs) await pause(DRAIN_CHECK_MS);
      for (const { connection } of sessions)
        connection.close(CLOSE.DRAINING, 'SYS_004 The server is shutting down.');
      while (sessions.size > 0 && performance.now() < deadlineMs) await pause(DRAIN_CHECK_MS);
      for (const { connection } of sessions) connection.terminate();
    },
  };
}

/** Of an address in whole as well, as to a proxy (RFC 9112, 3.2.2); empty for what is none. */
const pathOf = ({ url = '' }: IncomingMessage): string =>
  URL.canParse(url, 'http://localhost') ? new URL(url, 'http://localhost').pathname : '';

const STATUS_TEXTS = { 403: 'Forbidden', 404: 'Not Found', 503: 'Service Unavailable' } as const;

interface Refusal {
  readonly status: keyof typeof STATUS_TEXTS;
  /** For whoever reads the log. */
  readonly why: string;
  /** What the status leaves open. */
  readonly error?: DomainError;
}

const DRAINING: Refusal = { status: 503, why: 'the server is shutting down' };

function refuse(socket: Duplex, { status, error }: Refusal): void {
  const body = error ? `${error.code} ${error.message}` : '';
  const head = [
    `HTTP/1.1 ${status} ${STATUS_TEXTS[status]}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  // HTTP has handed it over: nothing else would end a connection whose other end stays open.
  socket.once('finish', destroy).end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

/** No closure of `upgrade`: it would keep the request for as long as the socket. */
function destroy(this: Duplex): void {
  this.destroy();
}

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
