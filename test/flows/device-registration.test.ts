import { afterEach, expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aResource } from '../support/booking.ts';
import { aUser } from '../support/builders.ts';
import { MESSAGES } from '../support/channels.ts';
import { eventually } from '../support/deadline.ts';
import { aDeviceCommand, aReport } from '../support/device.ts';
import { noteSecrets } from '../support/secrets.ts';
import { connect, type SocketClient } from '../support/socket-client.ts';
import { transportsTo } from '../support/transports.ts';

/** From the box to the bin: what becomes of a device at a venue, and who sees it. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { db, runWork } = floor.app().services;
const { http, signIn } = transportsTo(floor);
const admin = await floor.token('ADMIN');

const DEVICE = `id deviceNumber serialNumber kind name tags timeZone version status removedAt
  owner { id } resource { id } groups { id name }`;
const REGISTER = `mutation ($input: RegisterDeviceInput!) { registerDevice(input: $input) { __typename
  ... on RegisterDeviceSuccess { pairingCode device { ${DEVICE} } } ... on Error { code message } } }`;
const UPDATE = `mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { __typename
  ... on UpdateDeviceSuccess { pairingCode device { ${DEVICE} } }
  ... on VersionConflictError { currentVersion } ... on Error { code message } } }`;
const REMOVE = `mutation ($input: RemoveDeviceInput!) { removeDevice(input: $input) { __typename
  ... on RemoveDeviceSuccess { device { ${DEVICE} } } ... on Error { code } } }`;
const GROUP = `mutation ($input: CreateDeviceGroupInput!) { createDeviceGroup(input: $input) { __typename
  ... on CreateDeviceGroupSuccess { group { id name devices { nodes { id } } } } ... on Error { code } } }`;
const AUTHENTICATE = `mutation ($input: AuthenticateDeviceInput!) { authenticateDevice(input: $input) { __typename
  ... on AuthenticateDeviceSuccess { accessToken } ... on Error { code } } }`;
const SEEN = `query ($id: ID!) { device(id: $id) { ${DEVICE} } devices { nodes { id } } }`;
const LIST = `query ($search: String, $tag: String, $kind: DeviceKind, $status: DeviceStatus, $groupId: ID, $resourceId: ID) {
  devices(search: $search, tag: $tag, kind: $kind, status: $status, groupId: $groupId, resourceId: $resourceId) {
    totalCount nodes { id } } }`;

const sockets: SocketClient[] = [];
afterEach(() => {
  for (const { socket } of sockets.splice(0)) socket.close();
});
async function open(accessToken: string): Promise<SocketClient> {
  const client = await connect({ port: Number(new URL(floor.app().url).port) });
  sockets.push(client);
  await client.init({ accessToken });
  return client;
}

let count = 0;
/** A device as ADMIN registers it, and what it signs in with. */
async function register(input: object = {}) {
  count += 1;
  const particulars = {
    deviceNumber: `S-${count}`,
    serialNumber: newId(),
    kind: 'SCREEN',
    name: `Screen ${count}`,
  };
  const answer = (await http(REGISTER, { token: admin, input: { ...particulars, ...input } })).data
    .registerDevice;
  expect(answer.__typename).toBe('RegisterDeviceSuccess');
  noteSecrets(answer);
  const { device, pairingCode } = answer;
  const { deviceNumber, serialNumber } = device;
  return { device, credentials: { venue: 'casino', deviceNumber, serialNumber, pairingCode } };
}
const update = async (input: object) => (await http(UPDATE, { token: admin, input })).data.updateDevice;
const authenticate = async (input: object) => (await http(AUTHENTICATE, { input })).data.authenticateDevice;
const list = async (variables: object) =>
  (await http(LIST, { token: admin, variables })).data.devices.nodes.map(({ id }: { id: string }) => id);
async function somebody() {
  const user = await aUser(runWork, { venueId });
  return {
    ...user,
    globalId: encodeGlobalId('User', user.id),
    token: (await signIn(user.email)).accessToken,
  };
}

test('a device signs in with the code it was registered with, which is shown once', async () => {
  const { device, credentials } = await register({
    tags: ['bar', 'bar', 'north'],
    timeZone: 'Europe/Berlin',
  });
  expect(device).toMatchObject({
    tags: ['bar', 'north'],
    timeZone: 'Europe/Berlin',
    version: 1,
    status: 'OFFLINE',
    owner: null,
    resource: null,
    groups: [],
  });
  expect(credentials.pairingCode).toMatch(/^([0-9A-Z]{5}-){4}[0-9A-Z]{5}$/);
  expect((await authenticate(credentials)).__typename).toBe('AuthenticateDeviceSuccess');
});

test.each([
  [{ deviceNumber: 'TWICE' }, 'DeviceNumberTakenError'],
  [{ serialNumber: 'SERIAL-TWICE' }, 'SerialNumberTakenError'],
  [{ tags: ['No Blanks'] }, 'ValidationError'],
  [{ tags: Array.from({ length: 21 }, (_, at) => `tag-${at}`) }, 'ValidationError'],
  [{ name: ' ' }, 'ValidationError'],
  [{ ownerId: encodeGlobalId('User', newId()) }, 'NotFoundError'],
  [{ resourceId: encodeGlobalId('Resource', newId()) }, 'NotFoundError'],
  [{ groupIds: [encodeGlobalId('DeviceGroup', newId())] }, 'NotFoundError'],
])('registering with %o gives %s, and leaves nothing behind', async (input, error) => {
  if ('deviceNumber' in input || 'serialNumber' in input) await register(input);
  const all = async () => (await http(LIST, { token: admin })).data.devices.totalCount;
  const before = await all();
  const particulars = {
    deviceNumber: `R-${newId().slice(-8)}`,
    serialNumber: newId(),
    kind: 'GATE',
    name: 'Gate',
  };
  const answer = await http(REGISTER, { token: admin, input: { ...particulars, ...input } });
  expect(answer.data.registerDevice.__typename).toBe(error);
  expect(await all()).toBe(before);
});

test('devices are found by kind, status, tag, group, what is booked with them, and by words', async () => {
  const resource = await aResource(runWork, { venueId });
  const resourceId = encodeGlobalId('Resource', resource.id);
  const { device: board } = await register({
    kind: 'LAB_BOARD',
    name: 'Bench 7, left',
    tags: ['fpga'],
    resourceId,
  });
  const { device: gate } = await register({ kind: 'GATE', name: 'North gate' });
  const input = { name: `Lab ${newId()}`, deviceIds: [board.id] };
  const { group } = (await http(GROUP, { token: admin, input })).data.createDeviceGroup;
  expect(group).toMatchObject({ name: input.name, devices: { nodes: [{ id: board.id }] } });
  await aReport(runWork, { venueId, deviceId: decodeIdOf('Device', gate.id) });
  expect(await list({ kind: 'LAB_BOARD' })).toEqual([board.id]);
  expect(await list({ status: 'ONLINE' })).toEqual([gate.id]);
  expect(await list({ kind: 'LAB_BOARD', status: 'OFFLINE' })).toEqual([board.id]);
  expect(await list({ tag: 'fpga' })).toEqual([board.id]);
  expect(await list({ groupId: group.id })).toEqual([board.id]);
  expect(await list({ resourceId })).toEqual([board.id]);
  expect(await list({ search: 'bENCH 7' })).toEqual([board.id]);
  expect(await list({ search: gate.serialNumber.toUpperCase() })).toEqual([gate.id]);
  expect(await list({ search: '%' })).toEqual([]);
  expect((await http(GROUP, { token: admin, input })).data.createDeviceGroup).toEqual({
    __typename: 'DeviceGroupNameTakenError',
    code: 'API_001',
  });
});

test('who changes what somebody else has changed is told, and what is left out stays', async () => {
  const { device } = await register({ tags: ['a'] });
  const change = { deviceId: device.id, expectedVersion: 1, name: 'Renamed', tags: ['b', 'a'] };
  expect(await update(change)).toMatchObject({
    pairingCode: null,
    device: { name: 'Renamed', tags: ['a', 'b'], version: 2, timeZone: null },
  });
  expect(await update(change)).toMatchObject({ __typename: 'VersionConflictError', currentVersion: 2 });
  const outcomes = await Promise.all(
    ['one', 'two', 'three'].map((name) => update({ deviceId: device.id, expectedVersion: 2, name })),
  );
  const names = outcomes.map(({ __typename }) => __typename).sort();
  expect(names).toEqual(['UpdateDeviceSuccess', 'VersionConflictError', 'VersionConflictError']);
  expect((await update({ deviceId: device.id, expectedVersion: 3 })).device).toMatchObject({
    tags: ['a', 'b'],
  });
});

test('with a new pairing code the session of the device is over, and the old code worth nothing', async () => {
  const { device, credentials } = await register();
  const { accessToken } = await authenticate(credentials);
  const socket = await open(accessToken);
  const answer = await update({ deviceId: device.id, expectedVersion: 1, newPairingCode: true });
  noteSecrets(answer);
  expect((await socket.closed()).code).toBe(4493);
  expect(await authenticate(credentials)).toEqual({ __typename: 'DeviceCredentialsError', code: 'AUTH_001' });
  const renewed = await authenticate({ ...credentials, pairingCode: answer.pairingCode });
  expect(renewed.__typename).toBe('AuthenticateDeviceSuccess');
});

test('a device that is removed is out at once, does nothing any more, and gives its number to another', async () => {
  const { device, credentials } = await register();
  const deviceId = decodeIdOf('Device', device.id);
  const { accessToken } = await authenticate(credentials);
  const socket = await open(accessToken);
  await aReport(runWork, { venueId, deviceId });
  const command = await aDeviceCommand(runWork, { venueId, deviceId });
  const input = { deviceId: device.id };
  const { device: removed } = (await http(REMOVE, { token: admin, input })).data.removeDevice;
  expect(removed).toMatchObject({ status: 'OFFLINE', removedAt: expect.any(String), version: 2 });
  expect((await socket.closed()).code).toBe(4493);
  expect((await authenticate(credentials)).code).toBe('AUTH_001');
  expect((await http(REMOVE, { token: admin, input })).data.removeDevice.code).toBe('API_002');
  expect(await list({ search: device.deviceNumber })).toEqual([]);
  const seen = await http(
    `query ($id: ID!) { device(id: $id) { removedAt commands { nodes { id state } } } }`,
    {
      token: admin,
      variables: { id: device.id },
    },
  );
  expect(seen.data.device).toEqual({
    removedAt: removed.removedAt,
    commands: { nodes: [{ id: encodeGlobalId('DeviceCommand', command.id), state: 'EXPIRED' }] },
  });
  const { device: next, credentials: nextCredentials } = await register({
    deviceNumber: device.deviceNumber,
    serialNumber: device.serialNumber,
  });
  expect(next.id).not.toBe(device.id);
  expect((await authenticate(nextCredentials)).__typename).toBe('AuthenticateDeviceSuccess');
  expect((await authenticate(credentials)).code).toBe('AUTH_001');
});

test('a person sees his own device and no other, and follows its channel until it is his no more', async () => {
  const [anna, bert] = [await somebody(), await somebody()];
  const { device } = await register({ ownerId: anna.globalId });
  const look = (token: string) => http(SEEN, { token, variables: { id: device.id } });
  expect((await look(anna.token)).data).toMatchObject({
    device: { id: device.id, owner: { id: anna.globalId } },
    devices: { nodes: [{ id: device.id }] },
  });
  const hidden = await look(bert.token);
  expect(hidden).toMatchObject({ data: { device: null, devices: { nodes: [] } } });
  expect(hidden.errors[0].extensions.code).toBe('API_002');

  const names = [`device:${device.id}`];
  const his = await open(bert.token);
  his.subscribe('1', MESSAGES, { names });
  expect((await his.message('1', 'error')).payload[0].extensions.code).toBe('WS_007');
  const hers = await open(anna.token);
  hers.subscribe('1', MESSAGES, { names });
  await hers.roundTrip();
  const say = (type: string) =>
    http(`mutation ($input: BroadcastInput!) { broadcast(input: $input) { __typename } }`, {
      token: admin,
      input: { type, deviceId: device.id },
    });
  await eventually(async () => {
    await say('hello');
    return hers.messages.some(({ type }) => type === 'next');
  });
  expect(hers.messages.find(({ type }) => type === 'next')?.payload.data.channels).toMatchObject({
    channel: names[0],
    type: 'hello',
  });

  expect(
    (await update({ deviceId: device.id, expectedVersion: 1, ownerId: bert.globalId })).device.owner,
  ).toEqual({
    id: bert.globalId,
  });
  expect((await hers.message('1', 'error')).payload[0].extensions.code).toBe('WS_007');
  expect((await look(anna.token)).data.device).toBeNull();
  expect((await look(bert.token)).data.device.id).toBe(device.id);
});

test('who deletes his account leaves his device to the venue', async () => {
  const { token, globalId } = await somebody();
  const { device } = await register({ ownerId: globalId });
  const answer = await http(
    'mutation ($input: DeleteMyAccountInput!) { deleteMyAccount(input: $input) { __typename } }',
    { token, input: { password: 'a tractor hums at noon' } },
  );
  expect(answer.data.deleteMyAccount.__typename).toBe('DeleteMyAccountSuccess');
  const row = await db
    .selectFrom('device')
    .select(['owner_id', 'version', 'status'])
    .where('id', '=', decodeIdOf('Device', device.id))
    .executeTakeFirst();
  expect(row).toEqual({ owner_id: null, version: 2, status: 'ACTIVE' });
});
