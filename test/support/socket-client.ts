import { once } from 'node:events';
import { WebSocket } from 'ws';
import { newId } from '../../src/lib/ids.ts';
import { eventually } from './deadline.ts';
import { noteSecretsOfJson } from './secrets.ts';

/** A WebSocket client that speaks whatever a test makes it say, and keeps what it hears. */
export interface SocketClient {
  readonly socket: WebSocket;
  /** Every message of the server so far. */
  readonly messages: readonly ServerMessage[];
  send(message: object | string): void;
  /**
   * Begins with `connection_init` and waits for the answer. The server waits three seconds for it: who has to sign in
   * first does so before he connects.
   */
  init(payload?: object): Promise<void>;
  subscribe(id: string, query: string, variables?: object): void;
  /** The first message about an operation of a type. */
  message(id: string, type: string): Promise<ServerMessage>;
  /** The types of what was said of an operation so far. */
  types(id: string): readonly string[];
  /** Once it is over the server has dealt with everything that was sent before. */
  roundTrip(): Promise<void>;
  /** How the server closed the socket. */
  closed(): Promise<{ readonly code: number; readonly reason: string }>;
}

export interface ServerMessage {
  readonly type: string;
  readonly id?: string;
  // biome-ignore lint/suspicious/noExplicitAny: JSON as it came
  readonly payload?: any;
}

export async function connect(
  { port }: { readonly port: number },
  {
    protocol = 'graphql-transport-ws',
    origin,
    path = '/graphql',
    headers = {},
    localAddress,
    ca,
  }: {
    protocol?: string | null;
    origin?: string;
    path?: string;
    headers?: Readonly<Record<string, string>>;
    localAddress?: string;
    /** Who vouches for the server; it is then spoken to over TLS. */
    ca?: Buffer;
  } = {},
): Promise<SocketClient> {
  const socket = new WebSocket(
    `${ca ? 'wss' : 'ws'}://127.0.0.1:${port}${path}`,
    protocol === null ? [] : [protocol],
    {
      headers: { ...headers, ...(origin && { origin }) },
      ...(localAddress && { localAddress }),
      ...(ca && { ca }),
    },
  );
  const messages: ServerMessage[] = [];
  let ending: { code: number; reason: string } | null = null;
  socket.on('message', (data) => {
    noteSecretsOfJson(String(data));
    messages.push(JSON.parse(String(data)));
  });
  socket.on('close', (code, reason) => {
    ending = { code, reason: String(reason) };
  });
  await once(socket, 'open');
  socket.on('error', () => {});

  const send = (message: object | string) => {
    const text = typeof message === 'string' ? message : JSON.stringify(message);
    noteSecretsOfJson(text);
    socket.send(text);
  };
  const message = (id: string, type: string) =>
    eventually(() => messages.find((each) => each.id === id && each.type === type));
  return {
    socket,
    messages,
    send,
    message,
    async init(payload) {
      send({ type: 'connection_init', ...(payload && { payload }) });
      const isAcknowledged = () => messages.some(({ type }) => type === 'connection_ack');
      await eventually(() => isAcknowledged() || ending !== null);
      if (!isAcknowledged()) throw new Error(`The socket was closed: ${JSON.stringify(ending)}`);
    },
    subscribe: (id, query, variables = {}) => send({ id, type: 'subscribe', payload: { query, variables } }),
    types: (id) => messages.filter((each) => each.id === id).map(({ type }) => type),
    async roundTrip() {
      const mark = newId();
      send({ type: 'ping', payload: { mark } });
      await eventually(() => messages.some(({ type, payload }) => type === 'pong' && payload?.mark === mark));
    },
    closed: () => eventually(() => ending),
  };
}
