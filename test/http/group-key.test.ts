import { parse } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../src/graphql/schema.ts';
import { groupKeyOf } from '../../src/http/group-key.ts';

const schema = buildSchema();
const document = parse(`subscription Events($types: [String!], $after: Cursor) {
  events(types: $types, after: $after) { type }
}`);
const keyOf = (variableValues: Readonly<Record<string, unknown>>) =>
  groupKeyOf({ schema, document, operationName: 'Events', variableValues });

test('readers are one group wherever they begin, and for other arguments another', () => {
  const types = ['machine.event-raised'];
  expect(keyOf({ types, after: 'here' })).toBe(keyOf({ after: 'there', types }));
  expect(keyOf({ types })).not.toBe(keyOf({}));
  expect(keyOf({ types })).not.toBe(keyOf({ types: ['machine.registered'] }));
});

test('what is no variable of the operation divides no readers, however large or deep it is', () => {
  const deep = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  expect(keyOf({ deep })).toBe(keyOf({}));
  expect(keyOf({ note: 'x'.repeat(10_000) })).toBe(keyOf({}));
});
