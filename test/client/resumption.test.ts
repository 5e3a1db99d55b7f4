import { expect, test } from 'vitest';
import { NotResumableError } from '../../src/client/errors.ts';
import { pollOfSameSelection } from '../../src/client/poll-text.ts';
import { findOperation, readResumption } from '../../src/client/resumption.ts';

const RESUMABLE = new Set(['machineEvents', 'slots']);
const read = (query: string, operationName?: string) => readResumption({ query, operationName }, RESUMABLE);

test.each([
  ['named as usual', 'subscription ($after: Cursor) { machineEvents(after: $after) { cursor } }', 'after'],
  ['named otherwise', 'subscription S($from: Cursor) { machineEvents(after: $from) { cursor } }', 'from'],
  [
    'beside others, with defaults and directives',
    `subscription S($ids: [ID!]! = ["$after", "a"], $t: In = { a: "}" }, $after: Cursor @x(y: ")")) @z {
      machineEvents(machineIds: $ids, where: { t: $t, u: [$ids] }, after: $after) { id cursor }
    }`,
    'after',
  ],
  [
    'without commas',
    'subscription($a:Int $after:Cursor){machineEvents(n:-1.5e3 a:$a after:$after){cursor}}',
    'after',
  ],
])('a stream is resumed by the variable that is its `after`, %s', (_how, query, variable) => {
  expect(read(query).variable).toBe(variable);
});

test.each([
  ['nothing declares it', 'subscription { machineEvents { cursor } }'],
  ['it is declared and not used', 'subscription ($after: Cursor) { machineEvents { cursor } }'],
  ['it is used and not declared', 'subscription { machineEvents(after: $after) { cursor } }'],
  ['it is written into the text', 'subscription { machineEvents(after: "x") { cursor } }'],
  [
    'it stands in a comment',
    'subscription { # ($after: Cursor)\n machineEvents { cursor } # (after: $after)\n }',
  ],
  [
    'it stands in a string',
    'subscription { machineEvents(types: "($after: Cursor) after: $after") { cursor } }',
  ],
  [
    'it stands in a block string',
    'subscription ($after: Cursor) { machineEvents(note: """ \\""" after: $after """, x: 1) { cursor } }',
  ],
  [
    'another operation declares it',
    'subscription A { machineEvents { cursor } } subscription B($after: Cursor) { machineEvents(after: $after) { cursor } }',
  ],
  ['no cursor is selected', 'subscription ($after: Cursor) { machineEvents(after: $after) { id } }'],
  [
    'the cursor is that of something deeper',
    'subscription ($after: Cursor) { machineEvents(after: $after) { machine { events { cursor } } } }',
  ],
  [
    'another field bears its name',
    'subscription ($after: Cursor) { machineEvents(after: $after) { cursor: id } }',
  ],
  [
    'the cursor may be left out',
    'subscription ($after: Cursor, $c: Boolean!) { machineEvents(after: $after) { ... @include(if: $c) { cursor } } }',
  ],
])('a stream that takes `after` is refused when %s', (_why, query) => {
  expect(() => read(query, query.includes(' A ') ? 'A' : undefined)).toThrow(NotResumableError);
});

test('the cursor is found under aliases and in fragments', () => {
  const { cursorOf } = read(`
    fragment Place on MachineEvent { ...Place at: cursor }
    subscription ($after: Cursor) { news: machineEvents(after: $after) { ... on MachineEvent { ...Place } } }`);
  expect(cursorOf({ news: { at: 'x' } })).toBe('x');
  expect(cursorOf({ machineEvents: { cursor: 'x' } })).toBeNull();
  expect(cursorOf({ news: null })).toBeNull();
  expect(cursorOf(null)).toBeNull();
});

test('a stream of states needs neither', () => {
  const { variable, cursorOf } = read('subscription { meters { version } }');
  expect([variable, cursorOf({ meters: { cursor: 'x' } })]).toEqual([null, null]);
});

test('of several operations the one that is named counts', () => {
  const query = 'query A { a } subscription B { b }';
  expect(findOperation({ query, operationName: 'B' }).operation.kind).toBe('subscription');
  expect(() => findOperation({ query })).toThrow(RangeError);
  expect(findOperation({ query: '{ a { b } }' }).operation.kind).toBe('query');
});

test.each(['subscription { a', 'subscription { a(b: "x) }', 'subscription { ? }', 'fetch { a }', '{ a: }'])(
  '%s is no operation',
  (query) => {
    expect(() => findOperation({ query })).toThrow(SyntaxError);
  },
);

const POLLED = new Map([['slots', new Set(['resourceId', 'date'])]]);
const squeezed = (text: string | undefined) =>
  text?.replaceAll(/[\s,]+/g, ' ').replaceAll(/ ?([(){}]) ?/g, '$1');

test.each([
  ['subscription { slots { id } }', 'query{slots{id}}'],
  ['subscription ($after: Cursor) { slots(after: $after) { id } }', 'query{slots{id}}'],
  [
    'subscription S($r: ID!, $after: Cursor, $ms: Int = 250) { day: slots(resourceId: $r, minIntervalMs: $ms, after: $after) { ...F } } fragment F on SlotDay { slots(last: $ms) { id } }',
    'query S($r: ID! $ms: Int = 250){day: slots(resourceId: $r){...F}}fragment F on SlotDay{slots(last: $ms){id}}',
  ],
])('%s is polled by the same selection', (query, polled) => {
  expect(squeezed(pollOfSameSelection({ query }, POLLED)?.query)).toBe(polled);
});

test('a list holds what would be a frame each', () => {
  const poll = pollOfSameSelection({ query: 'subscription { day: slots { id } }' }, POLLED);
  expect(poll?.frames({ day: [{ id: 1 }, { id: 2 }] })).toEqual([{ day: { id: 1 } }, { day: { id: 2 } }]);
  expect(poll?.frames({ day: { id: 1 } })).toEqual([{ day: { id: 1 } }]);
  expect(poll?.frames({ day: null })).toEqual([]);
});

test('what has no query of its name and selection is not', () => {
  expect(pollOfSameSelection({ query: 'subscription { machineEvents { id } }' }, POLLED)).toBeNull();
});
