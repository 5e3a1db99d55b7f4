import { afterAll, expect, test } from 'vitest';
import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { anEgmAnswering } from '../support/answering-egm.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf, transportsTo } from '../support/transports.ts';

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({ machines: 1 });
await floor.online();
const { transports } = transportsTo(floor);

const JACKPOT =
  'jackpot { id name group level amount { amount currency } resetTo { amount } lastWin { amount { amount } } version }';
const CONFIGURE = `mutation ($input: ConfigureJackpotInput!) {
  configureJackpot(input: $input) { __typename ... on ConfigureJackpotSuccess { success ${JACKPOT} }
    ... on Error { code } ... on VersionConflictError { currentVersion } } }`;
const configure = async (input: Record<string, unknown>) =>
  (await floor.ask(CONFIGURE, { variables: { input } })).data.configureJackpot;
const shown = async (id: string) => {
  const { data } = await floor.ask(
    '{ jackpots { id amount { amount } version lastWin { machine { name } amount { amount } } } }',
  );
  return data.jackpots.find((jackpot: { id: string }) => jackpot.id === id);
};

test.each(transports)(
  'over %s, a jackpot is set up, grows, and is told to the machines',
  async (name, ask) => {
    const token = await floor.token('OPERATOR');
    const group = name === 'HTTP' ? 1 : 2;
    const made = await ask(CONFIGURE, {
      token,
      input: { name: ` Mystery ${group} `, group, level: 3, amount: '1234.56', resetTo: '500' },
    });
    const { jackpot } = made.data.configureJackpot;
    expect(jackpot).toMatchObject({
      name: `Mystery ${group}`,
      level: 3,
      amount: { amount: '1234.56', currency: 'USD' },
      resetTo: { amount: '500.00' },
      lastWin: null,
      version: 1,
    });
    await eventually(() => floor.heard().includes(`*00 80 0${group} 03 00 00 12 34 56`), WAIT);
    const grown = await ask(CONFIGURE, {
      token,
      input: { jackpotId: jackpot.id, expectedVersion: 1, amount: '1234.57' },
    });
    expect(grown.data.configureJackpot.jackpot).toMatchObject({ name: `Mystery ${group}`, version: 2 });
    await eventually(() => floor.heard().includes(`*00 80 0${group} 03 00 00 12 34 57`), WAIT);
  },
);

test('several levels of a group are told in one message', async () => {
  await configure({ name: 'Gold', group: 9, level: 1, resetTo: '10' });
  await configure({ name: 'Silver', group: 9, level: 2, resetTo: '1.5' });
  await eventually(() => floor.heard().includes('*00 86 0D 09 01 00 00 00 10 00 02 00 00 00 01 50'), WAIT);
});

test('a subscriber sees each jackpot as it stands, and then what becomes of it', async () => {
  const { jackpot } = await configure({ name: 'Followed', group: 20, level: 1, resetTo: '1' });
  const frames = floor.follow('subscription { jackpots { id amount { amount } version } }', {
    as: 'AUDITOR',
  });
  const of = (amount: string) =>
    frames.until(({ jackpots }) => jackpots.id === jackpot.id && jackpots.amount.amount === amount);
  expect((await of('1.00')).jackpots.version).toBe(1);
  await configure({ jackpotId: jackpot.id, expectedVersion: 1, amount: '2' });
  expect((await of('2.00')).jackpots.version).toBe(2);
  await frames.end();
});

test('a win that a machine reports is on record once, and its jackpot begins anew', async () => {
  const { jackpot } = await configure({ name: 'Grand', group: 30, level: 5, amount: '900', resetTo: '100' });
  const egm = anEgmAnswering(
    1,
    new Map([[0x85, { bytes: 2, answer: () => [30, 5, 0x00, 0x00, 0x09, 0x01, 0x23] }]]),
  );
  const wire = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  afterAll(() => wire[Symbol.asyncDispose]());
  const admin = async (query: string, input: Record<string, unknown>) =>
    (await floor.ask(query, { as: 'ADMIN', variables: { input } })).data;
  const { configureSasLine } = await admin(
    'mutation ($input: ConfigureSasLineInput!) { configureSasLine(input: $input) { ... on ConfigureSasLineSuccess { line { id } } } }',
    { name: 'winning', port: wire.address, wakeupMode: 'MARKED' },
  );
  await admin('mutation ($input: RegisterMachineInput!) { registerMachine(input: $input) { __typename } }', {
    lineId: configureSasLine.line.id,
    address: 1,
    name: 'winner',
  });
  await floor.online();
  const after = await floor.cursor();
  egm.raise(0x56);
  await eventually(async () => (await shown(jackpot.id)).lastWin !== null, WAIT);
  expect(await shown(jackpot.id)).toEqual({
    id: jackpot.id,
    amount: { amount: '100.00' },
    version: 2,
    lastWin: { machine: { name: 'winner' }, amount: { amount: '901.23' } },
  });
  const events = floor.follow(
    'subscription ($after: Cursor) { events(after: $after, types: ["machine.jackpot-won", "machine.jackpot-changed"]) { type payload } }',
    { variables: { after } },
  );
  expect((await events.next()).events).toMatchObject({
    type: 'machine.jackpot-won',
    payload: { jackpotId: jackpot.id, cents: '90123' },
  });
  expect((await events.next()).events).toMatchObject({
    type: 'machine.jackpot-changed',
    payload: { jackpotId: jackpot.id, cents: '10000', version: 2 },
  });
  await events.end();
});

test.each([
  [{ name: ' ' }, 'ValidationError'],
  [{ group: 0 }, 'ValidationError'],
  [{ group: 256 }, 'ValidationError'],
  [{ level: 33 }, 'ValidationError'],
  [{ amount: '1.005' }, 'ValidationError'],
  [{ amount: '100000000' }, 'ValidationError'],
  [{ resetTo: null }, 'ValidationError'],
  [{ name: 'Taken' }, 'JackpotNameTakenError'],
  [{ level: 7 }, 'ProgressiveLevelTakenError'],
])('%j sets up no jackpot: %s', async (overrides, error) => {
  await configure({ name: 'Taken', group: 40, level: 7, resetTo: '1' });
  expect(await configure({ name: 'Other', group: 40, level: 8, resetTo: '1', ...overrides })).toMatchObject({
    __typename: error,
    code: 'API_001',
  });
});

test('of two who change a jackpot at once one is told', async () => {
  const { jackpot } = await configure({ name: 'Contended', group: 50, level: 1, resetTo: '1' });
  expect(await configure({ jackpotId: jackpot.id, amount: '2' })).toMatchObject({ code: 'API_001' });
  const answers = await Promise.all(
    ['2', '3'].map((amount) => configure({ jackpotId: jackpot.id, expectedVersion: 1, amount })),
  );
  expect(answers.map(({ __typename }) => __typename).sort()).toEqual([
    'ConfigureJackpotSuccess',
    'VersionConflictError',
  ]);
});

test('who may not control machines sets no jackpot, and another venue’s is not found', async () => {
  const { jackpot } = await configure({ name: 'Guarded', group: 60, level: 1, resetTo: '1' });
  const input = { jackpotId: jackpot.id, expectedVersion: 1, amount: '5' };
  for (const as of ['AUDITOR', 'PLAYER', 'PARTNER'] as const)
    expect(refusalOf(await floor.ask(CONFIGURE, { as, variables: { input } }))).toBe('AUTH_004');
  const foreign = await floor.ask(CONFIGURE, { as: 'FOREIGN_ADMIN', variables: { input } });
  expect(foreign.data.configureJackpot.code).toBe('API_002');
  expect((await floor.ask('{ jackpots { id } }', { as: 'FOREIGN_ADMIN' })).data.jackpots).toEqual([]);
  const missing = { ...input, jackpotId: encodeGlobalId('Jackpot', newId()) };
  expect((await configure(missing)).code).toBe('API_002');
});
