import { isIP, SocketAddress } from 'node:net';

/**
 * An address in the one way it is written here: IPv4 also when it came as IPv6, IPv6 in its short
 * form and without a zone. Null for what is no address.
 */
export function canonicalAddress(text: string | null | undefined): string | null {
  const plain = (text ?? '').replace(/%.*$/, '');
  const version = isIP(plain);
  if (version === 0) return null;
  if (version === 4) return plain;
  const { address } = new SocketAddress({ address: plain, family: 'ipv6' });
  return /^::ffff:([\d.]+)$/.exec(address)?.[1] ?? address;
}

/** Whether an address to listen on is reached from this machine alone. */
export function isLoopback(host: string): boolean {
  if (host === 'localhost' || host === '::1') return true;
  return isIP(host) === 4 && host.startsWith('127.');
}

/**
 * Whoever is behind an address, as far as counting goes: an IPv4 address itself, also when it is
 * written as IPv6, and of an IPv6 address the /64, which one subscriber has whole. Null for what is
 * no address.
 */
export function networkOf(address: string | null | undefined): string | null {
  const canonical = canonicalAddress(address);
  if (canonical === null || isIP(canonical) === 4) return canonical;
  return `${groupsOf(canonical)
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':')}::/64`;
}

const GROUPS = 8;

/** The eight numbers of an IPv6 address. */
function groupsOf(address: string): readonly number[] {
  // The URL parser writes a dotted end in hexadecimal.
  const written = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = written.split('::');
  const numbers = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((group) => Number.parseInt(group, 16));
  if (tail === undefined) return numbers(head);
  const [before, after] = [numbers(head), numbers(tail)];
  return [...before, ...new Array<number>(GROUPS - before.length - after.length).fill(0), ...after];
}
