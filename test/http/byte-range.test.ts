import { expect, test } from 'vitest';
import { parseByteRange } from '../../src/http/byte-range.ts';

test.each([
  ['bytes=0-9', { start: 0, end: 9 }],
  ['bytes=90-', { start: 90, end: 99 }],
  ['bytes=90-1000', { start: 90, end: 99 }],
  ['bytes=-10', { start: 90, end: 99 }],
  ['bytes=-1000', { start: 0, end: 99 }],
  ['bytes=99-99', { start: 99, end: 99 }],
  ['bytes=100-', 'NONE'],
  ['bytes=100-200', 'NONE'],
  ['bytes=-0', 'NONE'],
  ['bytes=9-0', 'WHOLE'],
  ['bytes=0-1,5-6', 'WHOLE'],
  ['bytes=-', 'WHOLE'],
  ['lines=0-9', 'WHOLE'],
  ['bytes=0x1-2', 'WHOLE'],
  ['', 'WHOLE'],
  [undefined, 'WHOLE'],
])('of 100 bytes %s is %j', (header, range) => {
  expect(parseByteRange(header, 100)).toEqual(range);
});
