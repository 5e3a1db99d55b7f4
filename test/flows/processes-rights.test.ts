import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { anInstallation, ask, openSocket, signIn } from '../support/installation.ts';
import { connect } from '../support/socket-client.ts';

/** What ends on one process is felt on the other. */
const installation = await anInstallation();
const [a, b] = await Promise.all([installation.start(), installation.start()]);
const admin = await signIn(a, (await installation.somebody('ADMIN')).username);
const WAIT_MS = 60_000;

const FOLLOW = 'subscription { machineEvents { type } }';
const METERS = 'subscription { meters { version } }';

const felt: string[] = [];
afterAll(() => console.info(`felt by the other process: ${felt.join(', ')}`));

/** An OPERATOR who signed in at A and follows the floor by B, over a socket and a stream. */
async function anOperator() {
  const { id, username } = await installation.somebody('OPERATOR');
  const tokens = await signIn(a, username);
  const client = await openSocket(b, tokens.accessToken);
  client.subscribe('events', FOLLOW);
  client.subscribe('meters', METERS);
  client.subscribe('ready', '{ viewer { roles } }');
  await client.message('ready', 'next');
  const response = await fetch(`${b.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${tokens.accessToken}`,
    },
    body: JSON.stringify({ query: FOLLOW }),
  });
  expect(response.status).toBe(200);
  return { id, ...tokens, client, stream: response.text() };
}

type Operator = Awaited<ReturnType<typeof anOperator>>;

async function measured<T>(title: string, act: () => Promise<unknown>, isFelt: () => Promise<T>): Promise<T> {
  await act();
  const startedMs = performance.now();
  const outcome = await withDeadline(isFelt(), WAIT_MS, title);
  felt.push(`${title} ${Math.round(performance.now() - startedMs)} ms`);
  return outcome;
}

async function success(query: string, options: Parameters<typeof ask>[2]): Promise<void> {
  const { data } = await ask(a, query, options);
  expect(Object.values(data)).toEqual([{ __typename: expect.stringMatching(/Success$/) }]);
}

const ENDINGS = [
  [
    'a logout',
    ({ accessToken }: Operator) => success('mutation { logout { __typename } }', { token: accessToken }),
  ],
  [
    'a lock',
    ({ id }: Operator) =>
      success('mutation ($input: LockUserInput!) { lockUser(input: $input) { __typename } }', {
        token: admin.accessToken,
        input: { userId: id, reason: 'test' },
      }),
  ],
  [
    'the loss of every role',
    ({ id }: Operator) =>
      success('mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }', {
        token: admin.accessToken,
        input: { userId: id, roles: [] },
      }),
  ],
  [
    'a refresh token used twice',
    async ({ refreshToken }: Operator) => {
      const REFRESH = 'mutation ($input: RefreshTokenInput!) { refreshToken(input: $input) { __typename } }';
      await success(REFRESH, { input: { refreshToken } });
      const { data } = await ask(a, REFRESH, { input: { refreshToken } });
      expect(data.refreshToken.__typename).toBe('RefreshTokenReusedError');
    },
  ],
] as const;

test.each(ENDINGS)(
  '%s on one process closes socket and stream on the other',
  async (title, end) => {
    const operator = await anOperator();
    const other = await anOperator();
    const [how, text] = await measured(
      title,
      () => end(operator),
      () => Promise.all([operator.client.closed(), operator.stream]),
    );
    expect(how).toMatchObject({ code: 4493, reason: expect.stringMatching(/^WS_006 /) });
    expect(text).toMatch(/"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/);
    other.client.subscribe('still', '{ viewer { roles } }');
    await other.client.message('still', 'next');
    await signOut(other);
  },
  120_000,
);

/** Nobody keeps a stream open at the end of the test. */
async function signOut({ accessToken, stream, client }: Operator): Promise<void> {
  await success('mutation { logout { __typename } }', { token: accessToken });
  await Promise.all([stream, client.closed()]);
}

test('a role taken on one process ends the operations on the other that were for it, and no others', async () => {
  const operator = await anOperator();
  const { client } = operator;
  const [events, meters] = await measured(
    'a role',
    () =>
      success('mutation ($input: SetUserRolesInput!) { setUserRoles(input: $input) { __typename } }', {
        token: admin.accessToken,
        input: { userId: operator.id, roles: ['PLAYER'] },
      }),
    () => Promise.all([client.message('events', 'error'), client.message('meters', 'error')]),
  );
  for (const { payload } of [events, meters]) expect(payload[0].extensions.code).toBe('AUTH_004');
  expect(await operator.stream).toMatch(/"code":"AUTH_004"/);
  client.subscribe('still', '{ viewer { roles } }');
  expect((await client.message('still', 'next')).payload.data.viewer.roles).toEqual(['PLAYER']);
  client.socket.close();
}, 120_000);

test('a connection that is closed on one process closes on the other that has it', async () => {
  const operator = await anOperator();
  const list = async () =>
    (
      await ask(a, `{ realtimeConnections(holderId: "${operator.id}") { nodes { id transport } } }`, {
        token: admin.accessToken,
      })
    ).data.realtimeConnections.nodes as { readonly id: string; readonly transport: string }[];
  const both = await eventually(
    async () => {
      const nodes = await list();
      return nodes.length === 2 ? nodes : null;
    },
    { deadlineMs: WAIT_MS },
  );
  const socket = both.find(({ transport }) => transport === 'WEBSOCKET');
  const how = await measured(
    'disconnectClient',
    () =>
      success(
        'mutation ($input: DisconnectClientInput!) { disconnectClient(input: $input) { __typename } }',
        {
          token: admin.accessToken,
          input: { connectionId: socket?.id, reason: 'over there' },
        },
      ),
    () => operator.client.closed(),
  );
  expect(how).toEqual({ code: 4493, reason: 'WS_006 An operator closed this connection: over there' });
  await success('mutation { logout { __typename } }', { token: operator.accessToken });
  await operator.stream;
}, 120_000);

const REFRESH_TOKENS = `mutation ($input: RefreshTokenInput!) {
  refreshToken(input: $input) { ... on RefreshTokenSuccess { accessToken } } }`;
const ISSUE = 'mutation { issueRealtimeToken { ... on IssueRealtimeTokenSuccess { token } } }';

test('a key that is revoked closes what its tokens opened on every process, and nothing else', async () => {
  const operator = await anOperator();
  const here = await openSocket(a, operator.accessToken);
  const { data } = await ask(a, ISSUE, { token: operator.accessToken });
  const port = Number(new URL(b.url).port);
  const derived = await connect({ port });
  await derived.init({ realtimeToken: data.issueRealtimeToken.token });
  const waiting = (await ask(a, ISSUE, { token: operator.accessToken })).data.issueRealtimeToken.token;
  const nobody = await connect({ port });
  await nobody.init();

  const [how, hereToo, derivedToo, text] = await measured(
    'a revoked key',
    () => installation.run('keys', 'rotate', '--revoke-old'),
    () => Promise.all([operator.client.closed(), here.closed(), derived.closed(), operator.stream]),
  );
  for (const end of [how, hereToo, derivedToo])
    expect(end).toEqual({ code: 4403, reason: expect.stringMatching(/^WS_002 .*key was revoked/) });
  expect(text).toMatch(/"code":"WS_002".*\n\nevent: complete\ndata:\n\n$/);
  nobody.subscribe('still', '{ __typename }');
  await nobody.message('still', 'next');
  const late = await connect({ port });
  late.send({ type: 'connection_init', payload: { realtimeToken: waiting } });
  expect(await late.closed()).toEqual({ code: 4403, reason: expect.stringMatching(/^WS_002 /) });

  const { refreshToken } = operator;
  const renewed = (await ask(b, REFRESH_TOKENS, { input: { refreshToken } })).data.refreshToken;
  const again = await openSocket(b, renewed.accessToken);
  again.subscribe('ready', '{ viewer { roles } }');
  await again.message('ready', 'next');
  for (const client of [nobody, again]) client.socket.close();
}, 120_000);
