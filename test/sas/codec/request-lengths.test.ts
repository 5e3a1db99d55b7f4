import { expect, test } from 'vitest';
import { NAMED_POLLS } from '../../../src/sas/codec/long-polls/named-only.ts';
import { LONG_POLLS } from '../../../src/sas/codec/poll-table.ts';
import type { RequestLength } from '../../../src/sas/codec/request-length.ts';
import { requestHasCrc, requestLengthOf } from '../../../src/sas/codec/request-lengths.ts';

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index);

/** SAS.md 6.8; 1D and 28 are from 6.7. */
const TYPE_R = [
  ...[...range(0x0f, 0x1c), 0x1d, 0x1e, 0x1f, 0x20, 0x28],
  ...[...range(0x2a, 0x2c), ...range(0x31, 0x4a), 0x4f, 0x51, ...range(0x54, 0x57)],
  ...[0x70, 0x7e, 0x84, 0x85, 0x87, ...range(0x8e, 0x90), ...range(0xb1, 0xb3)],
];

/** SAS.md 6.9, as it stands there; 66 and 69 from 6.7. */
const LENGTHS: readonly (readonly [RequestLength, readonly number[]])[] = [
  [2, TYPE_R],
  [4, [...range(0x01, 0x07), 0x0a, 0x0b, 0x94]],
  [5, [0x0e, 0x4d, 0x50, 0x66, 0xa8, 0xaa]],
  [6, [0x21, 0x2d, 0x2e, 0x52, 0x53, 0x83, ...range(0x95, 0x9a), 0xa0, 0xa4, 0xb5]],
  [7, [0x09]],
  [8, [0x74, 0xb4]],
  [9, [0x08, 0x8a]],
  [10, [0x4c, 0x69]],
  [11, [0x7f, 0x80]],
  [13, [0x58, 0x8c]],
  ['LENGTH_BYTE', [0x2f, 0x6e, 0x6f, 0x71, 0x72, 0x73, 0x75, 0x76, 0x7b, 0x7c, 0x7d, 0x86, 0xaf, 0xb0, 0xb7]],
];

const expected = new Map(LENGTHS.flatMap(([length, codes]) => codes.map((code) => [code, length] as const)));

test('a request is as long as SAS.md 6.9 says, and only those have a length', () => {
  for (let code = 0; code < 256; code += 1) {
    expect([code, requestLengthOf(code)]).toEqual([code, expected.get(code) ?? null]);
  }
});

test('all but type R end with a CRC', () => {
  for (let code = 0; code < 256; code += 1) {
    expect([code, requestHasCrc(code)]).toEqual([code, !TYPE_R.includes(code)]);
  }
  for (const poll of LONG_POLLS.values()) expect(poll.type === 'R').toBe(TYPE_R.includes(poll.code));
});

test('replies with a length byte are those of SAS.md 4', () => {
  const withLength = [...LONG_POLLS.values()].filter((poll) => poll.answer?.lengthByte);
  expect(withLength.map((poll) => poll.code)).toEqual([
    0x2f, 0x4f, 0x54, 0x56, 0x6e, 0x6f, 0x70, 0x71, 0x72, 0x73, 0x74, 0x76, 0x7b, 0x87, 0xaf, 0xb0, 0xb2,
    0xb4, 0xb5, 0xb7,
  ]);
});

test('an answer without a length byte has a length of its own', () => {
  for (const { name, answer } of LONG_POLLS.values()) {
    if (answer && !answer.lengthByte) expect([name, answer.field.size]).toEqual([name, expect.any(Number)]);
  }
});

test('a poll has a row or only a name, and a code is given once', () => {
  const codes = [...LONG_POLLS.values(), ...NAMED_POLLS].map((poll) => poll.code);
  expect(new Set(codes).size).toBe(codes.length);
  const names = [...LONG_POLLS.values()].map((poll) => poll.name);
  expect(new Set(names).size).toBe(names.length);
});
