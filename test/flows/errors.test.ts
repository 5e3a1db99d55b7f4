import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { transportsTo } from '../support/transports.ts';

const floor = await aFloorApp();
const { transports } = transportsTo(floor);
const [machineId = ''] = floor.machineIds;
const idOf = (type: string, id = newId()) => Buffer.from(`${type}:${id}`).toString('base64url');

const codes = async (query: string, options: Parameters<typeof floor.ask>[1] = {}) => {
  const answer = await floor.ask(query, options);
  const text = JSON.stringify(answer);
  for (const internal of ['select ', 'relation', 'node_modules', '/src/', 'TypeError', 'at async', 'pg_'])
    expect(text).not.toContain(internal);
  return answer.errors?.map(({ extensions }) => extensions.code) ?? [];
};

const MACHINE = 'query ($id: ID!) { machine(id: $id) { name } }';

test.each([
  ['an unknown machine', MACHINE, { id: idOf('Machine') }, 'API_002'],
  ['the id of another type', MACHINE, { id: idOf('Venue') }, 'API_001'],
  ['an id that is no UUID', MACHINE, { id: Buffer.from('Machine:1').toString('base64url') }, 'API_001'],
  ['an id that is nothing', MACHINE, { id: 'x' }, 'API_001'],
  ['a missing variable', MACHINE, {}, 'API_001'],
  ['a variable of another type', MACHINE, { id: { not: 'an id' } }, 'API_001'],
  ['an unknown field', '{ machines { nodes { colour } } }', {}, 'API_001'],
  ['a syntax error', '{ machines { nodes ', {}, 'API_001'],
  ['an unknown enum value', '{ meters(codes: [FREE_MONEY]) { readAt } }', {}, 'API_001'],
  ['a page too large', '{ machines(first: 101) { nodes { id } } }', {}, 'API_001'],
  ['a cursor of nothing', '{ machines(after: "x") { nodes { id } } }', {}, 'API_001'],
  [
    'a bad locale',
    '{ meters { formattedDisplay(locale: "not a locale") { text } } apiInfo { name } machines { nodes { denomination { formatted(locale: "!!") } } } }',
    {},
    null,
  ],
  [
    'an unknown machine among known ones',
    'query ($ids: [ID!]) { meters(machineIds: $ids) { readAt } }',
    { ids: [machineId, idOf('Machine')] },
    'API_002',
  ],
])('%s gives its code and nothing internal', async (_title, query, variables, code) => {
  const given = await codes(query, { variables });
  if (code) expect(given).toEqual([code]);
  else expect(given.every((each) => each === 'API_001')).toBe(true);
});

test('a wrong token is refused with its code', async () => {
  const ask = async (token: string) => {
    const response = await fetch(`${floor.app().url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { roles } }' }),
    });
    return ((await response.json()) as { errors: { extensions: { code: string } }[] }).errors[0]?.extensions
      .code;
  };
  expect(await ask('nonsense')).toBe('AUTH_003');
  const token = await floor.token('OPERATOR');
  expect(await ask(`${token.slice(0, -4)}AAAA`)).toBe('AUTH_003');
});

test.each([
  [null, 'AUTH_001'],
  ['PLAYER', 'AUTH_004'],
] as const)('%s may read no machine', async (as, code) => {
  expect(await codes('{ machines { nodes { id } } }', { as })).toEqual([code]);
  expect(await codes('{ meters { readAt } }', { as })).toEqual([code]);
  expect(await codes(MACHINE, { as, variables: { id: idOf('Machine') } })).toEqual([code]);
});

test('an auditor sees the machines and may not lock one', async () => {
  expect(await codes('{ machines { nodes { id } } }', { as: 'AUDITOR' })).toEqual([]);
  const lock = 'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { __typename } }';
  expect(await codes(lock, { as: 'AUDITOR', variables: { input: { machineId, reason: 'x' } } })).toEqual([
    'AUTH_004',
  ]);
});

test('a subscription behind a cursor of another log ends with WS_003 and the socket stays', async () => {
  const client = floor.client('OPERATOR');
  const foreign = Buffer.from(`1|${newId()}|1`).toString('base64url');
  const frames = client.iterate({
    query: 'subscription ($after: Cursor) { machineEvents(after: $after) { type } }',
    variables: { after: foreign },
  });
  await expect(frames.next()).rejects.toMatchObject([{ extensions: { code: 'WS_003' } }]);
  const info = client.iterate({ query: '{ apiInfo { name } }' });
  expect((await info.next()).value.data.apiInfo.name).toBe('floorwire');
});

test('a node of another venue or of nothing is null, a known one is found', async () => {
  const { data } = await floor.ask('query ($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }', {
    variables: { ids: [machineId, idOf('Machine'), idOf('Unicorn')] },
  });
  expect(data.nodes).toEqual([{ id: machineId, __typename: 'Machine' }, null, null]);
});

const REGISTER = 'mutation ($input: RegisterInput!) { register(input: $input) { __typename } }';

test.each(transports)(
  'over %s, what is wrong with an input is said without the password in it',
  async (_, ask) => {
    const password = 'my-secret-password-1';
    const answers = [
      await ask(REGISTER, { input: { password } }),
      await ask(REGISTER, { input: { email: 'ada@example.com', password: { is: password } } }),
      await ask(
        `mutation { register(input: { email: "ada@example.com", password: ["${password}"] }) { __typename } }`,
      ),
      await ask(`mutation { register(input: { password "${password}" }) { __typename } }`),
    ];
    expect(answers.map(({ errors }) => errors[0].message)).toEqual([
      'Variable "$input" got an invalid value at "input": Field "email" of required type "EmailAddress!" was not provided.',
      'Variable "$input" got an invalid value at "input.password": String cannot represent a non string value.',
      'String cannot represent a non string value.',
      'Syntax Error: Expected ":", found String.',
    ]);
    expect(JSON.stringify(answers)).not.toContain(password);
  },
);
