import { WebSocket } from 'ws';
import type { SocketToken } from '../../client/credentials.ts';
import { openEventStream } from '../../client/event-stream.ts';
import type { Http } from '../../client/http.ts';
import { openSocket, type SocketEnd } from '../../client/socket.ts';
import { SYSTEM_TIMERS } from '../../client/timers.ts';
import { CheckError, likelyCauseOf, systemCodeOf } from './likely-cause.ts';
import { createStream, type Way } from './stream.ts';

/** Each operation by a stream of server-sent events of its own. */
export const eventStreams = (http: Http, token: string | null): Way => ({
  name: 'event stream',
  follow: (request, signal) =>
    createStream(
      ({ stands: opened, ...sink }) =>
        openEventStream({
          ...sink,
          http,
          request,
          token,
          timers: SYSTEM_TIMERS,
          // Whoever waits for it knows for how long.
          silenceMs: Number.POSITIVE_INFINITY,
          opened,
        }),
      signal,
    ),
});

export interface SocketOptions {
  readonly url: string;
  readonly token: SocketToken;
  readonly heartbeatIntervalMs: number;
  /** The socket is closed with it. */
  readonly signal: AbortSignal;
}

const GOODBYE_MS = 1_000;

/** Opens one socket for all operations. @throws CheckError when the server does not take it */
export async function openSocketWay({
  url,
  token,
  heartbeatIntervalMs,
  signal,
}: SocketOptions): Promise<Way> {
  let failure: Error | null = null;
  let raw: WebSocket | null = null;
  let isConnected = false;
  const running = new Set<(error: unknown) => void>();
  const socket = await new Promise<ReturnType<typeof openSocket>>((resolve, reject) => {
    const opened = openSocket({
      url,
      params: token.params,
      webSocketImpl: heard((made) => {
        raw = made.on('error', (error) => {
          failure = error;
        });
      }),
      timers: SYSTEM_TIMERS,
      heartbeatIntervalMs,
      debug: () => {},
      onConnected() {
        isConnected = true;
        resolve(opened);
      },
      onNotice: () => {},
      onClosed(end) {
        const error = new CheckError(`${whyClosed(end, { failure, isConnected })}, at ${url}`);
        reject(error);
        for (const lost of running) lost(error);
      },
    });
    const leave = () => {
      opened.close();
      // Whoever does not answer a goodbye would keep the program from ending.
      setTimeout(() => raw?.terminate(), GOODBYE_MS).unref();
    };
    signal.addEventListener('abort', leave, { once: true });
  });
  return {
    name: 'websocket',
    follow: (request, until) =>
      createStream((sink) => {
        running.add(sink.lost);
        const stop = socket.run(request, sink);
        // Answered once the operation before it stands.
        const stopBehind = socket.run({ query: '{ __typename }' }, { next: sink.stands, ended: () => {} });
        return () => {
          running.delete(sink.lost);
          stop();
          stopBehind();
        };
      }, until),
  };
}

/** A WebSocket whose errors are told: its close says only that there was one. */
const heard = (made: (socket: WebSocket) => void) =>
  class extends WebSocket {
    constructor(address: string, protocols: string[]) {
      super(address, protocols);
      made(this);
    }
  };

function whyClosed(
  { code, reason }: SocketEnd,
  { failure, isConnected }: { readonly failure: Error | null; readonly isConnected: boolean },
): string {
  const [, status] = /^Unexpected server response: (\d+)$/.exec(failure?.message ?? '') ?? [];
  if (status !== undefined)
    return `the upgrade is answered ${status}: ${upgradeRefusals[status] ?? SWALLOWED}`;
  if (/subprotocol/i.test(failure?.message ?? ''))
    return 'something in front takes the upgrade but not Sec-WebSocket-Protocol: it must hand that on';
  const cut = failure && ['ECONNRESET', 'EPIPE'].includes(systemCodeOf(failure) ?? '');
  if (cut) return `the connection is cut at the upgrade: ${SWALLOWED}`;
  if (failure) return likelyCauseOf(failure);
  if (code !== 1006) return `the server closes the socket with ${code} ${reason.replace(/\.$/, '')}`;
  return isConnected ? 'the socket was cut' : SILENT;
}

const SWALLOWED =
  'something in front takes no WebSockets, or does not hand on Upgrade and Connection (nginx: proxy_set_header)';

/** What it means that a socket does not open. */
export const SILENT = 'something in front takes the upgrade and hands on nothing that follows';

const upgradeRefusals: Readonly<Record<string, string>> = {
  403: 'https is required and TRUST_PROXY does not say who speaks it, or something in front allows no WebSockets',
  404: 'the path that is advertised is wrong: PUBLIC_URL, or a prefix that a proxy takes away',
  502: 'a proxy reaches no process of floorwire',
  503: 'no process of floorwire takes connections, or it drains',
  504: 'a proxy reaches no process of floorwire',
};
