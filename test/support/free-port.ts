import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';

/** One that nobody listens on, on loopback: for programs that do not take port 0. */
export async function aFreePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
