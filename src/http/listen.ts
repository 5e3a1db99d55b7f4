import { type AddressInfo, createServer, type Server } from 'node:net';
import { AddressRefusedError } from './errors.ts';

/** Where to listen; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/**
 * Listens for a moment, so that an address that cannot be had is told before anything else is begun. It is not kept:
 * who connected could not be answered yet, and would be by another process if nobody listened here.
 *
 * @throws AddressRefusedError
 */
export async function tryAddress(address: ListenAddress): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  await listenOn(server, address);
  await new Promise((resolve) => server.close(resolve));
}

/** Where it listens then. @throws AddressRefusedError */
export async function listenOn(server: Server, address: ListenAddress): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    const fail = (error: NodeJS.ErrnoException) => reject(asRefusal(error, address));
    server.once('error', fail);
    server.listen(address, () => {
      server.off('error', fail);
      resolve();
    });
  });
  return server.address() as AddressInfo;
}

/** What a person can do about it, where he can; the error itself otherwise. */
export function asRefusal(error: NodeJS.ErrnoException, { host, port }: ListenAddress): Error {
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: `${host}:${port} is already in use. Stop what listens there, or set PORT.`,
    EADDRNOTAVAIL: `${host} is no address of this machine. Set HOST to one that is.`,
    ENOTFOUND: `${host} is no address and no name that is known here. Set HOST to an address of this machine.`,
    EACCES: `${host}:${port} is not for this user to listen on. Set PORT to 1024 or more.`,
  };
  const reason = reasons[error.code ?? ''];
  return reason === undefined ? error : new AddressRefusedError(reason, { cause: error });
}
