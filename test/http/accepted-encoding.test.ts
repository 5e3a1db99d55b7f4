import { expect, test } from 'vitest';
import { prefersGzip } from '../../src/http/accepted-encoding.ts';

test.each([
  [undefined, false],
  ['', false],
  ['br', false],
  ['gzip', true],
  ['GZIP', true],
  ['x-gzip', true],
  ['br, gzip;q=0.5', true],
  ['gzip ; q=0', false],
  ['gzip;q=0.000, *', false],
  ['*', true],
  ['*;q=0', false],
  ['gzip, *;q=0', true],
  ['identity;q=0', true],
  ['identity;q=0, gzip;q=0', false],
  ['identity, gzip;q=0.5', false],
  ['gzip;q=nonsense', false],
  ['notgzip', false],
])('Accept-Encoding: %s has it zipped: %s', (header, isZipped) => {
  expect(prefersGzip(header)).toBe(isZipped);
});
