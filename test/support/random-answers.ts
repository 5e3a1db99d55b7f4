import {
  defaultTypeResolver,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isUnionType,
  responsePathAsArray,
} from 'graphql';
import { createRandom, type Random } from '../sas/codec/generated/random.ts';

/** The context of an execution by random answers: two of one seed get the same. */
export interface Answers {
  readonly seed: number;
  /** What every resolver was told. */
  readonly calls: unknown[];
}

/** Has every field of a schema answer at random what its type allows, and sometimes what it does not. */
export function answerAtRandom(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isInterfaceType(type) || isUnionType(type)) type.resolveType = defaultTypeResolver;
    if (!isObjectType(type)) continue;
    type.isTypeOf = null;
    for (const field of Object.values(type.getFields())) field.resolve = answer;
  }
}

function answer(source: unknown, args: unknown, { seed, calls }: Answers, info: GraphQLResolveInfo): unknown {
  const { schema, fragments, operation, rootValue, returnType } = info;
  const { fieldName, fieldNodes, parentType, variableValues } = info;
  const path = responsePathAsArray(info.path).join('.');
  calls.push({
    source,
    args,
    told: { fieldName, fieldNodes, parentType, variableValues, path: info.path, operation },
    returnType: String(returnType),
    rootValue,
    fragments: Object.keys(fragments),
  });
  const random = createRandom(seed ^ hashOf(path));
  // graphql-js leaves a rejection unheard where one item of a list fails at once and another one later.
  const mayWait = !/\.\d/.test(path);
  const chance = random.below(40);
  if (chance === 0) throw new Error(`thrown at ${path}`);
  if (chance === 1) return new Error(`returned at ${path}`);
  if (chance === 2) return { wrong: path };
  if (chance === 3 && mayWait) return Promise.reject(new Error(`rejected at ${path}`));
  const value = aValueOf(returnType, { schema, random, path });
  return chance < 7 && mayWait ? Promise.resolve(value) : value;
}

interface Making {
  readonly schema: GraphQLSchema;
  readonly random: Random;
  readonly path: string;
}

function aValueOf(type: GraphQLOutputType, making: Making): unknown {
  const { schema, random, path } = making;
  if (isNonNullType(type)) return random.below(60) === 0 ? null : aValueOf(type.ofType, making);
  if (random.below(6) === 0) return random.below(2) === 0 ? null : undefined;
  if (isListType(type)) {
    const isPromised = random.below(10) === 0;
    return Array.from({ length: random.below(4) }, () => {
      const item = aValueOf(type.ofType, making);
      if (isPromised) return Promise.resolve(item);
      return random.below(30) === 0 ? new Error(`an item of ${path}`) : item;
    });
  }
  if (isAbstractType(type)) {
    const possible = schema.getPossibleTypes(type);
    return { __typename: possible[random.below(possible.length)]?.name };
  }
  if (isEnumType(type)) {
    const values = type.getValues();
    return values[random.below(values.length)]?.value;
  }
  return isScalarType(type) ? LEAVES[type.name] : { path };
}

const LEAVES: Readonly<Record<string, unknown>> = {
  ID: 'some id',
  String: 'a text, "quoted" – and more',
  Int: 42,
  Float: 1.5,
  Boolean: true,
  DateTime: new Date(1_767_225_600_000),
  Decimal: '12.50',
  BigInt: 9_007_199_254_740_993n,
  Cursor: 'somewhere',
  CurrencyCode: 'EUR',
  LocalDate: '2026-01-31',
  LocalTime: 570,
  Duration: 5_400,
  TimeZone: 'Europe/Vienna',
  EmailAddress: 'name@floor.example',
  URL: new URL('https://floor.example/a'),
  JSON: { list: [1, null, 'two'], nested: { yes: true } },
};

/** FNV-1a */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const character of text) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  return hash >>> 0;
}
