import net from 'node:net';
import type { Connection } from '../../src/db/database.ts';

export interface Proxy extends AsyncDisposable {
  /** Leads to the same database over TCP. */
  readonly connection: Connection;
  /**
   * From now on nothing comes through the connections there are, and nothing closes them, as when the
   * server's host loses its power. New ones work.
   */
  swallow(): void;
  /** The same, and new ones are taken and hear nothing. */
  hang(): void;
}

/** A TCP way to the test cluster, whose server may have a unix socket only. */
export async function throughProxy(connection: Connection): Promise<Proxy> {
  const target = new URL(connection);
  const host = decodeURIComponent(target.hostname);
  const port = Number(target.port || 5432);
  const sockets = new Set<net.Socket>();
  let isHanging = false;
  const swallow = () => {
    for (const socket of sockets) socket.unpipe().resume();
  };
  const server = net.createServer({ allowHalfOpen: true }, (client) => {
    if (isHanging) {
      sockets.add(client.resume().on('error', () => {}));
      return;
    }
    const upstream = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect(port, host);
    for (const [from, to] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => to.destroy());
      from.pipe(to);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  target.hostname = '127.0.0.1';
  target.port = String((server.address() as net.AddressInfo).port);
  return {
    connection: target.href,
    swallow,
    hang() {
      isHanging = true;
      swallow();
    },
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}
