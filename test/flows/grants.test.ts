import { expect, test } from 'vitest';
import { builder } from '../../src/graphql/builder.ts';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { machineEventFrames, type RaisedFrame } from '../../src/graphql/machine-event.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';
import { withinASecond } from '../support/within-a-second.ts';

// Who may post, whatever there is to post to.
builder.queryField('mayPost', (t) =>
  t.boolean({ nullable: true, authScopes: { scope: 'WALLETS_POST' }, resolve: () => true }),
);
builder.subscriptionField('posted', (t) =>
  t.string({
    nullable: true,
    authScopes: { scope: 'WALLETS_POST' },
    subscribe: (_root, _args, context) => machineEventFrames(context, {}),
    resolve: ({ payload }: RaisedFrame) => payload.event.type,
  }),
);

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { runWork } = floor.app().services;
const { http, transports, signIn } = transportsTo(floor);
const port = Number(new URL(floor.app().url).port);
const adminToken = await floor.token('ADMIN');

const SET = `mutation ($input: SetUserRolesInput!) {
  setUserRoles(input: $input) {
    __typename
    ... on SetUserRolesSuccess { endedSessions user { roles grants version } }
    ... on Error { code message }
  }
}`;
const SCOPES = '{ viewer { scopes user { grants } } }';

const anOperator = async (grants: readonly 'WALLETS_POST'[] = []) => {
  const user = await aUser(runWork, { venueId: floor.venueId, roles: ['OPERATOR'], grants });
  return { id: user.id, token: (await signIn(user.email)).accessToken };
};
const set = async ({ id }: { readonly id: string }, to: object, token = adminToken) =>
  await http(SET, { token, input: { userId: encodeGlobalId('User', id), roles: ['OPERATOR'], ...to } });

test.each(transports)('over %s, a grant is felt at once, and so is its end', async (_, ask) => {
  const { id, token } = await anOperator();
  expect(refusalOf(await ask('{ mayPost }', { token }))).toBe('AUTH_004');
  const before = (await ask(SCOPES, { token })).data.viewer;
  expect(before).toMatchObject({ scopes: expect.arrayContaining(['WALLETS_READ']), user: { grants: [] } });
  expect(before.scopes).not.toContain('WALLETS_POST');

  expect((await set({ id }, { grants: ['WALLETS_POST'] })).data.setUserRoles).toEqual({
    __typename: 'SetUserRolesSuccess',
    endedSessions: 0,
    user: { roles: ['OPERATOR'], grants: ['WALLETS_POST'], version: 2 },
  });
  expect((await ask('{ mayPost }', { token })).data).toEqual({ mayPost: true });
  const after = (await ask(SCOPES, { token })).data.viewer;
  expect(new Set(after.scopes)).toEqual(new Set([...before.scopes, 'WALLETS_POST']));
  expect(after.user.grants).toEqual(['WALLETS_POST']);

  await set({ id }, { grants: [] });
  expect(refusalOf(await ask('{ mayPost }', { token }))).toBe('AUTH_004');
});

test.each([
  [{ grants: ['USERS_WRITE'] }, 'API_001'],
  [{ roles: ['PLAYER'], grants: ['WALLETS_POST'] }, 'API_001'],
  [{ roles: ['ADMIN'], grants: ['WALLETS_POST'] }, 'API_001'],
])('%j is refused', async (to, code) => {
  const operator = await anOperator();
  expect((await set(operator, to)).data.setUserRoles).toMatchObject({ __typename: 'ValidationError', code });
});

test('who was granted a scope grants it to nobody: that takes USERS_WRITE', async () => {
  const { token } = await anOperator(['WALLETS_POST']);
  const other = await anOperator();
  expect(refusalOf(await set(other, { grants: ['WALLETS_POST'] }, token))).toBe('AUTH_004');
});

/** A socket that follows what takes the grant and what does not, and a stream of events that takes it. */
async function following(token: string) {
  const client = await connect({ port });
  await client.init({ accessToken: token });
  client.subscribe('posted', 'subscription { posted }');
  client.subscribe('events', 'subscription { machineEvents { type } }');
  client.subscribe('ready', '{ viewer { roles } }');
  await client.message('ready', 'next');
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ query: 'subscription { posted }' }),
  });
  expect(response.status).toBe(200);
  return { client, sse: response.text() };
}
const framesOf = ({ messages }: SocketClient, wanted: string) =>
  messages.filter(({ id, type }) => id === wanted && type === 'next').length;

async function openDoorUntil(isSeen: () => boolean): Promise<void> {
  await eventually(() => {
    floor.egms[0]?.openDoor();
    floor.egms[0]?.closeDoor();
    return isSeen();
  });
}

test('a stream follows a grant that is taken away within a second; other streams and other people go on', async () => {
  const [operator, other] = [await anOperator(['WALLETS_POST']), await anOperator(['WALLETS_POST'])];
  const mine = await following(operator.token);
  const untouched = await following(other.token);
  await openDoorUntil(() => framesOf(mine.client, 'posted') > 0 && framesOf(untouched.client, 'posted') > 0);

  await set(operator, { grants: [] });
  await withinASecond(floor, async () => {
    const { payload } = await mine.client.message('posted', 'error');
    expect(payload[0].extensions.code).toBe('AUTH_004');
    expect(await mine.sse).toMatch(/"code":"AUTH_004".*\n\nevent: complete\ndata:\n\n$/);
  });

  const [posted, events] = [framesOf(mine.client, 'posted'), framesOf(mine.client, 'events')];
  const seenByOther = framesOf(untouched.client, 'posted');
  await openDoorUntil(
    () => framesOf(mine.client, 'events') > events && framesOf(untouched.client, 'posted') > seenByOther,
  );
  expect(framesOf(mine.client, 'posted')).toBe(posted);
  await set(other, { roles: [] });
  await untouched.client.closed();
  await untouched.sse;
  mine.client.socket.close();
});
