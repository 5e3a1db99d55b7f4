/** Which pages may talk to the server from a browser. */
export interface Origins {
  /** Whether a WebSocket may be opened: from no page, from a page of ours, or from a listed one. */
  mayConnect(origin: string | undefined): boolean;
  /** What lets a listed page read an answer; nothing for any other. */
  corsHeaders(origin: string | undefined): Readonly<Record<string, string>>;
}

const SHARED_HEADERS = {
  'access-control-allow-methods': 'GET, POST, PUT',
  // The last names are for files: a page goes on with one that broke off, and names it as it is called. The star is
  // for what libraries add, such as those of tracing; it leaves out `authorization`, and older browsers do not know it.
  'access-control-allow-headers':
    'authorization, content-type, x-request-id, last-event-id, range, if-range, if-none-match, *',
  'access-control-expose-headers':
    'x-request-id, retry-after, accept-ranges, content-disposition, content-range, etag',
  'access-control-max-age': '600',
};

/** @param own the origins of the server itself, as configured or listened on, never as a header claims */
export function createOrigins({
  own,
  allowed,
}: {
  readonly own: readonly string[];
  readonly allowed: readonly string[];
}): Origins {
  const listed = new Set(allowed);
  const connectable = new Set([...own, ...allowed]);
  return {
    mayConnect: (origin) => origin === undefined || connectable.has(origin),
    corsHeaders(origin) {
      if (listed.size === 0) return {};
      if (origin === undefined || !listed.has(origin)) return { vary: 'Origin' };
      return { vary: 'Origin', 'access-control-allow-origin': origin, ...SHARED_HEADERS };
    },
  };
}

const LOOPBACK = ['127.0.0.1', 'localhost', '[::1]'];

/** The origins under which a browser reaches an address that is listened on. */
export function originsOf({ address, port }: { readonly address: string; readonly port: number }): string[] {
  const host = address.includes(':') ? `[${address}]` : address;
  const hosts =
    LOOPBACK.includes(host) || host === '0.0.0.0' || host === '[::]' ? [host, ...LOOPBACK] : [host];
  return [...new Set(hosts)].map((name) => new URL(`http://${name}:${port}`).origin);
}
