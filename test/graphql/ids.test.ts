import { expect, test } from 'vitest';
import { InvalidIdError } from '../../src/graphql/errors.ts';
import { decodeGlobalId, decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';

const id = newId();
const raw = (text: string) => Buffer.from(text, 'latin1').toString('base64url');

test('a global id says type and UUID', () => {
  const text = encodeGlobalId('Machine', id);
  expect(text).toMatch(/^[A-Za-z0-9_-]+$/);
  expect(decodeGlobalId(text)).toEqual({ typename: 'Machine', id });
  expect(decodeIdOf('Machine', text)).toBe(id);
});

test.each([
  ['nothing', ''],
  ['a plain UUID', id],
  ['a word', 'machine-1'],
  ['a type alone', raw('Machine')],
  ['a type without an id', raw('Machine:')],
  ['an id without a type', raw(`:${id}`)],
  ['an id that is no UUID', raw('Machine:1')],
  ['SQL', raw("Machine:' or 1=1--")],
  ['a UUID in upper case', raw(`Machine:${id.toUpperCase()}`)],
  ['a UUID in braces', raw(`Machine:{${id}}`)],
  ['a type that is no name', raw(`__proto__:${id}`)],
  ['two ids', raw(`Machine:${id}:${id}`)],
  ['a line break at the end', raw(`Machine:${id}\n`)],
  ['base64 with padding', Buffer.from(`Machine:${id}`).toString('base64')],
  ['base64 with blanks within', `${raw(`Machine:${id}`).slice(0, 8)} ${raw(`Machine:${id}`).slice(8)}`],
  ['the same in another case', raw(`Machine:${id}`).toLowerCase()],
  ['a megabyte', 'A'.repeat(1_000_000)],
])('%s is no id', (_what, text) => {
  expect(() => decodeGlobalId(text)).toThrow(InvalidIdError);
});

test('the id of another type is refused, and named', () => {
  expect(() => decodeIdOf('Machine', encodeGlobalId('Venue', id))).toThrow(
    'This is the id of a Venue, not of a Machine.',
  );
});
