import { setTimeout as pause } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** A frame as far as it is kept: what it tells of, and where to go on behind it. */
export interface ReadFrame {
  readonly id: string;
  readonly cursor: string;
}

/** A subscriber that comes back behind its last frame whenever its socket is gone, whoever cut it. */
export interface ResumingReader {
  /** Every frame, in the order it came, over all its sockets. */
  readonly received: readonly ReadFrame[];
  /** How often it began to follow, the first time included. */
  readonly sessions: number;
  /** Why it was refused; it does not come back then. */
  readonly refusal: string | null;
  /** Destroys its socket, if it has one, without a word. */
  cut(): void;
  end(): Promise<void>;
}

export interface ResumingReaderOptions {
  /** Where the server is now: it may have moved meanwhile. */
  readonly url: () => string;
  readonly token: string;
  /** Declares `$after: Cursor`; its one field has `id` and `cursor`. */
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Behind which cursor it begins. */
  readonly after: string;
  /** Called with each frame, all of it. It may cut. */
  readonly onFrame?: (reader: ResumingReader, frame: ReadFrame & Readonly<Record<string, unknown>>) => void;
}

const COME_BACK_MS = 20;
const HANDSHAKE_MS = 5_000;

interface Message {
  readonly type: string;
  readonly payload?: {
    readonly data?: Readonly<Record<string, (ReadFrame & Readonly<Record<string, unknown>>) | null>> | null;
    readonly errors?: unknown;
  };
}

export function startResumingReader(options: ResumingReaderOptions): ResumingReader {
  const received: ReadFrame[] = [];
  let current: WebSocket | null = null;
  let sessions = 0;
  let refusal: string | null = null;
  let ended = false;

  const reader: ResumingReader = {
    received,
    get sessions() {
      return sessions;
    },
    get refusal() {
      return refusal;
    },
    cut() {
      const socket = current;
      current = null;
      socket?.terminate();
    },
    async end() {
      ended = true;
      reader.cut();
      await running;
    },
  };

  function refuse(reason: unknown): void {
    refusal = JSON.stringify(reason);
    ended = true;
    reader.cut();
  }

  function subscribe(socket: WebSocket): void {
    const variables = { ...options.variables, after: received.at(-1)?.cursor ?? options.after };
    socket.send(JSON.stringify({ id: '1', type: 'subscribe', payload: { query: options.query, variables } }));
    sessions += 1;
  }

  function hear(socket: WebSocket, { type, payload }: Message): void {
    if (type === 'ping') socket.send('{"type":"pong"}');
    if (type === 'connection_ack') subscribe(socket);
    if (type === 'error') refuse(payload);
    if (type === 'next') take(payload);
  }

  function take(payload: Message['payload']): void {
    const [frame] = Object.values(payload?.data ?? {});
    if (!frame || payload?.errors) refuse(payload);
    else {
      received.push({ id: frame.id, cursor: frame.cursor });
      options.onFrame?.(reader, frame);
    }
  }

  /** One socket from its opening to its end. */
  const session = (): Promise<void> =>
    new Promise((resolve) => {
      const socket = new WebSocket(options.url(), 'graphql-transport-ws', {
        perMessageDeflate: false,
        handshakeTimeout: HANDSHAKE_MS,
      });
      current = socket;
      socket.on('error', () => {});
      socket.once('close', () => resolve());
      socket.once('open', () =>
        socket.send(JSON.stringify({ type: 'connection_init', payload: { accessToken: options.token } })),
      );
      // What a socket still had in its buffers when it was cut never arrived.
      socket.on('message', (data) => {
        if (socket === current) hear(socket, JSON.parse(String(data)));
      });
    });

  const running = (async () => {
    while (!ended) {
      await session();
      if (!ended) await pause(COME_BACK_MS);
    }
  })();
  return reader;
}
