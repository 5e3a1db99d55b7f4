import { GraphQLScalarType, Kind, parseValue } from 'graphql';
import { expect, test } from 'vitest';
import { buildSchema } from '../../src/graphql/schema.ts';

const schema = buildSchema();

function scalar(name: string): GraphQLScalarType {
  const type = schema.getType(name);
  if (!(type instanceof GraphQLScalarType)) throw new Error(`${name} is no scalar`);
  return type;
}
const literal = (name: string, kind: Kind.STRING | Kind.INT | Kind.FLOAT, value: string) =>
  scalar(name).parseLiteral({ kind, value });

test.each([
  ['2026-01-31T12:00:00Z', '2026-01-31T12:00:00.000Z'],
  ['2026-01-31t12:00:00.5z', '2026-01-31T12:00:00.500Z'],
  ['2026-01-31T12:00:00.123456+02:00', '2026-01-31T10:00:00.123Z'],
  ['2024-02-29T23:59:59Z', '2024-02-29T23:59:59.000Z'],
  ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31T23:59:59Z', '9999-12-31T23:59:59.000Z'],
])('DateTime takes %s', (text, instant) => {
  expect(scalar('DateTime').parseValue(text)).toEqual(new Date(instant));
  expect(literal('DateTime', Kind.STRING, text)).toEqual(new Date(instant));
});

test.each([
  '2026-02-30T12:00:00Z',
  '2025-02-29T12:00:00Z',
  '2026-04-31T12:00:00Z',
  '2026-13-01T12:00:00Z',
  '2026-01-31T24:00:00Z',
  '2026-01-31T12:00:60Z',
  '2026-01-31T12:00:00',
  '2026-01-31',
  '2026-01-31T12:00:00+25:00',
  '12026-01-31T12:00:00Z',
  '0000-01-01T00:00:00Z',
  '2026-01-31T12:00:00Z\n',
  'tomorrow',
  '',
  1_769_860_800_000,
  null,
])('DateTime refuses %s', (value) => {
  expect(() => scalar('DateTime').parseValue(value)).toThrow('DateTime takes RFC 3339');
});

test('DateTime gives UTC, with microseconds when the value has them', () => {
  expect(scalar('DateTime').serialize(new Date(0))).toBe('1970-01-01T00:00:00.000Z');
  expect(scalar('DateTime').serialize('2026-01-31T12:00:00.123456Z')).toBe('2026-01-31T12:00:00.123456Z');
  for (const value of [new Date(Number.NaN), '2026-01-31T12:00:00+02:00', 0, 'soon']) {
    expect(() => scalar('DateTime').serialize(value)).toThrow();
  }
});

test.each(['0', '0.01', '12.5', '999999999999999.9999', '12.50'])('Decimal takes "%s" as it is', (text) => {
  expect(scalar('Decimal').parseValue(text)).toBe(text);
});

test.each([
  '-1',
  '+1',
  '01',
  '1.',
  '.5',
  '1e3',
  '1,5',
  '1.23456',
  '1000000000000000',
  '١٢',
  ' 1',
  '1\n',
  '',
  'NaN',
  1,
  1.5,
  null,
])('Decimal refuses %s', (value) => {
  expect(() => scalar('Decimal').parseValue(value)).toThrow('Decimal takes a text');
});

test('numbers are refused as Decimal and BigInt in the document too', () => {
  expect(() => literal('Decimal', Kind.FLOAT, '1.5')).toThrow();
  expect(() => literal('BigInt', Kind.INT, '1')).toThrow();
});

test('Decimal and BigInt are texts on the wire, whatever their size', () => {
  expect(scalar('Decimal').serialize('-0.01')).toBe('-0.01');
  expect(() => scalar('Decimal').serialize(0.1)).toThrow();
  expect(scalar('BigInt').serialize(1n)).toBe('1');
  expect(scalar('BigInt').serialize(2n ** 63n - 1n)).toBe('9223372036854775807');
  expect(() => scalar('BigInt').serialize(1)).toThrow();
});

test('BigInt takes 64 bits and no more', () => {
  expect(scalar('BigInt').parseValue('9223372036854775807')).toBe(2n ** 63n - 1n);
  expect(scalar('BigInt').parseValue('-9223372036854775808')).toBe(-(2n ** 63n));
  for (const value of ['9223372036854775808', '-9223372036854775809', '1.0', '0x10', '-0', '', 1, 1n]) {
    expect(() => scalar('BigInt').parseValue(value)).toThrow('BigInt takes a text');
  }
});

test('Cursor takes a text of bounded length', () => {
  expect(scalar('Cursor').parseValue('abc')).toBe('abc');
  for (const value of ['', 'x'.repeat(8_193), 1]) expect(() => scalar('Cursor').parseValue(value)).toThrow();
});

test('CurrencyCode takes ISO 4217 in any case and gives it in capitals', () => {
  expect(scalar('CurrencyCode').parseValue('eur')).toBe('EUR');
  for (const value of ['EURO', 'ZZZ', '', 978])
    expect(() => scalar('CurrencyCode').parseValue(value)).toThrow();
});

test.each([
  ['{ level: "HIGH", at: [1, 2.5, null, true] }', { level: 'HIGH', at: [1, 2.5, null, true] }],
  ['"HIGH"', 'HIGH'],
  ['{}', {}],
])('JSON takes the literal %s whole', (text, value) => {
  expect(JSON.parse(JSON.stringify(scalar('JSON').parseLiteral(parseValue(text))))).toEqual(value);
});

test.each(['{ level: HIGH }', '[1, HIGH]', 'HIGH', '{ a: { b: [{ c: HIGH }] } }'])(
  'JSON refuses %s, in which a text has no quotes',
  (text) => {
    expect(() => scalar('JSON').parseLiteral(parseValue(text))).toThrow('JSON takes texts in quotes.');
  },
);

test('JSON takes the variables in a literal', () => {
  expect(scalar('JSON').parseLiteral(parseValue('[$a, $b]'), { a: 'x', b: { c: 1 } })).toEqual([
    'x',
    { c: 1 },
  ]);
});
