import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { system } from '../../src/lib/actor.ts';
import { markSent, progress } from '../../src/machine/aft-progress.ts';
import {
  type AftReconciliation,
  compareMeters,
  differenceOf,
  outcomeOf,
  type ReconciledMeter,
  reasonFor,
  wentBack,
} from '../../src/machine/aft-reconciliation.ts';
import { reconcile } from '../../src/machine/aft-reconciliation-service.ts';
import { findUnreconciled, listStandings } from '../../src/machine/aft-reconciliation-store.ts';
import type { AftDirection, Step } from '../../src/machine/aft-transfer.ts';
import { listMachineEvents } from '../../src/machine/machine-event-store.ts';
import { recordConnection, recordIdentity } from '../../src/machine/service.ts';
import { NO_FEATURES } from '../../src/sas/codec/features.ts';
import { createRunWork } from '../../src/work.ts';
import { aTransfer } from '../support/aft.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { aLine } from '../support/floor.ts';
import { anIdentity } from '../support/identity.ts';
import { aWallet } from '../support/money.ts';

const SAS = system('sas');
const IN = 0x00a0;
const OUT = 0x00b8;
const BONUS = 0x00ae;
const BYTES = 5;
const TOP = 10_000_000_000n;

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const { id: venueId } = await aVenue(runWork);

const aMeter = (code: number, closing: bigint): ReconciledMeter => ({
  code,
  bcdBytes: BYTES,
  opening: null,
  closing,
  counted: null,
  booked: 0n,
});

const readings = (values: Readonly<Record<number, bigint>>) =>
  new Map(Object.entries(values).map(([code, value]) => [Number(code), { value, bcdBytes: BYTES }]));

/** How one meter that the books know moved, from one value to another. */
function movedOf(from: bigint, to: bigint, toMachine: bigint): ReconciledMeter | undefined {
  const known = [aMeter(IN, from), aMeter(OUT, 0n)];
  return compareMeters(known, {
    read: readings({ [IN]: to, [OUT]: 0n }),
    booked: { toMachine, fromMachine: 0n },
  })[0];
}

test.each([
  [500n, 500n, 0n, 0n],
  [500n, 2_500n, 2_000n, 2_000n],
  [500n, 2_501n, 2_000n, 2_001n],
  [500n, 2_499n, 2_000n, 1_999n],
  [TOP - 1n, 0n, 1n, 1n],
  [TOP - 500n, 1_500n, 2_000n, 2_000n],
  [TOP - 500n, 1_501n, 2_000n, 2_001n],
  // Nearly once around: no reset, because the books say so.
  [5_000n, 4_000n, TOP - 1_000n, TOP - 1_000n],
])('a meter that goes from %d to %d when %d are booked has counted %d', (from, to, booked, counted) => {
  const meter = movedOf(from, to, booked);
  expect(meter).toMatchObject({ opening: from, closing: to, counted, booked });
  expect(meter && differenceOf(meter)).toBe(counted === booked ? null : counted - booked);
});

test('a meter that went back without rolling over was reset, and nothing is said of the others', () => {
  const read = readings({ [IN]: 0n, [OUT]: 300n });
  const known = [aMeter(IN, 5_000n), aMeter(OUT, 200n)];
  const meters = compareMeters(known, { read, booked: { toMachine: 0n, fromMachine: 300n } });
  expect(meters.map(wentBack)).toEqual([true, false]);
  expect(outcomeOf(meters)).toBe('RESET');
});

test('money that no transfer with a wallet moves is booked as nothing', () => {
  const known = [aMeter(IN, 0n), aMeter(BONUS, 10n), aMeter(OUT, 0n)];
  const read = readings({ [IN]: 0n, [BONUS]: 11n, [OUT]: 0n });
  const meters = compareMeters(known, { read, booked: { toMachine: 0n, fromMachine: 0n } });
  expect(meters.map((meter) => [meter.code, differenceOf(meter)])).toEqual([
    [IN, null],
    [BONUS, 1n],
    [OUT, null],
  ]);
  expect(outcomeOf(meters)).toBe('DIFFERENT');
});

test('what a meter moved while it was not told is found when it is', () => {
  const none = { toMachine: 0n, fromMachine: 0n };
  const known = [aMeter(IN, 0n), aMeter(BONUS, 10n), aMeter(OUT, 0n)];
  const silent = compareMeters(known, { read: readings({ [IN]: 0n, [OUT]: 0n }), booked: none });
  expect(silent[1]).toMatchObject({ opening: 10n, closing: 10n, counted: null });
  expect(outcomeOf(silent)).toBe('EQUAL');
  const read = readings({ [IN]: 0n, [BONUS]: 35n, [OUT]: 0n });
  expect(compareMeters(silent, { read, booked: none })[1]).toMatchObject({ counted: 25n });
});

test('it is time at the start, after a transfer, and when an hour has gone by, and never while one is under way', () => {
  const lastAt = new Date('2026-01-01T12:00:00Z');
  const standing = { machineId: 'm', isUnderWay: false, unreconciled: 0, lastAt };
  const at = (text: string, isStart = false) => ({ now: new Date(`2026-01-01T${text}Z`), isStart });
  expect(reasonFor(standing, at('12:59:59'))).toBeNull();
  expect(reasonFor(standing, at('13:00:00'))).toBe('HOUR');
  expect(reasonFor(standing, at('12:00:01', true))).toBe('START');
  expect(reasonFor({ ...standing, lastAt: null }, at('12:00:01'))).toBe('START');
  expect(reasonFor({ ...standing, unreconciled: 1 }, at('12:00:01', true))).toBe('TRANSFER');
  for (const unreconciled of [0, 1])
    expect(reasonFor({ ...standing, isUnderWay: true, unreconciled }, at('13:00:00', true))).toBeNull();
});

/** A machine that is online and knows transfers, with a wallet of USD 500.00. */
async function aStage() {
  const { id: walletId } = await aWallet(runWork, { venueId, balanceMinor: 50_000n });
  const [machine] = (await aLine(runWork, { venueId })).machines;
  if (!machine) throw new Error('a line without machines');
  const machineId = machine.id;
  await runWork(SAS, (work) => recordConnection(work, { venueId, machineId, state: 'ONLINE', at: work.now }));
  await identified(machineId, true);
  return { walletId, machineId };
}

const identified = (machineId: string, aft: boolean | null) =>
  runWork(SAS, (work) =>
    recordIdentity(work, {
      venueId,
      machineId,
      at: work.now,
      identity: anIdentity({ capabilities: aft === null ? null : { ...NO_FEATURES, aft } }),
    }),
  );

type Stage = Awaited<ReturnType<typeof aStage>>;

/** Orders a transfer and puts on record that it was sent. */
async function sent({ walletId, machineId }: Stage, direction: AftDirection = 'TO_MACHINE') {
  const id = await aTransfer(runWork, { venueId, walletId, machineId, direction, amountMinor: 2_000n });
  await runWork(SAS, (work) => markSent(work, { id, venueId }, { assetNumber: 7 }));
  return id;
}

const step = (id: string, taken: Step) =>
  runWork(SAS, (work) => progress(work, { id, venueId }, () => taken));

async function settled(stage: Stage, direction?: AftDirection): Promise<void> {
  await step(await sent(stage, direction), { to: 'SETTLED', movedMinor: 2_000n });
}

/** As many transfers as there are by now, unless the look before the meters were read found others. */
async function compared(
  { machineId }: Stage,
  values: Readonly<Record<number, bigint>>,
  before?: number,
): Promise<AftReconciliation | null> {
  const unreconciled = before ?? (await findUnreconciled(db, venueId, machineId)).transferIds.length;
  const read = readings({ [IN]: 0n, [OUT]: 0n, ...values });
  return await runWork(SAS, (work) =>
    reconcile(work, { venueId, machineId, reason: 'HOUR', unreconciled, read }),
  );
}

const eventsOf = ({ machineId }: Stage) =>
  listMachineEvents(db, venueId, {
    filter: { machineIds: [machineId], types: ['AFT_DISCREPANCY', 'METER_RESET'] },
    range: { after: null, before: null, limit: 100, backward: false },
  });

test('the first comparison only says where the meters stand', async () => {
  const stage = await aStage();
  await settled(stage);
  expect(await compared(stage, { [IN]: 77_000n })).toMatchObject({
    number: 1,
    outcome: 'BASELINE',
    from: null,
  });
  expect(await compared(stage, { [IN]: 77_000n })).toMatchObject({ number: 2, outcome: 'EQUAL' });
  expect(await eventsOf(stage)).toEqual([]);
});

test('transfers both ways are in one comparison each, with what the ledger has of them', async () => {
  const stage = await aStage();
  await compared(stage, {});
  await settled(stage);
  await settled(stage, 'FROM_MACHINE');
  await settled(stage);
  await step(await sent(stage), { to: 'REJECTED', failure: { code: 'SAS_006', status: null } });
  const found = await compared(stage, { [IN]: 4_000n, [OUT]: 2_000n });
  expect(found).toMatchObject({ outcome: 'EQUAL' });
  expect(found?.meters.map(({ booked }) => booked)).toEqual([4_000n, 2_000n]);
  const again = await compared(stage, { [IN]: 4_000n, [OUT]: 2_000n });
  expect(again?.meters.map(({ booked }) => booked)).toEqual([0n, 0n]);
  expect(again?.from).toEqual(found?.to);
});

test('one cent off is one event that names machine, amount and time, and is not found again', async () => {
  const stage = await aStage();
  const first = await compared(stage, {});
  await settled(stage);
  const found = await compared(stage, { [IN]: 2_001n });
  expect(found?.outcome).toBe('DIFFERENT');
  expect(await compared(stage, { [IN]: 2_001n })).toMatchObject({ outcome: 'EQUAL' });
  const interval = { from: first?.to.toISOString(), to: found?.to.toISOString() };
  const difference = {
    meter: 'AFT_CASHABLE_IN_CENTS',
    code: IN,
    countedCents: '2001',
    bookedCents: '2000',
    differenceCents: '1',
  };
  const events = await eventsOf(stage);
  expect(events).toMatchObject([
    { type: 'AFT_DISCREPANCY', machineId: stage.machineId, data: { ...difference, ...interval } },
  ]);
  const told = await db
    .selectFrom('outbox')
    .select('payload')
    .where('type', '=', 'machine.aft-discrepancy-found')
    .execute();
  expect(told.map(({ payload }) => payload)).toEqual([
    { machineId: stage.machineId, ...interval, differences: [difference] },
  ]);
});

test('a machine whose meters were cleared begins anew, which is an event and no difference', async () => {
  const stage = await aStage();
  await compared(stage, { [IN]: 5_000n, [OUT]: 100n });
  await settled(stage, 'FROM_MACHINE');
  expect(await compared(stage, { [IN]: 0n, [OUT]: 2_000n })).toMatchObject({ outcome: 'RESET' });
  expect(await eventsOf(stage)).toMatchObject([
    { type: 'METER_RESET', data: { meter: 'AFT_CASHABLE_IN_CENTS', code: IN, from: '5000', to: '0' } },
  ]);
  await settled(stage);
  expect(await compared(stage, { [IN]: 2_000n, [OUT]: 2_000n })).toMatchObject({ outcome: 'EQUAL' });
});

test.each([
  ['SENT', null],
  ['PENDING_ON_MACHINE', { to: 'PENDING_ON_MACHINE' }],
  ['IN_DOUBT', { to: 'IN_DOUBT', doubt: 'NO_ANSWER' }],
] as const)('nothing is compared while a transfer is %s, and its end is waited for', async (_, next) => {
  const stage = await aStage();
  await compared(stage, {});
  const id = await sent(stage);
  if (next) await step(id, next);
  expect(await compared(stage, { [IN]: 2_000n })).toBeNull();
  expect(await listStandings(db, venueId, [stage.machineId])).toMatchObject([
    { isUnderWay: true, unreconciled: 0 },
  ]);
  await step(id, { to: 'SETTLED', movedMinor: 2_000n });
  expect(await listStandings(db, venueId, [stage.machineId])).toMatchObject([
    { isUnderWay: false, unreconciled: 1 },
  ]);
  expect(await compared(stage, { [IN]: 2_000n })).toMatchObject({ outcome: 'EQUAL' });
});

test('meters that were read while a transfer came and went are held against nothing', async () => {
  const stage = await aStage();
  await compared(stage, {});
  await settled(stage);
  expect(await compared(stage, { [IN]: 0n }, 0)).toBeNull();
  expect(await compared(stage, { [IN]: 2_000n }, 1)).toMatchObject({ outcome: 'EQUAL' });
});

test('a machine that knows no transfers, or is away, is left alone', async () => {
  const { machineId } = await aStage();
  const standings = () => listStandings(db, venueId, [machineId]);
  expect(await standings()).toEqual([{ machineId, isUnderWay: false, unreconciled: 0, lastAt: null }]);
  await identified(machineId, null);
  expect(await standings()).toHaveLength(1);
  await identified(machineId, false);
  expect(await standings()).toEqual([]);
  await identified(machineId, true);
  await runWork(SAS, (work) =>
    recordConnection(work, { venueId, machineId, state: 'OFFLINE', at: work.now }),
  );
  expect(await standings()).toEqual([]);
});

test.each(["update aft_reconciliation set outcome = 'EQUAL'", 'delete from aft_reconciliation'])(
  'the server may not %s',
  async (statement) => {
    await expect(sql.raw(statement).execute(db)).rejects.toThrow('permission denied');
  },
);
