import { once } from 'node:events';
import http, { type IncomingMessage, type ServerResponse } from 'node:http';
import https from 'node:https';
import net, { type AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { buffer } from 'node:stream/consumers';

/** What proxies are found to do to a realtime API. */
export type Manner =
  | 'HANDS_ON'
  /** The request for a WebSocket arrives as an ordinary one. */
  | 'NO_UPGRADE'
  | 'CUTS_UPGRADE'
  /** Takes what it asked for, and nothing after it. */
  | 'DEAF_SOCKETS'
  /** Hands on an answer when it is whole. */
  | 'BUFFERS'
  /** Hands on each piece of an event stream twice. */
  | 'REPEATS'
  | 'REDIRECTS'
  | 'DOWN';

export interface ManglingProxy extends AsyncDisposable {
  /** Without a path. */
  readonly url: string;
  manner: Manner;
}

/** A proxy before the server on this port, which may start later; with or without TLS. */
export async function manglingProxy(
  port: number,
  tls: { readonly key: string; readonly cert: string } | null = null,
): Promise<ManglingProxy> {
  const server = tls ? https.createServer(tls) : http.createServer();
  const open = new Set<Duplex>();
  const keep = (socket: Duplex) => {
    open.add(socket);
    socket.on('error', () => socket.destroy()).on('close', () => open.delete(socket));
  };
  server.on(tls ? 'secureConnection' : 'connection', keep);
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    if (proxy.manner === 'DOWN') return response.writeHead(502).end('<h1>Bad Gateway</h1>');
    if (proxy.manner === 'REDIRECTS')
      return response.writeHead(301, { location: `https://floor.example${request.url}` }).end();
    handOn(request, response).catch(() => response.destroy());
  });
  server.on('upgrade', (request: IncomingMessage, client: Duplex) => {
    if (proxy.manner === 'CUTS_UPGRADE') return client.destroy();
    const { upgrade, connection, ...others } = request.headers;
    const headers = proxy.manner === 'NO_UPGRADE' ? { ...others, connection: 'close' } : request.headers;
    const upstream = net.connect(port, '127.0.0.1');
    keep(upstream);
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    upstream.write(`${request.method} ${request.url} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    if (proxy.manner === 'DEAF_SOCKETS') client.resume();
    else client.pipe(upstream);
    upstream.pipe(client);
    client.on('close', () => upstream.destroy());
  });

  async function handOn(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { method, headers, url } = request;
    const asked = http.request({ host: '127.0.0.1', port, path: url, method, headers, agent: false });
    response.on('close', () => asked.destroy());
    request.pipe(asked);
    const [answer]: IncomingMessage[] = (await once(asked, 'response')) as never;
    if (!answer) return;
    const isStream = answer.headers['content-type']?.startsWith('text/event-stream');
    const whole = proxy.manner === 'BUFFERS' ? await buffer(answer) : null;
    response.writeHead(answer.statusCode ?? 500, answer.headers);
    if (whole) return void response.end(whole);
    for await (const piece of answer) {
      response.write(piece);
      if (isStream && proxy.manner === 'REPEATS') response.write(piece);
    }
    response.end();
  }

  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const proxy: ManglingProxy = {
    url: `${tls ? 'https' : 'http'}://127.0.0.1:${(server.address() as AddressInfo).port}`,
    manner: 'HANDS_ON',
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      server.close();
    },
  };
  return proxy;
}
