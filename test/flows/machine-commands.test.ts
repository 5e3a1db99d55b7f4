import { setTimeout as pause } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { decodeIdOf } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { localTime } from '../../src/lib/time.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { anEgmAnswering } from '../support/answering-egm.ts';
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
      profiles: MACHINE_PROFILES,
      leaseMs: 15_000,
      renewalMs: 3_000,
      clockDriftMs: null,
    },
  },
});
await floor.online();
const [plainId = ''] = floor.machineIds;
const { transports } = transportsTo(floor);

const said: number[] = [];
const saying = (code: number, answer: () => readonly number[] = () => []) =>
  [
    code,
    {
      bytes: 4,
      answer() {
        said.push(code);
        return answer();
      },
    },
  ] as const;
let handpayAnswer = 0x00;
const egm = anEgmAnswering(1, new Map([saying(0x0a), saying(0x0b), saying(0x94, () => [handpayAnswer])]));
const wire = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
afterAll(() => wire[Symbol.asyncDispose]());

const mutate = async (
  field: string,
  input: Record<string, unknown>,
  as: 'ADMIN' | 'OPERATOR' = 'OPERATOR',
) => {
  const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
  const type = field === 'restartMachine' ? 'MachineReasonInput' : `${name}Input`;
  const data = field === 'configureSasLine' ? 'line' : 'machine';
  const { data: answer } = await floor.ask(
    `mutation ($input: ${type}!) { ${field}(input: $input) { __typename
      ... on ${name}Success { ${data} { id } } ... on Error { code retryable }
      ${as === 'OPERATOR' ? '... on MachineRefusedError { reason busy }' : ''} } }`,
    { as, variables: { input } },
  );
  return answer[field];
};

const { line } = await mutate(
  'configureSasLine',
  { name: 'scripted', port: wire.address, wakeupMode: 'MARKED' },
  'ADMIN',
);
const { machine } = await mutate(
  'registerMachine',
  { lineId: line.id, address: 1, name: 'scripted', profile: 'maintenance-restart' },
  'ADMIN',
);
const machineId: string = machine.id;
await eventually(async () => {
  const { data } = await floor.ask(
    'query ($id: ID!) { machine(id: $id) { connection capabilities { aft } } }',
    {
      variables: { id: machineId },
    },
  );
  return data.machine.connection === 'ONLINE' && data.machine.capabilities !== null;
}, WAIT);

test('a machine that restarts by its maintenance mode is RESTARTED, then ONLINE', async () => {
  const after = await floor.cursor();
  said.length = 0;
  const restarted = await mutate('restartMachine', { machineId, reason: 'frozen' });
  expect(restarted.__typename).toBe('RestartMachineSuccess');
  expect(said).toEqual([0x0a, 0x0b]);
  const events = floor.follow(
    'subscription ($ids: [ID!], $after: Cursor) { machineEvents(machineIds: $ids, after: $after) { type data } }',
    { variables: { ids: [machineId], after } },
  );
  expect((await events.next()).machineEvents).toEqual({ type: 'RESTARTED', data: { reason: 'frozen' } });
  expect((await events.next()).machineEvents.type).toBe('ONLINE');
  await events.end();
});

test.each(transports)(
  'over %s, a machine whose profile knows no restart does not support it',
  async (_, ask) => {
    const { data } = await ask(
      'mutation ($input: MachineReasonInput!) { restartMachine(input: $input) { __typename ... on Error { code } } }',
      { token: await floor.token('OPERATOR'), input: { machineId: plainId, reason: 'frozen' } },
    );
    expect(data.restartMachine).toEqual({ __typename: 'NotSupportedByMachineError', code: 'SAS_005' });
  },
);

test('a machine of the simulated floor restarts as soon as its profile says how', async () => {
  const registered = await mutate(
    'registerMachine',
    { machineId: plainId, expectedVersion: 1, profile: 'maintenance-restart' },
    'ADMIN',
  );
  expect(registered.__typename).toBe('RegisterMachineSuccess');
  const after = await floor.cursor();
  await eventually(async () => {
    const { __typename } = await mutate('restartMachine', { machineId: plainId, reason: 'frozen' });
    return __typename === 'RestartMachineSuccess';
  }, WAIT);
  const events = floor.follow(
    'subscription ($ids: [ID!], $after: Cursor) { machineEvents(machineIds: $ids, types: [RESTARTED, ONLINE], after: $after) { type } }',
    { variables: { ids: [plainId], after } },
  );
  expect((await events.next()).machineEvents.type).toBe('RESTARTED');
  expect((await events.next()).machineEvents.type).toBe('ONLINE');
  await events.end();
  expect(floor.egms[0]?.state().inMaintenance).toBe(false);
});

test.each([
  [0x00, { __typename: 'ResetHandpaySuccess' }],
  [0x01, { __typename: 'MachineRefusedError', code: 'SAS_004', reason: 'UNABLE', busy: false }],
  [0x02, { __typename: 'MachineRefusedError', code: 'SAS_004', reason: 'NO_HANDPAY', busy: false }],
  [0x7e, { __typename: 'MachineRefusedError', code: 'SAS_004', reason: 'REFUSED', busy: false }],
])('a handpay reset that is answered with %i is told as %j', async (code, answer) => {
  handpayAnswer = code;
  said.length = 0;
  expect(await mutate('resetHandpay', { machineId, reason: 'paid' })).toMatchObject(answer);
  expect(said).toEqual([0x94]);
});

test('a handpay reset that another driver had begun is in doubt, and not said again', async () => {
  const { db } = floor.app().services;
  const id = newId();
  said.length = 0;
  const [lineId, machine] = [decodeIdOf('SasLine', line.id), decodeIdOf('Machine', machineId)];
  await db
    .insertInto('machine_command')
    .values({
      id,
      venue_id: floor.venueId,
      machine_id: machine,
      line_id: lineId,
      kind: 'RESET_HANDPAY',
      reason: 'paid',
      requested_at: new Date(),
      begun_at: new Date(),
      expires_at: new Date(Date.now() + 60_000),
    })
    .execute();
  const closed = await eventually(async () => {
    const row = await db
      .selectFrom('machine_command')
      .select(['state', 'outcome'])
      .where('id', '=', id)
      .executeTakeFirst();
    return row?.state !== 'QUEUED' && row;
  }, WAIT);
  expect(closed).toEqual({ state: 'FAILED', outcome: 'IN_DOUBT' });
  await pause(300);
  expect(said).toEqual([]);
});

test('a machine’s clock is set to the wall clock of its venue', async () => {
  expect((await mutate('setMachineClock', { machineId: plainId })).__typename).toBe('SetMachineClockSuccess');
  const shown = floor.egms[0]?.state().clock;
  const secondsOf = (time: ReturnType<typeof localTime>) =>
    Date.UTC(time.year, time.month - 1, time.day, time.hour, time.minute, time.second) / 1_000;
  const off = secondsOf(localTime(new Date(), 'Europe/Vienna')) - (shown ? secondsOf(shown) : 0);
  expect(Math.abs(off)).toBeLessThan(30);
  const { data } = await floor.ask('{ machineEvents(types: [CLOCK_SET]) { totalCount } }');
  expect(data.machineEvents.totalCount).toBe(1);
});

test('who may not control machines gives them no commands, and another venue’s is not found', async () => {
  for (const field of ['restartMachine', 'resetHandpay', 'setMachineClock']) {
    const name = `${field.charAt(0).toUpperCase()}${field.slice(1)}`;
    const type = field === 'restartMachine' ? 'MachineReasonInput' : `${name}Input`;
    const query = `mutation ($input: ${type}!) { ${field}(input: $input) { ... on Error { code } } }`;
    const input = { machineId: plainId, ...(field !== 'setMachineClock' && { reason: 'x' }) };
    for (const as of ['AUDITOR', 'PLAYER', 'PARTNER'] as const)
      expect(refusalOf(await floor.ask(query, { as, variables: { input } }))).toBe('AUTH_004');
    const { data } = await floor.ask(query, { as: 'FOREIGN_ADMIN', variables: { input } });
    expect(data[field].code).toBe('API_002');
  }
});
