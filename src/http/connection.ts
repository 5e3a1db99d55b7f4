import type { WebSocket } from 'ws';
import type { ClientTrace } from '../auth/session.ts';
import { CLOSE } from '../graphql/close-codes.ts';
import { newId } from '../lib/ids.ts';
import { type Identity, NOBODY } from './authenticate.ts';
import type { Limits } from './limits.ts';
import { timerUntil } from './timer.ts';

/** A WebSocket that is open, whoever is at its other end. */
export interface Connection {
  readonly id: string;
  readonly openedAt: Date;
  readonly client: ClientTrace;
  /** Who is at its other end: nobody before `connection_init`. What showed it is not kept. */
  readonly identity: Identity;
  /** Queries and mutations under way on it. */
  running: number;
  /** When closing began from either side; nothing is sent any more. */
  readonly ended: Promise<{ readonly code: number; readonly reason: string }>;
  /** Resolves when the network has taken it, or the socket is gone. It does not throw. */
  send(data: string): Promise<void>;
  /** Closes once; later calls change nothing. A reason begins with an error code where there is one. */
  close(code: number, reason: string): void;
  terminate(): void;
  /** Says who is at its other end. It closes when what he showed ends, and not when what he showed before does. */
  identify(identity: Identity): void;
  /** Pings, or ends a socket that did not answer the ping before. */
  checkAlive(): void;
}

const EXPIRED = 'WS_002 What this socket was opened with has expired. Connect with another token.';

/** The protocol allows 123 bytes. */
const MAX_REASON_BYTES = 123;

export function createConnection(
  socket: WebSocket,
  client: ClientTrace,
  { maxBufferedBytes }: Limits,
): Connection {
  let isAlive = true;
  let identity = NOBODY;
  let expiry: NodeJS.Timeout | undefined;
  let end: (how: { code: number; reason: string }) => void = () => {};
  const ended = new Promise<{ code: number; reason: string }>((resolve) => {
    end = resolve;
  });
  socket.on('pong', () => {
    isAlive = true;
  });
  socket.once('close', (code, reason) => end({ code, reason: reason.toString() }));
  ended.then(() => clearTimeout(expiry));

  function close(code: number, reason: string): void {
    socket.close(code, cut(reason));
    end({ code, reason });
  }

  return {
    id: newId(),
    openedAt: new Date(),
    client,
    get identity() {
      return identity;
    },
    running: 0,
    ended,
    close,
    terminate: () => socket.terminate(),
    async send(data) {
      if (socket.readyState !== socket.OPEN) return;
      if (socket.bufferedAmount > maxBufferedBytes) {
        close(CLOSE.SLOW_CONSUMER, 'WS_004 The socket is read too slowly. Resume after the last cursor.');
        return;
      }
      await new Promise<void>((resolve) => socket.send(data, () => resolve()));
    },
    identify(shown) {
      identity = shown;
      clearTimeout(expiry);
      if (shown.expiresAt) expiry = timerUntil(shown.expiresAt, () => close(CLOSE.TOKEN_REFUSED, EXPIRED));
    },
    checkAlive() {
      if (!isAlive) return socket.terminate();
      isAlive = false;
      socket.ping();
    },
  };
}

/** Whole characters within the bytes a close frame has. */
function cut(reason: string): string {
  const bytes = Buffer.from(reason);
  if (bytes.length <= MAX_REASON_BYTES) return reason;
  return new TextDecoder().decode(bytes.subarray(0, MAX_REASON_BYTES), { stream: true });
}
