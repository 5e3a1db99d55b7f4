import { ValidationError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';
import { inField } from '../lib/in-field.ts';

/** Connections over rows in an order, by default (time, id): whole, stable pages while rows are added. */

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** The place of a row in its order. The time is one a Date holds exactly: whole milliseconds. */
export interface PageKey {
  readonly at: Date;
  readonly id: string;
}

/** How the place of a row is written as the opaque cursor of an edge. */
export interface PageKeyCodec<Key> {
  encode(key: Key): string;
  /** @throws ValidationError */
  decode(text: string): Key;
}

/** The part of an order that a store is asked for. */
export interface PageRange<Key = PageKey> {
  readonly after: Key | null;
  readonly before: Key | null;
  /** Rows to read: one more than the page, which tells whether more follows. */
  readonly limit: number;
  /** Read from the end of the range towards its beginning. */
  readonly backward: boolean;
}

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly last?: number | null | undefined;
  readonly before?: string | null | undefined;
}

export interface PageSource<Row, Key = PageKey> {
  readonly keyOf: (row: Row) => Key;
  /** The rows of a range in the connection's order, or in its reverse when `backward`. */
  readonly load: (range: PageRange<Key>) => Promise<readonly Row[]>;
  /** All rows of the connection, on whatever page. */
  readonly count: () => Promise<number>;
}

export interface Page<Row> {
  readonly edges: { readonly cursor: string; readonly node: Row }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
  readonly totalCount: () => Promise<number>;
}

/** @throws ValidationError (API_001) for a page size outside 1–100 and for a cursor that is none */
export async function resolvePage<Row>(args: PageArguments, source: PageSource<Row>): Promise<Page<Row>> {
  return await resolvePageBy(TIME_KEYS, args, source);
}

/** The same for an order of another kind. */
export async function resolvePageBy<Row, Key>(
  keys: PageKeyCodec<Key>,
  args: PageArguments,
  { keyOf, load, count }: PageSource<Row, Key>,
): Promise<Page<Row>> {
  const range = parsePageBy(keys, args);
  const rows = await load(range);
  const page = rows.slice(0, range.limit - 1);
  const more = rows.length > page.length;
  if (range.backward) page.reverse();
  const edges = page.map((node) => ({ cursor: keys.encode(keyOf(node)), node }));
  return {
    edges,
    pageInfo: {
      hasNextPage: range.backward ? range.before !== null : more,
      hasPreviousPage: range.backward ? more : range.after !== null,
      startCursor: edges.at(0)?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
    totalCount: count,
  };
}

/** @throws ValidationError */
export const parsePage = (args: PageArguments): PageRange => parsePageBy(TIME_KEYS, args);

function parsePageBy<Key>(
  keys: PageKeyCodec<Key>,
  { first, after, last, before }: PageArguments,
): PageRange<Key> {
  const forward = first ?? null;
  const backward = last ?? null;
  if (forward !== null && backward !== null) throw new ValidationError('Give either first or last.');
  const size = forward ?? backward ?? DEFAULT_PAGE_SIZE;
  if (size < 1 || size > MAX_PAGE_SIZE)
    throw new ValidationError(`A page has 1 to ${MAX_PAGE_SIZE} entries.`, {
      field: backward === null ? 'first' : 'last',
    });
  return {
    after: after == null ? null : inField('after', () => keys.decode(after)),
    before: before == null ? null : inField('before', () => keys.decode(before)),
    limit: size + 1,
    backward: backward !== null,
  };
}

export function encodePageKey({ at, id }: PageKey): string {
  return Buffer.from(`${at.getTime()}:${id}`, 'latin1').toString('base64url');
}

/** @throws ValidationError */
export function decodePageKey(text: string): PageKey {
  const match =
    text.length <= 80 ? /^(-?\d{1,16}):(.+)$/.exec(Buffer.from(text, 'base64url').toString('latin1')) : null;
  const key = { at: new Date(Number(match?.[1])), id: match?.[2] ?? '' };
  if (Number.isNaN(key.at.getTime()) || !isUuid(key.id) || encodePageKey(key) !== text) throw notACursor();
  return key;
}

const TIME_KEYS: PageKeyCodec<PageKey> = { encode: encodePageKey, decode: decodePageKey };

/** Cursors of what is numbered. */
export const NUMBER_KEYS: PageKeyCodec<bigint> = {
  encode: (key) => Buffer.from(String(key), 'latin1').toString('base64url'),
  decode(text) {
    const digits = text.length <= 28 ? Buffer.from(text, 'base64url').toString('latin1') : '';
    const key = /^\d{1,18}$/.test(digits) ? BigInt(digits) : null;
    if (key === null || NUMBER_KEYS.encode(key) !== text) throw notACursor();
    return key;
  },
};

/** Cursors of what is in the order of its ids. */
export const ID_KEYS: PageKeyCodec<string> = {
  encode: (id) => Buffer.from(id, 'latin1').toString('base64url'),
  decode(text) {
    const id = text.length <= 48 ? Buffer.from(text, 'base64url').toString('latin1') : '';
    if (!isUuid(id) || ID_KEYS.encode(id) !== text) throw notACursor();
    return id;
  },
};

const notACursor = () => new ValidationError('This is not a cursor of this connection.');
