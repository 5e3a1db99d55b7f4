import { readFile } from 'node:fs/promises';
import {
  type GraphQLArgument,
  type GraphQLEnumValue,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  type GraphQLSchema,
  getNamedType,
  isEnumType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  validateSchema,
} from 'graphql';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../src/graphql/error-catalog.ts';
import { ERROR_NAMES } from '../../src/graphql/error-names.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { printSdl } from '../../src/graphql/sdl.ts';

const schema = buildSchema();
const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type));
const builtIn = new Set(['Boolean', 'Float', 'ID', 'Int', 'String']);

type Described =
  | GraphQLSchema
  | GraphQLNamedType
  | GraphQLField<unknown, unknown>
  | GraphQLArgument
  | GraphQLInputField
  | GraphQLEnumValue;

/** Everything that can have a description, by its schema coordinate. */
function* parts(): Generator<[coordinate: string, part: Described]> {
  yield ['schema', schema];
  for (const type of types) {
    if (!builtIn.has(type.name)) yield [type.name, type];
    if (isEnumType(type)) for (const value of type.getValues()) yield [`${type.name}.${value.name}`, value];
    if (isInputObjectType(type)) {
      for (const field of Object.values(type.getFields())) yield [`${type.name}.${field.name}`, field];
    }
    if (!isObjectType(type) && !isInterfaceType(type)) continue;
    for (const field of Object.values(type.getFields())) {
      yield [`${type.name}.${field.name}`, field];
      for (const argument of field.args) yield [`${type.name}.${field.name}(${argument.name}:)`, argument];
    }
  }
}

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([]);
});

test('the committed schema is the one the server has', async () => {
  const committed = await readFile(new URL('../../schema.graphql', import.meta.url), 'utf8');
  expect(printSdl(schema), 'run `npm run codegen`').toBe(committed);
});

test('everything has a description', () => {
  const silent = [...parts()]
    .filter(([, { description }]) => !description?.trim())
    .map(([coordinate]) => coordinate);
  expect(silent).toEqual([]);
});

test('a list never holds null, but that of nodes', () => {
  const holed = [...parts()].filter(
    ([, part]) => 'type' in part && holdsNull(part.type as GraphQLOutputType),
  );
  expect(holed.map(([coordinate]) => coordinate)).toEqual(['Query.nodes']);
});

function holdsNull(type: GraphQLOutputType): boolean {
  if (isNonNullType(type)) return holdsNull(type.ofType);
  return isListType(type) && (!isNonNullType(type.ofType) || holdsNull(type.ofType));
}

test('every mutation takes one input', () => {
  for (const { name, args } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    expect([name, args.map((argument) => argument.name)]).toEqual([name, ['input']]);
  }
});

test('every mutation answers with its success or with named errors', () => {
  for (const { name, type } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const title = name.charAt(0).toUpperCase() + name.slice(1);
    const union = getNamedType(type);
    expect(union.name).toBe(`${title}Result`);
    const members = isUnionType(union) ? union.getTypes() : [];
    const errors = members.filter((member) => member.name !== `${title}Success`);
    expect([name, members.length - errors.length]).toEqual([name, 1]);
    for (const error of errors) {
      expect([error.name, error.getInterfaces().map((each) => each.name)]).toEqual([error.name, ['Error']]);
    }
  }
});

test('every success says so, and what happened, for a person', () => {
  const successes = types.filter((type) => isObjectType(type) && type.name.endsWith('Success'));
  expect(successes.length).toBeGreaterThan(100);
  for (const type of successes) {
    const fields = isObjectType(type) ? type.getFields() : {};
    const { success, message } = fields;
    expect([type.name, String(success?.type), String(message?.type)]).toEqual([
      type.name,
      'Boolean!',
      'String!',
    ]);
  }
});

test('no mutation sets what a wallet has: what moves money names an amount and a key', () => {
  const inputs = Object.values(schema.getMutationType()?.getFields() ?? {}).flatMap(({ args }) =>
    args.map(({ type }) => getNamedType(type)).filter(isInputObjectType),
  );
  const moving: string[] = [];
  for (const input of inputs) {
    const { name } = input;
    const fields = Object.keys(input.getFields());
    expect([name, fields.filter((field) => /balance|posted|available|held/i.test(field))]).toEqual([
      name,
      [],
    ]);
    if (fields.includes('amount') && fields.includes('currency')) {
      moving.push(name);
      expect([name, fields]).toEqual([name, expect.arrayContaining(['idempotencyKey'])]);
    }
  }
  expect(moving).toContain('PostWalletTransactionInput');
});

test('the names are those of the contract', () => {
  const names = Object.keys(schema.getTypeMap());
  expect(names).toEqual(
    expect.arrayContaining(['Venue', 'Machine', 'SasLine', 'Money', 'Error', 'ErrorCode', 'Node']),
  );
  expect(names.filter((name) => /^(Query|Mutation|Subscription)./.test(name))).toEqual([]);
  for (const type of types.filter(isEnumType)) {
    for (const { name } of type.getValues()) expect(name).toMatch(/^[A-Z][A-Z0-9_]*$/);
  }
});

test('every error code is in the schema', () => {
  const type = schema.getType('ErrorCode');
  expect(isEnumType(type) && type.getValues().map(({ name }) => name)).toEqual([...ERROR_CODES]);
});

test('amounts, big numbers, cursors and instants are texts on the wire', () => {
  for (const name of ['Decimal', 'BigInt', 'Cursor', 'DateTime'])
    expect(isScalarType(schema.getType(name))).toBe(true);
});

test('every mutation says in its description which errors it may answer with, and their codes', () => {
  for (const { name, type, description } of Object.values(schema.getMutationType()?.getFields() ?? {})) {
    const union = getNamedType(type);
    const errors = (isUnionType(union) ? union.getTypes() : []).filter((member) =>
      member.getInterfaces().some((each) => each.name === 'Error'),
    );
    const listed = errors.map((error) => {
      const [, code] = /Code ([A-Z]+_\d{3})/.exec(error.description ?? '') ?? [];
      return `${error.name} (${code})`;
    });
    expect([name, description?.split(' Errors: ')[1]]).toEqual([name, `${listed.sort().join(', ')}.`]);
  }
});

test('every error has the code that its description says', () => {
  expect(ERROR_NAMES.size).toBeGreaterThan(80);
  for (const [error, { name, code }] of ERROR_NAMES) expect([name, codeOf(error)]).toEqual([name, code]);
});

/** What the source of an error's class, or of one it extends, sets `code` to. */
function codeOf(error: unknown): string | undefined {
  if (typeof error !== 'function') return undefined;
  const [, code] = /\bcode\b["']?\s*[=,]\s*["']([A-Z]+_\d{3})["']/.exec(String(error)) ?? [];
  return code ?? codeOf(Object.getPrototypeOf(error));
}
