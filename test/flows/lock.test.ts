import { setTimeout as pause } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { readLog } from '../../src/events/log.ts';
import { meterCode } from '../../src/sas/codec/meters.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';

const floor = await aFloorApp();
const [egm] = floor.egms;
const [machineId] = floor.machineIds;
if (!egm || !machineId) throw new Error('no machine');

const LOCK = `mutation ($input: MachineReasonInput!) {
  lockMachine(input: $input) {
    __typename
    ... on LockMachineSuccess { success machine { status lock { reason } } }
    ... on Error { code message path }
    ... on LineUnavailableError { lineId }
  }
}`;
const UNLOCK = LOCK.replace('lockMachine', 'unlockMachine').replace(
  'LockMachineSuccess',
  'UnlockMachineSuccess',
);

await floor.online();

/** Keeps everybody from changing the rows of a table until it is released. */
async function hold(table: 'machine' | 'machine_meter'): Promise<() => Promise<void>> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  let held = () => {};
  const isHeld = new Promise<void>((resolve) => (held = resolve));
  const holding = floor
    .app()
    .services.db.transaction()
    .execute(async (tx) => {
      await tx.selectFrom(table).selectAll().forNoKeyUpdate().execute();
      held();
      await released;
    });
  await Promise.race([isHeld, holding]);
  return async () => {
    release();
    await holding;
  };
}

test('locking a machine is seen on the wire, in the machine, in the API, in the log and on an open stream', async () => {
  const after = await floor.cursor();
  const events = floor.follow(
    'subscription ($ids: [ID!], $after: Cursor) { machineEvents(machineIds: $ids, types: [LOCKED, UNLOCKED], after: $after) { type machine { id lock { reason } } data cursor } }',
    { variables: { ids: [machineId], after } },
  );
  egm.insertBill(20n);

  const { data } = await floor.ask(LOCK, { variables: { input: { machineId, reason: 'service' } } });
  expect(data.lockMachine).toEqual({
    __typename: 'LockMachineSuccess',
    success: true,
    machine: { status: 'LOCKED', lock: { reason: 'service' } },
  });
  expect(floor.heard()).toContain('*01 01 51 08');
  expect(egm.locked).toBe(true);
  expect(egm.play({ wager: 1n, win: 0n })).toBe('LOCKED');

  const { machineEvents } = await events.next();
  expect(machineEvents).toMatchObject({
    type: 'LOCKED',
    machine: { id: machineId, lock: { reason: 'service' } },
    data: { reason: 'service' },
  });

  const logged = await readLog(floor.app().services.db, {
    after: 0n,
    limit: 10_000,
    types: ['machine.event-raised'],
  });
  const locks = logged.filter(
    (event) => event.type === 'machine.event-raised' && event.payload.event.type === 'LOCKED',
  );
  expect(locks).toHaveLength(1);

  await floor.ask(UNLOCK, { variables: { input: { machineId, reason: 'done' } } });
  expect((await events.next()).machineEvents).toMatchObject({ type: 'UNLOCKED', data: { reason: 'done' } });
  expect(egm.locked).toBe(false);
  expect(egm.play({ wager: 1n, win: 0n })).toBeNull();
  await events.end();
});

test('the bill acceptor rejects a bill while it is switched off, and its events say so in order', async () => {
  await eventually(async () => {
    const { data } = await floor.ask('{ machineEvents(types: [BILL_ACCEPTED_20]) { totalCount } }');
    return data.machineEvents.totalCount === 1;
  });
  const after = await floor.cursor();
  const bills = floor.follow(
    'subscription ($after: Cursor) { billEvents(after: $after) { type bill { amount currency } billAcceptor { enabled } } }',
    { variables: { after } },
  );
  const SET = `mutation ($input: SetBillAcceptorInput!) {
    setBillAcceptor(input: $input) { __typename ... on SetBillAcceptorSuccess { machine { billAcceptor { enabled } } } }
  }`;
  const set = async (enabled: boolean) =>
    (await floor.ask(SET, { variables: { input: { machineId, enabled } } })).data.setBillAcceptor;

  const off = await set(false);
  expect(off.machine.billAcceptor).toEqual({ enabled: false });
  expect((await bills.next()).billEvents).toMatchObject({
    type: 'BILL_ACCEPTOR_DISABLED',
    billAcceptor: { enabled: false },
  });
  expect(egm.insertBill(5n)).not.toBeNull();
  expect((await bills.next()).billEvents).toMatchObject({ type: 'BILL_REJECTED', bill: null });
  await set(true);
  expect((await bills.next()).billEvents).toMatchObject({
    type: 'BILL_ACCEPTOR_ENABLED',
    billAcceptor: { enabled: true },
  });
  expect(egm.insertBill(5n)).toBeNull();
  expect((await bills.next()).billEvents).toMatchObject({
    type: 'BILL_ACCEPTED_5',
    bill: { amount: '5.00', currency: 'USD' },
    billAcceptor: { enabled: true },
  });
  await bills.end();
});

test('meters asked for are read from the machine now', async () => {
  const played = egm.meters().get(meterCode('GAMES_PLAYED'));
  const { data } = await floor.ask(
    `mutation ($input: PollMetersInput!) { pollMeters(input: $input) {
      ... on PollMetersSuccess { meters { values { code value } } } ... on Error { code } } }`,
    { variables: { input: { machineId } } },
  );
  const values = new Map(
    data.pollMeters.meters.values.map(({ code, value }: { code: string; value: string }) => [code, value]),
  );
  expect(values.get('GAMES_PLAYED')).toBe(String(played));
});

test('an answer to pollMeters waits until what was read is on record', async () => {
  const release = await hold('machine_meter');
  egm.insertBill(10n);
  const bills = egm.meters().get(meterCode('CURRENT_CREDITS'));
  const answer = floor.ask(
    `mutation ($input: PollMetersInput!) { pollMeters(input: $input) {
      ... on PollMetersSuccess { meters { values { code value } } } ... on Error { code } } }`,
    { variables: { input: { machineId } } },
  );
  await pause(500);
  await release();
  const { values } = (await answer).data.pollMeters.meters;
  expect(values).toContainEqual({ code: 'CURRENT_CREDITS', value: String(bills) });
});

test('a reason with a NUL is refused', async () => {
  const { data } = await floor.ask(LOCK, { variables: { input: { machineId, reason: 'a\u0000b' } } });
  expect(data.lockMachine).toMatchObject({ __typename: 'ValidationError', code: 'API_001' });
});

test('a machine that comes back while it is being unlocked stays unlocked', async () => {
  const connection = async () =>
    (
      await floor.ask('query ($id: ID!) { machine(id: $id) { connection } }', {
        variables: { id: machineId },
      })
    ).data.machine.connection;
  await floor.ask(LOCK, { variables: { input: { machineId, reason: 'service' } } });
  await floor.line.unplug();
  await eventually(async () => (await connection()) === 'OFFLINE');

  const release = await hold('machine');
  await floor.line.plug();
  await pause(1_000);
  const unlocked = floor.ask(UNLOCK, { variables: { input: { machineId, reason: 'done' } } });
  await eventually(() => !egm.locked);
  await release();
  expect((await unlocked).data.unlockMachine.success).toBe(true);
  await eventually(async () => (await connection()) === 'ONLINE');
  await pause(500);
  expect(egm.locked).toBe(false);
});

test('a silent machine is unreachable, and where its port is away the line is, within the time a command has', async () => {
  const machine = async () =>
    (
      await floor.ask(
        'query ($id: ID!) { machine(id: $id) { connection lock { reason } line { id state } } }',
        { variables: { id: machineId } },
      )
    ).data.machine;
  const lock = async () =>
    (await floor.ask(LOCK, { variables: { input: { machineId, reason: 'too late' } } })).data.lockMachine;

  floor.disturb(() => []);
  expect(await lock()).toMatchObject({
    __typename: 'MachineUnreachableError',
    code: 'SAS_002',
    path: ['lockMachine'],
  });
  floor.disturb(null);
  await floor.online();

  await floor.line.unplug();
  await eventually(async () => {
    const { connection, line } = await machine();
    return connection === 'OFFLINE' && line.state === 'DOWN';
  });
  expect(await lock()).toMatchObject({
    __typename: 'LineUnavailableError',
    code: 'SAS_001',
    path: ['lockMachine'],
    lineId: (await machine()).line.id,
  });
  await floor.line.plug();
  expect((await machine()).lock).toBeNull();
});
