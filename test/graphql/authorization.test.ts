import {
  type ExecutionResult,
  execute,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLObjectType,
  getNamedType,
  isCompositeType,
  isEnumType,
  isInputObjectType,
  isListType,
  isNonNullType,
  parse,
} from 'graphql';
import { expect, test } from 'vitest';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { type PublicError, publicError } from '../../src/graphql/errors.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { openSource } from '../../src/graphql/stream.ts';
import { type Actor, ANONYMOUS } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';

const schema = buildSchema();

/** What anybody may ask without signing in. Nothing joins this list by accident. */
const ANONYMOUS_FIELDS = [
  'Query.apiInfo',
  'Query.errorCatalog',
  'Query.health',
  'Query.rateLimit',
  'Query.realtimeInfo',
  'Query.viewer',
  'Mutation.authenticateDevice',
  'Mutation.beginOAuth',
  'Mutation.completeOAuth',
  'Mutation.login',
  'Mutation.refreshToken',
  'Mutation.register',
  'Mutation.requestPasswordReset',
  'Mutation.resendVerification',
  'Mutation.resetPassword',
  'Mutation.verifyEmail',
  'Mutation.verifySecondFactor',
];

/** What any signed-in user may ask, whatever his roles. */
const SIGNED_IN_FIELDS = [
  'Query.cursor',
  'Query.node',
  'Query.nodes',
  'Mutation.changePassword',
  'Mutation.issueRealtimeToken',
  'Mutation.logout',
  'Mutation.refreshConnection',
];

const NOBODY_IN_PARTICULAR: Actor = {
  kind: 'user',
  userId: newId(),
  venueId: newId(),
  sessionId: newId(),
  roles: [],
  grants: [],
  mustChangePassword: false,
};

type RootField = GraphQLField<unknown, unknown>;

const fields = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap(
  (root) =>
    Object.values(root?.getFields() ?? {}).map((field): [string, GraphQLObjectType, RootField] => [
      `${root?.name}.${field.name}`,
      root as GraphQLObjectType,
      field,
    ]),
);
/** As the field says it: every other condition beside it is left out. */
const scopesOf = ({ extensions }: RootField): { scope?: string; anyScope?: readonly string[] } =>
  (extensions.pothosOptions as { authScopes?: object } | undefined)?.authScopes ?? {};
const isOpen = ([name]: [string, ...unknown[]]) => ANONYMOUS_FIELDS.includes(name);

/** A literal of the right shape. Ids are none: who may not use a field does not learn what is wrong with them. */
function literal(type: GraphQLInputType): string {
  if (isNonNullType(type)) return literal(type.ofType);
  if (isListType(type)) return '[]';
  if (isEnumType(type)) return type.getValues()[0]?.name ?? 'null';
  if (!isInputObjectType(type)) return LITERALS[type.name] ?? '"x"';
  const required = Object.values(type.getFields()).filter(
    (field) => isNonNullType(field.type) && field.defaultValue === undefined,
  );
  return `{ ${required.map((field) => `${field.name}: ${literal(field.type)}`).join(' ')} }`;
}
const LITERALS: Readonly<Record<string, string>> = {
  Int: '1',
  Float: '1',
  Boolean: 'true',
  DateTime: '"2026-01-31T12:00:00Z"',
  Decimal: '"1"',
  BigInt: '"1"',
  EmailAddress: '"a@example.com"',
  CurrencyCode: '"EUR"',
  Duration: '"PT1H"',
  LocalDate: '"2026-01-31"',
  LocalTime: '"12:00"',
  TimeZone: '"UTC"',
};

function operationOf(root: GraphQLObjectType, { name, args, type }: RootField): string {
  const required = args.filter(
    (argument) => isNonNullType(argument.type) && argument.defaultValue === undefined,
  );
  const list = required.map((argument) => `${argument.name}: ${literal(argument.type)}`).join(' ');
  const selection = isCompositeType(getNamedType(type)) ? ' { __typename }' : '';
  return `${root.name.toLowerCase()} { ${name}${list && `(${list})`}${selection} }`;
}

/** Runs the field alone. The services are not there: whoever reached one would get another answer. */
async function refusalOf(
  root: GraphQLObjectType,
  field: RootField,
  actor: Actor,
): Promise<PublicError | null> {
  const client = { address: null, userAgent: null };
  const contextValue = createContext({} as Services, { actor, requestId: 'r', client });
  const args = { schema, document: parse(operationOf(root, field)), contextValue };
  const result = (await (root.name === 'Subscription' ? openSource(args) : execute(args))) as ExecutionResult;
  const [error] = result.errors ?? [];
  if (!error) return null;
  expect(error.path).toEqual([field.name]);
  return publicError(error, { requestId: 'r', onCode: () => {}, onFault: () => {} });
}

const codeOf = async (...of: Parameters<typeof refusalOf>) =>
  (await refusalOf(...of))?.extensions.code ?? null;

test('every field for anybody exists', () => {
  expect(
    fields
      .filter(isOpen)
      .map(([name]) => name)
      .sort(),
  ).toEqual([...ANONYMOUS_FIELDS].sort());
});

test.each(fields.filter((field) => !isOpen(field)))(
  '%s is not for somebody who has not signed in',
  async (_name, root, field) => {
    expect(await codeOf(root, field, ANONYMOUS)).toBe('AUTH_001');
  },
);

test.each(fields.filter(([name]) => !ANONYMOUS_FIELDS.includes(name) && !SIGNED_IN_FIELDS.includes(name)))(
  '%s is not for somebody without a role',
  async (_name, root, field) => {
    expect(await codeOf(root, field, NOBODY_IN_PARTICULAR)).toBe('AUTH_004');
  },
);

test.each(fields.filter(([, , field]) => 'scope' in scopesOf(field) || 'anyScope' in scopesOf(field)))(
  'whoever lacks the scope of %s is told which it is',
  async (_name, root, field) => {
    const { scope, anyScope } = scopesOf(field);
    const refusal = await refusalOf(root, field, NOBODY_IN_PARTICULAR);
    expect(refusal?.message).toBe(
      `You may not use this field: it needs ${scope ? `the scope ${scope}` : `one of the scopes ${anyScope?.join(', ')}`}.`,
    );
  },
);

test.each(fields.filter(isOpen))('%s is for anybody', async (_name, root, field) => {
  expect((await codeOf(root, field, ANONYMOUS)) ?? 'none').not.toMatch(/^AUTH_/);
});

/** They choose a password for somebody, and guess at none. */
const CHOOSING = ['createUser'];

test('a mutation that takes a secret is counted strictly', () => {
  const SECRETS = [
    'password',
    'currentPassword',
    'code',
    'refreshToken',
    'token',
    'challenge',
    'verifier',
    'pairingCode',
  ];
  const fields = Object.values(schema.getMutationType()?.getFields() ?? {});
  const taking = fields.filter(({ args }) =>
    args.some(({ type }) => {
      const input = getNamedType(type);
      return isInputObjectType(input) && SECRETS.some((name) => name in input.getFields());
    }),
  );
  expect(taking.map(({ name }) => name)).toContain('login');
  const uncounted = taking.filter(({ extensions }) => extensions.takesCredentials !== true);
  expect(uncounted.map(({ name }) => name)).toEqual(CHOOSING);
});
