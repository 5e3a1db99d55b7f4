import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';

/** What was asked of it. */
export interface S3Request {
  readonly method: string;
  readonly path: string;
  readonly authorization: string;
}

const STATUS = {
  AccessDenied: 403,
  ExpiredToken: 400,
  InvalidAccessKeyId: 403,
  NoSuchBucket: 404,
  RequestTimeout: 400,
  ServiceUnavailable: 503,
};
export type S3Refusal = keyof typeof STATUS;

/** A server that speaks of S3 what a storage needs: PUT, GET with a range, DELETE; objects by `/bucket/key`. */
export interface S3Server extends AsyncDisposable {
  readonly url: string;
  readonly objects: ReadonlyMap<string, Buffer>;
  readonly requests: readonly S3Request[];
  /** Who still waits for a word of it. */
  readonly unanswered: number;
  /** Whoever asks from now on is refused with this code of S3; null: is served again. */
  refuseWith(code: S3Refusal | null): void;
  /** Whoever asks from now on hears nothing; those who still wait are answered when it speaks again. */
  beSilent(isSilent: boolean): void;
  /** Of what is read from now on only so many bytes come, then its connection is gone; null: all of it comes. */
  breakOffAfter(bytes: number | null): void;
  /** Files that come from now on are taken so many bytes a second, as over a line that is as slow. */
  takeSlowly(bytesPerSecond: number | null): void;
}

/** @param mayList Whether its callers may list the objects: Amazon's tells nobody else which there are not. */
export async function startS3Server({ mayList = true } = {}): Promise<S3Server> {
  const objects = new Map<string, Buffer>();
  const requests: S3Request[] = [];
  let refusal: S3Refusal | null = null;
  let isSilent = false;
  let waiting: (readonly [IncomingMessage, ServerResponse])[] = [];
  let pace: number | null = null;
  let lastByte: number | null = null;

  async function put(request: IncomingMessage, response: ServerResponse, path: string) {
    const pieces: Buffer[] = [];
    for await (const piece of request) {
      pieces.push(piece);
      if (pace !== null) await sleep((piece.length / pace) * 1_000);
    }
    const body = Buffer.concat(pieces);
    const sum = createHash('sha256').update(body).digest('base64');
    if (request.headers['x-amz-checksum-sha256'] !== sum) return refuse(response, 400, 'BadDigest');
    objects.set(path, body);
    response.writeHead(200, { etag: `"${sum}"` }).end();
  }

  function get(request: IncomingMessage, response: ServerResponse, path: string) {
    const body = objects.get(path);
    if (!body) return mayList ? refuse(response, 404, 'NoSuchKey') : refuse(response, 403, 'AccessDenied');
    const [, first, last] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const part = first === undefined ? body : body.subarray(Number(first), Number(last) + 1);
    response.writeHead(first === undefined ? 200 : 206, { 'content-length': part.length });
    if (lastByte === null) response.end(part);
    else response.write(part.subarray(0, lastByte), () => response.destroy());
  }

  function answer(request: IncomingMessage, response: ServerResponse): void {
    const path = new URL(request.url ?? '/', 'http://s3').pathname;
    const method = request.method ?? '';
    if (refusal) refuse(response, STATUS[refusal], refusal);
    else if (method === 'PUT') put(request, response, path).catch(() => response.destroy());
    else if (method === 'GET') get(request, response, path);
    else remove(response, method, path);
  }

  function remove(response: ServerResponse, method: string, path: string): void {
    if (method === 'DELETE') objects.delete(path);
    response.writeHead(method === 'DELETE' ? 204 : 405).end();
  }

  const server = createServer((request, response) => {
    const { method = '', url = '/', headers } = request;
    const { pathname: path } = new URL(url, 'http://s3');
    requests.push({ method, path, authorization: headers.authorization ?? '' });
    if (isSilent) waiting.push([request, response]);
    else answer(request, response);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    objects,
    requests,
    get unanswered() {
      return waiting.filter(isThere).length;
    },
    refuseWith(code) {
      refusal = code;
    },
    takeSlowly(bytesPerSecond) {
      pace = bytesPerSecond;
    },
    breakOffAfter(bytes) {
      lastByte = bytes;
    },
    beSilent(toBe) {
      isSilent = toBe;
      if (isSilent) return;
      const held = waiting.filter(isThere);
      waiting = [];
      for (const each of held) answer(...each);
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const isThere = ([{ socket }]: readonly [IncomingMessage, ServerResponse]): boolean => !socket.destroyed;

function refuse(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}
