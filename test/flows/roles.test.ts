import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import type { Role } from '../../src/lib/actor.ts';
import { aFloorApp } from '../support/app.ts';
import { aUser, PASSWORD } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { connect } from '../support/socket-client.ts';
import { withinASecond } from '../support/within-a-second.ts';

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const port = Number(new URL(floor.app().url).port);

const FOLLOW = 'subscription { machineEvents { type } }';
const SET = `mutation ($input: SetUserRolesInput!) {
  setUserRoles(input: $input) { __typename ... on SetUserRolesSuccess { endedSessions } }
}`;

let count = 0;
async function anAuditor() {
  const { runWork, auth } = floor.app().services;
  count += 1;
  const username = `auditor-${count}`;
  const user = await aUser(runWork, { venueId: floor.venueId, roles: ['AUDITOR'], username });
  const { accessToken } = await auth.login({ identifier: username, password: PASSWORD }, {});
  return { userId: user.id, accessToken };
}

async function setRoles(userId: string, roles: readonly Role[]) {
  const input = { userId: encodeGlobalId('User', userId), roles };
  const { data } = await floor.ask(SET, { as: 'ADMIN', variables: { input } });
  expect(data.setUserRoles.__typename).toBe('SetUserRolesSuccess');
}

/** A socket that follows the floor, and a stream of events that does. */
async function following(accessToken: string) {
  const client = await connect({ port });
  await client.init({ accessToken });
  client.subscribe('events', FOLLOW);
  client.subscribe('meters', 'subscription { meters { version } }');
  client.subscribe('ready', '{ viewer { roles } }');
  await client.message('ready', 'next');
  const response = await fetch(`${floor.app().url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'text/event-stream',
      authorization: `Bearer ${accessToken}`,
    },
    body: JSON.stringify({ query: FOLLOW }),
  });
  expect(response.status).toBe(200);
  return { client, sse: response.text() };
}

test('who loses a role loses the streams it was for within a second, without waiting for an event', async () => {
  const [{ userId, accessToken }, other] = [await anAuditor(), await anAuditor()];
  const mine = await following(accessToken);
  const untouched = await following(other.accessToken);
  await setRoles(userId, ['PLAYER']);
  await withinASecond(floor, async () => {
    for (const id of ['events', 'meters'])
      expect((await mine.client.message(id, 'error')).payload[0].extensions.code).toBe('AUTH_004');
    expect(await mine.sse).toMatch(/"code":"AUTH_004".*\n\nevent: complete\ndata:\n\n$/);
  });

  mine.client.subscribe('still', '{ viewer { roles } }');
  expect((await mine.client.message('still', 'next')).payload.data.viewer.roles).toEqual(['PLAYER']);
  expect(untouched.client.messages.filter(({ type }) => type === 'error')).toEqual([]);
  mine.client.socket.close();
  await setRoles(other.userId, []);
  await untouched.client.closed();
});

test('who gets another role that may as much keeps his streams', async () => {
  const { userId, accessToken } = await anAuditor();
  const { client } = await following(accessToken);
  await setRoles(userId, ['OPERATOR']);
  const eventsSeen = () =>
    client.messages.filter(({ id, type }) => id === 'events' && type === 'next').length;
  const before = eventsSeen();
  await eventually(() => {
    floor.egms[0]?.openDoor();
    floor.egms[0]?.closeDoor();
    return eventsSeen() > before + 1;
  });
  expect(client.messages.filter(({ type }) => type === 'error' || type === 'complete')).toEqual([
    expect.objectContaining({ id: 'ready', type: 'complete' }),
  ]);
  client.socket.close();
});

test('who is left without a role loses the socket with 4493 and the stream with WS_006', async () => {
  const { userId, accessToken } = await anAuditor();
  const { client, sse } = await following(accessToken);
  await setRoles(userId, []);
  await withinASecond(floor, async () => {
    expect(await client.closed()).toMatchObject({ code: 4493, reason: expect.stringMatching(/^WS_006 /) });
    expect(await sse).toMatch(/"code":"WS_006".*\n\nevent: complete\ndata:\n\n$/);
  });
});
