import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice, type SignedInDevice } from '../support/device.ts';

/** Devices that come and go, as who looks after them sees it. They report every two seconds here. */

const HEARTBEAT_MS = 2_000;
const floor = await aFloorApp({ machines: 0, settings: { deviceHeartbeatMs: HEARTBEAT_MS } });
const REPORT = `mutation ($input: ReportDeviceStatusInput!) { reportDeviceStatus(input: $input) { __typename
  ... on ReportDeviceStatusSuccess { heartbeatSeconds device { status lastSeenAt
    health { uptime freeBytes temperatureCelsius softwareVersion firmwareVersion message } } }
  ... on Error { code } } }`;
const WATCH = `subscription ($deviceIds: [ID!], $after: Cursor) { deviceStatus(deviceIds: $deviceIds, after: $after) {
  cursor deviceId device { name } status previousStatus lastSeenAt version skipped } }`;
const STATUS = `query ($deviceIds: [ID!]) { deviceStatus(deviceIds: $deviceIds) { cursor deviceId status previousStatus version } }`;
const HISTORY = `query ($id: ID!) { device(id: $id) { status statusSince
  statusHistory { totalCount nodes { status previousStatus changedAt lastSeenAt } } } }`;
const NOTICES = `{ notifications(types: [DEVICE], first: 100) { nodes { message severity data } } }`;

const report = async (device: SignedInDevice, input: object = {}) =>
  (await device.ask(REPORT, { input })).data.reportDeviceStatus;
const globalId = ({ id }: { readonly id: string }) => encodeGlobalId('Device', id);
const historyOf = async (device: { readonly id: string }) =>
  (await floor.ask(HISTORY, { variables: { id: globalId(device) } })).data.device;
const isOffline = async (device: { readonly id: string }) => (await historyOf(device)).status === 'OFFLINE';

test('what a device says of itself is shown, and it is told when to report again', async () => {
  const device = await aSignedInDevice(floor, 'SCREEN');
  const health = {
    uptime: 'PT1H',
    freeBytes: '123456789012',
    temperatureCelsius: 41.5,
    softwareVersion: 'player/1.2.3',
    firmwareVersion: 'v9',
    message: 'all is well',
  };
  expect(await report(device, health)).toEqual({
    __typename: 'ReportDeviceStatusSuccess',
    heartbeatSeconds: 2,
    device: { status: 'ONLINE', lastSeenAt: expect.any(String), health },
  });
  // What it does not say any more is not known any more.
  expect((await report(device, { message: 'warm' })).device.health).toMatchObject({
    message: 'warm',
    temperatureCelsius: null,
  });
  expect(await report(device, { temperatureCelsius: 1_000 })).toEqual({
    __typename: 'ValidationError',
    code: 'API_001',
  });
});

test('who watches sees a device come and go, each change once and with what it was before', async () => {
  const device = await aSignedInDevice(floor, 'SENSOR');
  const deviceIds = [globalId(device)];
  const frames = floor.follow(WATCH, { variables: { deviceIds } });
  const { deviceStatus: first } = await frames.next();
  expect(first).toMatchObject({
    deviceId: deviceIds[0],
    status: 'OFFLINE',
    previousStatus: null,
    lastSeenAt: null,
    version: '0',
    cursor: expect.any(String),
  });
  await report(device);
  await report(device);
  const seen = [first];
  while (seen.length < 2 || seen.at(-1).status !== 'OFFLINE') seen.push((await frames.next()).deviceStatus);
  await frames.end();
  expect(seen[1]).toMatchObject({
    status: 'ONLINE',
    lastSeenAt: expect.any(String),
    device: { name: expect.any(String) },
  });
  for (const [at, frame] of seen.slice(1).entries())
    expect(frame).toMatchObject({
      previousStatus: seen[at].status,
      version: String(at + 1),
      skipped: 0,
    });
  const { status, statusHistory } = await historyOf(device);
  expect(status).toBe('OFFLINE');
  expect(statusHistory.totalCount).toBe(seen.length - 1);
  expect(statusHistory.nodes.map((node: { status: string }) => node.status).reverse()).toEqual(
    seen.slice(1).map((frame) => frame.status),
  );
});

test('a query shows the same, and its cursor goes on with what has changed since', async () => {
  const device = await aSignedInDevice(floor, 'GATE');
  const deviceIds = [globalId(device)];
  const { data } = await floor.ask(STATUS, { variables: { deviceIds } });
  expect(data.deviceStatus).toEqual([
    {
      cursor: expect.any(String),
      deviceId: deviceIds[0],
      status: 'OFFLINE',
      previousStatus: null,
      version: '0',
    },
  ]);
  await report(device);
  const frames = floor.follow(WATCH, { variables: { deviceIds, after: data.deviceStatus[0].cursor } });
  expect((await frames.next()).deviceStatus.version).not.toBe('0');
  await frames.end();
});

test.each([
  ['no device', []],
  [
    'more than a hundred',
    Array.from({ length: 101 }, () => globalId({ id: '01a200ce-3cf1-7d1f-a6b4-0c354bf2ae4c' })),
  ],
])('%s cannot be watched', async (_, deviceIds) => {
  const { errors } = await floor.ask(STATUS, { variables: { deviceIds } });
  expect(errors?.[0]?.extensions.code).toBe('API_001');
});

test('who sees to the floor is told of a device that is gone, and not again each time it comes back', async () => {
  const [restless, other] = [await aSignedInDevice(floor, 'SCREEN'), await aSignedInDevice(floor, 'SCREEN')];
  for (const device of [restless, restless, other]) {
    await report(device);
    await eventually(() => isOffline(device));
  }
  const noticesOf = async (device: SignedInDevice) =>
    (await floor.ask(NOTICES)).data.notifications.nodes.filter(
      ({ data }: { data: { deviceId: string; status?: string } }) =>
        data.deviceId === globalId(device) && data.status === 'OFFLINE',
    );
  // They are told in the order in which it happened.
  expect(await eventually(async () => (await noticesOf(other))[0])).toMatchObject({
    severity: 'WARNING',
    message: expect.stringMatching(/ does not report any more\.$/),
    data: { status: 'OFFLINE' },
  });
  expect(await noticesOf(restless)).toHaveLength(1);
});
