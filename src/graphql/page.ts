import { ValidationError } from '../lib/errors.ts';
import { isUuid } from '../lib/ids.ts';

/** Connections over rows in the order (time, id): whole, stable pages while rows are added. */

export const DEFAULT_PAGE_SIZE = 20;
export const MAX_PAGE_SIZE = 100;

/** The place of a row in its order. The time is one a Date holds exactly: whole milliseconds. */
export interface PageKey {
  readonly at: Date;
  readonly id: string;
}

/** The part of an order that a store is asked for. */
export interface PageRange {
  readonly after: PageKey | null;
  readonly before: PageKey | null;
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

export interface PageSource<Row> {
  readonly keyOf: (row: Row) => PageKey;
  /** The rows of a range in the connection's order, or in its reverse when `backward`. */
  readonly load: (range: PageRange) => Promise<readonly Row[]>;
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
export async function resolvePage<Row>(
  args: PageArguments,
  { keyOf, load, count }: PageSource<Row>,
): Promise<Page<Row>> {
  const range = parsePage(args);
  const rows = await load(range);
  const page = rows.slice(0, range.limit - 1);
  const more = rows.length > page.length;
  if (range.backward) page.reverse();
  const edges = page.map((node) => ({ cursor: encodePageKey(keyOf(node)), node }));
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
export function parsePage({ first, after, last, before }: PageArguments): PageRange {
  const forward = first ?? null;
  const backward = last ?? null;
  if (forward !== null && backward !== null) throw new ValidationError('Give either first or last.');
  const size = forward ?? backward ?? DEFAULT_PAGE_SIZE;
  if (size < 1 || size > MAX_PAGE_SIZE)
    throw new ValidationError(`A page has 1 to ${MAX_PAGE_SIZE} entries.`);
  return {
    after: after == null ? null : decodePageKey(after),
    before: before == null ? null : decodePageKey(before),
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
  if (Number.isNaN(key.at.getTime()) || !isUuid(key.id) || encodePageKey(key) !== text) {
    throw new ValidationError('This is not a cursor of this connection.');
  }
  return key;
}
