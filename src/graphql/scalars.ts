import { GraphQLError, GraphQLScalarType, Kind, type ValueNode, visit } from 'graphql';
import {
  GraphQLCurrency,
  GraphQLEmailAddress,
  GraphQLJSON,
  GraphQLTimeZone,
  GraphQLURL,
} from 'graphql-scalars';
import { builder } from './builder.ts';

const RFC3339 =
  /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt](?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,9})?(?:[Zz]|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;
const RFC3339_UTC = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?Z$/;
const DECIMAL_INPUT = /^(?:0|[1-9]\d{0,14})(?:\.\d{1,4})?$/;
const DECIMAL_OUTPUT = /^-?\d+(?:\.\d+)?$/;
const INTEGER = /^(?:0|-?[1-9]\d{0,18})$/;
const MIN_INT8 = -(2n ** 63n);
const MAX_INT8 = 2n ** 63n - 1n;
const MAX_CURSOR_LENGTH = 8_192;

/** @throws GraphQLError for what is not one instant: 30 February, a missing offset, a year of five digits */
export function parseDateTime(value: unknown): Date {
  const [, year, month, day] = (typeof value === 'string' && RFC3339.exec(value)) || [];
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (typeof value !== 'string' || year === undefined || year === '0000' || Number(day) > lastDay) {
    throw new GraphQLError('DateTime takes RFC 3339 with an offset, such as 2026-01-31T12:00:00Z.');
  }
  return new Date(value.toUpperCase());
}

/** A Date, or a text that is finer than a Date and already RFC 3339 in UTC. */
function serializeDateTime(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (typeof value === 'string' && RFC3339_UTC.test(value)) return value;
  throw new GraphQLError('DateTime cannot express this value.');
}

/** @throws GraphQLError for anything but a text: a JSON number has lost digits before it is seen */
export function parseDecimal(value: unknown): string {
  if (typeof value === 'string' && DECIMAL_INPUT.test(value)) return value;
  throw new GraphQLError(
    'Decimal takes a text such as "12.50": at most 15 digits, at most 4 decimals, no sign.',
  );
}

function serializeDecimal(value: unknown): string {
  if (typeof value === 'string' && DECIMAL_OUTPUT.test(value)) return value;
  throw new GraphQLError('Decimal cannot express this value.');
}

/** @throws GraphQLError */
export function parseBigInt(value: unknown): bigint {
  if (typeof value === 'string' && INTEGER.test(value)) {
    const integer = BigInt(value);
    if (integer >= MIN_INT8 && integer <= MAX_INT8) return integer;
  }
  throw new GraphQLError('BigInt takes a text such as "42", within 64 bits.');
}

function serializeBigInt(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  throw new GraphQLError('BigInt cannot express this value.');
}

function parseCursor(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= MAX_CURSOR_LENGTH) return value;
  throw new GraphQLError('Cursor takes a text that was given out as one.');
}

const LOCAL_DATE = /^(\d{4})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const LOCAL_TIME = /^(?:([01]\d|2[0-3]):([0-5]\d)|24:00)$/;
const DURATION = /^P(?:(\d{1,4})D)?(?:T(?=\d)(?:(\d{1,4})H)?(?:(\d{1,5})M)?(?:(\d{1,6})S)?)?$/;

/** @throws GraphQLError for what is no day, such as 30 February */
export function parseLocalDate(value: unknown): string {
  const [text, year, month, day] = (typeof value === 'string' && LOCAL_DATE.exec(value)) || [];
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (text === undefined || year === '0000' || Number(day) > lastDay)
    throw new GraphQLError('LocalDate takes a day such as 2026-01-31.');
  return text;
}

/** @throws GraphQLError */
export function parseLocalTime(value: unknown): number {
  const match = typeof value === 'string' ? LOCAL_TIME.exec(value) : null;
  if (!match) throw new GraphQLError('LocalTime takes what a clock shows, such as 09:30, or 24:00.');
  return match[1] === undefined ? 1_440 : Number(match[1]) * 60 + Number(match[2]);
}

/** Minutes since midnight as a clock shows them. @throws GraphQLError for no whole number */
export function serializeLocalTime(value: unknown): string {
  if (!Number.isInteger(value)) throw new GraphQLError('LocalTime cannot express this value.');
  const minutes = Number(value);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
}

/** @throws GraphQLError */
export function parseDuration(value: unknown): number {
  const match = typeof value === 'string' && value.length > 2 ? DURATION.exec(value) : null;
  if (!match) throw new GraphQLError('Duration takes ISO 8601 such as PT1H30M.');
  const [days = 0, hours = 0, minutes = 0, seconds = 0] = match.slice(1).map((part) => Number(part ?? 0));
  return ((days * 24 + hours) * 60 + minutes) * 60 + seconds;
}

function serializeDuration(value: unknown): string {
  if (!Number.isInteger(value) || Number(value) < 0)
    throw new GraphQLError('Duration cannot express this value.');
  const seconds = Number(value);
  const parts = [
    [Math.floor(seconds / 3_600), 'H'],
    [Math.floor(seconds / 60) % 60, 'M'],
    [seconds % 60, 'S'],
  ].flatMap(([count, unit]) => (count ? [`${count}${unit}`] : []));
  return parts.length === 0 ? 'PT0S' : `PT${parts.join('')}`;
}

/** A scalar that is a text on the wire, in literals too. */
function textScalar<Input, Output>(config: {
  readonly name: string;
  readonly description: string;
  readonly specifiedByURL?: string;
  readonly parse: (value: unknown) => Input;
  readonly serialize: (value: unknown) => Output;
}): GraphQLScalarType<Input, Output> {
  const { parse, ...rest } = config;
  return new GraphQLScalarType({
    ...rest,
    parseValue: parse,
    parseLiteral: (node: ValueNode) => parsed(node, parse),
  });
}

/** @throws GraphQLError that says which node it is of */
function parsed<Input>(node: ValueNode, parse: (value: unknown) => Input): Input {
  try {
    return parse(node.kind === Kind.STRING ? node.value : undefined);
  } catch (error) {
    if (!(error instanceof GraphQLError)) throw error;
    throw new GraphQLError(error.message, { nodes: node });
  }
}

/**
 * What a literal says, and all of it: graphql-scalars leaves out a name without quotes.
 *
 * @throws GraphQLError
 */
function parseJsonLiteral(node: ValueNode, variables?: Readonly<Record<string, unknown>> | null): unknown {
  visit(node, {
    EnumValue(name) {
      throw new GraphQLError('JSON takes texts in quotes.', { nodes: name });
    },
  });
  return GraphQLJSON.parseLiteral(node, variables);
}

/** A scalar of graphql-scalars under our name and description. */
function described<I, O>(
  scalar: GraphQLScalarType<I, O>,
  name: string,
  description: string,
): GraphQLScalarType<I, O> {
  return new GraphQLScalarType({ ...scalar.toConfig(), name, description });
}

builder.addScalarType(
  'DateTime',
  textScalar({
    name: 'DateTime',
    description:
      'An instant as RFC 3339 writes it, always in UTC when given out: `2026-01-31T12:00:00.000Z`.',
    specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc3339#section-5.6',
    parse: parseDateTime,
    serialize: serializeDateTime,
  }),
);
builder.addScalarType(
  'Decimal',
  textScalar({
    name: 'Decimal',
    description:
      'An exact decimal number as a text, `"1234.50"`. As input at most 15 digits, 4 decimals and no sign.',
    parse: parseDecimal,
    serialize: serializeDecimal,
  }),
);
builder.addScalarType(
  'BigInt',
  textScalar({
    name: 'BigInt',
    description: 'A whole number of up to 64 bits as a text, `"9007199254740993"`.',
    parse: parseBigInt,
    serialize: serializeBigInt,
  }),
);
builder.addScalarType(
  'Cursor',
  textScalar({
    name: 'Cursor',
    description:
      'A place in a stream, opaque. Give it back as `after` to go on behind it; one that is too old gives WS_003.',
    parse: parseCursor,
    serialize: parseCursor,
  }),
);
builder.addScalarType(
  'CurrencyCode',
  textScalar({
    name: 'CurrencyCode',
    description: 'A currency by ISO 4217: `EUR`.',
    specifiedByURL: 'https://en.wikipedia.org/wiki/ISO_4217',
    parse: (value) => GraphQLCurrency.parseValue(value).toUpperCase(),
    serialize: (value) => GraphQLCurrency.serialize(value),
  }),
);
builder.addScalarType(
  'LocalDate',
  textScalar({
    name: 'LocalDate',
    description: 'A day by the calendar: `2026-01-31`. When it begins and ends is a matter of the time zone.',
    parse: parseLocalDate,
    serialize: parseLocalDate,
  }),
);
builder.addScalarType(
  'LocalTime',
  textScalar({
    name: 'LocalTime',
    description:
      'What a clock shows, of 24 hours: `09:30`. The end of a day is `24:00` as input and `00:00` or `24:00` as output.',
    parse: parseLocalTime,
    serialize: serializeLocalTime,
  }),
);
builder.addScalarType(
  'Duration',
  textScalar({
    name: 'Duration',
    description: 'A length of time as ISO 8601 writes it, in days, hours, minutes and seconds: `PT1H30M`.',
    parse: parseDuration,
    serialize: serializeDuration,
  }),
);
builder.addScalarType(
  'TimeZone',
  described(GraphQLTimeZone, 'TimeZone', 'A time zone by its IANA name: `Europe/Vienna`.'),
);
builder.addScalarType(
  'EmailAddress',
  described(GraphQLEmailAddress, 'EmailAddress', 'An e-mail address: `name@example.com`.'),
);
builder.addScalarType('URL', described(GraphQLURL, 'URL', 'An absolute URL.'));
builder.addScalarType(
  'JSON',
  new GraphQLScalarType({
    ...GraphQLJSON.toConfig(),
    description: 'Any JSON value.',
    parseLiteral: parseJsonLiteral,
  }),
);
