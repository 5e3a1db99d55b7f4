import { once } from 'node:events';
import http, { type RequestOptions } from 'node:http';
import { text } from 'node:stream/consumers';
import { createContext, runInContext } from 'node:vm';
import { build } from 'esbuild';
import WebSocket from 'ws';

/**
 * What React Native gives to a program besides the language itself, in the ways it has them: of the rest a program that
 * runs here has nothing, neither of a browser nor of Node.
 */
export interface NativeEngine {
  /** What the program wrote to its console so far, a line each. */
  readonly lines: readonly string[];
  /** The value of its `globalThis` by this name. */
  global<Value>(name: string): Value;
  /** Ends its sockets. */
  close(): void;
}

/** Runs what a bundler makes of this program. @param added what an app has added to the engine */
export async function runNatively(entry: string, added: object = {}): Promise<NativeEngine> {
  const { outputFiles } = await build({
    entryPoints: [entry],
    bundle: true,
    platform: 'neutral',
    mainFields: ['module', 'main'],
    format: 'iife',
    globalName: 'program',
    write: false,
  });
  const lines: string[] = [];
  const write = (...words: unknown[]) => void lines.push(words.map(String).join(' '));
  const sockets: NativeWebSocket[] = [];
  const context = createContext({
    console: { log: write, warn: write, error: write },
    setTimeout,
    clearTimeout,
    setInterval,
    clearInterval,
    queueMicrotask,
    fetch: nativeFetch,
    URL: NativeUrl,
    AbortController: NativeAbortController,
    WebSocket: class extends NativeWebSocket {
      constructor(url: string, protocols?: string | string[]) {
        super(url, protocols);
        sockets.push(this);
      }
    },
    ...added,
  });
  runInContext(outputFiles[0]?.text ?? '', context);
  return {
    lines,
    global: (name) => runInContext(name, context),
    close() {
      for (const socket of sockets) socket.close();
    },
  };
}

/**
 * An answer is there when it is whole, and is a text then. Past the `fetch` of Node, which the tests look for secrets:
 * a sign-in of the demo is none, and is printed by it.
 */
async function nativeFetch(url: string, { body, ...init }: RequestOptions & { readonly body?: string } = {}) {
  const request = http.request(url, init).end(body);
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  const answer = await text(response);
  const { statusCode: status = 0, headers } = response;
  return {
    ok: status >= 200 && status < 300,
    status,
    headers: { get: (name: string) => headers[name] ?? null },
    text: async () => answer,
    json: async () => JSON.parse(answer),
  };
}

/** An absolute address is taken as it stands, but for a slash at its end. */
class NativeUrl {
  readonly href: string;
  constructor(url: string) {
    this.href = url.endsWith('/') ? url : `${url}/`;
  }
}

class NativeAbortController {
  readonly #controller = new AbortController();
  readonly signal = this.#controller.signal;
  abort(): void {
    this.#controller.abort();
  }
}

type Listener = (event: NativeEvent) => void;

interface NativeEvent {
  readonly type: 'open' | 'message' | 'error' | 'close';
  readonly data?: string;
  readonly code?: number;
  readonly reason?: string;
}

/** With `onopen` and the like, and listeners beside them. A connection that fails is an error, and closed with 1006. */
class NativeWebSocket {
  static readonly CONNECTING = 0;
  static readonly OPEN = 1;
  static readonly CLOSING = 2;
  static readonly CLOSED = 3;
  readonly CONNECTING = 0;
  readonly OPEN = 1;
  readonly CLOSING = 2;
  readonly CLOSED = 3;
  readyState = 0;
  protocol: string | null = null;
  onopen: Listener | null = null;
  onmessage: Listener | null = null;
  onerror: Listener | null = null;
  onclose: Listener | null = null;
  readonly #socket: WebSocket;
  readonly #listeners = new Map<string, Set<Listener>>();

  constructor(url: string, protocols: string | string[] = []) {
    this.#socket = new WebSocket(url, protocols);
    this.#socket.on('open', () => {
      this.readyState = this.OPEN;
      this.protocol = this.#socket.protocol;
      this.#tell({ type: 'open' });
    });
    this.#socket.on('message', (data) => this.#tell({ type: 'message', data: String(data) }));
    this.#socket.on('error', () => this.#tell({ type: 'error' }));
    this.#socket.on('close', (code, reason) => {
      this.readyState = this.CLOSED;
      this.#tell({ type: 'close', code, reason: String(reason) });
    });
  }

  send(data: string): void {
    if (this.readyState === this.CONNECTING) throw new Error('INVALID_STATE_ERR');
    this.#socket.send(data);
  }

  close(code = 1000, reason = ''): void {
    if (this.readyState >= this.CLOSING) return;
    this.readyState = this.CLOSING;
    this.#socket.close(code, reason);
  }

  addEventListener(type: string, listener: Listener): void {
    this.#listeners.set(type, (this.#listeners.get(type) ?? new Set()).add(listener));
  }

  removeEventListener(type: string, listener: Listener): void {
    this.#listeners.get(type)?.delete(listener);
  }

  #tell(event: NativeEvent): void {
    this[`on${event.type}`]?.(event);
    for (const listener of this.#listeners.get(event.type) ?? []) listener(event);
  }
}
