import { expect, test } from 'vitest';
import { decodeIdOf, encodeGlobalId } from '../../src/graphql/ids.ts';
import { system } from '../../src/lib/actor.ts';
import { recordHandpayReset } from '../../src/machine/handpay-service.ts';
import { aFloorApp } from '../support/app.ts';
import { aLine } from '../support/floor.ts';
import { aHandpay } from '../support/handpay.ts';
import { refusalOf } from '../support/transports.ts';

/** Handpays of machines that nobody drives: what they tell is said here. */
const floor = await aFloorApp({ machines: 1 });
const { venueId } = floor;
const { runWork } = floor.app().services;
const { machines } = await aLine(runWork, { venueId, machines: 4, drivenBy: 'elsewhere' });
const [lion = '', tiger = '', bear = '', gone = ''] = machines.map(({ id }) => encodeGlobalId('Machine', id));

const minute = (at: number) => new Date(Date.UTC(2026, 0, 1, 12, at));

/** A machine tells of a handpay of so much. */
async function told(machine: string, { at, cents }: { at: number; cents: bigint }): Promise<string> {
  const of = { venueId, machineId: decodeIdOf('Machine', machine) };
  return encodeGlobalId('Handpay', (await aHandpay(runWork, { ...of, cents, pendingAt: minute(at) })).id);
}

const resetAtMachine = (machine: string, at: number) =>
  runWork(system('sas'), (work) =>
    recordHandpayReset(work, { venueId, machineId: decodeIdOf('Machine', machine) }, minute(at)),
  );

const LIST = `query ($open: Boolean, $machineIds: [ID!], $from: DateTime, $to: DateTime, $first: Int, $after: String) {
  handpays(open: $open, machineIds: $machineIds, from: $from, to: $to, first: $first, after: $after) {
    cursor totalCount pageInfo { hasNextPage endCursor } nodes { id } } }`;

async function list(variables: Record<string, unknown> = {}): Promise<readonly string[]> {
  const { data, errors } = await floor.ask(LIST, { variables });
  expect(errors).toBeUndefined();
  expect(data.handpays.totalCount).toBe(data.handpays.nodes.length);
  return data.handpays.nodes.map(({ id }: { id: string }) => id);
}

const paid = await told(lion, { at: 0, cents: 100n });
await resetAtMachine(lion, 1);
const first = await told(lion, { at: 2, cents: 200n });
const second = await told(tiger, { at: 3, cents: 300n });
const lost = await told(gone, { at: 4, cents: 400n });
await floor.ask('mutation ($input: RemoveMachineInput!) { removeMachine(input: $input) { __typename } }', {
  as: 'ADMIN',
  variables: { input: { machineId: gone, expectedVersion: 1 } },
});

test.each([
  ['nothing', {}, [lost, second, first, paid]],
  ['open', { open: true }, [second, first]],
  ['those that were reset', { open: false }, [paid]],
  ['machines', { machineIds: [lion, bear] }, [first, paid]],
  ['a time, its end left out', { from: minute(2), to: minute(4) }, [second, first]],
  ['all of these', { open: true, machineIds: [lion], from: minute(1) }, [first]],
])('the handpays of all machines are listed at once, chosen by %s', async (_, variables, expected) => {
  expect(await list(variables)).toEqual(expected);
});

test('the pages of the list join', async () => {
  const one = (await floor.ask(LIST, { variables: { first: 3 } })).data.handpays;
  const two = (await floor.ask(LIST, { variables: { first: 3, after: one.pageInfo.endCursor } })).data
    .handpays;
  expect([...one.nodes, ...two.nodes].map(({ id }) => id)).toEqual([lost, second, first, paid]);
  expect([one.totalCount, one.pageInfo.hasNextPage, two.pageInfo.hasNextPage]).toEqual([4, true, false]);
});

const FOLLOW = `subscription ($machineIds: [ID!], $after: Cursor) { handpays(machineIds: $machineIds, after: $after) {
  id cursor amount { amount } machine { id } reset { at method by { kind } reason } } }`;

test('behind a list comes each handpay that is told, and once more when it is reset', async () => {
  const after = (await floor.ask(LIST)).data.handpays.cursor;
  const all = floor.follow(FOLLOW, { variables: { after } });
  const ofBear = floor.follow(FOLLOW, { variables: { after, machineIds: [bear] } });
  const elsewhere = await told(tiger, { at: 10, cents: 999n });
  const id = await told(bear, { at: 11, cents: 1_234n });
  await resetAtMachine(bear, 12);
  const pending = { id, amount: { amount: '12.34' }, machine: { id: bear }, reset: null };
  const reset = { at: minute(12).toISOString(), method: null, by: null, reason: null };

  expect((await ofBear.next()).handpays).toMatchObject(pending);
  expect((await ofBear.next()).handpays).toMatchObject({ ...pending, reset });
  const frames = [await all.next(), await all.next(), await all.next()].map(({ handpays }) => handpays);
  expect(frames.map((frame) => [frame.id, frame.reset === null])).toEqual([
    [elsewhere, true],
    [id, true],
    [id, false],
  ]);
  expect(new Set(frames.map(({ cursor }) => cursor)).size).toBe(3);
  await all.end();
  await ofBear.end();
});

test('whoever comes later is shown it as it was when it was told', async () => {
  const after = await floor.cursor();
  const id = await told(bear, { at: 20, cents: 50n });
  await resetAtMachine(bear, 21);
  const late = floor.follow(FOLLOW, { variables: { after } });
  expect((await late.next()).handpays).toMatchObject({ id, reset: null });
  expect((await late.next()).handpays).toMatchObject({ id, reset: { at: minute(21).toISOString() } });
  await late.end();
});

test('a handpay is found again by its id', async () => {
  const { data } = await floor.ask(
    'query ($id: ID!) { node(id: $id) { ... on Handpay { amount { amount } cursor } } }',
    { variables: { id: paid } },
  );
  expect(data.node).toEqual({ amount: { amount: '1.00' }, cursor: null });
});

test('who may not see machines sees no handpays, and nobody those of another venue', async () => {
  for (const as of ['PLAYER', 'DEVICE'] as const) {
    expect(refusalOf(await floor.ask(LIST, { as }))).toBe('AUTH_004');
    const frames = floor.follow(FOLLOW, { as });
    await expect(frames.next()).rejects.toMatchObject([{ extensions: { code: 'AUTH_004' } }]);
    await frames.end();
  }
  expect((await floor.ask(LIST, { as: 'FOREIGN_ADMIN' })).data.handpays.nodes).toEqual([]);
  const foreign = { as: 'FOREIGN_ADMIN', variables: { machineIds: [lion] } } as const;
  expect(refusalOf(await floor.ask(LIST, foreign))).toBe('API_002');
});
