import { ShuttingDownError } from '../graphql/errors.ts';
import { RequestRefusedError } from './errors.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { RETRY_AFTER_MS } from './limits.ts';
import { jsonReply, sendReply } from './responses.ts';

/** A file as it comes. */
export interface UploadBody {
  /** As `Content-Length` says; null without it. */
  readonly byteSize: number | null;
  readonly pieces: AsyncIterable<Uint8Array>;
}

/** Takes the file that is expected under a token, with an answer for who sent it; throws what is wrong with it. */
export type ReceiveUpload = (token: string, body: UploadBody) => Promise<object>;

const PATH = /^\/uploads\/([^/]+)$/;

/** The token in the path that a file is put to; null for any other request. */
export const uploadTokenOf = (method: string | undefined, pathname: string): string | null =>
  method === 'PUT' ? (PATH.exec(pathname)?.[1] ?? null) : null;

/** The path as the log may have it. */
export const withoutUploadToken = (pathname: string): string =>
  pathname.startsWith('/uploads/') ? '/uploads/…' : pathname;

/**
 * `PUT /uploads/<token>`: the file itself, whole, as the body. The body limits of other requests are not for it.
 *
 * @throws RequestRefusedError, ShuttingDownError, and what the receiver throws
 */
export async function receiveUpload(
  receive: ReceiveUpload,
  token: string,
  {
    exchange: { request, response },
    isDraining,
  }: { readonly exchange: Exchange; readonly isDraining: boolean },
): Promise<void> {
  if (request.headers['content-encoding'] !== undefined)
    throw new RequestRefusedError(415, 'A file is sent as it is, without a content encoding.');
  if (isDraining) throw new ShuttingDownError(RETRY_AFTER_MS);
  const length = request.headers['content-length'];
  const received = await receive(token, {
    byteSize: length === undefined ? null : Number(length),
    // Ending it early must not end the connection, on which the answer is still to be sent.
    pieces: request.iterator({ destroyOnReturn: false }),
  });
  sendReply(response, jsonReply(201, received));
}
