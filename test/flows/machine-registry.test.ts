import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const floor = await aFloorApp({ machines: 2 });
await floor.online();
const { transports } = transportsTo(floor);
const [first = '', second = ''] = floor.machineIds;

const LINE = 'line { id name port wakeupMode version state machines { id } }';
const MACHINE =
  'machine { id name address status connection registrationVersion removedAt line { id } version }';
const ERROR = '... on Error { code } ... on VersionConflictError { currentVersion }';
const CONFIGURE = `mutation ($input: ConfigureSasLineInput!) {
  configureSasLine(input: $input) { __typename ... on ConfigureSasLineSuccess { success ${LINE} } ${ERROR} } }`;
const REGISTER = `mutation ($input: RegisterMachineInput!) {
  registerMachine(input: $input) { __typename ... on RegisterMachineSuccess { success ${MACHINE} } ${ERROR} } }`;
const REMOVE = `mutation ($input: RemoveMachineInput!) {
  removeMachine(input: $input) { __typename ... on RemoveMachineSuccess { success ${MACHINE} } ${ERROR} } }`;

const as = (query: string, field: string) => async (input: object) =>
  (await floor.ask(query, { as: 'ADMIN', variables: { input } })).data[field];
const configure = as(CONFIGURE, 'configureSasLine');
const register = as(REGISTER, 'registerMachine');
const remove = as(REMOVE, 'removeMachine');

let count = 0;
const aLine = async () => {
  count += 1;
  const { line } = await configure({ name: `New ${count}`, port: `nowhere-${count}`, wakeupMode: 'MARKED' });
  return line;
};

test.each(transports)('over %s, a line is added with a machine, and listed', async (name, ask) => {
  const token = await floor.token('ADMIN');
  const own = name === 'HTTP' ? 'north' : 'south';
  const added = await ask(CONFIGURE, {
    token,
    input: { name: ` ${own} `, port: `tcp://gateway-${own}:4001`, wakeupMode: 'MARKED' },
  });
  const { line } = added.data.configureSasLine;
  expect(line).toMatchObject({ name: own, version: 1, state: 'UNKNOWN', machines: [] });
  const registered = await ask(REGISTER, {
    token,
    input: { lineId: line.id, address: 7, name: `${own} seven` },
  });
  expect(registered.data.registerMachine).toMatchObject({
    success: true,
    machine: { name: `${own} seven`, address: 7, status: 'UNKNOWN', registrationVersion: 1, removedAt: null },
  });
  const { data } = await ask('{ sasLines { name machines { name } } machines { nodes { name } } }', {
    token,
  });
  expect(data.sasLines).toContainEqual({ name: own, machines: [{ name: `${own} seven` }] });
  expect(data.machines.nodes).toContainEqual({ name: `${own} seven` });
});

test('whoever follows the log is told which line and which machine', async () => {
  const after = (await floor.ask('{ cursor }')).data.cursor;
  const line = await aLine();
  const { machine } = await register({ lineId: line.id, address: 1, name: 'followed' });
  await remove({ machineId: machine.id, expectedVersion: 1 });
  const events = floor.follow(
    `subscription ($after: Cursor) { events(after: $after,
      types: ["machine.line-configured", "machine.registered", "machine.removed"]) { type actor { kind } payload } }`,
    { variables: { after }, as: 'AUDITOR' },
  );
  const configured = { type: 'machine.line-configured', payload: { lineId: line.id } };
  for (const expected of [
    configured,
    { type: 'machine.registered', payload: { machineId: machine.id, lineId: line.id, address: 1 } },
    configured,
    { type: 'machine.removed', payload: { machineId: machine.id, lineId: line.id } },
    configured,
  ])
    expect((await events.next()).events).toEqual({ ...expected, actor: { kind: 'USER' } });
  await events.end();
});

test.each([
  [{}, 'ValidationError'],
  [{ name: ' ' }, 'ValidationError'],
  [{ port: 'tcp://gateway', wakeupMode: 'MARKED' }, 'ValidationError'],
  [{ port: 'tcp://gateway:0', wakeupMode: 'MARKED' }, 'ValidationError'],
  [{ port: '../secret' }, 'ValidationError'],
  [{ port: '/dev/tty USB0' }, 'ValidationError'],
  [{ port: 'tcp://gateway:4001' }, 'ValidationError'],
  [{ profile: 'My Cabinet' }, 'ValidationError'],
  [{ drivenBy: 'none' }, 'ValidationError'],
  [{ drivenBy: 'Box 1' }, 'ValidationError'],
  [{ name: 'Taken' }, 'LineNameTakenError'],
  [{ port: '/dev/taken' }, 'PortTakenError'],
])('%j makes no line: %s', async (overrides, error) => {
  await configure({ name: 'Taken', port: '/dev/taken', wakeupMode: 'PARITY' });
  const given = Object.keys(overrides).length > 0 ? { name: 'L', port: '/dev/l', wakeupMode: 'PARITY' } : {};
  expect(await configure({ ...given, ...overrides })).toMatchObject({ __typename: error, code: 'API_001' });
});

test.each([
  [{ address: 0 }, 'ValidationError'],
  [{ address: 128 }, 'ValidationError'],
  [{ name: 'a\u0007b' }, 'ValidationError'],
  [{ lineId: null }, 'ValidationError'],
  [{ address: 3 }, 'AddressTakenError'],
  [{ name: 'third' }, 'MachineNameTakenError'],
])('%j registers no machine: %s', async (overrides, error) => {
  const known = await floor.ask('{ sasLines { id name } }');
  const busy = known.data.sasLines.find(({ name }: { name: string }) => name === 'Busy');
  const lineId =
    busy?.id ?? (await configure({ name: 'Busy', port: '/dev/busy', wakeupMode: 'PARITY' })).line.id;
  await register({ lineId, address: 3, name: 'third' });
  expect(await register({ lineId, address: 4, name: 'fourth', ...overrides })).toMatchObject({
    __typename: error,
    code: 'API_001',
  });
});

test('what nobody says of a line stays; of two who change it at once one is told', async () => {
  const { id, name } = await aLine();
  expect(await configure({ lineId: id, name: 'renamed' })).toMatchObject({ code: 'API_001' });
  const answers = await Promise.all(
    ['/dev/one', '/dev/two'].map((port) => configure({ lineId: id, expectedVersion: 1, port })),
  );
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
    'ConfigureSasLineSuccess',
    'VersionConflictError',
  ]);
  expect(answers.find(({ currentVersion }) => currentVersion !== undefined)?.currentVersion).toBe(2);
  const changed = answers.find(({ success }) => success);
  expect(changed?.line).toMatchObject({ name, wakeupMode: 'MARKED', version: 2 });
});

test('a profile is given to a line and to a machine, stays, and is taken away', async () => {
  const { line } = await configure({
    name: 'slow',
    port: '/dev/slow',
    wakeupMode: 'PARITY',
    profile: 'slow-adapter',
  });
  const { machine } = await register({ lineId: line.id, address: 1, name: 'egt', profile: 'egt' });
  const profiles = async () => {
    const { data } = await floor.ask('{ sasLines { name profile machines { profile } } }');
    return data.sasLines.find(({ name }: { name: string }) => name.startsWith('slow'));
  };
  await configure({ lineId: line.id, expectedVersion: 1, name: 'slower' });
  await register({ machineId: machine.id, expectedVersion: 1, name: 'EGT' });
  expect(await profiles()).toEqual({
    name: 'slower',
    profile: 'slow-adapter',
    machines: [{ profile: 'egt' }],
  });
  await configure({ lineId: line.id, expectedVersion: 2, profile: null });
  await register({ machineId: machine.id, expectedVersion: 2, profile: null });
  expect(await profiles()).toEqual({ name: 'slower', profile: null, machines: [{ profile: null }] });
});

test('two computers may each have a port of one name', async () => {
  const port = { port: '/dev/sas0', wakeupMode: 'PARITY' };
  expect((await configure({ ...port, name: 'box 1', drivenBy: 'box-1' })).success).toBe(true);
  expect((await configure({ ...port, name: 'box 2', drivenBy: 'box-2' })).success).toBe(true);
  expect(await configure({ ...port, name: 'box 3', drivenBy: 'box-1' })).toMatchObject({
    __typename: 'PortTakenError',
  });
});

test('of two machines that are registered at one address at once there is one', async () => {
  const { id: lineId } = await aLine();
  const answers = await Promise.all(
    ['left', 'right', 'middle'].map((name) => register({ lineId, address: 5, name })),
  );
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
    'AddressTakenError',
    'AddressTakenError',
    'RegisterMachineSuccess',
  ]);
});

test('a machine that is removed is gone from the lists, and its meters and events are not', async () => {
  const [egm] = floor.egms;
  egm?.insertBill(5n);
  const bills = async () =>
    (
      await floor.ask(
        'query ($ids: [ID!]) { machineEvents(machineIds: $ids, types: [BILL_ACCEPTED_5]) { nodes { machine { name } } } }',
        { variables: { ids: [first] } },
      )
    ).data.machineEvents.nodes;
  await eventually(async () => (await bills()).length === 1);
  await eventually(async () => (await floor.ask('{ meters { machine { id } } }')).data.meters.length === 2);

  const removed = await remove({ machineId: first, expectedVersion: 1 });
  expect(removed.machine).toMatchObject({ status: 'REMOVED', connection: 'OFFLINE', registrationVersion: 2 });
  expect(removed.machine.removedAt).not.toBeNull();
  const { data } = await floor.ask(
    '{ machines { totalCount nodes { id } } meters { machine { id } } sasLines { machines { id } } }',
  );
  const listed = JSON.stringify(data);
  expect(listed).not.toContain(first);
  expect(listed).toContain(second);
  expect(await bills()).toHaveLength(1);
  const meters = await floor.ask('query ($id: ID!) { machine(id: $id) { meters { values { code } } } }', {
    variables: { id: first },
  });
  expect(meters.data.machine.meters.values.length).toBeGreaterThan(0);

  const locked = await floor.ask(
    'mutation ($input: MachineReasonInput!) { lockMachine(input: $input) { ... on Error { code } } }',
    { variables: { input: { machineId: first, reason: 'gone' } } },
  );
  expect(locked.data.lockMachine.code).toBe('SAS_002');
  expect(await remove({ machineId: first, expectedVersion: 2 })).toMatchObject({ code: 'API_002' });
});

test('the place of a machine that is removed is free, and the machine can come back elsewhere', async () => {
  const { id: lineId } = await aLine();
  const { machine } = await register({ lineId, address: 9, name: 'nine' });
  await remove({ machineId: machine.id, expectedVersion: 1 });
  const another = await register({ lineId, address: 9, name: 'nine' });
  expect(another.machine.id).not.toBe(machine.id);
  const again = { machineId: machine.id, expectedVersion: 2 };
  expect(await register(again)).toMatchObject({ code: 'API_001' });
  expect(await register({ ...again, expectedVersion: 1, address: 10, name: 'ten' })).toMatchObject({
    __typename: 'VersionConflictError',
    currentVersion: 2,
  });
  const back = await register({ ...again, address: 10, name: 'ten' });
  expect(back.machine).toMatchObject({
    id: machine.id,
    address: 10,
    status: 'UNKNOWN',
    registrationVersion: 3,
    removedAt: null,
  });
});

test('only an ADMIN of the venue configures it; what is another venue’s is not found', async () => {
  const { id: lineId } = await aLine();
  const calls = [
    [CONFIGURE, 'configureSasLine', { lineId, expectedVersion: 1, name: 'x' }],
    [REGISTER, 'registerMachine', { lineId, address: 1, name: 'x' }],
    [REMOVE, 'removeMachine', { machineId: second, expectedVersion: 1 }],
  ] as const;
  for (const [query, field, input] of calls) {
    for (const role of ['OPERATOR', 'AUDITOR', 'PARTNER', 'PLAYER'] as const)
      expect(refusalOf(await floor.ask(query, { as: role, variables: { input } }))).toBe('AUTH_004');
    const foreign = await floor.ask(query, { as: 'FOREIGN_ADMIN', variables: { input } });
    expect(foreign.data[field].code).toBe('API_002');
  }
  const missing = { lineId: encodeGlobalId('SasLine', newId()), address: 1, name: 'x' };
  expect((await register(missing)).code).toBe('API_002');
});

test('what is configured is driven without a restart: a new line, another port, a machine more or less', async () => {
  const aWire = () =>
    createSimulatedLine({
      egms: [1, 2].map((address) => createEgm({ address })),
      transport: { kind: 'TCP', port: 0 },
    });
  await using wire = await aWire();
  await using another = await aWire();
  const { line } = await configure({ name: 'wired', port: wire.address, wakeupMode: 'MARKED' });
  const connections = async () =>
    (await floor.ask('{ sasLines { name machines { address connection } } }')).data.sasLines
      .find(({ name }: { name: string }) => name === 'wired')
      .machines.map(({ connection }: { connection: string }) => connection)
      .join();
  const WAIT = { deadlineMs: 60_000 };

  const one = await register({ lineId: line.id, address: 1, name: 'wired 1' });
  await eventually(async () => (await connections()) === 'ONLINE', WAIT);
  await register({ lineId: line.id, address: 2, name: 'wired 2' });
  await eventually(async () => (await connections()) === 'ONLINE,ONLINE', WAIT);

  await remove({ machineId: one.machine.id, expectedVersion: 1 });
  await configure({ lineId: line.id, expectedVersion: 1, port: another.address });
  for (const egm of another.egms) egm.openDoor();
  const doors = async () =>
    (await floor.ask('{ machineEvents(types: [SLOT_DOOR_OPENED]) { nodes { machine { name } } } }')).data
      .machineEvents.nodes;
  await eventually(async () => (await doors()).length > 0, WAIT);
  expect(await doors()).toEqual([{ machine: { name: 'wired 2' } }]);
  const [removed] = another.egms;
  expect(removed?.state().queuedExceptions.length).toBeGreaterThan(0);
});
