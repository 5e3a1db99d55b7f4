import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AddressRefusedError } from './errors.ts';

/** Where to listen; port 0 takes a free one. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
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
