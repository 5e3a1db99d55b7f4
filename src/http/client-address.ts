import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { canonicalAddress, isLoopback } from '../lib/network.ts';
import { type TrustedProxies, trustsOf } from './trusted-proxies.ts';

/** Where a request comes from, as far as those tell whose word counts. */
export interface RemoteClient {
  /** Null when the connection is gone already. */
  readonly address: string | null;
  readonly isHttps: boolean;
  /** Whether it came from another machine in the clear, for anybody between to read. */
  readonly isExposed: boolean;
}

export type FindClient = (request: {
  readonly headers: IncomingMessage['headers'];
  readonly socket: { readonly remoteAddress?: string | undefined };
}) => RemoteClient;

/**
 * Finds whoever stands before the trusted proxies. Each has added the address it was asked from to
 * the end of `X-Forwarded-For`, so this is read from its end, and no further than proxies are
 * trusted: what stands before that a client may have made up.
 */
export function createFindClient(proxies: TrustedProxies): FindClient {
  const trusts = trustsOf(proxies);
  return ({ headers, socket }) => {
    const peer = canonicalAddress(socket.remoteAddress);
    if (peer === null) return { address: null, isHttps: false, isExposed: true };
    const forwardedFor = entriesOf(headers['x-forwarded-for']);
    let address = peer;
    for (let hop = 1; trusts(address, hop); hop += 1) {
      const before = parseEntry(forwardedFor.at(-hop) ?? '');
      if (before === null) break;
      address = before;
    }
    const scheme = trusts(peer, 1) ? entriesOf(headers['x-forwarded-proto']).at(-1) : undefined;
    // Some proxies name the scheme of an upgrade by the protocol it becomes.
    const isHttps = /^(?:https|wss)$/i.test(scheme ?? '');
    const isLocal = isLoopback(peer) && isLoopback(address);
    return { address, isHttps, isExposed: scheme ? !isHttps : !isLocal };
  };
}

/** The entries of a header that each proxy adds to; Node has joined repeated ones already. */
function entriesOf(header: string | readonly string[] | undefined): readonly string[] {
  return String(header ?? '')
    .split(',')
    .map((entry) => entry.trim());
}

/** An address as proxies write it: `192.0.2.1`, `192.0.2.1:4711`, `2001:db8::1`, `[2001:db8::1]:4711`. */
function parseEntry(entry: string): string | null {
  const [, bracketed, dotted] = /^(?:\[([^\]]+)\]|([\d.]+))(?::\d{1,5})?$/.exec(entry) ?? [];
  if (bracketed !== undefined) return isIP(bracketed) === 6 ? canonicalAddress(bracketed) : null;
  return canonicalAddress(dotted ?? entry);
}
