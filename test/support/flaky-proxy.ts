import net from 'node:net';

/** A way to a server on which connections can be cut and refused by what they are for. */
export interface FlakyProxy extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  /** What no longer comes through; what is open of it is cut. */
  block(...what: readonly Traffic[]): void;
  /** Cuts every open connection of a kind, without a word. */
  cut(what: Traffic): void;
  /** From now on nothing comes through what is open, and nothing closes it. */
  swallow(): void;
  /** How many connections of a kind were begun, those that were refused among them. */
  begun(what: Traffic): number;
  /** How many are open. */
  open(what: Traffic): number;
}

/** What a connection is for, by its last request: clients use one for several. */
export type Traffic = 'SOCKET' | 'SSE' | 'HTTP';

interface Pair {
  readonly client: net.Socket;
  readonly upstream: net.Socket;
  traffic: Traffic;
}

/** @param port asked anew for each connection: the server may have moved */
export async function flakyProxy(port: () => number): Promise<FlakyProxy> {
  const pairs = new Set<Pair>();
  const begun: Traffic[] = [];
  let blocked: readonly Traffic[] = [];
  const cut = (isMeant: (pair: Pair) => boolean) => {
    for (const pair of [...pairs].filter(isMeant)) {
      pair.client.resetAndDestroy();
      pair.upstream.destroy();
    }
  };
  const server = net.createServer((client) => {
    const upstream = net.connect(port(), '127.0.0.1');
    const pair: Pair = { client, upstream, traffic: 'HTTP' };
    pairs.add(pair);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => to.destroy());
      from.on('close', () => {
        pairs.delete(pair);
        to.destroy();
      });
    }
    client.on('data', (chunk) => {
      const traffic = trafficOf(String(chunk));
      if (traffic !== null) begun.push(traffic);
      pair.traffic = traffic ?? pair.traffic;
      if (traffic === null || !blocked.includes(traffic)) return;
      client.resetAndDestroy();
      // At once: what is piped on to it in this very turn would still be sent.
      upstream.destroy();
    });
    client.pipe(upstream);
    upstream.pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: own } = server.address() as net.AddressInfo;
  return {
    url: `http://127.0.0.1:${own}`,
    block(...what) {
      blocked = what;
      cut(({ traffic }) => what.includes(traffic));
    },
    cut: (what) => cut(({ traffic }) => traffic === what),
    swallow() {
      for (const { client, upstream } of pairs) {
        client.unpipe().resume();
        upstream.unpipe().resume();
      }
    },
    begun: (what) => begun.filter((each) => each === what).length,
    open: (what) => [...pairs].filter(({ traffic }) => traffic === what).length,
    [Symbol.asyncDispose]: async () => {
      cut(() => true);
      server.close();
    },
  };
}

/** Null for what is no beginning of a request. */
function trafficOf(chunk: string): Traffic | null {
  if (!/^(?:GET|POST) /.test(chunk)) return null;
  if (/^upgrade: websocket/im.test(chunk)) return 'SOCKET';
  return /^accept: text\/event-stream/im.test(chunk) ? 'SSE' : 'HTTP';
}
