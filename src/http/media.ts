import { NotFoundError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import type { Exchange } from './graphql-endpoint.ts';
import { refuseOtherMethods, type SentFile, sendFile } from './sent-file.ts';

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

export interface ServedFile extends SentFile {
  /** Whether a browser may show it as a part of a page. */
  readonly isInline: boolean;
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
 * @throws NotFoundError, RequestRefusedError, TimeoutError
 */
export async function sendMedia(
  { read, idleMs }: { readonly read: ReadMedia; readonly idleMs: number },
  asked: AskedMedia,
  exchange: Exchange,
): Promise<void> {
  refuseOtherMethods(exchange);
  const file = await read(asked);
  if (!file) throw new NotFoundError('page');
  const leftSeconds = Math.max(asked.expires - Math.floor(Date.now() / 1_000), 0);
  await sendFile(file, exchange, {
    isInline: file.isInline,
    idleMs,
    headers: {
      // Pages of other origins show it: whoever has the address may.
      'cross-origin-resource-policy': 'cross-origin',
      'cache-control': `private, max-age=${leftSeconds}, immutable`,
    },
  });
}
