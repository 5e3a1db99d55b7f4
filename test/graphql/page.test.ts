import { expect, test } from 'vitest';
import {
  encodePageKey,
  type Page,
  type PageKey,
  type PageRange,
  parsePage,
  resolvePage,
} from '../../src/graphql/page.ts';
import { ValidationError } from '../../src/lib/errors.ts';

/** 45 rows, three of each millisecond, so that time alone is no order. */
const rows: readonly PageKey[] = Array.from({ length: 45 }, (_, at) => ({
  at: new Date(1_700_000_000_000 + Math.floor(at / 3)),
  id: `00000000-0000-7000-8000-${String(at).padStart(12, '0')}`,
}));
const place = (key: PageKey) => rows.findIndex(({ id }) => id === key.id);

let counted = 0;
const source = {
  keyOf: (row: PageKey) => row,
  load: async ({ after, before, limit, backward }: PageRange) => {
    const within = rows.slice(after ? place(after) + 1 : 0, before ? place(before) : rows.length);
    return backward ? within.toReversed().slice(0, limit) : within.slice(0, limit);
  },
  count: async () => {
    counted += 1;
    return rows.length;
  },
};
const idsOf = ({ edges }: { edges: readonly { node: PageKey }[] }) => edges.map(({ node }) => place(node));

test('pages follow each other without a gap or a repeat, forwards', async () => {
  const seen: number[] = [];
  let after: string | null = null;
  for (;;) {
    const page: Page<PageKey> = await resolvePage({ first: 7, after }, source);
    seen.push(...idsOf(page));
    expect(page.pageInfo.hasPreviousPage).toBe(after !== null);
    if (!page.pageInfo.hasNextPage) break;
    after = page.pageInfo.endCursor;
  }
  expect(seen).toEqual(rows.map((_, at) => at));
});

test('pages follow each other without a gap or a repeat, backwards', async () => {
  const seen: number[] = [];
  let before: string | null = null;
  for (;;) {
    const page: Page<PageKey> = await resolvePage({ last: 10, before }, source);
    seen.unshift(...idsOf(page));
    expect(page.pageInfo.hasNextPage).toBe(before !== null);
    if (!page.pageInfo.hasPreviousPage) break;
    before = page.pageInfo.startCursor;
  }
  expect(seen).toEqual(rows.map((_, at) => at));
});

test('a page has 20 entries when nothing is said', async () => {
  expect(idsOf(await resolvePage({}, source))).toHaveLength(20);
  expect(parsePage({}).limit).toBe(21);
});

test('both ends of a range may be given', async () => {
  const [, third] = [rows[0], rows[3]].map((key) => encodePageKey(key as PageKey));
  const page = await resolvePage(
    { first: 10, after: encodePageKey(rows[0] as PageKey), before: third },
    source,
  );
  expect(idsOf(page)).toEqual([1, 2]);
});

test('an empty page has no cursors', async () => {
  const page = await resolvePage({ after: encodePageKey(rows[44] as PageKey) }, source);
  expect(page.edges).toEqual([]);
  expect(page.pageInfo).toEqual({
    hasNextPage: false,
    hasPreviousPage: true,
    startCursor: null,
    endCursor: null,
  });
});

test('the total is counted when it is asked for, and not before', async () => {
  counted = 0;
  const { totalCount } = await resolvePage({}, source);
  expect(counted).toBe(0);
  expect(await totalCount()).toBe(45);
  expect(counted).toBe(1);
});

test.each([
  { first: 0 },
  { first: -1 },
  { first: 101 },
  { last: 0 },
  { last: 101 },
  { first: 1, last: 1 },
  { after: '' },
  { after: 'MQ' },
  { before: Buffer.from('1:not-a-uuid').toString('base64url') },
  { after: Buffer.from(`NaN:${rows[0]?.id}`).toString('base64url') },
  { after: Buffer.from(`99999999999999999:${rows[0]?.id}`).toString('base64url') },
  { after: `${encodePageKey(rows[0] as PageKey)}=` },
  { after: 'A'.repeat(100_000) },
])('%j is refused', async (args) => {
  await expect(resolvePage(args, source)).rejects.toThrow(ValidationError);
});
