import { expect, test } from 'vitest';
import type { Signal } from '../../src/events/events.ts';
import { decodeMessage, encodeMessage, type Message } from '../../src/events/signal-codec.ts';

const signalOf = (payload: unknown) =>
  ({ type: 'a.b', venueId: 'v', subject: 's', payload }) as unknown as Signal;
const messageOf = (payload: unknown): Message => ({
  from: 'somebody',
  isLost: false,
  wake: true,
  signals: [signalOf(payload)],
});
const carried = (message: Message) => decodeMessage(encodeMessage(message), 'me');

test.each([
  ['nothing', null],
  ['texts', ['', 'plain', 'Ünïcode ✓ 🎰', '"quoted\\"\n', 'n', '\u2028']],
  ['numbers', [0, -1, 1.5, Number.MAX_SAFE_INTEGER]],
  ['bigints', [0n, -5n, 123456789012345678901234567890n]],
  ['dates', [new Date(0), new Date('2026-01-02T03:04:05.678Z')]],
  ['lists within lists', [[], [[1n]], ['a', ['n', '1'], ['d', 5]]]],
  ['records', { a: { b: { c: 1n, at: new Date(5) } }, list: [{ yes: true, no: false }] }],
  ['a record like one of ours', { n: '1', d: 2, a: [] }],
])('%s arrive as they were sent', (_title, payload) => {
  expect(carried(messageOf(payload))).toStrictEqual(messageOf(payload));
});

test('a message is ASCII, whatever it says', () => {
  expect(encodeMessage(messageOf('Größe 🎰'))).toMatch(/^[ -~]*$/);
});

test('a property that is undefined is left out', () => {
  expect(carried(messageOf({ a: undefined, b: 1 }))).toStrictEqual(messageOf({ b: 1 }));
});

test.each([[new Map()], [Buffer.from('x')], [Number.NaN], [() => 1], [Symbol('x')]])(
  '%s is refused, not changed',
  (payload) => {
    expect(() => encodeMessage(messageOf(payload))).toThrow(TypeError);
  },
);

test('what is one’s own, of another version or none at all is left alone', () => {
  const text = encodeMessage(messageOf(1));
  expect(decodeMessage(text, 'somebody')).toBeNull();
  expect(decodeMessage(text.replace(/^1/, '2'), 'me')).toBeNull();
  expect(decodeMessage('hello', 'me')).toBeNull();
  expect(() => decodeMessage('1 somebody {', 'me')).toThrow(SyntaxError);
});
