import { expect, test } from 'vitest';
import { type Edited, joinedEdits } from '../../src/graphql/layout-update-type.ts';
import type { Region } from '../../src/signage/region.ts';

const region = (id: string, text: string): Region => ({
  id,
  name: id,
  x: 0,
  y: 0,
  width: 10,
  height: 10,
  z: 0,
  content: { kind: 'TEXT', text },
});

const saved = (version: bigint, regions: Record<string, string | null>, isWhole = false): Edited => ({
  kind: 'edited',
  layoutId: 'layout',
  cursor: `at ${version}`,
  version,
  changedRegions: Object.entries(regions).flatMap(([id, text]) => (text === null ? [] : [region(id, text)])),
  removedRegionIds: Object.entries(regions).flatMap(([id, text]) => (text === null ? [id] : [])),
  isWhole,
  by: { kind: 'system', id: null },
  at: new Date(Number(version)),
});

test.each([
  ['of other regions', { a: '1' }, { b: '2' }, { a: '1', b: '2' }],
  ['of the same region', { a: '1' }, { a: '2' }, { a: '2' }],
  ['that removes what was changed', { a: '1', b: '1' }, { a: null }, { b: '1', a: null }],
  ['that makes anew what was removed', { a: null }, { a: '2' }, { a: '2' }],
  ['that removes another', { a: null }, { b: null }, { a: null, b: null }],
])('two saves, the second %s, are one', (_, first, second, both) => {
  expect(joinedEdits(saved(1n, first), saved(2n, second))).toEqual(saved(2n, both));
});

test('what follows the whole draft leaves it whole, and what went before it is nothing any more', () => {
  const whole = saved(2n, { a: '1', b: '1' }, true);
  expect(joinedEdits(whole, saved(3n, { a: null, c: '3' }))).toEqual(saved(3n, { b: '1', c: '3' }, true));
  expect(joinedEdits(saved(1n, { a: '0', d: null, e: '0' }), whole)).toEqual(whole);
});
