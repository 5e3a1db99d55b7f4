import { GraphQLError, getNamedType, isInputType, parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { publicError } from '../../src/graphql/errors.ts';
import { buildSchema } from '../../src/graphql/schema.ts';
import { variableErrors } from '../../src/graphql/variable-errors.ts';

const schema = buildSchema();
const SECRET = 'my-secret-password-1';
const NUMBER = 918273645.5;

const scope = {
  requestId: 'r',
  onCode: () => {},
  onFault: (fault: unknown) => expect.unreachable(String(fault)),
};
const messageOf = (error: unknown) => publicError(error, scope).message;

/** What is said of a variable of this type that holds this. */
function ofVariable(type: string, value: unknown): string[] {
  const document = parse(`query ($input: ${type}) { __typename }`);
  return variableErrors({ schema, document, variableValues: { input: value } }).map(messageOf);
}

/** What is said of a document. */
function ofDocument(text: string): string[] {
  try {
    return validate(schema, parse(text)).map(messageOf);
  } catch (error) {
    if (error instanceof GraphQLError) return [messageOf(error)];
    throw error;
  }
}

const inputTypes = Object.values(schema.getTypeMap())
  .filter((type) => isInputType(type) && !type.name.startsWith('__'))
  .map((type) => getNamedType(type).name);
const values = [
  SECRET,
  NUMBER,
  { x: SECRET },
  { password: [SECRET] },
  [[SECRET]],
  { password: { x: NUMBER } },
];
const literals = [
  `"${SECRET}"`,
  `"""${SECRET}"""`,
  NUMBER,
  `{ x: "${SECRET}" }`,
  `{ password: [${NUMBER}] }`,
  `[["${SECRET}"]]`,
];

test('whatever input a secret is sent in, no message repeats it', () => {
  const said = inputTypes.flatMap((type) => [
    ...values.flatMap((value) => ofVariable(type, value)),
    ...literals.flatMap((literal) => ofDocument(`query ($input: ${type} = ${literal}) { __typename }`)),
  ]);
  expect(said.length).toBeGreaterThan(inputTypes.length);
  expect(said.filter((message) => message.includes(SECRET) || message.includes(String(NUMBER)))).toEqual([]);
});

test.each([
  [
    'RegisterInput!',
    { password: SECRET },
    'Variable "$input" got an invalid value at "input": Field "email" of required type "EmailAddress!" was not provided.',
  ],
  [
    'LoginInput!',
    { identifier: 'ada', password: 123456 },
    'Variable "$input" got an invalid value at "input.password": String cannot represent a non string value.',
  ],
  [
    '[LoginInput!]!',
    [{ identifier: 'ada', password: { at: 'x" at "input.y"; z' } }],
    'Variable "$input" got an invalid value at "input[0].password": String cannot represent a non string value.',
  ],
  [
    'String!',
    { 'x at "input.y"': 'x at "input.y"' },
    'Variable "$input" got an invalid value at "input": String cannot represent a non string value.',
  ],
  [
    'EmailAddress!',
    SECRET,
    'Variable "$input" got an invalid value at "input": Value is not a valid email address.',
  ],
  [
    'Decimal!',
    SECRET,
    'Variable "$input" got an invalid value at "input": Decimal takes a text such as "12.50": at most 15 digits, at most 4 decimals, no sign.',
  ],
  [
    'Role!',
    'ADMI',
    'Variable "$input" got an invalid value at "input": The value does not exist in "Role" enum. Did you mean the enum value "ADMIN"?',
  ],
])('what is wrong with a variable of %s, and where, is still said', (type, value, message) => {
  expect(ofVariable(type, value)).toContain(message);
});

test.each([
  [`login(input: "${SECRET}")`, 'Expected value of type "LoginInput!".'],
  [`login(input: { identifier: "ada", password: 123456 })`, 'String cannot represent a non string value.'],
  [`login(input: { password "${SECRET}" })`, 'Syntax Error: Expected ":", found String.'],
  [`login(input: { password """${SECRET} String "x"""" })`, 'Syntax Error: Expected ":", found BlockString.'],
  [`login(input: { password: "x" ${NUMBER} })`, 'Syntax Error: Expected Name, found Float.'],
  [`login(input: { password: "\\u{${'7'.repeat(9)}}" })`, 'Syntax Error: Invalid Unicode escape sequence.'],
  [
    `login(input: { identifier: "ada", pasword: "${SECRET}", password: "" })`,
    'Field "pasword" is not defined by type "LoginInput". Did you mean "password"?',
  ],
])('%s is refused without its value', (field, message) => {
  const said = ofDocument(`mutation { ${field} { __typename } }`);
  expect(said).toContain(message);
  expect(said.join()).not.toMatch(/my-secret|123456|9182|7777/);
});

test('a name that is written like a message takes no longer than another', () => {
  const name = 'cannot represent '.repeat(20_000);
  const startedMs = performance.now();
  expect(ofVariable('RegisterInput', { [name]: 1 })).toHaveLength(3);
  expect(performance.now() - startedMs).toBeLessThan(1_000);
});
