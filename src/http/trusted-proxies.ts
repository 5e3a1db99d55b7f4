import { BlockList, isIP } from 'node:net';
import { canonicalAddress } from '../lib/network.ts';

/** Who may say on whose behalf he asks: the last hops before the server, or hosts of some networks. */
export type TrustedProxies = { readonly hops: number } | { readonly networks: readonly Network[] };

/** The addresses that begin with these bits. */
export interface Network {
  readonly address: string;
  readonly prefix: number;
}

/** Whether to take his word: the peer is hop 1, whom he names hop 2. */
export type Trusts = (address: string, hop: number) => boolean;

export const NO_PROXIES: TrustedProxies = { hops: 0 };

export const hasProxies = (proxies: TrustedProxies): boolean => !('hops' in proxies) || proxies.hops > 0;

const MAX_HOPS = 16;
const BITS = { 4: 32, 6: 128 } as const;
/** 10.0.0.0/8 and fc00::/7 are the largest networks that are anybody's own. */
const SHORTEST_PREFIX = { 4: 8, 6: 7 } as const;

const LOOPBACK: readonly Network[] = [
  { address: '127.0.0.0', prefix: 8 },
  { address: '::1', prefix: 128 },
];

/**
 * Reads a number of hops from 1 to 16, or a list of addresses and networks, with `loopback` for
 * this machine. Null for anything else, and for a network so large that strangers are in it.
 */
export function parseTrustedProxies(text: string): TrustedProxies | null {
  if (/^\d+$/.test(text)) {
    const hops = Number(text);
    return hops >= 1 && hops <= MAX_HOPS ? { hops } : null;
  }
  const entries = text.split(/[\s,]+/).filter(Boolean);
  const networks = entries.map((entry) => (entry === 'loopback' ? LOOPBACK : parseNetwork(entry)));
  if (networks.length === 0 || networks.includes(null)) return null;
  return { networks: networks.flatMap((network) => network ?? []) };
}

export function trustsOf(proxies: TrustedProxies): Trusts {
  if ('hops' in proxies) return (_address, hop) => hop <= proxies.hops;
  const list = new BlockList();
  for (const { address, prefix } of proxies.networks) list.addSubnet(address, prefix, familyOf(address));
  return (address) => list.check(address, familyOf(address));
}

function parseNetwork(entry: string): Network | null {
  const [, written = '', length] = /^([^/%]+)(?:\/(\d{1,3}))?$/.exec(entry) ?? [];
  const address = canonicalAddress(written);
  const version = isIP(address ?? '');
  if (address === null || (version !== 4 && version !== 6)) return null;
  if (length === undefined) return { address, prefix: BITS[version] };
  const prefix = Number(length);
  // The bits of a network of IPv4 addresses written as IPv6 would be counted from elsewhere.
  const isMapped = isIP(written) !== version;
  return isMapped || prefix < SHORTEST_PREFIX[version] || prefix > BITS[version] ? null : { address, prefix };
}

const familyOf = (address: string) => (isIP(address) === 6 ? 'ipv6' : 'ipv4');
