import { getOperationAST, graphql, parse } from 'graphql';
import { beforeAll, expect, test } from 'vitest';
import { builder } from '../../src/graphql/builder.ts';
import { createContext, type Services } from '../../src/graphql/context.ts';
import { costOf } from '../../src/graphql/cost.ts';
import { errorType } from '../../src/graphql/error-type.ts';
import { publicError } from '../../src/graphql/errors.ts';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { MoneyType } from '../../src/graphql/money.ts';
import { resolvePage } from '../../src/graphql/page.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { type Actor, ANONYMOUS } from '../../src/lib/actor.ts';
import { DomainError, NotFoundError, ValidationError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { inField } from '../../src/lib/in-field.ts';
import type { Money } from '../../src/lib/money.ts';
import { takeMisplacedIssues } from '../support/misplaced-issues.ts';

/** The real schema and a few things more: a shelf of jars, as a domain would write it. */

interface Jar {
  readonly id: string;
  readonly at: Date;
  readonly price: Money;
}

class JarBrokenError extends DomainError {
  readonly code = 'SAS_004';
  readonly shards: number;
  constructor(shards: number) {
    super('The jar broke.');
    this.shards = shards;
  }
}
class JarStuckError extends DomainError {
  readonly code = 'SYS_003';
}

const jars: readonly Jar[] = Array.from({ length: 30 }, (_, at) => ({
  id: newId(),
  at: new Date(at),
  price: { amountMinor: 123_450n, currency: 'USD' },
}));
let loads: (readonly string[])[] = [];
let counted = 0;

const JarType = builder.loadableNodeRef('Jar', {
  id: { resolve: ({ id }: Jar) => id },
  load: async (ids: readonly string[]) => {
    loads.push(ids);
    return ids.map((id) => jars.find((jar) => jar.id === id) ?? new NotFoundError('jar'));
  },
});
JarType.implement({
  description: 'A jar.',
  fields: (t) => ({ price: t.expose('price', { type: MoneyType }) }),
});
errorType(JarBrokenError, {
  name: 'JarBrokenError',
  description: 'The jar broke. Code SAS_004.',
  fields: (t) => ({ shards: t.exposeInt('shards') }),
});

function requireTurn(degrees: number): void {
  if (degrees < 1) throw new ValidationError('degrees takes 1 or more.', { field: 'degrees' });
}

const Turn = builder.inputType('TurnInput', { fields: (t) => ({ degrees: t.int({ required: true }) }) });
const OpenJar = builder.inputType('OpenJarInput', {
  fields: (t) => ({
    jarId: t.globalID({ for: JarType, required: true }),
    force: t.int({ required: true }),
    turns: t.field({ type: [Turn] }),
    how: t.string(),
  }),
});

const SniffJars = builder.inputType('SniffJarsInput', {
  fields: (t) => ({ jarIds: t.idList({ required: true }) }),
});

builder.mutationField('openJar', (t) =>
  t.field({
    type: JarType,
    nullable: true,
    authScopes: { scope: 'MACHINES_CONTROL' },
    args: { input: t.arg({ type: OpenJar, required: true }) },
    errors: { types: [JarBrokenError, ValidationError], dataField: { name: 'jar' } },
    resolve: (_root, { input }) => {
      if (input.force > 10) throw new ValidationError('too much force', { field: 'force' });
      for (const [at, { degrees }] of (input.turns ?? []).entries())
        inField(['turns', at], () => requireTurn(degrees));
      if (input.how === 'slowly') throw new ValidationError('no patience', { field: ['how', 'fast'] });
      if (input.how === 'never') throw new ValidationError('It stays shut.');
      if (input.how === 'break') throw new JarBrokenError(7);
      if (input.how === 'stick') throw new JarStuckError('It is stuck.');
      return input.jarId.id;
    },
  }),
);
builder.queryFields((t) => ({
  jar: t.field({
    type: JarType,
    nullable: true,
    authScopes: { signedIn: true },
    args: { id: t.arg.globalID({ for: JarType, required: true }) },
    resolve: (_root, { id }) => id.id,
  }),
  weigh: t.int({
    nullable: true,
    authScopes: { signedIn: true },
    args: { grams: t.arg.int({ required: true }) },
    resolve: async (_root, { grams }) => {
      if (grams < 1) throw new ValidationError('must weigh something', { field: 'grams' });
      return grams;
    },
  }),
  sniff: t.int({
    nullable: true,
    authScopes: { signedIn: true },
    args: { input: t.arg({ type: SniffJars, required: true }) },
    resolve: (_root, { input }) => input.jarIds.map((id) => decodeIdOf('Jar', id)).length,
  }),
  jars: t.connection({
    type: JarType,
    nullable: true,
    authScopes: { signedIn: true },
    resolve: (_root, args) =>
      resolvePage(args, {
        keyOf: (jar: Jar) => jar,
        load: async ({ limit }) => jars.slice(0, limit),
        count: async () => {
          counted += 1;
          return jars.length;
        },
      }),
  }),
}));

const schema = buildSchema();
const OPERATOR: Actor = {
  kind: 'user',
  userId: newId(),
  venueId: newId(),
  sessionId: newId(),
  roles: ['OPERATOR'],
  grants: [],
  mustChangePassword: false,
};
const jarId = encodeGlobalId('Jar', jars[0]?.id ?? '');

async function ask(source: string, actor: Actor = OPERATOR) {
  const client = { address: null, userAgent: null };
  const contextValue = createContext({} as Services, { actor, requestId: 'request-1', client });
  const { data, errors = [] } = await graphql({ schema, source, contextValue });
  const faults: unknown[] = [];
  const scope = { requestId: 'request-1', onCode: () => {}, onFault: (fault: unknown) => faults.push(fault) };
  const answers = errors.map((error) => publicError(error, scope));
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    errors: answers,
    codes: answers.map(({ extensions }) => extensions.code),
    faults,
  };
}
const open = (fields: string, actor?: Actor) =>
  ask(
    `mutation { opened: openJar(input: { jarId: "${jarId}" ${fields} }) { __typename ... on OpenJarSuccess { jar { id } } ... on Error { code message timestamp requestId retryable path } ... on JarBrokenError { shards } ... on ValidationError { issues { path message } } } }`,
    actor,
  );

beforeAll(() => {
  loads = [];
});

test('what was done is a success with what it gave', async () => {
  const { data } = await open('force: 1');
  expect(data).toEqual({ opened: { __typename: 'OpenJarSuccess', jar: { id: jarId } } });
});

test('an error of the domain is a member of the result, with all that errors have', async () => {
  const { data, errors } = await open('force: 1 how: "break"');
  expect(errors).toEqual([]);
  expect(data.opened).toEqual({
    __typename: 'JarBrokenError',
    code: 'SAS_004',
    message: 'The jar broke.',
    timestamp: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/),
    requestId: 'request-1',
    retryable: true,
    path: ['opened'],
    shards: 7,
  });
});

test('an error that the result does not list keeps its code', async () => {
  const { data, errors } = await open('force: 1 how: "stick"');
  expect(data).toEqual({ opened: null });
  expect(errors[0]).toMatchObject({
    message: 'It is stuck.',
    path: ['opened'],
    extensions: { code: 'SYS_003', retryable: true },
  });
});

test('a value that is out of range is a member of a result that lists it', async () => {
  const { data } = await open('force: 11');
  expect(data.opened).toMatchObject({
    __typename: 'ValidationError',
    code: 'API_001',
    issues: [{ path: ['input', 'force'], message: 'too much force' }],
  });
});

test('a value in a list says in which entry it stands', async () => {
  const { data } = await open('force: 1 turns: [{ degrees: 90 }, { degrees: 0 }]');
  expect(data.opened.issues).toEqual([
    { path: ['input', 'turns', '1', 'degrees'], message: 'degrees takes 1 or more.' },
  ]);
});

test('what is wrong with no single argument says so by naming none', async () => {
  expect((await open('force: 1 how: "never"')).data.opened).toMatchObject({
    message: 'It stays shut.',
    issues: [],
  });
});

test('a place that the field does not have is told to nobody but the tests', async () => {
  expect((await open('force: 1 how: "slowly"')).data.opened).toMatchObject({
    message: 'no patience',
    issues: [],
  });
  expect(takeMisplacedIssues()).toEqual([
    { field: 'Mutation.openJar', path: ['how', 'fast'], message: 'no patience' },
  ]);
});

test('elsewhere it is an error with the same code, and says where', async () => {
  const { errors } = await ask('{ weigh(grams: 0) }');
  expect(errors[0]?.extensions).toMatchObject({
    code: 'API_001',
    details: { reason: 'ValidationError', issues: [{ path: ['grams'], message: 'must weigh something' }] },
  });
});

test('what is no id says where it stands, unless it stands there twice', async () => {
  const issuesOf = async (query: string) => (await ask(query)).errors[0]?.extensions.details.issues;
  const message = 'This is not an id.';
  expect(await issuesOf('{ jar(id: "nonsense") { id } }')).toEqual([{ path: ['id'], message }]);
  expect(await issuesOf(`{ nodes(ids: ["${jarId}", "nonsense"]) { id } }`)).toEqual([
    { path: ['ids', '1'], message },
  ]);
  expect(await issuesOf('{ nodes(ids: ["nonsense", "nonsense"]) { id } }')).toEqual([]);
  expect(
    await issuesOf('mutation { openJar(input: { jarId: "nonsense", force: 1 }) { __typename } }'),
  ).toEqual([{ path: ['input', 'jarId'], message }]);
});

test('ids of another type say where they stand', async () => {
  const venueId = encodeGlobalId('Venue', newId());
  const { errors } = await ask(`{ sniff(input: { jarIds: ["${jarId}", "${venueId}"] }) }`);
  expect(errors[0]?.extensions).toMatchObject({
    code: 'API_001',
    details: {
      reason: 'InvalidIdError',
      issues: [{ path: ['input', 'jarIds', '1'], message: 'This is the id of a Venue, not of a Jar.' }],
    },
  });
});

test('who may not use a field does not learn what is wrong with his input', async () => {
  const nonsense = 'mutation { openJar(input: { jarId: "nonsense", force: 1 }) { __typename } }';
  expect((await ask(nonsense, ANONYMOUS)).codes).toEqual(['AUTH_001']);
  expect((await ask(nonsense, { ...OPERATOR, roles: ['PLAYER'] })).codes).toEqual(['AUTH_004']);
  expect((await ask(nonsense)).codes).toEqual(['API_001']);
});

test.each([
  ['malformed', 'nonsense', 'API_001'],
  ['of another type', encodeGlobalId('Venue', newId()), 'API_001'],
  ['of a type that does not exist', encodeGlobalId('Spoon', newId()), 'API_001'],
  ['of nothing', encodeGlobalId('Jar', newId()), 'API_002'],
])('an id that is %s', async (_what, id, code) => {
  const { data, codes, faults } = await ask(`{ jar(id: "${id}") { id } }`);
  expect([data, codes, faults]).toEqual([{ jar: null }, [code], []]);
});

test('node finds by id, and answers null for what is not there', async () => {
  const gone = encodeGlobalId('Jar', newId());
  const spoon = encodeGlobalId('Spoon', newId());
  const notNode = encodeGlobalId('Money', newId());
  const { data, codes } = await ask(
    `{ a: node(id: "${jarId}") { id __typename } b: node(id: "${gone}") { id } c: node(id: "${spoon}") { id } d: node(id: "${notNode}") { id } e: node(id: "x") { id } }`,
  );
  expect(data).toEqual({ a: { id: jarId, __typename: 'Jar' }, b: null, c: null, d: null, e: null });
  expect(codes).toEqual(['API_001']);
});

test('nodes keeps the order, holds null for what is not there, and takes 100', async () => {
  const ids = [encodeGlobalId('Jar', newId()), jarId, encodeGlobalId('Spoon', newId()), jarId];
  const { data, codes } = await ask(`{ nodes(ids: ${JSON.stringify(ids)}) { id } }`);
  expect(codes).toEqual([]);
  expect(data.nodes).toEqual([null, { id: jarId }, null, { id: jarId }]);

  const many = Array.from({ length: 101 }, () => jarId);
  expect((await ask(`{ nodes(ids: ${JSON.stringify(many)}) { id } }`)).codes).toEqual(['API_001']);
});

test('one operation loads each thing once', async () => {
  loads = [];
  await ask(
    `{ a: jar(id: "${jarId}") { id price { amount } } b: jar(id: "${jarId}") { price { currency } } }`,
  );
  expect(loads).toEqual([[jars[0]?.id]]);
});

test('a connection counts its entries when it is asked to, and refuses pages of a wrong size', async () => {
  counted = 0;
  const { data } = await ask(
    '{ jars(first: 2) { edges { cursor node { id } } nodes { id } pageInfo { hasNextPage } } }',
  );
  expect(data.jars.edges).toHaveLength(2);
  expect(data.jars.nodes).toEqual(data.jars.edges.map(({ node }: { node: unknown }) => node));
  expect(data.jars.pageInfo.hasNextPage).toBe(true);
  expect(counted).toBe(0);
  expect((await ask('{ jars { totalCount } }')).data).toEqual({ jars: { totalCount: 30 } });
  expect(counted).toBe(1);
  for (const size of [0, -1, 101])
    expect((await ask(`{ jars(first: ${size}) { totalCount } }`)).codes).toEqual(['API_001']);
});

test('a page costs its size times one entry', () => {
  const cost = (source: string, variables = {}) => {
    const document = parse(source);
    const operation = getOperationAST(document);
    if (!operation) throw new Error('no operation');
    const context = createContext({} as Services, {
      actor: OPERATOR,
      requestId: 'r',
      client: { address: null, userAgent: null },
    });
    return costOf({ schema, document, operation, variables, context });
  };
  // The connection, its list of nodes, and for each of them an id.
  expect(cost('{ jars(first: 10) { nodes { id } } }')).toBe(1 + 10 * (1 + 1));
  expect(cost('{ jars(first: 100) { nodes { id } } }')).toBe(1 + 100 * (1 + 1));
  expect(cost('query ($n: Int) { jars(first: $n) { nodes { id } } }', { n: 100 })).toBe(1 + 100 * (1 + 1));
  expect(cost('{ jars { nodes { id } } }')).toBe(1 + 20 * (1 + 1));
  expect(cost(`{ nodes(ids: ["${jarId}", "${jarId}"]) { id } }`)).toBe(1 + 2);
});

test('money is exact, and is written as a locale writes it', async () => {
  const price = (fields: string) => ask(`{ jar(id: "${jarId}") { price { ${fields} } } }`);
  const { data } = await price('amount currency formatted german: formatted(locale: "de-DE")');
  expect(data.jar.price).toEqual({
    amount: '1234.50',
    currency: 'USD',
    formatted: '$1,234.50',
    german: '1.234,50\u00a0$',
  });
  for (const locale of ['', 'x', 'not a locale', 'e'.repeat(100_000)]) {
    const { codes, faults } = await price(`formatted(locale: "${locale}")`);
    expect([codes, faults]).toEqual([['API_001'], []]);
  }
});

test('a root field that does not say who may use it is not built', () => {
  builder.queryField('forgotten', (t) => t.boolean({ resolve: () => true }));
  expect(() => builder.toSchema()).toThrow('Query.forgotten must name its authScopes.');
});
