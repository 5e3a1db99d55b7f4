import { expect, test } from 'vitest';
import { decodeIdOf } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { refusalOf } from '../support/transports.ts';

const WAIT = { deadlineMs: 60_000 };
const floor = await aFloorApp({ machines: 1, settings: { commandTimeoutMs: 30_000 } });
await floor.online();
const [machineId = ''] = floor.machineIds;
const [egm] = floor.egms;
if (!egm) throw new Error('no machine');

const HANDPAYS = `query ($id: ID!, $open: Boolean) { machine(id: $id) { handpays(open: $open) { totalCount nodes {
  id kind amount { amount currency } progressiveGroup level partialPay canGoToCreditMeter pendingAt
  machine { id } reset { at method by { kind id } reason } } } } }`;

interface Shown {
  readonly id: string;
  readonly kind: string;
  readonly amount: { readonly amount: string };
  readonly reset: {
    readonly method: string | null;
    readonly by: unknown;
    readonly reason: string | null;
  } | null;
}

async function handpays(open: boolean | null = null): Promise<readonly Shown[]> {
  const { data } = await floor.ask(HANDPAYS, { variables: { id: machineId, open } });
  return data.machine.handpays.nodes;
}

/** The handpay the machine waits with, once it is on record. */
const pending = async () => await eventually(async () => (await handpays(true))[0], WAIT);
const settled = async (id: string) =>
  await eventually(async () => (await handpays(false)).find((handpay) => handpay.id === id), WAIT);

async function reset(input: { readonly reason?: string; readonly method?: string } = {}) {
  const { data } = await floor.ask(
    `mutation ($input: ResetHandpayInput!) { resetHandpay(input: $input) { __typename
      ... on Error { code } ... on MachineRefusedError { reason } } }`,
    { variables: { input: { machineId, reason: 'paid', ...input } } },
  );
  return data.resetHandpay;
}

/** The exception is on record that follows a reset. */
async function heardResets(count: number): Promise<void> {
  await eventually(async () => {
    const { data } = await floor.ask('{ machineEvents(types: [HANDPAY_RESET]) { totalCount } }');
    return data.machineEvents.totalCount === count;
  }, WAIT);
}

let resets = 0;

test('a handpay that an attendant pays at the machine is on record, and followed, from its beginning to its end', async () => {
  const after = await floor.cursor();
  egm.insertBill(20n);
  expect(egm.cashOut()).toBeNull();
  const handpay = await pending();
  expect(handpay).toMatchObject({
    kind: 'CANCELLED_CREDITS',
    amount: { amount: '20.00', currency: 'USD' },
    progressiveGroup: 0,
    level: 0x80,
    partialPay: '0',
    canGoToCreditMeter: false,
    machine: { id: machineId },
    reset: null,
  });

  egm.resetHandpay();
  resets += 1;
  expect((await settled(handpay.id)).reset).toMatchObject({ method: null, by: null, reason: null });
  const events = floor.follow(
    'subscription ($after: Cursor) { events(types: ["machine.handpay-recorded", "machine.handpay-reset"], after: $after) { type payload } }',
    { variables: { after } },
  );
  expect((await events.next()).events).toMatchObject({
    type: 'machine.handpay-recorded',
    payload: { handpayId: handpay.id, machineId, kind: 'CANCELLED_CREDITS', cents: '2000' },
  });
  expect((await events.next()).events).toMatchObject({
    type: 'machine.handpay-reset',
    payload: { handpayId: handpay.id, machineId, method: null, commandId: null },
  });
  await events.end();
});

test('a win that goes to the credit meter says who had it do so, and its machine has the credits', async () => {
  egm.insertBill(5n);
  expect(egm.play({ wager: 100n, win: 150_000n })).toBeNull();
  const handpay = await pending();
  expect(handpay).toMatchObject({
    kind: 'NORMAL_WIN',
    amount: { amount: '1500.00' },
    canGoToCreditMeter: true,
  });
  expect(await reset({ reason: 'plays on', method: 'CREDIT_METER' })).toEqual({
    __typename: 'ResetHandpaySuccess',
  });
  resets += 1;
  const { reset: done } = await settled(handpay.id);
  expect(done).toMatchObject({ method: 'CREDIT_METER', reason: 'plays on' });
  const { viewer } = (await floor.ask('{ viewer { user { id } } }')).data;
  const admins = await floor.ask(HANDPAYS, { as: 'ADMIN', variables: { id: machineId } });
  expect(admins.data.machine.handpays.nodes[0].reset.by).toEqual({ kind: 'USER', id: viewer.user.id });
  expect(egm.state().jackpotsToCreditMeter).toBe(150_000n);
  await heardResets(resets);
});

test('what the machine says of a reset that was commanded resets no other handpay', async () => {
  egm.cashOut();
  const first = await pending();
  expect((await reset()).__typename).toBe('ResetHandpaySuccess');
  egm.insertBill(10n);
  egm.cashOut();
  const second = await pending();
  resets += 1;
  await heardResets(resets);
  expect(second.id).not.toBe(first.id);
  expect((await handpays(true)).map(({ id }) => id)).toEqual([second.id]);
  expect((await settled(first.id)).reset).toMatchObject({ method: 'STANDARD', reason: 'paid' });
});

test('a machine that does not let a handpay go to the credit meter says so and waits on; it agrees anew to the standard way', async () => {
  const waiting = await pending();
  expect(await reset({ method: 'CREDIT_METER' })).toEqual({
    __typename: 'MachineRefusedError',
    code: 'SAS_004',
    reason: 'UNABLE',
  });
  expect((await pending()).id).toBe(waiting.id);
  expect(floor.heard()).not.toContain('*01 A8 00');
  expect((await reset()).__typename).toBe('ResetHandpaySuccess');
  resets += 1;
  expect(floor.heard()).toContain('*01 A8 00');
  await settled(waiting.id);
  await heardResets(resets);
});

test('a machine that waits with none has had those on record reset', async () => {
  const { db } = floor.app().services;
  const id = newId();
  await db
    .insertInto('handpay')
    .values({
      id,
      venue_id: floor.venueId,
      machine_id: decodeIdOf('Machine', machineId),
      kind: 'NORMAL_WIN',
      progressive_group: 0,
      level: 0,
      cents: 1n,
      partial_pay: 0n,
      can_go_to_credit_meter: true,
      pending_at: new Date(),
      held: false,
    })
    .execute();
  const waiting = await pending();
  expect(await reset()).toMatchObject({ code: 'SAS_004', reason: 'NO_HANDPAY' });
  expect((await settled(waiting.id)).reset).toMatchObject({ method: null, by: null });
});

test('who may see a machine sees its handpays, and nobody else', async () => {
  const [handpay] = await handpays(false);
  const node = 'query ($id: ID!) { node(id: $id) { ... on Handpay { level reset { by { id } } } } }';
  const variables = { id: handpay?.id };
  const seen = await floor.ask(node, { as: 'AUDITOR', variables });
  expect(seen.data.node.level).toBe(0);
  for (const as of ['PLAYER', 'FOREIGN_ADMIN'] as const) {
    const { data } = await floor.ask(node, { as, variables });
    expect(data.node).toBeNull();
  }
  expect(refusalOf(await floor.ask(HANDPAYS, { as: 'PLAYER', variables: { id: machineId } }))).toBe(
    'AUTH_004',
  );
  const { data } = await floor.ask(HANDPAYS, { as: 'PARTNER', variables: { id: machineId, open: false } });
  const { nodes } = data.machine.handpays;
  expect(nodes).not.toEqual([]);
  for (const { reset: told } of nodes) expect(told.by?.id ?? null).toBeNull();
});
