import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A connection that is kept, for one request at a time: what a client costs is not to be measured. */
export interface HttpWire {
  /** The body of the answer. A server that hung up meanwhile is asked again: a key makes that safe. */
  post(body: string): Promise<string>;
}

const END_OF_HEAD = '\r\n\r\n';

export function createWire({ port, token }: { readonly port: number; readonly token: string }): HttpWire {
  const head = `POST /graphql HTTP/1.1\r\nhost: 127.0.0.1:${port}\r\nauthorization: Bearer ${token}\r\ncontent-type: application/json\r\ncontent-length: `;
  let kept: Socket | null = null;

  async function open(): Promise<Socket> {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    await once(socket, 'connect');
    // Servers end connections that nobody uses.
    socket.on('error', () => {});
    socket.once('close', () => {
      kept = null;
    });
    kept = socket;
    return socket;
  }

  return {
    async post(body) {
      const request = `${head}${Buffer.byteLength(body)}${END_OF_HEAD}${body}`;
      const answer = await exchange(kept ?? (await open()), request);
      return (
        answer ?? (await exchange(await open(), request)) ?? Promise.reject(new Error('the server hung up'))
      );
    },
  };
}

/** The body of the answer, or null when the connection ended instead. */
function exchange(socket: Socket, request: string): Promise<string | null> {
  let heard: Buffer = Buffer.alloc(0);
  return new Promise((resolve, reject) => {
    const settle = (body: string | null) => {
      socket.off('data', hear).off('close', end);
      resolve(body);
    };
    const end = () => settle(null);
    function hear(chunk: Buffer): void {
      heard = heard.length === 0 ? chunk : Buffer.concat([heard, chunk]);
      const headLength = heard.indexOf(END_OF_HEAD);
      if (headLength < 0) return;
      const length = Number(/content-length: (\d+)/i.exec(heard.toString('latin1', 0, headLength))?.[1]);
      if (Number.isNaN(length)) reject(new Error('an answer without a length'));
      const start = headLength + END_OF_HEAD.length;
      if (heard.length >= start + length) settle(heard.toString('utf8', start, start + length));
    }
    socket.on('data', hear).on('close', end);
    socket.write(request);
  });
}
