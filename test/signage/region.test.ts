import { expect, test } from 'vitest';
import { ValidationError } from '../../src/lib/errors.ts';
import { changeRegions, differenceOf, parseRegions, type Region } from '../../src/signage/region.ts';
import { aTextRegion } from '../support/layout.ts';

const CANVAS = { width: 1_920, height: 1_080 };
const parse = (...regions: readonly Region[]) =>
  parseRegions(regions, CANVAS, { field: 'regions', list: regions });

test.each<[string, Partial<Region>]>([
  ['with an upper-case id', { id: 'Head' }],
  ['with a hyphen before everything', { id: '-head' }],
  ['with an id of 33 characters', { id: 'a'.repeat(33) }],
  ['without a name', { name: ' ' }],
  ['left of the canvas', { x: -1 }],
  ['that ends right of the canvas', { x: 1_621 }],
  ['that ends below the canvas', { y: 881 }],
  ['of no width', { width: 0 }],
  ['at half a pixel', { x: 0.5 }],
  ['above everything that lies above', { z: 1_000 }],
  ['with more than 2000 characters', { content: { kind: 'TEXT', text: 'a'.repeat(2_001) } }],
  ['with a NUL', { content: { kind: 'TEXT', text: 'a\0b' } }],
  ['with a bell', { content: { kind: 'TEXT', text: 'a\u0007b' } }],
  ['with half a character', { content: { kind: 'TEXT', text: 'a\ud800' } }],
])('a region %s is none', (_, fields) => {
  expect(() => parse(aTextRegion('head', 'Hello', fields))).toThrow(ValidationError);
});

test('a region fills the canvas at most, and its words may have lines', () => {
  const whole = aTextRegion('all', 'one\n\ttwo', { x: 0, y: 0, ...CANVAS });
  expect(parse(whole)).toEqual([whole]);
});

test('64 regions are a layout, 65 are none, nor are two of one id', () => {
  const regions = Array.from({ length: 64 }, (_, at) => aTextRegion(`r${at}`, 'x'));
  expect(parse(...regions)).toEqual(regions);
  expect(() => parse(...regions, aTextRegion('more', 'x'))).toThrow(ValidationError);
  expect(() => parse(aTextRegion('a', 'x'), aTextRegion('a', 'y'))).toThrow(ValidationError);
});

test('regions are replaced where they stand, added behind, and removed', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => aTextRegion(id, 'old'));
  const before = [a, b] as Region[];
  const changed = aTextRegion('a', 'new');
  const after = changeRegions(before, { upserted: [c as Region, changed], removedIds: ['b'] });
  expect(after).toEqual([changed, c]);
  expect(differenceOf(before, after)).toEqual({ changed: [changed, c], removedIds: ['b'] });
  expect(differenceOf(after, [c as Region, changed])).toEqual({ changed: [], removedIds: [] });
  expect(() => changeRegions(before, { upserted: [], removedIds: ['c'] })).toThrow(ValidationError);
});
