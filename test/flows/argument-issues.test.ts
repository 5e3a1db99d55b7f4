import { expect, test } from 'vitest';
import { aFloorApp } from '../support/app.ts';
import { httpClient } from '../support/http-client.ts';
import { type Ask, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp();
const overEvents: Ask = (query, { token, input, variables } = {}) =>
  httpClient(floor.app().url).askEvents(query, token ? { authorization: `Bearer ${token}` } : {}, {
    ...variables,
    input,
  });
const transports = [...transportsTo(floor).transports, ['server-sent events', overEvents] as const];
const token = await floor.token('OPERATOR');

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }';
const ada = { email: 'ada@example.com', password: 'my-secret-password-1' };

interface Variables {
  readonly input?: object;
  readonly [name: string]: unknown;
}

const NO_FREE_MONEY =
  'The value does not exist in "MeterCode" enum. Did you mean the enum value "TIP_MONEY"?';

/** What is asked, and of each error which argument it says is wrong and what of it. */
const refused: [string, string, Variables, [string[], string][]][] = [
  [
    'a member of a variable that is missing',
    REGISTER,
    { input: { password: ada.password } },
    [[['input', 'email'], 'Field "email" of required type "EmailAddress!" was not provided.']],
  ],
  [
    'members of a variable that are of another type',
    REGISTER,
    { input: { email: 'ada', password: { is: ada.password } } },
    [
      [['input', 'email'], 'Value is not a valid email address.'],
      [['input', 'password'], 'String cannot represent a non string value.'],
    ],
  ],
  [
    'a member of a variable that there is not',
    REGISTER,
    { input: { ...ada, colour: 'red' } },
    [[['input', 'colour'], 'Field "colour" is not defined by type "RegisterInput".']],
  ],
  [
    'a variable within an argument',
    'mutation ($name: EmailAddress!, $p: String!) { register(input: { email: $name, password: $p }) { __typename } }',
    { name: 'ada', p: ada.password },
    [[['input', 'email'], 'Value is not a valid email address.']],
  ],
  [
    'a variable that is used twice, in a fragment too',
    'query ($a: ID!) { one: machine(id: $a) { name } ...F } fragment F on Query { device(id: $a) { id } nodes(ids: [$a]) { id } }',
    { a: { is: 'none' } },
    [
      [['id'], 'ID cannot represent value.'],
      [['ids', '0'], 'ID cannot represent value.'],
    ],
  ],
  [
    'a variable that is missing',
    'query ($which: ID!) { machine(id: $which) { name } }',
    {},
    [[['id'], 'Variable "$which" of required type "ID!" was not provided.']],
  ],
  [
    'a variable that may not be null',
    'query ($which: ID!) { machine(id: $which) { name } }',
    { which: null },
    [[['id'], 'Expected non-nullable type "ID!" not to be null.']],
  ],
  [
    'an enum value in a list of a variable',
    'query ($codes: [MeterCode!]) { meters(codes: $codes) { readAt } }',
    { codes: ['COIN_IN', 'FREE_MONEY'] },
    [[['codes', '1'], NO_FREE_MONEY]],
  ],
  [
    'an argument that a variable makes null',
    'query ($set: MeterSet = BASIC) { meters(set: $set) { readAt } }',
    { set: null },
    [[['set'], 'Argument "set" of non-null type "MeterSet!" must not be null.']],
  ],
  [
    'what a variable is when nothing is given',
    'query ($codes: [MeterCode!] = [FREE_MONEY]) { meters(codes: $codes) { readAt } }',
    {},
    [[['codes', '0'], NO_FREE_MONEY]],
  ],
  [
    'a variable of another type than the argument',
    'query ($which: String) { machine(id: $which) { name } }',
    {},
    [[['id'], 'Variable "$which" of type "String" used in position expecting type "ID!".']],
  ],
  [
    'an enum value written out',
    '{ meters(codes: [COIN_IN, FREE_MONEY]) { readAt } }',
    {},
    [[['codes', '1'], NO_FREE_MONEY]],
  ],
  [
    'scalars of ours written out',
    '{ slots(resourceId: "x", date: "2026-02-30") { date } events(after: 1) { nodes { id } } }',
    {},
    [
      [['date'], 'LocalDate takes a day such as 2026-01-31.'],
      [['after'], 'Cursor takes a text that was given out as one.'],
    ],
  ],
  [
    'an argument that there is not',
    '{ machine(id: "x", colour: 1) { name } }',
    {},
    [[['colour'], 'Unknown argument "colour" on field "Query.machine".']],
  ],
  [
    'an argument that is missing',
    '{ machine { name } }',
    {},
    [[['id'], 'Field "machine" argument "id" of type "ID!" is required, but it was not provided.']],
  ],
  [
    'members of an object written out',
    'mutation { register(input: { password: 1, colour: 2 }) { __typename } }',
    {},
    [
      [['input', 'email'], 'Field "RegisterInput.email" of required type "EmailAddress!" was not provided.'],
      [['input', 'password'], 'String cannot represent a non string value.'],
      [['input', 'colour'], 'Field "colour" is not defined by type "RegisterInput".'],
    ],
  ],
  [
    'an argument of a directive',
    'query ($is: Boolean!) { machines { nodes @include(if: $is) { id } } }',
    { is: 'so' },
    [[['if'], 'Boolean cannot represent a non boolean value.']],
  ],
  [
    'an argument of a subscription',
    'subscription ($after: Cursor, $ids: [ID!]) { machineEvents(after: $after, machineIds: $ids) { type } }',
    { after: '', ids: [{}] },
    [
      [['after'], 'Cursor takes a text that was given out as one.'],
      [['machineIds', '0'], 'ID cannot represent value.'],
    ],
  ],
  ['a field that there is not', '{ machines { nodes { colour } } }', {}, []],
  ['what is no document', '{ machines { nodes ', {}, []],
];

test.each(
  transports.flatMap(([transport, ask]) => refused.map((each) => [transport, each[0], ask, each] as const)),
)('over %s, %s is said with its argument', async (_transport, _what, ask, [, query, variables, expected]) => {
  const { errors } = await ask(query, {
    token,
    variables,
    ...(variables.input && { input: variables.input }),
  });
  for (const { extensions } of errors)
    expect(extensions).toMatchObject({ code: 'API_001', details: { reason: 'ValidationError' } });
  const issues = errors.flatMap(({ extensions }: Refusal) => extensions.details.issues);
  expect(issues).toEqual(expected.map(([path, message]) => ({ path, message })));
  expect(JSON.stringify(errors)).not.toContain(ada.password);
});

interface Refusal {
  readonly extensions: { readonly details: { readonly issues: readonly object[] } };
}

test('an argument that a variable makes null in a frame is said', async () => {
  const frames = floor.client('OPERATOR').iterate({
    query: 'subscription ($l: String = "en-US") { meters { formattedDisplay(locale: $l) { text } } }',
    variables: { l: null },
  });
  const { value } = await frames.next();
  const message = 'Argument "locale" of non-null type "String!" must not be null.';
  expect(value.errors[0].extensions.details.issues).toEqual([{ path: ['locale'], message }]);
});

test('however much is wrong with a variable, its name does not come back at length', async () => {
  const name = 'n'.repeat(100_000);
  const { errors } = await overEvents(REGISTER, { input: { ...ada, [name]: 1 } });
  expect(errors[0].extensions.details.issues).toHaveLength(1);
  expect(JSON.stringify(errors).length).toBeLessThan(2_000);
});
