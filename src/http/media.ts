import type { IncomingMessage } from 'node:http';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { NotFoundError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { type ByteRange, parseByteRange } from './byte-range.ts';
import { RequestRefusedError } from './errors.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { isHad } from './not-modified.ts';
import { sendReply } from './responses.ts';

/** A file of the venue, by an address that was given out for it. */
export interface AskedMedia {
  readonly mediaId: string;
  readonly revision: number;
  /** In seconds since 1970. */
  readonly expires: number;
  readonly signature: string;
}

/** What is at an address; null for nothing. */
export type ReadMedia = (asked: AskedMedia) => Promise<ServedFile | null>;

export interface ServedFile {
  readonly contentType: string;
  readonly fileName: string;
  readonly byteSize: number;
  readonly sha256: Buffer;
  /** Whether a browser may show it as a part of a page. */
  readonly isInline: boolean;
  open(range?: ByteRange): Promise<Readable | null>;
}

const PATH = /^\/media\/([^/]+)\/([1-9]\d{0,8})$/;

/** What a URL asks for; null when it is no address of a medium. */
export function askedMediaOf({ pathname, searchParams }: URL): AskedMedia | null {
  const [, mediaId = '', revision = ''] = PATH.exec(pathname) ?? [];
  const expires = /^\d{1,12}$/.exec(searchParams.get('expires') ?? '')?.[0];
  const signature = searchParams.get('signature');
  if (!isUuid(mediaId) || expires === undefined || signature === null) return null;
  return { mediaId, revision: Number(revision), expires: Number(expires), signature };
}

/**
 * Sends a file, or the part that is asked for. What browsers would run is never a part of a page, whoever uploaded it
 * (RULES 51).
 *
 * @throws NotFoundError, RequestRefusedError
 */
export async function sendMedia(
  read: ReadMedia,
  asked: AskedMedia,
  { request, response }: Exchange,
): Promise<void> {
  if (request.method !== 'GET' && request.method !== 'HEAD')
    throw new RequestRefusedError(405, 'This takes GET.');
  const file = await read(asked);
  if (!file) throw new NotFoundError('page');
  const etag = `"${file.sha256.toString('base64url')}"`;
  const headers = headersOf(file, etag, asked);
  if (isHad(etag, request.headers['if-none-match']))
    return sendReply(response, { status: 304, headers, body: '' });

  const range = rangeOf(request, etag, file.byteSize);
  if (range === 'NONE') {
    const nothing = { 'content-range': `bytes */${file.byteSize}`, 'cache-control': 'no-store' };
    return sendReply(response, { status: 416, headers: nothing, body: '' });
  }
  const part = range === 'WHOLE' ? { start: 0, end: file.byteSize - 1 } : range;
  const bytes = request.method === 'HEAD' ? null : await file.open(part);
  if (request.method === 'GET' && !bytes) throw new NotFoundError('page');
  response.writeHead(range === 'WHOLE' ? 200 : 206, {
    ...headers,
    'content-length': part.end - part.start + 1,
    ...(range !== 'WHOLE' && { 'content-range': `bytes ${part.start}-${part.end}/${file.byteSize}` }),
  });
  if (!bytes) return void response.end();
  try {
    await pipeline(bytes, response);
  } catch (error) {
    // Whoever has enough of it goes.
    if (!response.destroyed || !isGone(error)) throw error;
  }
}

const CONTENT_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox; frame-ancestors 'none'";

const headersOf = (
  { contentType, fileName, isInline }: ServedFile,
  etag: string,
  { expires }: AskedMedia,
) => ({
  'content-type': contentType,
  'content-disposition': `${isInline ? 'inline' : 'attachment'}; filename*=UTF-8''${encoded(fileName)}`,
  'content-security-policy': CONTENT_POLICY,
  // Pages of other origins show it: whoever has the address may.
  'cross-origin-resource-policy': 'cross-origin',
  'accept-ranges': 'bytes',
  'cache-control': `private, max-age=${Math.max(expires - Math.floor(Date.now() / 1_000), 0)}, immutable`,
  etag,
});

/** Of a file that is another than the client began with, all (RFC 9110, 13.1.5). */
function rangeOf({ headers }: IncomingMessage, etag: string, size: number) {
  const ifRange = headers['if-range'];
  return ifRange === undefined || ifRange === etag ? parseByteRange(headers.range, size) : 'WHOLE';
}

/** RFC 8187. */
const encoded = (name: string): string =>
  encodeURIComponent(name).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`);

const isGone = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
