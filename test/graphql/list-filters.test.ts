import {
  createSourceEventStream,
  type GraphQLArgument,
  type GraphQLError,
  type GraphQLResolveInfo,
  getNullableType,
  graphql,
  isListType,
  isObjectType,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import type { Actor } from '../../src/lib/actor.ts';
import { ValidationError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { type CallValues, callsWithEmptyLists } from '../authz/calls.ts';

const schema = buildSchema();
const ADMIN: Actor = {
  kind: 'user',
  userId: newId(),
  venueId: newId(),
  sessionId: newId(),
  roles: ['ADMIN'],
  grants: [],
  mustChangePassword: false,
};
const VALUES: CallValues = {
  idOf: () => 'unknown',
  textOf: () => 'text',
  cursor: 'cursor',
};

/** Without a database: an empty list is refused before anything is asked of anybody. */
const contextOf = () =>
  createContext({} as Services, {
    actor: ADMIN,
    requestId: 'r',
    client: { address: null, userAgent: null },
  });

const NO_FILTER = 'Query.nodes(ids:)';
const calls = callsWithEmptyLists(schema).filter(({ name }) => name !== NO_FILTER);

test.each(calls)('$name refuses an empty list', async (call) => {
  const source = call.write(VALUES);
  const contextValue = contextOf();
  const answer =
    call.kind === 'Subscription'
      ? await createSourceEventStream({ schema, document: parse(source), contextValue })
      : await graphql({ schema, source, contextValue });
  const { errors } = answer as { readonly errors?: readonly GraphQLError[] };
  expect(errors?.map(({ originalError }) => originalError)).toEqual([expect.any(ValidationError)]);
});

test('nodes of no ids are none', async () => {
  expect(await graphql({ schema, source: '{ nodes(ids: []) { id } }', contextValue: contextOf() })).toEqual({
    data: { nodes: [] },
  });
});

/** A list that a field of an object takes: `Machine.events(types:)`. */
interface ListOfField {
  readonly name: string;
  readonly argument: GraphQLArgument;
  ask(): unknown;
}

const lists: readonly ListOfField[] = Object.values(schema.getTypeMap()).flatMap((type) =>
  isObjectType(type) && !type.name.startsWith('__')
    ? Object.values(type.getFields()).flatMap((field) =>
        field.args
          .filter((argument) => isListType(getNullableType(argument.type)))
          .map((argument) => ({
            name: `${type.name}.${field.name}(${argument.name}:)`,
            argument,
            ask: () => {
              const info = { parentType: type, fieldName: field.name } as GraphQLResolveInfo;
              return field.resolve?.({}, { [argument.name]: [] }, contextOf(), info);
            },
          })),
      )
    : [],
);

test.each(lists.filter(({ name }) => !/^(Query|Mutation|Subscription)\./.test(name)))(
  '$name refuses an empty list',
  ({ ask }) => {
    expect(ask).toThrow(ValidationError);
  },
);

test.each(lists.filter(({ name }) => name !== NO_FILTER))('$name says that it does', ({ argument }) => {
  expect(argument.description).toMatch(/(\b1 to \d+|at least one)\b.*\(API_001\)/);
});
