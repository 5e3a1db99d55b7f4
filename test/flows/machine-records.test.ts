import { afterAll, expect, test } from 'vitest';
import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { DEFAULT_SETTINGS } from '../../src/sas/simulator/machine-settings.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({
  machines: 1,
  settings: {
    commandTimeoutMs: 30_000,
    driver: {
      name: 'box-1',
      drives: ['main'],
      profiles: new Map(),
      leaseMs: 15_000,
      renewalMs: 3_000,
      clockDriftMs: 30_000,
    },
  },
});
await floor.online();
const [simpleId = ''] = floor.machineIds;
const [simple] = floor.egms;
if (!simple) throw new Error('no machine');
const { transports } = transportsTo(floor);

const several = createEgm({
  address: 9,
  settings: {
    features: {
      ...NO_FEATURES,
      ticketRedemption: true,
      multiDenomination: true,
      validationStyle: 'SYSTEM',
    },
    denominations: [0x01, 0x02],
    games: ['Book', 'Fruit', 'Gold'].map((name, at) => ({
      ...DEFAULT_SETTINGS,
      name,
      paytableId: `FW000${at + 1}`,
      maxBet: 10 * (at + 1),
    })),
  },
});
const wire = await createSimulatedLine({ egms: [several], transport: { kind: 'TCP', port: 0 } });
afterAll(() => wire[Symbol.asyncDispose]());

async function mutate(field: string, input: Record<string, unknown>, as: 'ADMIN' | 'OPERATOR' = 'OPERATOR') {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const data = field === 'configureSasLine' ? 'line' : 'machine';
  const { data: answer } = await floor.ask(
    `mutation ($input: ${name}Input!) { ${field}(input: $input) { __typename
      ... on ${name}Success { ${data} { id } } ... on Error { code } } }`,
    { as, variables: { input } },
  );
  return answer[field];
}

const { line } = await mutate(
  'configureSasLine',
  { name: 'several', port: wire.address, wakeupMode: 'MARKED' },
  'ADMIN',
);
const { machine } = await mutate(
  'registerMachine',
  { lineId: line.id, address: 9, name: 'several' },
  'ADMIN',
);
const machineId: string = machine.id;

async function shown(id: string, fields: string) {
  const { data } = await floor.ask(`query ($id: ID!) { machine(id: $id) { ${fields} } }`, {
    variables: { id },
  });
  return data.machine;
}

const GAMES =
  'games { number name paytableId basePercent maxBet enabled selected denomination { amount } progressiveGroup }';
const games = () =>
  eventually(async () => {
    const { games: all } = await shown(machineId, GAMES);
    return all.length > 0 && all;
  }, WAIT);

const offBy = async (id: string) => {
  const { clock } = await shown(id, 'clock { readAt shown driftSeconds isBeingSet setAt }');
  return clock;
};
/** Once it is on record that it was set at or after this instant. */
const setSince = (id: string, since: Date) =>
  eventually(async () => {
    const clock = await offBy(id);
    return clock?.setAt && new Date(clock.setAt) >= since && clock;
  }, WAIT);

test('the clock of a machine is set to the wall clock of its venue, by itself, and that is on record', async () => {
  const clock = await setSince(simpleId, new Date(0));
  expect(clock.isBeingSet).toBe(false);
  expect(Math.abs(Number(clock.driftSeconds))).toBeLessThan(30);
  expect(clock.shown).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}$/);
  const { data } = await floor.ask(
    'query ($ids: [ID!]) { machineEvents(machineIds: $ids, types: [CLOCK_SET]) { nodes { data } } }',
    { variables: { ids: [simpleId] } },
  );
  const [event] = data.machineEvents.nodes;
  expect(data.machineEvents.nodes).toHaveLength(1);
  // The venue is in Vienna, and a new machine shows UTC.
  expect([-3_600, -7_200]).toContain(Math.round(event.data.driftSeconds / 60) * 60);
});

test('a machine’s clock follows its venue to another time zone', async () => {
  const since = new Date();
  const { data } = await floor.ask('{ viewer { venue { id version } } }', { as: 'ADMIN' });
  const { id: venueId, version } = data.viewer.venue;
  const changed = await floor.ask(
    'mutation ($input: UpdateVenueInput!) { updateVenue(input: $input) { __typename } }',
    {
      as: 'ADMIN',
      variables: { input: { venueId, expectedVersion: version, timeZone: 'Asia/Tokyo' } },
    },
  );
  expect(changed.data.updateVenue.__typename).toBe('UpdateVenueSuccess');
  await setSince(simpleId, since);
  const tokyo = Date.now() + 9 * 3_600_000;
  const { year, month, day, hour, minute, second } = simple.state().clock;
  expect(Math.abs(Date.UTC(year, month - 1, day, hour, minute, second) - tokyo)).toBeLessThan(60_000);
});

test('the games of a machine are shown with what it tells of them', async () => {
  expect(await games()).toMatchObject([
    {
      number: 1,
      name: 'Book',
      paytableId: 'FW0001',
      basePercent: '90.68',
      maxBet: 10,
      enabled: true,
      denomination: { amount: '0.01' },
      progressiveGroup: 0,
    },
    { number: 2, name: 'Fruit', paytableId: 'FW0002', maxBet: 20, enabled: true },
    { number: 3, name: 'Gold', paytableId: 'FW0003', maxBet: 30, enabled: true },
  ]);
  expect(await shown(machineId, 'wagerDenominations { amount }')).toEqual({
    wagerDenominations: [{ amount: '0.01' }, { amount: '0.05' }],
  });
  expect(await shown(simpleId, 'games { number } wagerDenominations { amount }')).toEqual({
    games: [],
    wagerDenominations: null,
  });
});

test.each(transports)(
  'over %s, a game is taken from players and given back, and whoever follows hears of it',
  async (_, ask) => {
    await games();
    const after = await floor.cursor();
    const events = floor.follow(
      'subscription ($ids: [ID!], $after: Cursor) { machineEvents(machineIds: $ids, after: $after, types: [GAME_ENABLED, GAME_DISABLED]) { type data } }',
      { variables: { ids: [machineId], after } },
    );
    for (const enabled of [false, true]) {
      const { data } = await ask(
        'mutation ($input: SetMachineGameEnabledInput!) { setMachineGameEnabled(input: $input) { __typename ... on SetMachineGameEnabledSuccess { machine { games { number enabled } } } } }',
        { token: await floor.token('OPERATOR'), input: { machineId, game: 2, enabled } },
      );
      const { __typename, machine: changed } = data.setMachineGameEnabled;
      expect(__typename).toBe('SetMachineGameEnabledSuccess');
      expect(changed.games.map((game: { enabled: boolean }) => game.enabled)).toEqual([true, enabled, true]);
      expect(several.state().disabledGames.length > 0).toBe(!enabled);
      expect((await events.next()).machineEvents).toEqual({
        type: enabled ? 'GAME_ENABLED' : 'GAME_DISABLED',
        data: { game: 2 },
      });
    }
    await events.end();
  },
);

test.each([
  [7, { __typename: 'MachineRefusedError', code: 'SAS_004' }],
  [0, { __typename: 'ValidationError', code: 'API_001' }],
  [10_000, { __typename: 'ValidationError', code: 'API_001' }],
])('game %i, which the machine does not have, is %j', async (game, answer) => {
  expect(await mutate('setMachineGameEnabled', { machineId, game, enabled: false })).toEqual(answer);
});

test('the signature of a machine’s program is on record, and whether it changed since the last one of its seed', async () => {
  const signature = () => shown(machineId, 'romSignature { value seed changed at }');
  const verified = async (input: { readonly seed?: number } = {}) => {
    const before = (await signature()).romSignature?.at ?? null;
    expect((await mutate('verifyMachineRom', { machineId, ...input })).__typename).toBe(
      'VerifyMachineRomSuccess',
    );
    return await eventually(async () => {
      const { romSignature } = await signature();
      return romSignature !== null && romSignature.at !== before && romSignature;
    }, WAIT);
  };
  const first = await verified({ seed: 0x1234 });
  expect(first).toMatchObject({ value: expect.stringMatching(/^[0-9A-F]{4}$/), seed: 0x1234, changed: null });
  expect(await verified()).toMatchObject({ value: first.value, seed: 0x1234, changed: false });
  expect(await verified({ seed: 1 })).toMatchObject({ seed: 1, changed: null });
  expect((await mutate('verifyMachineRom', { machineId, seed: 65_536 })).code).toBe('API_001');
  const { data } = await floor.ask('{ machineEvents(types: [ROM_SIGNATURE]) { nodes { data } } }');
  expect(data.machineEvents.nodes).toHaveLength(3);
  expect(data.machineEvents.nodes[1].data).toEqual({ signature: first.value, seed: '1234', changed: false });
});

test('what a machine says of its tickets as it comes online is shown, and in the log', async () => {
  const kinds = ['READ_VALIDATION_RECORD', 'REDEEM_TICKET'];
  const recoveries = await eventually(async () => {
    const { recoveries: all } = await shown(machineId, 'recoveries { kind answer at }');
    return all.length === kinds.length && all;
  }, WAIT);
  expect(recoveries.map(({ kind }: { kind: string }) => kind)).toEqual(kinds);
  const { data } = await floor.ask('{ events(types: ["machine.recovery-recorded"]) { nodes { payload } } }', {
    as: 'AUDITOR',
  });
  const told = data.events.nodes.map(({ payload }: { payload: { kind: string } }) => payload);
  expect(told).toHaveLength(kinds.length);
  for (const { kind, answer } of recoveries)
    expect(told).toContainEqual(expect.objectContaining({ kind, answer, machineId }));
  expect((await shown(simpleId, 'recoveries { kind }')).recoveries).toEqual([]);
});

test('who may not control machines switches no games and verifies nothing, and another venue’s is not found', async () => {
  for (const [field, more] of [
    ['setMachineGameEnabled', { game: 1, enabled: false }],
    ['verifyMachineRom', {}],
  ] as const) {
    const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const query = `mutation ($input: ${name}Input!) { ${field}(input: $input) { ... on Error { code } } }`;
    const variables = { input: { machineId, ...more } };
    for (const as of ['AUDITOR', 'PLAYER', 'PARTNER'] as const)
      expect(refusalOf(await floor.ask(query, { as, variables }))).toBe('AUTH_004');
    const { data } = await floor.ask(query, { as: 'FOREIGN_ADMIN', variables });
    expect(data[field].code).toBe('API_002');
  }
  const fields = '{ clock { readAt } games { number } romSignature { value } recoveries { kind } }';
  const seen = await floor.ask(`query ($id: ID!) { machine(id: $id) ${fields} }`, {
    as: 'PLAYER',
    variables: { id: machineId },
  });
  expect(refusalOf(seen)).toBe('AUTH_004');
});
