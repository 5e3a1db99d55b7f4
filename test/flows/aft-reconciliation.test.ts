import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { AFT_FEATURES, heardOut } from '../support/aft.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aWallet } from '../support/money.ts';

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({
  machines: 1,
  egm: { settings: { assetNumber: 7, features: AFT_FEATURES } },
});
await floor.online();
const [machineId = ''] = floor.machineIds;
const { runWork, db } = floor.app().services;
const wallet = await aWallet(runWork, { venueId: floor.venueId, balanceMinor: 100_000n });
const walletId = encodeGlobalId('Wallet', wallet.id);

const credits = (): bigint => floor.egms[0]?.meters().get(0x0c) ?? 0n;

async function mutate(name: string, input: Record<string, unknown>) {
  const type = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const { data, errors } = await floor.ask(
    `mutation ($input: ${type}Input!) { answer: ${name}(input: $input) {
      ... on ${type}Success { transfer { id state } } ... on Error { code message } } }`,
    { as: 'ADMIN', variables: { input: { idempotencyKey: newId(), ...input } } },
  );
  if (errors) throw new Error(JSON.stringify(errors));
  return data.answer;
}

const start = () =>
  mutate('startAftTransfer', {
    walletId,
    machineId,
    direction: 'TO_MACHINE',
    amount: '20.00',
    currency: 'USD',
  });

/** The newest first, once there are so many. */
async function comparisons(count: number) {
  return await eventually(async () => {
    const { data } = await floor.ask(
      `query ($id: ID!) { machine(id: $id) { aftReconciliations(first: 50) { totalCount nodes {
        reason outcome from to meters { code opening closing counted booked difference } } } } }`,
      { variables: { id: machineId } },
    );
    const { totalCount, nodes } = data.machine.aftReconciliations;
    expect(nodes).toHaveLength(totalCount);
    return totalCount >= count && nodes;
  }, WAIT);
}

/** Has a transfer moved on the machine of which nobody hears, so that a person says what became of it. */
async function resolved(resolution: Record<string, unknown>): Promise<void> {
  floor.disturb((answer) => (answer[1] === 0x72 ? [] : answer));
  const before = credits();
  const told = start();
  await eventually(() => credits() === before + 2_000n, WAIT);
  const last = async () => {
    const { data } = await floor.ask('{ aftTransfers(first: 1) { nodes { id state } } }', { as: 'ADMIN' });
    return data.aftTransfers.nodes[0];
  };
  const { id: transferId, state } = await last();
  expect(state).toBe('SENT');
  await db
    .updateTable('aft_transfer')
    .set({ changed_at: new Date(Date.now() - 61_000) })
    .where('id', '=', decodeIdOf('AftTransfer', transferId))
    .execute();
  await eventually(async () => (await last()).state === 'IN_DOUBT', WAIT);
  expect(await told).toMatchObject({ code: 'SAS_007' });
  const reason = 'as the player says';
  const answer = await mutate('resolveAftTransfer', { transferId, reason, ...resolution });
  expect(answer).toMatchObject({ transfer: { state: 'MANUALLY_RESOLVED' } });
  await heardOut(floor);
}

test('each transfer is compared with the machine, and the next comparison begins where that one ended', async () => {
  await comparisons(1);
  expect(await start()).toMatchObject({ transfer: { state: 'SETTLED' } });
  const [last, first] = await comparisons(2);
  expect(first).toMatchObject({ reason: 'START', outcome: 'BASELINE', from: null });
  expect(last).toMatchObject({ reason: 'TRANSFER', outcome: 'EQUAL', from: first.to });
  expect(last.meters).toHaveLength(12);
  expect(last.meters[0]).toEqual({
    code: 'AFT_CASHABLE_IN_CENTS',
    opening: '0',
    closing: '2000',
    counted: '2000',
    booked: '2000',
    difference: null,
  });
});

test.each([
  ['by a cent', { outcome: 'SETTLED', amount: '19.99', currency: 'USD' }, '1999', '1'],
  ['altogether', { outcome: 'NOT_HAPPENED' }, '0', '2000'],
])(
  'a transfer that was resolved wrongly %s is found out by the meters, and told once',
  async (_, resolution, booked, difference) => {
    const before = await comparisons(2);
    const after = await floor.cursor();
    const stream = floor.follow(
      `subscription ($after: Cursor) { machineEvents(types: [AFT_DISCREPANCY], after: $after) {
      id machine { id } type label data } }`,
      { variables: { after } },
    );
    await resolved(resolution);
    const [last] = await comparisons(before.length + 1);
    expect(last).toMatchObject({ reason: 'TRANSFER', outcome: 'DIFFERENT', from: before[0].to });
    expect(last.meters[0]).toMatchObject({ counted: '2000', booked, difference });

    const { machineEvents: told } = await stream.next();
    expect(told).toMatchObject({
      machine: { id: machineId },
      type: 'AFT_DISCREPANCY',
      data: {
        meter: 'AFT_CASHABLE_IN_CENTS',
        countedCents: '2000',
        bookedCents: booked,
        differenceCents: difference,
        from: last.from,
        to: last.to,
      },
    });
    await stream.end();
    const noted = await floor.ask(
      `mutation ($input: AcknowledgeMachineEventInput!) { acknowledgeMachineEvent(input: $input) { __typename } }`,
      { variables: { input: { eventId: told.id, note: 'looked into' } } },
    );
    expect(noted.data.acknowledgeMachineEvent.__typename).toBe('AcknowledgeMachineEventSuccess');
    const { data } = await floor.ask(
      '{ events(types: ["machine.aft-discrepancy-found"], last: 1) { nodes { payload } } }',
      { as: 'ADMIN' },
    );
    expect(data.events.nodes.at(-1).payload).toMatchObject({
      machineId,
      from: last.from,
      to: last.to,
      differences: [{ meter: 'AFT_CASHABLE_IN_CENTS', differenceCents: difference }],
    });

    expect(await start()).toMatchObject({ transfer: { state: 'SETTLED' } });
    const [next] = await comparisons(before.length + 2);
    expect(next).toMatchObject({ outcome: 'EQUAL', from: last.to });
    const events = await floor.ask(
      '{ machineEvents(types: [AFT_DISCREPANCY], acknowledged: false) { totalCount } }',
    );
    expect(events.data.machineEvents.totalCount).toBe(0);
  },
);
