import type { IncomingMessage, ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotFoundError, TimeoutError } from '../lib/errors.ts';
import { type ByteRange, parseByteRange } from './byte-range.ts';
import { RequestRefusedError } from './errors.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { isHad } from './not-modified.ts';
import { sendReply } from './responses.ts';

/** A file that somebody may have. */
export interface SentFile {
  readonly contentType: string;
  readonly fileName: string;
  readonly byteSize: number;
  readonly sha256: Buffer;
  open(range?: ByteRange): Promise<Readable | null>;
}

/** @throws RequestRefusedError */
export function refuseOtherMethods({ request: { method } }: Exchange): void {
  if (method !== 'GET' && method !== 'HEAD')
    throw new RequestRefusedError(405, 'This takes GET.', { allow: 'GET, HEAD' });
}

/**
 * Sends a file, or the part that is asked for.
 *
 * @throws NotFoundError when it has just been deleted; TimeoutError when nobody reads on for `idleMs`: the response is
 * to be destroyed then
 */
export async function sendFile(
  file: SentFile,
  { request, response }: Exchange,
  how: {
    readonly isInline: boolean;
    readonly headers: Readonly<Record<string, string>>;
    readonly idleMs: number;
  },
): Promise<void> {
  const etag = `"${file.sha256.toString('base64url')}"`;
  const headers = { ...headersOf(file, how.isInline), ...how.headers, etag };
  if (isHad(etag, request.headers['if-none-match']))
    return sendReply(response, { status: 304, headers, body: '' });

  const range = rangeOf(request, etag, file.byteSize);
  if (range === 'NONE') {
    const nothing = { 'content-range': `bytes */${file.byteSize}`, 'cache-control': 'no-store' };
    return sendReply(response, { status: 416, headers: nothing, body: '' });
  }
  const part = range === 'WHOLE' ? { start: 0, end: file.byteSize - 1 } : range;
  const bytes = request.method === 'HEAD' ? null : await read(file, part);
  if (request.method === 'GET' && !bytes) throw new NotFoundError('page');
  response.writeHead(range === 'WHOLE' ? 200 : 206, {
    ...headers,
    'content-length': part.end - part.start + 1,
    ...(range !== 'WHOLE' && { 'content-range': `bytes ${part.start}-${part.end}/${file.byteSize}` }),
  });
  if (!bytes) return void response.end();
  await pass(bytes, response, how.idleMs);
}

async function pass(bytes: Readable, response: ServerResponse, idleMs: number): Promise<void> {
  const failed = new Promise<never>((_resolve, reject) => {
    // Before the connection is closed because of it, with which the line of the request is written.
    bytes.once('error', reject);
    response.setTimeout(idleMs, () => {
      // Of what nobody reads there is always something left to write.
      const isUnread = response.writableLength > 0;
      const missing = `no more of a file came from its storage for ${idleMs} ms`;
      reject(isUnread ? new TimeoutError('Nobody read on.') : new Error(missing));
    });
  });
  try {
    await Promise.race([pipeline(bytes, response), failed]);
  } catch (error) {
    // Whoever has enough of it goes.
    if (!response.destroyed || !isGone(error)) throw error;
  }
}

/** An empty file has no first byte to begin with. */
async function read(file: SentFile, part: ByteRange): Promise<Readable | null> {
  if (file.byteSize > 0) return await file.open(part);
  const bytes = await file.open();
  bytes?.destroy();
  return bytes && Readable.from([]);
}

const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

const headersOf = ({ contentType, fileName }: SentFile, isInline: boolean) => ({
  'content-type': contentType,
  'content-disposition': `${isInline ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded(fileName)}`,
  'content-security-policy': CONTENT_POLICY,
  'accept-ranges': 'bytes',
});

/** Of a file that is another than the client began with, all (RFC 9110, 13.1.5); parts are for GET alone (14.2). */
function rangeOf({ headers, method }: IncomingMessage, etag: string, size: number) {
  if (method !== 'GET') return 'WHOLE';
  const ifRange = headers['if-range'];
  return ifRange === undefined || ifRange === etag ? parseByteRange(headers.range, size) : 'WHOLE';
}

/** RFC 8187. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
