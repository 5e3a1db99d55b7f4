import { expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { parseProfiles } from '../../src/sas/host/machine-profile.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { DEFAULT_SETTINGS } from '../../src/sas/simulator/machine-settings.ts';
import { createPowerSwitch } from '../../src/sas/simulator/power-switch.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

/** A technician finds the machines of a line instead of typing their addresses. */

const floor = await aFloorApp({
  machines: 1,
  settings: {
    driver: {
      name: 'box-1',
      drives: ['main'],
      profiles: parseProfiles('{ "wheel": { "suggestFor": [{ "serialNumber": "WH-*" }] } }'),
      leaseMs: 15_000,
      renewalMs: 3_000,
      clockDriftMs: null,
    },
  },
});
await floor.online();
/** Where nobody is given long to begin. */
const hasty = await aFloorApp({ machines: 1, settings: { commandTimeoutMs: 1_000 } });
const { transports } = transportsTo(floor);
const WAIT = { deadlineMs: 60_000 };

const LINE = `line {
  id name state
  discovery { state progress fromAddress toAddress requestedAt startedAt finishedAt }
  discoveredAddresses {
    address firstHeardAt lastHeardAt answeredAt missedAt sasVersion serialNumber gameId additionalId paytableId
    denomination { amount } suggestedProfile knownMachine { id name status }
  }
}`;
const ERROR = '... on Error { code message }';
const DISCOVER = `mutation ($input: DiscoverMachinesInput!) {
  discoverMachines(input: $input) {
    __typename ... on DiscoverMachinesSuccess { success ${LINE} } ${ERROR}
    ... on LineUnavailableError { lineId cause retryable }
  }
}`;
const CONFIGURE = `mutation ($input: ConfigureSasLineInput!) {
  configureSasLine(input: $input) { ... on ConfigureSasLineSuccess { line { id } } ${ERROR} } }`;
const REGISTER = `mutation ($input: RegisterMachineInput!) {
  registerMachine(input: $input) { ... on RegisterMachineSuccess { machine { id registrationVersion } } ${ERROR} } }`;
const REMOVE = `mutation ($input: RemoveMachineInput!) {
  removeMachine(input: $input) { __typename ${ERROR} } }`;
const FOLLOW = `subscription ($after: Cursor) {
  events(after: $after, types: ["machine.discovery-requested", "machine.discovery-started",
    "machine.discovery-progressed", "machine.discovery-finished", "machine.address-discovered"]) { type payload } }`;

const as = (query: string, field: string) => async (input: object) =>
  (await floor.ask(query, { as: 'ADMIN', variables: { input } })).data[field];
const configure = as(CONFIGURE, 'configureSasLine');
const discover = as(DISCOVER, 'discoverMachines');
const register = as(REGISTER, 'registerMachine');
const remove = as(REMOVE, 'removeMachine');

/** The line as everybody sees it who may see machines. */
async function lineNow(id: string) {
  const { data } = await floor.ask(
    `query ($id: ID!) { node(id: $id) { ... on SasLine { ${LINE.slice(7, -1)} } } }`,
    {
      as: 'AUDITOR',
      variables: { id },
    },
  );
  return data.node;
}
const addressesOf = async (id: string): Promise<readonly number[]> =>
  (await lineNow(id)).discoveredAddresses.map(({ address }: { address: number }) => address);

const byAddress = (one: Record<string, unknown>, other: Record<string, unknown>) =>
  Number(one.address) - Number(other.address);

let count = 0;

/** A line that is driven, with machines whose power can be cut at its other end, none of which is registered. */
async function aHall(addresses: readonly number[]) {
  count += 1;
  const hall = count;
  const switches = addresses.map((address) =>
    createPowerSwitch({
      address,
      settings: { ...DEFAULT_SETTINGS, serialNumber: `WH-${hall}-${address}` },
    }),
  );
  const wire = await createSimulatedLine({ egms: switches, transport: { kind: 'TCP', port: 0 } });
  const { line } = await configure({ name: `Hall ${hall}`, port: wire.address, wakeupMode: 'MARKED' });
  return {
    id: line.id as string,
    serial: (address: number) => `WH-${hall}-${address}`,
    switchOf: (address: number) => switches.find((each) => each.address === address),
    async [Symbol.asyncDispose]() {
      await wire[Symbol.asyncDispose]();
      for (const each of switches) each[Symbol.dispose]();
    },
  };
}

const isFinished = async (id: string) => (await lineNow(id)).discovery?.state === 'FINISHED';

/** Has the line searched, and waits until that is done. */
async function search(lineId: string, range: { fromAddress: number; toAddress: number }) {
  expect((await discover({ lineId, ...range })).success).toBe(true);
  await eventually(() => isFinished(lineId), WAIT);
}

test('machines of a line on which none is registered are listed, for they say that they hear no host', async () => {
  await using hall = await aHall([7, 9]);
  await eventually(async () => (await addressesOf(hall.id)).join() === '7,9', WAIT);
  const { discovery, discoveredAddresses } = await lineNow(hall.id);
  expect(discovery).toBeNull();
  expect(discoveredAddresses[0]).toMatchObject({
    address: 7,
    answeredAt: null,
    missedAt: null,
    serialNumber: null,
  });
});

test.each(transports)(
  'over %s, machines are looked for, listed with what they say of themselves, and one is registered and polled',
  async (_name, ask) => {
    await using hall = await aHall([1, 2, 3]);
    const token = await floor.token('ADMIN');
    const after = await floor.cursor();
    const input = { lineId: hall.id, fromAddress: 1, toAddress: 4 };
    const events = floor.follow(FOLLOW, { as: 'AUDITOR', variables: { after } });
    const begun = (await ask(DISCOVER, { token, input })).data.discoverMachines;
    expect(begun).toMatchObject({
      success: true,
      line: { id: hall.id, discovery: { fromAddress: 1, toAddress: 4 } },
    });
    expect(begun.line.discovery.startedAt).not.toBeNull();

    await eventually(() => isFinished(hall.id), WAIT);
    const told: { type: string; payload: Record<string, unknown> }[] = [];
    while (told.at(-1)?.type !== 'machine.discovery-finished') {
      const { events: event } = await events.next();
      if (event.payload.lineId === hall.id) told.push(event);
    }
    await events.end();
    const range = { lineId: hall.id, fromAddress: 1, toAddress: 4 };
    expect(told.filter(({ type }) => /requested|started|finished/.test(type))).toEqual([
      { type: 'machine.discovery-requested', payload: range },
      { type: 'machine.discovery-started', payload: range },
      { type: 'machine.discovery-finished', payload: { ...range, found: [1, 2, 3], missed: [] } },
    ]);
    const progress = told.filter(({ type }) => type === 'machine.discovery-progressed');
    expect(progress.length).toBeGreaterThan(0);
    for (const { payload } of progress) expect(payload.total).toBe(8);
    const identified = told.filter(
      ({ type, payload }) => type === 'machine.address-discovered' && payload.serialNumber,
    );
    expect(identified.map(({ payload }) => payload).sort(byAddress)).toEqual(
      [1, 2, 3].map((address) =>
        expect.objectContaining({
          address,
          by: 'SCAN',
          sasVersion: '602',
          serialNumber: hall.serial(address),
        }),
      ),
    );

    const found = await lineNow(hall.id);
    expect(found.discovery).toMatchObject({ state: 'FINISHED', progress: 1 });
    expect(found.discoveredAddresses).toHaveLength(3);
    expect(found.discoveredAddresses[1]).toMatchObject({
      address: 2,
      sasVersion: '602',
      serialNumber: hall.serial(2),
      gameId: DEFAULT_SETTINGS.gameId,
      suggestedProfile: 'wheel',
      knownMachine: null,
      missedAt: null,
    });
    expect(found.discoveredAddresses[1].answeredAt).not.toBeNull();

    const registered = await ask(REGISTER, {
      token,
      input: { lineId: hall.id, address: 2, name: `Wheel ${hall.id}`, profile: 'wheel' },
    });
    const { id } = registered.data.registerMachine.machine;
    expect(await addressesOf(hall.id)).toEqual([1, 3]);
    hall.switchOf(2)?.egm?.openDoor();
    await eventually(async () => {
      const { data } = await floor.ask(
        `query ($id: ID!) { machine(id: $id) { connection serialNumber meters { values { code } } events { nodes { type } } } }`,
        { variables: { id } },
      );
      const { connection, serialNumber, meters, events: said } = data.machine;
      const types = said.nodes.map(({ type }: { type: string }) => type);
      return (
        connection === 'ONLINE' &&
        serialNumber === hall.serial(2) &&
        meters?.values.length > 0 &&
        types.includes('SLOT_DOOR_OPENED')
      );
    }, WAIT);
    expect(await addressesOf(hall.id)).toEqual([1, 3]);
    const status = floor.follow('subscription { systemStatus { health { checks { name status } } } }');
    const { systemStatus } = await status.next();
    expect(systemStatus.health.checks).toContainEqual({
      name: `sas-line:${found.name}`,
      status: 'HEALTHY',
    });
    await status.end();
  },
  120_000,
);

test('two who look at once get one search, and a registration meanwhile does not end it', async () => {
  await using hall = await aHall([1, 3]);
  const after = await floor.cursor();
  const range = { fromAddress: 1, toAddress: 3 };
  const answers = await Promise.all([
    discover({ lineId: hall.id, ...range }),
    discover({ lineId: hall.id, ...range }),
  ]);
  expect(answers.map(({ __typename }) => __typename)).toEqual([
    'DiscoverMachinesSuccess',
    'DiscoverMachinesSuccess',
  ]);
  const [one, two] = answers.map(({ line }) => line.discovery.requestedAt);
  expect(one).toBe(two);
  await eventually(async () => (await addressesOf(hall.id)).includes(1), WAIT);
  // Its line is driven anew.
  await register({ lineId: hall.id, address: 1, name: 'Early' });
  await eventually(() => isFinished(hall.id), WAIT);
  expect(await addressesOf(hall.id)).toEqual([3]);
  const types = ['machine.discovery-started', 'machine.discovery-finished'];
  const { data } = await floor.ask(
    'query ($after: Cursor, $types: [String!]) { events(after: $after, types: $types, first: 100) { nodes { type } } }',
    { variables: { after, types } },
  );
  expect(data.events.nodes.map(({ type }: { type: string }) => type)).toEqual(types);
}, 120_000);

test('a machine that was there before is known by its serial number, and keeps what it had', async () => {
  await using hall = await aHall([1, 2]);
  const { machine } = await register({ lineId: hall.id, address: 1, name: 'Moved' });
  const serialNumber = async () =>
    (
      await floor.ask('query ($id: ID!) { machine(id: $id) { serialNumber } }', {
        variables: { id: machine.id },
      })
    ).data.machine.serialNumber;
  await eventually(async () => (await serialNumber()) === hall.serial(1), WAIT);
  await remove({ machineId: machine.id, expectedVersion: 1 });
  await search(hall.id, { fromAddress: 1, toAddress: 2 });
  expect((await lineNow(hall.id)).discoveredAddresses).toMatchObject([
    { address: 1, knownMachine: { id: machine.id, name: 'Moved', status: 'REMOVED' } },
    { address: 2, knownMachine: null },
  ]);
  const back = await register({ machineId: machine.id, expectedVersion: 2, lineId: hall.id, address: 1 });
  expect(back.machine.id).toBe(machine.id);
  expect(await addressesOf(hall.id)).toEqual([2]);
}, 120_000);

test('an address that answers no more is marked by one search and forgotten by the next', async () => {
  await using hall = await aHall([1, 2]);
  const range = { fromAddress: 1, toAddress: 2 };
  await search(hall.id, range);
  hall.switchOf(2)?.cutPower();
  await search(hall.id, range);
  const [first, second] = (await lineNow(hall.id)).discoveredAddresses;
  expect(first).toMatchObject({ address: 1, missedAt: null });
  expect(second).toMatchObject({ address: 2, serialNumber: hall.serial(2), missedAt: expect.any(String) });
  await search(hall.id, range);
  expect(await addressesOf(hall.id)).toEqual([1]);
}, 120_000);

test('a line that is down is answered with SAS_001', async () => {
  const away = await configure({ name: 'Away', port: '/nowhere/at-all', wakeupMode: 'MARKED' });
  await eventually(async () => (await lineNow(away.line.id)).state === 'DOWN', WAIT);
  expect(await discover({ lineId: away.line.id })).toMatchObject({
    __typename: 'LineUnavailableError',
    code: 'SAS_001',
    lineId: away.line.id,
    retryable: true,
    cause: expect.stringMatching(/nowhere/),
  });
});

test('so is one that nobody drives, once there was time enough to begin', async () => {
  const ask = async (query: string, input: object) =>
    (await hasty.ask(query, { as: 'ADMIN', variables: { input } })).data;
  const orphan = { name: 'Orphan', port: '/nowhere/else', wakeupMode: 'MARKED', drivenBy: 'another-box' };
  const { id: lineId } = (await ask(CONFIGURE, orphan)).configureSasLine.line;
  expect((await ask(DISCOVER, { lineId })).discoverMachines).toMatchObject({
    __typename: 'LineUnavailableError',
    code: 'SAS_001',
    cause: null,
  });
  // What nobody began in time is not begun later.
  const { data } = await hasty.ask('{ sasLines { id discovery { state } } }');
  expect(data.sasLines).toContainEqual({ id: lineId, discovery: null });
});

test.each([[{ fromAddress: 0 }], [{ toAddress: 128 }], [{ fromAddress: 5, toAddress: 4 }]])(
  '%j is no range of addresses',
  async (range) => {
    const { data } = await floor.ask('{ sasLines { id } }');
    expect(await discover({ lineId: data.sasLines[0].id, ...range })).toMatchObject({
      __typename: 'ValidationError',
      code: 'API_001',
    });
  },
);

test('only an ADMIN of the venue has machines looked for; what is another venue’s is not found', async () => {
  const { data } = await floor.ask('{ sasLines { id } }');
  const input = { lineId: data.sasLines[0].id };
  for (const role of ['OPERATOR', 'AUDITOR', 'PARTNER', 'PLAYER'] as const)
    expect(refusalOf(await floor.ask(DISCOVER, { as: role, variables: { input } }))).toBe('AUTH_004');
  const foreign = await floor.ask(DISCOVER, { as: 'FOREIGN_ADMIN', variables: { input } });
  expect(foreign.data.discoverMachines.code).toBe('API_002');
  expect((await discover({ lineId: encodeGlobalId('SasLine', newId()) })).code).toBe('API_002');
});
