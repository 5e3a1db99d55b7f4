import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { aBookingNow, aResource, DESK } from '../support/booking.ts';
import { aDevice } from '../support/builders.ts';
import { eventually } from '../support/deadline.ts';
import { aSignedInDevice } from '../support/device.ts';
import { aDeployment, aFirmware } from '../support/firmware.ts';
import { announcing, put, stage } from '../support/uploads.ts';

/** Firmware on its way, through the API: from the file to the device that runs it. */

const floor = await aFloorApp({ machines: 0 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const BYTES = Buffer.from('\x7fELF blinks twice');
const FIRMWARE_FILE = {
  purpose: 'FIRMWARE',
  fileName: 'blink.bin',
  contentType: 'application/octet-stream',
} as const;

const UPLOAD = `mutation ($input: UploadFirmwareInput!) { uploadFirmware(input: $input) { __typename
  ... on UploadFirmwareSuccess { firmware { id version sha256 byteSize deviceKind device { id } } }
  ... on Error { code message } } }`;
const DEPLOY = `mutation ($input: DeployFirmwareInput!) { deployFirmware(input: $input) { __typename
  ... on DeployFirmwareSuccess { deployment { id state } } ... on Error { code message } } }`;
const REPORT = `mutation ($input: ReportFirmwareProgressInput!) { reportFirmwareProgress(input: $input) { __typename
  ... on ReportFirmwareProgressSuccess { update { state failure deployment { state } } } ... on Error { code } } }`;
const OFFERED = `query ($id: ID!) { device(id: $id) { firmware { current offered {
  state deployment { id updates { totalCount } } firmware: deployment { firmware { version sha256 url } } } } } }`;

async function aFile(as: 'ADMIN' | 'PLAYER'): Promise<string> {
  const staged = await stage(floor, announcing(BYTES, FIRMWARE_FILE), as);
  expect(staged.__typename).toBe('StageUploadSuccess');
  expect((await put(staged.url, BYTES)).status).toBe(201);
  return staged.uploadToken;
}

async function upload(as: 'ADMIN' | 'OPERATOR' | 'PLAYER', input: object) {
  const { data, errors } = await floor.ask(UPLOAD, { as, variables: { input } });
  return data?.uploadFirmware ?? errors?.[0]?.extensions;
}
async function deploy(as: 'ADMIN' | 'OPERATOR' | 'PLAYER', input: object) {
  const { data, errors } = await floor.ask(DEPLOY, { as, variables: { input } });
  return data?.deployFirmware ?? errors?.[0]?.extensions;
}

test('an ADMIN uploads firmware for a board, deploys it, and the board fetches, verifies and runs it', async () => {
  const board = await aSignedInDevice(floor, 'LAB_BOARD');
  const id = encodeGlobalId('Device', board.id);
  const input = {
    uploadToken: await aFile('ADMIN'),
    name: 'Blink',
    version: '1.4.0',
    deviceKind: 'LAB_BOARD',
  };
  const { firmware } = await upload('ADMIN', input);
  expect(firmware).toMatchObject({ version: '1.4.0', byteSize: String(BYTES.length), device: null });
  const { deployment } = await deploy('ADMIN', { firmwareId: firmware.id, deviceIds: [id] });
  expect(deployment.state).toBe('RUNNING');

  const { data } = await board.ask(OFFERED, { id });
  const { offered } = data.device.firmware;
  expect(offered).toMatchObject({
    state: 'OFFERED',
    deployment: { id: deployment.id, updates: { totalCount: 1 } },
    firmware: { firmware: { version: '1.4.0', sha256: firmware.sha256 } },
  });
  const fetched = await fetch(offered.firmware.firmware.url);
  expect(fetched.headers.get('content-disposition')).toMatch(/^attachment;/);
  expect(Buffer.from(await fetched.arrayBuffer())).toEqual(BYTES);

  const report = async (state: string, given: object = {}) => {
    const answer = await board.ask(REPORT, { input: { deploymentId: deployment.id, state, ...given } });
    return answer.data.reportFirmwareProgress;
  };
  expect(await report('VERIFYING', { sha256: firmware.sha256 })).toMatchObject({
    update: { state: 'VERIFYING', deployment: { state: 'RUNNING' } },
  });
  expect(await report('UP_TO_DATE')).toMatchObject({
    update: { state: 'UP_TO_DATE', deployment: { state: 'FINISHED' } },
  });
  expect(await report('FAILED', { failure: 'OTHER' })).toEqual({
    __typename: 'UpdateEndedError',
    code: 'API_001',
  });
  const after = await board.ask(OFFERED, { id });
  expect(after.data.device.firmware.offered).toBe(null);
});

test('who sees to devices finds firmware and deployments again, the newest first', async () => {
  const { id: deviceId } = await aDevice(runWork, { venueId, kind: 'SENSOR' });
  const [older, newer] = [
    await aFirmware(runWork, { venueId, deviceKind: 'SENSOR' }),
    await aFirmware(runWork, { venueId, deviceKind: 'SENSOR' }),
  ];
  const { id } = await aDeployment(runWork, { venueId, firmwareId: older.id, deviceIds: [deviceId] });
  const query = `query ($of: ID, $after: String) {
    firmware(deviceKind: SENSOR, first: 1, after: $after) { totalCount nodes { id version } pageInfo { endCursor } }
    all: firmware(deviceKind: LAB_BOARD) { nodes { deviceKind } }
    deployments(firmwareId: $of) { totalCount nodes { id state firmware { id } } }
    finished: deployments(state: FINISHED, firmwareId: $of) { totalCount } }`;
  const variables = { of: encodeGlobalId('Firmware', older.id) };

  const { data } = await floor.ask(query, { as: 'OPERATOR', variables });
  expect(data.firmware).toMatchObject({
    totalCount: 2,
    nodes: [{ id: encodeGlobalId('Firmware', newer.id), version: newer.version }],
  });
  expect(data.all.nodes.every(({ deviceKind }: { deviceKind: string }) => deviceKind === 'LAB_BOARD')).toBe(
    true,
  );
  expect(data.deployments).toEqual({
    totalCount: 1,
    nodes: [{ id: encodeGlobalId('Deployment', id), state: 'RUNNING', firmware: { id: variables.of } }],
  });
  expect(data.finished.totalCount).toBe(0);
  const next = await floor.ask(query, {
    variables: { ...variables, after: data.firmware.pageInfo.endCursor },
  });
  expect(next.data.firmware.nodes).toEqual([{ id: variables.of, version: older.version }]);

  const foreign = await floor.ask(query, { as: 'FOREIGN_ADMIN', variables });
  expect(foreign.data).toMatchObject({ firmware: { totalCount: 0 }, deployments: { totalCount: 0 } });
  const player = await floor.ask('{ firmware { totalCount } deployments { totalCount } }', { as: 'PLAYER' });
  expect(player.errors?.map(({ extensions }) => extensions.code)).toEqual(['AUTH_004', 'AUTH_004']);
});

test('a file that is not what was announced becomes no firmware', async () => {
  const staged = await stage(floor, announcing(BYTES, { ...FIRMWARE_FILE, sha256: '0'.repeat(64) }), 'ADMIN');
  expect(await put(staged.url, BYTES)).toMatchObject({ status: 422 });
  const input = { uploadToken: staged.uploadToken, name: 'Blink', version: '9', deviceKind: 'LAB_BOARD' };
  expect(await upload('ADMIN', input)).toMatchObject({ __typename: 'UploadRejectedError', code: 'API_041' });
});

test('a player who has a board now gives it firmware, and nobody without it does', async () => {
  const resource = await aResource(runWork, { venueId });
  const { data } = await floor.ask('{ viewer { user { id } } }', { as: 'PLAYER' });
  const userId = decodeIdOf('User', data.viewer.user.id);
  const { id, deviceNumber } = await aDevice(runWork, { venueId, kind: 'LAB_BOARD' });
  const deviceId = encodeGlobalId('Device', id);
  const another = await aDevice(runWork, { venueId, kind: 'LAB_BOARD' });
  const link = `mutation ($input: UpdateDeviceInput!) { updateDevice(input: $input) { __typename } }`;
  const linked = await floor.ask(link, {
    as: 'ADMIN',
    variables: {
      input: { deviceId, expectedVersion: 1, resourceId: encodeGlobalId('Resource', resource.id) },
    },
  });
  expect(linked.data.updateDevice.__typename).toBe('UpdateDeviceSuccess');
  const board = `query ($id: ID!) { device(id: $id) { deviceNumber firmware { current } } }`;
  const look = () => floor.ask(board, { as: 'PLAYER', variables: { id: deviceId } });

  expect(await stage(floor, announcing(BYTES, FIRMWARE_FILE), 'PLAYER')).toBeNull();
  expect((await look()).errors?.[0]?.extensions.code).toBe('API_002');

  await aBookingNow(floor, { userId, resourceId: resource.id });
  expect((await look()).data.device).toEqual({ deviceNumber, firmware: { current: null } });
  const media = await stage(floor, announcing(BYTES), 'PLAYER');
  expect(media).toBeNull();
  const particulars = { uploadToken: await aFile('PLAYER'), name: 'Mine', version: '0.1' };
  expect(await upload('PLAYER', { ...particulars, deviceNumber: another.deviceNumber })).toMatchObject({
    code: 'API_002',
  });
  expect(await upload('OPERATOR', { ...particulars, deviceNumber })).toMatchObject({ code: 'API_011' });
  const { firmware } = await upload('PLAYER', { ...particulars, deviceNumber });
  expect(firmware).toMatchObject({ deviceKind: 'LAB_BOARD', device: { id: deviceId } });
  expect(await deploy('OPERATOR', { firmwareId: firmware.id, deviceIds: [deviceId] })).toMatchObject({
    code: 'API_011',
  });
  const begun = await deploy('PLAYER', { firmwareId: firmware.id, deviceIds: [deviceId] });
  expect(begun.deployment.state).toBe('RUNNING');
  expect(await deploy('ADMIN', { firmwareId: firmware.id, deviceIds: [deviceId] })).toMatchObject({
    __typename: 'DeviceUpdatingError',
  });
});

test('somebody else’s firmware and deployment are not found', async () => {
  const board = await aSignedInDevice(floor, 'LAB_BOARD');
  const other = await aSignedInDevice(floor, 'LAB_BOARD');
  const input = {
    uploadToken: await aFile('ADMIN'),
    name: 'Blink',
    version: '2.0.0',
    deviceKind: 'LAB_BOARD',
  };
  const { firmware } = await upload('ADMIN', input);
  const deviceIds = [encodeGlobalId('Device', board.id)];
  const { deployment } = await deploy('ADMIN', { firmwareId: firmware.id, deviceIds });
  const node = `query ($id: ID!) { node(id: $id) { id } }`;
  for (const id of [firmware.id, deployment.id]) {
    const variables = { id };
    expect((await board.ask(node, variables)).data.node).toEqual({ id });
    expect((await other.ask(node, variables)).data.node).toBeNull();
    for (const as of ['FOREIGN_ADMIN', 'PLAYER'] as const)
      expect((await floor.ask(node, { as, variables })).data.node).toBeNull();
  }
  const report = await other.ask(REPORT, { input: { deploymentId: deployment.id, state: 'UP_TO_DATE' } });
  expect(report.data.reportFirmwareProgress).toMatchObject({ __typename: 'NotFoundError', code: 'API_002' });
});

test('the server by itself gives up a device that says nothing of what it was offered', async () => {
  const board = await aSignedInDevice(floor, 'LAB_BOARD');
  const { id: firmwareId } = await aFirmware(runWork, { venueId });
  const { id: deploymentId } = await aDeployment(runWork, { venueId, firmwareId, deviceIds: [board.id] });
  // As if its hour had passed.
  await runWork(DESK, ({ tx, now }) =>
    tx
      .updateTable('firmware_update')
      .set({ due_at: now })
      .where('deployment_id', '=', deploymentId)
      .execute(),
  );
  const query = `query ($id: ID!) { node(id: $id) { ... on Deployment { state updates { edges { node { state failure } } } } } }`;
  const variables = { id: encodeGlobalId('Deployment', deploymentId) };
  const node = await eventually(
    async () => {
      const { data } = await floor.ask(query, { as: 'ADMIN', variables });
      return data.node.state === 'STOPPED' && data.node;
    },
    { deadlineMs: 60_000 },
  );
  expect(node.updates.edges).toEqual([{ node: { state: 'FAILED', failure: 'TIMED_OUT' } }]);
});
