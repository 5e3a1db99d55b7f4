import { expect, test } from 'vitest';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf } from '../support/transports.ts';

/** A line is taken off the floor while the process that drives it runs. */

const floor = await aFloorApp({ machines: 1 });
await floor.online();
const [machineId = ''] = floor.machineIds;
const WAIT = { deadlineMs: 60_000 };

const LINE = 'line { id name port version state cause removedAt driver { name } machines { id } }';
const MACHINE = 'machine { id registrationVersion }';
const mutation =
  (name: string, success: string, errors = '') =>
  async (input: object) => {
    const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
    const { data } = await floor.ask(
      `mutation ($input: ${type}Input!) { ${name}(input: $input) {
      __typename ... on ${type}Success { success ${success} } ... on Error { code } ${errors} } }`,
      { as: 'ADMIN', variables: { input } },
    );
    return data[name];
  };
const configure = mutation('configureSasLine', LINE);
const register = mutation('registerMachine', MACHINE);
const removeMachine = mutation('removeMachine', MACHINE);
const remove = mutation(
  'removeSasLine',
  LINE,
  '... on VersionConflictError { currentVersion } ... on LineInUseError { machineIds }',
);
const discover = mutation('discoverMachines', 'line { id }');

const aWire = (addresses: readonly number[] = [1]) =>
  createSimulatedLine({
    egms: addresses.map((address) => createEgm({ address })),
    transport: { kind: 'TCP', port: 0 },
  });
const lineOf = async (id: string) =>
  (
    await floor.ask(
      'query ($id: ID!) { node(id: $id) { ... on SasLine { name state cause removedAt driver { name } machines { connection } discovery { state } discoveredAddresses { address } } } }',
      { variables: { id } },
    )
  ).data.node;
const isOnline = (id: string) =>
  eventually(async () => (await lineOf(id)).machines[0]?.connection === 'ONLINE', WAIT);

test('a driven line is removed once it has no machines, its port is let go, and another line takes name, port and machine', async () => {
  await using wire = await aWire();
  const settings = { name: 'Hall', port: wire.address, wakeupMode: 'MARKED' };
  const { line } = await configure(settings);
  const { machine } = await register({ lineId: line.id, address: 1, name: 'one' });
  await isOnline(line.id);
  wire.egms[0]?.openDoor();
  const doors = async () =>
    (
      await floor.ask(
        'query ($ids: [ID!]) { machineEvents(machineIds: $ids, types: [SLOT_DOOR_OPENED]) { nodes { machine { name line { id } } } } }',
        { variables: { ids: [machine.id] } },
      )
    ).data.machineEvents.nodes;
  await eventually(async () => (await doors()).length > 0, WAIT);

  const input = { lineId: line.id, expectedVersion: 1 };
  expect(await remove(input)).toMatchObject({
    __typename: 'LineInUseError',
    code: 'API_001',
    machineIds: [machine.id],
  });
  await removeMachine({ machineId: machine.id, expectedVersion: 1 });
  expect(await remove({ ...input, expectedVersion: 2 })).toMatchObject({
    code: 'API_003',
    currentVersion: 1,
  });
  const removed = await remove(input);
  expect(removed).toMatchObject({
    success: true,
    line: { id: line.id, version: 2, state: 'DOWN', cause: 'It was removed.', machines: [] },
  });
  expect(removed.line.removedAt).not.toBeNull();
  await eventually(async () => (await lineOf(line.id)).driver === null, WAIT);
  expect(await doors()).toEqual([{ machine: { name: 'one', line: { id: line.id } } }]);

  for (const [answer, name] of [
    [await remove({ ...input, expectedVersion: 2 }), 'removeSasLine'],
    [await configure({ ...input, expectedVersion: 2, name: 'back' }), 'configureSasLine'],
    [await register({ machineId: machine.id, expectedVersion: 2 }), 'registerMachine'],
    [await discover({ lineId: line.id }), 'discoverMachines'],
  ])
    expect(answer, name).toMatchObject({ __typename: 'NotFoundError', code: 'API_002' });

  const next = (await configure(settings)).line;
  expect(next.id).not.toBe(line.id);
  await register({ machineId: machine.id, expectedVersion: 2, lineId: next.id });
  await isOnline(next.id);
  expect(await lineOf(line.id)).toMatchObject({ name: 'Hall', state: 'DOWN', cause: 'It was removed.' });
}, 120_000);

test('what was heard on a line that is removed is forgotten, and a search on it ends', async () => {
  await using wire = await aWire([1, 2]);
  const { line } = await configure({ name: 'Strangers', port: wire.address, wakeupMode: 'MARKED' });
  await eventually(async () => (await lineOf(line.id)).discoveredAddresses.length === 2, WAIT);
  expect(await discover({ lineId: line.id })).toMatchObject({ success: true });
  await remove({ lineId: line.id, expectedVersion: 1 });
  await eventually(async () => (await lineOf(line.id)).driver === null, WAIT);
  expect(await lineOf(line.id)).toMatchObject({ discovery: null, discoveredAddresses: [] });
});

test('systemStatus, sasLines and the log tell at once, and the other lines go on', async () => {
  const after = await floor.cursor();
  const status = floor.follow('subscription { systemStatus { lines { name } health { checks { name } } } }');
  const names = ({ systemStatus }: { systemStatus: { lines: { name: string }[] } }) =>
    systemStatus.lines.map(({ name }) => name);
  const { line } = await configure({
    name: 'Nobody’s',
    port: '/dev/nobody',
    wakeupMode: 'PARITY',
    drivenBy: 'nobody',
  });
  await status.until((frame) => names(frame).includes('Nobody’s'));
  await remove({ lineId: line.id, expectedVersion: 1 });
  const frame = await status.until((each) => !names(each).includes('Nobody’s'));
  expect(JSON.stringify(frame)).not.toContain('Nobody’s');
  await status.end();

  const events = floor.follow(
    'subscription ($after: Cursor) { events(after: $after, types: ["machine.line-removed"]) { payload actor { kind } } }',
    { variables: { after }, as: 'AUDITOR' },
  );
  expect((await events.next()).events).toEqual({ payload: { lineId: line.id }, actor: { kind: 'USER' } });
  await events.end();
  const { data } = await floor.ask('{ sasLines { name state machines { id connection } } }');
  expect(data.sasLines).toContainEqual({
    name: expect.any(String),
    state: 'UP',
    machines: [{ id: machineId, connection: 'ONLINE' }],
  });
  expect(JSON.stringify(data)).not.toContain('Nobody’s');
});

test('only an ADMIN of the venue removes a line; what is another venue’s is not found', async () => {
  const { line } = await configure({ name: 'Kept', port: '/dev/kept', wakeupMode: 'PARITY' });
  const query = `mutation ($input: RemoveSasLineInput!) { removeSasLine(input: $input) { ... on Error { code } } }`;
  const input = { lineId: line.id, expectedVersion: 1 };
  for (const role of ['OPERATOR', 'AUDITOR', 'PARTNER', 'PLAYER'] as const)
    expect(refusalOf(await floor.ask(query, { as: role, variables: { input } }))).toBe('AUTH_004');
  const foreign = await floor.ask(query, { as: 'FOREIGN_ADMIN', variables: { input } });
  expect(foreign.data.removeSasLine.code).toBe('API_002');
  expect((await lineOf(line.id)).removedAt).toBeNull();
});
