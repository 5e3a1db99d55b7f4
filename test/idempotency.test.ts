import { expect, test } from 'vitest';
import { hashOf } from '../src/idempotency.ts';

const digest = (data: unknown): string => hashOf({ what: 'say', data }).toString('hex');

test.each([
  ['{"a":1,"b":{"c":2,"d":[{"e":3,"f":4}]}}', '{"b":{"d":[{"f":4,"e":3}],"c":2},"a":1}'],
  ['{"__proto__":{"a":1},"b":2}', '{"b":2,"__proto__":{"a":1}}'],
  ['{"10":1,"9":2,"a":3}', '{"a":3,"9":2,"10":1}'],
])('%s is asked for by %s too', (one, other) => {
  expect(digest(JSON.parse(one))).toBe(digest(JSON.parse(other)));
});

test.each([
  ['[1,2]', '[2,1]'],
  ['{"a":1,"b":2}', '{"a":2,"b":1}'],
  ['{"__proto__":{"a":1}}', '{"__proto__":{"a":2}}'],
  ['{"a":[["b",1]]}', '{"a":{"b":1}}'],
  ['{"a":null}', '{}'],
])('%s is not asked for by %s', (one, other) => {
  expect(digest(JSON.parse(one))).not.toBe(digest(JSON.parse(other)));
});

test('an instant and a great number are what their texts say', () => {
  expect(digest({ at: new Date(0), amount: 2n ** 60n })).toBe(
    digest({ amount: String(2n ** 60n), at: '1970-01-01T00:00:00.000Z' }),
  );
});
