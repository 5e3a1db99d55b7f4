import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { NotFoundError } from '../lib/errors.ts';
import { canonicalAddress, isLoopback } from '../lib/network.ts';
import { MetricsTokenError } from './errors.ts';
import type { Reply } from './responses.ts';

/** What a server tells of itself to those who watch over it, and to whom. */
export interface MetricsSource {
  readonly contentType: string;
  /** It answers within two seconds, also when what it tells of does not. */
  scrape(): Promise<string>;
  /** What other machines show as bearer token; null: they are told of nothing. */
  readonly token: string | null;
}

/**
 * `GET /metrics` for whoever asks from this machine, and for whoever shows the token.
 *
 * @throws NotFoundError, MetricsTokenError
 */
export async function metricsReply(
  { contentType, scrape, token }: MetricsSource,
  request: MetricsRequest,
): Promise<Reply> {
  if (!isLocal(request)) {
    if (token === null) throw new NotFoundError('page');
    if (!shows(request.headers.authorization, token)) throw new MetricsTokenError();
  }
  return {
    status: 200,
    headers: { 'content-type': contentType, 'cache-control': 'no-store' },
    body: await scrape(),
  };
}

type MetricsRequest = Pick<IncomingMessage, 'headers'> & {
  readonly socket: { readonly remoteAddress?: string | undefined };
};

/** What a proxy on this machine adds to what it hands on. */
const FORWARDED = ['forwarded', 'via', 'x-forwarded-for', 'x-forwarded-host', 'x-real-ip'];

/**
 * Whether a program on this machine asks on its own behalf. One that asks for another names it, or
 * asks for a host of another name: so do a proxy and a web page whose name leads here.
 */
function isLocal({ headers, socket }: MetricsRequest): boolean {
  const peer = canonicalAddress(socket.remoteAddress);
  if (peer === null || !isLoopback(peer)) return false;
  if (FORWARDED.some((name) => headers[name] !== undefined)) return false;
  const [, bracketed, plain] = /^(?:\[([^\]]*)\]|([^:]*))(?::\d+)?$/.exec(headers.host ?? '') ?? [];
  return isLoopback(bracketed ?? plain ?? '');
}

/** Takes as long for a token that is nearly right as for any other. */
function shows(authorization: string | undefined, token: string): boolean {
  const shown = /^Bearer +(\S+) *$/i.exec(authorization ?? '')?.[1] ?? '';
  return timingSafeEqual(digestOf(shown), digestOf(token));
}

const digestOf = (text: string): Buffer => createHash('sha256').update(text).digest();
