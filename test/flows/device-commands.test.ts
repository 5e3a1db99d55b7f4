import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aDevice, anApiKey, aVenue } from '../support/builders.ts';
import { aDeviceCommand, aDeviceGroup, aReport, aSignedInDevice } from '../support/device.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

/** Devices are told to do something, and say what came of it. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { http } = transportsTo(floor);
const operator = await floor.token('OPERATOR');

const COMMAND = `id kind state message result queuedBy { kind id } device { id }
  parameters { percent seconds on name data } expiresAt queuedAt acknowledgedAt finishedAt`;
const SEND = `mutation ($input: SendDeviceCommandInput!) { sendDeviceCommand(input: $input) { __typename
  ... on SendDeviceCommandSuccess { commands { ${COMMAND} } }
  ... on DeviceOfflineError { devices { id } } ... on Error { code message } } }`;
const ACKNOWLEDGE = `mutation ($input: AcknowledgeCommandInput!) { acknowledgeCommand(input: $input) { __typename
  ... on AcknowledgeCommandSuccess { command { ${COMMAND} } }
  ... on CommandEndedError { commandId } ... on Error { code } } }`;
const LIST = `query ($id: ID!, $states: [DeviceCommandState!]) { device(id: $id) {
  commands(states: $states) { totalCount nodes { id state } } } }`;

const globalId = ({ id }: { readonly id: string }) => encodeGlobalId('Device', id);
const send = async (input: object, token = operator) =>
  (await http(SEND, { token, input })).data.sendDeviceCommand;
const newDevice = async () => globalId(await aDevice(runWork, { venueId }));

test('an operator tells a device, the device says what came of it, and both see the same', async () => {
  const device = await aSignedInDevice(floor, 'SCREEN');
  const { commands } = await send({
    deviceIds: [globalId(device)],
    kind: 'SET_VOLUME',
    parameters: { percent: 30 },
    expiresAfter: 'PT10M',
  });
  expect(commands).toEqual([
    {
      id: expect.any(String),
      kind: 'SET_VOLUME',
      state: 'QUEUED',
      message: null,
      result: null,
      queuedBy: { kind: 'USER', id: expect.any(String) },
      device: { id: globalId(device) },
      parameters: { percent: 30, seconds: null, on: null, name: null, data: null },
      expiresAt: expect.any(String),
      queuedAt: expect.any(String),
      acknowledgedAt: null,
      finishedAt: null,
    },
  ]);
  const [command] = commands;
  expect(Date.parse(command.expiresAt) - Date.parse(command.queuedAt)).toBe(600_000);
  const say = async (input: object) =>
    (await device.ask(ACKNOWLEDGE, { input: { commandId: command.id, ...input } })).data.acknowledgeCommand;
  expect((await say({})).command).toMatchObject({ state: 'ACKNOWLEDGED', finishedAt: null });
  const done = await say({ state: 'SUCCEEDED', message: 'quieter', result: { was: 80 } });
  expect(done.command).toMatchObject({
    state: 'SUCCEEDED',
    message: 'quieter',
    result: { was: 80 },
    finishedAt: expect.any(String),
    // A device is not told who is who.
    queuedBy: { kind: 'USER', id: null },
  });
  expect(await say({ state: 'SUCCEEDED', message: 'again' })).toEqual(done);
  expect(await say({ state: 'FAILED' })).toEqual({
    __typename: 'CommandEndedError',
    commandId: command.id,
    code: 'API_001',
  });
  const { data } = await floor.ask(LIST, {
    variables: { id: globalId(device), states: ['SUCCEEDED', 'FAILED'] },
  });
  expect(data.device.commands).toEqual({ totalCount: 1, nodes: [{ id: command.id, state: 'SUCCEEDED' }] });
});

test('each device of a group has a command of its own, the removed ones have none', async () => {
  const ids = await Promise.all(Array.from({ length: 3 }, () => aDevice(runWork, { venueId })));
  const group = await aDeviceGroup(runWork, { venueId, deviceIds: ids.map(({ id }) => id) });
  const [gone] = ids.map(globalId);
  const admin = await floor.token('ADMIN');
  await http('mutation ($input: RemoveDeviceInput!) { removeDevice(input: $input) { __typename } }', {
    token: admin,
    input: { deviceId: gone },
  });
  const groupId = encodeGlobalId('DeviceGroup', group.id);
  const { commands } = await send({ groupId, kind: 'RELOAD' });
  expect(commands.map(({ device }: { device: { id: string } }) => device.id).sort()).toEqual(
    ids.map(globalId).slice(1).sort(),
  );
  const empty = await aDeviceGroup(runWork, { venueId });
  expect(await send({ groupId: encodeGlobalId('DeviceGroup', empty.id), kind: 'RELOAD' })).toMatchObject({
    __typename: 'ValidationError',
  });
});

test('by one key devices are told once, however often and by whatever many it is asked at once', async () => {
  const deviceIds = [await newDevice(), await newDevice()];
  const input = { deviceIds, kind: 'REBOOT', idempotencyKey: newId() };
  const answers = await Promise.all([send(input), send(input), send(input)]);
  for (const { commands } of answers)
    expect(commands.map(({ id }: { id: string }) => id)).toEqual(
      answers[0].commands.map(({ id }: { id: string }) => id),
    );
  for (const id of deviceIds)
    expect((await floor.ask(LIST, { variables: { id } })).data.device.commands.totalCount).toBe(1);
  expect((await send({ ...input, kind: 'RELOAD' })).__typename).toBe('IdempotencyMismatchError');
});

test('what is worth doing only now is sent to nobody when one device is not there', async () => {
  const [here, away] = [await aDevice(runWork, { venueId }), await aDevice(runWork, { venueId })];
  await aReport(runWork, { venueId, deviceId: here.id });
  const input = { kind: 'IDENTIFY', parameters: { seconds: 10 }, requireOnline: true };
  expect(await send({ ...input, deviceIds: [here, away].map(globalId) })).toEqual({
    __typename: 'DeviceOfflineError',
    code: 'API_040',
    message: 'The device is offline.',
    devices: [{ id: globalId(away) }],
  });
  const { data } = await floor.ask(LIST, { variables: { id: globalId(here) } });
  expect(data.device.commands.totalCount).toBe(0);
  expect((await send({ ...input, deviceIds: [globalId(here)] })).commands).toHaveLength(1);
});

test.each([
  [{ kind: 'SET_VOLUME' }, 'ValidationError'],
  [{ kind: 'SET_VOLUME', parameters: { percent: 101 } }, 'ValidationError'],
  [{ kind: 'REBOOT', parameters: { on: true } }, 'ValidationError'],
  [{ kind: 'REBOOT', expiresAfter: 'PT1S' }, 'ValidationError'],
  [{ kind: 'REBOOT', expiresAfter: 'P8D' }, 'ValidationError'],
  [{ kind: 'REBOOT', deviceIds: [] }, 'ValidationError'],
  [{ kind: 'REBOOT', groupId: encodeGlobalId('DeviceGroup', newId()) }, 'ValidationError'],
  [{ kind: 'REBOOT', deviceIds: null }, 'ValidationError'],
  [{ kind: 'REBOOT', deviceIds: [encodeGlobalId('Device', newId())] }, 'NotFoundError'],
  [{ kind: 'REBOOT', deviceIds: null, groupId: encodeGlobalId('DeviceGroup', newId()) }, 'NotFoundError'],
])('telling %o gives %s', async (input, error) => {
  expect((await send({ deviceIds: [await newDevice()], ...input })).__typename).toBe(error);
});

test('a device of another venue says nothing of a command, and its people tell none of ours', async () => {
  const { id, slug } = await aVenue(runWork);
  const stranger = await aSignedInDevice(floor, 'SCREEN', { id, slug });
  const ours = await aDevice(runWork, { venueId });
  const command = await aDeviceCommand(runWork, { venueId, deviceId: ours.id });
  const input = { commandId: encodeGlobalId('DeviceCommand', command.id) };
  const { data } = await stranger.ask(ACKNOWLEDGE, { input });
  expect(data.acknowledgeCommand).toEqual({ __typename: 'NotFoundError', code: 'API_002' });
  const foreign = await floor.token('FOREIGN_ADMIN');
  expect(await send({ deviceIds: [globalId(ours)], kind: 'REBOOT' }, foreign)).toMatchObject({
    code: 'API_002',
  });
});

test('a partner tells devices with DEVICES_CONTROL, and follows what becomes of it with DEVICES_READ', async () => {
  const deviceIds = [await newDevice()];
  const key = async (scopes: ('DEVICES_READ' | 'DEVICES_CONTROL')[]) =>
    (await anApiKey(runWork, { venueId, scopes })).secret;
  const token = await key(['DEVICES_READ', 'DEVICES_CONTROL']);
  expect((await send({ deviceIds, kind: 'RELOAD' }, token)).commands).toHaveLength(1);
  const answer = await http(SEND, {
    token: await key(['DEVICES_READ']),
    input: { deviceIds, kind: 'RELOAD' },
  });
  expect(refusalOf(answer)).toBe('AUTH_004');
  // Without seeing devices nobody learns which there are.
  expect(await send({ deviceIds, kind: 'RELOAD' }, await key(['DEVICES_CONTROL']))).toMatchObject({
    code: 'API_002',
  });
});
