import { expect, test } from 'vitest';
import { isViolationOf } from '../../src/db/errors.ts';
import { readLog } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { LineLeaseLostError } from '../../src/machine/errors.ts';
import { fenced } from '../../src/machine/fenced-work.ts';
import { type LineLease, shortestLeaseMs, thisMoment } from '../../src/machine/line-lease.ts';
import { recordUndriven, releaseLine, takeLine } from '../../src/machine/line-lease-service.ts';
import { listDrivable, renewLeases } from '../../src/machine/line-lease-store.ts';
import { findLine, saveLineState } from '../../src/machine/line-store.ts';
import { recordConnection, recordLineState } from '../../src/machine/service.ts';
import { findMachine } from '../../src/machine/store.ts';
import { beginTenure, type Tenure } from '../../src/machine/tenure.ts';
import { listUndriven } from '../../src/machine/undriven-line-store.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { aGate } from '../support/gate.ts';
import { lockWaits } from '../support/lock-waits.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);
const TEST = system('test');
const LEASE_MS = 60_000;

const aDriver = (name: string) => ({ processId: newId(), name, drives: ['main'] });
const [anna, bert] = [aDriver('anna'), aDriver('bert')];

const take = (lineId: string, driver = anna, leaseMs = LEASE_MS) =>
  runWork(TEST, (work) => takeLine(work, lineId, { driver, leaseMs }));
const taken = async (...args: Parameters<typeof take>): Promise<LineLease> => {
  const lease = await take(...args);
  if (!lease) throw new Error('the line is driven by another');
  return lease;
};
/** A tenure that believes in itself whatever the database says. */
const believer = (lease: LineLease): Tenure => beginTenure(lease, { termMs: 600_000, askedAt: thisMoment() });
const expire = (lineId: string) =>
  db
    .updateTable('sas_line_lease')
    .set({ expires_at: new Date(0) })
    .where('line_id', '=', lineId)
    .execute();
/** What is told about a line, in order. */
const told = async (lineId: string) => {
  await eventually(async () => (await sequenceBatch(db)) === 0);
  const events = await readLog(db, { after: 0n, limit: 100_000 });
  return events.flatMap(({ type, payload }) =>
    'driver' in payload && payload.lineId === lineId ? [`${type} ${payload.driver}`] : [],
  );
};
const up = { state: 'UP', cause: null, at: new Date() } as const;

test('of many drivers that want a line at once exactly one gets it', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const tries = await Promise.allSettled(
    Array.from({ length: 12 }, (_, at) => take(lineId, aDriver(`d${at}`))),
  );
  expect(tries.every(({ status }) => status === 'fulfilled')).toBe(true);
  expect(tries.filter((each) => each.status === 'fulfilled' && each.value !== null)).toHaveLength(1);
  expect(await take(lineId, bert)).toBeNull();
});

test('a line is free again once it was given back, or its lease has expired, each time in a new epoch', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const first = await taken(lineId);
  await runWork(TEST, (work) => releaseLine(work, first, { driver: anna, quietMs: 0 }));
  const second = await taken(lineId, bert);
  expect(second.epoch).toBeGreaterThan(first.epoch);
  await expire(lineId);
  const third = await taken(lineId);
  expect(third.epoch).toBeGreaterThan(second.epoch);
  expect((await findLine(db, lineId))?.driver).toMatchObject({ name: 'anna', lostAt: null });
  // Giving back what one has lost takes nothing from who has it.
  await runWork(TEST, (work) => releaseLine(work, second, { driver: bert, quietMs: 0 }));
  expect((await findLine(db, lineId))?.driver).toMatchObject({ name: 'anna' });
  expect(await told(lineId)).toEqual([
    'machine.line-taken anna',
    'machine.line-released anna',
    'machine.line-taken bert',
    'machine.driver-lost bert',
    'machine.line-taken anna',
  ]);
});

test('a line that is not settled when it is given back is free after a silence', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const lease = await taken(lineId);
  await runWork(TEST, (work) => releaseLine(work, lease, { driver: anna, quietMs: 60_000 }));
  expect(await take(lineId, bert)).toBeNull();
  expect((await findLine(db, lineId))?.driver).toBeNull();
  await expire(lineId);
  expect(await take(lineId, bert)).not.toBeNull();
  expect(await told(lineId)).not.toContain('machine.driver-lost anna');
});

test('an expired lease is renewed or taken by one other, whichever comes first', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { lineId } = await aLine(runWork, { venueId });
    const lease = await taken(lineId);
    await expire(lineId);
    const [renewed, ...others] = await Promise.all([
      renewLeases(db, [lease], LEASE_MS),
      ...[anna, bert, aDriver('carl')].map((driver) => take(lineId, driver)),
    ]);
    const holders = others.filter((each) => each !== null);
    expect(holders.length).toBeLessThanOrEqual(1);
    expect((await renewLeases(db, [lease], LEASE_MS)).has(lineId)).toBe(holders.length === 0);
    expect(renewed.has(lineId) || holders.length === 1).toBe(true);
  }
});

test('what is written in an epoch that is over is refused, and the tenure ends', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const line = await findLine(db, lineId);
  if (!line) throw new Error('no line');
  const tenure = believer(await taken(lineId));
  await fenced(runWork, tenure)(TEST, (work) => recordLineState(work, line, up));
  await expire(lineId);
  // Expired alone is not lost: nobody else may have written anything meanwhile.
  await fenced(runWork, tenure)(TEST, (work) => recordLineState(work, line, { ...up, cause: 'late' }));

  await taken(lineId, bert);
  expect(tenure.isCurrent()).toBe(true);
  await expect(
    fenced(runWork, tenure)(TEST, (work) => recordLineState(work, line, { ...up, state: 'DOWN' })),
  ).rejects.toThrow(LineLeaseLostError);
  expect(await findLine(db, lineId)).toMatchObject({ state: 'UP', cause: 'late' });
  expect(tenure.over.aborted).toBe(true);
});

test('whoever takes a line waits for what its last driver is still writing; a renewal does not', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const line = await findLine(db, lineId);
  if (!line) throw new Error('no line');
  const lease = await taken(lineId);
  const [entered, leave] = [aGate(), aGate()];
  const writing = fenced(runWork, believer(lease))(TEST, async (work) => {
    entered.open();
    await leave.opened;
    await saveLineState(work.tx, line, { ...up, cause: 'the last word' });
  });
  await entered.opened;
  expect((await renewLeases(db, [lease], LEASE_MS)).has(lineId)).toBe(true);
  await expire(lineId);
  let isTaken = false;
  const next = taken(lineId, bert).then(async () => {
    isTaken = true;
    return (await findLine(db, lineId))?.cause;
  });
  await eventually(async () => (await lockWaits(floor)) > 0);
  expect(isTaken).toBe(false);
  leave.open();
  await writing;
  expect(await next).toBe('the last word');
});

test('the database keeps epochs from coming again, whoever writes', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  await taken(lineId);
  for (const change of [{ epoch: 0n }, { holder: newId() }]) {
    const refused = await db
      .updateTable('sas_line_lease')
      .set(change)
      .where('line_id', '=', lineId)
      .execute()
      .catch((error: unknown) => error);
    expect(isViolationOf(refused, 'sas_line_lease_epoch_grows')).toBe(true);
  }
});

test('a driver sees the lines that are for it, and how long another still has them', async () => {
  const { lineId } = await aLine(runWork, { venueId, drivenBy: 'hall-2' });
  expect(await listDrivable(db, ['hall-2', 'hall-3'])).toEqual([{ lineId, leftMs: 0 }]);
  expect((await listDrivable(db, ['main'])).map((line) => line.lineId)).not.toContain(lineId);
  expect(await listDrivable(db, [])).toEqual([]);
  await taken(lineId);
  const [line] = await listDrivable(db, ['hall-2']);
  expect(line?.leftMs).toBeGreaterThan(LEASE_MS / 2);
  expect(line?.leftMs).toBeLessThanOrEqual(LEASE_MS);
});

test('a line whose driver vanished is down and so are its machines, said once, and it writes nothing more', async () => {
  const { lineId, machines } = await aLine(runWork, { venueId });
  const [machine] = machines;
  const line = await findLine(db, lineId);
  if (!machine || !line) throw new Error('no machine');
  const tenure = believer(await taken(lineId));
  await fenced(runWork, tenure)(TEST, async (work) => {
    await recordLineState(work, line, up);
    await recordConnection(work, { venueId, machineId: machine.id, state: 'ONLINE', at: work.now });
  });
  const undriven = () => listUndriven(db, { lostForMs: 0, releasedForMs: 0 });
  expect(await undriven()).not.toContain(lineId);
  expect(await runWork(TEST, (work) => recordUndriven(work, lineId))).toBeNull();

  await expire(lineId);
  expect(await undriven()).toContain(lineId);
  const said = await Promise.all(
    Array.from({ length: 4 }, () => runWork(TEST, (work) => recordUndriven(work, lineId))),
  );
  expect(said.filter(Boolean)).toHaveLength(1);
  expect(await findLine(db, lineId)).toMatchObject({
    state: 'DOWN',
    cause: 'Its driver anna does not answer.',
    driver: { name: 'anna', lostAt: expect.any(Date) },
  });
  expect((await findMachine(db, venueId, machine.id))?.connection).toBe('OFFLINE');
  expect(await undriven()).not.toContain(lineId);
  expect(await told(lineId)).toEqual(['machine.line-taken anna', 'machine.driver-lost anna']);
  await expect(fenced(runWork, tenure)(TEST, (work) => recordLineState(work, line, up))).rejects.toThrow(
    LineLeaseLostError,
  );
  expect(await take(lineId, bert)).not.toBeNull();
});

test('a line that was given back and that nobody took is down', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const line = await findLine(db, lineId);
  if (!line) throw new Error('no line');
  const lease = await taken(lineId);
  await runWork(TEST, (work) => recordLineState(work, line, up));
  await runWork(TEST, (work) => releaseLine(work, lease, { driver: anna, quietMs: 0 }));
  expect(await listUndriven(db, { lostForMs: 0, releasedForMs: 60_000 })).not.toContain(lineId);
  expect(await listUndriven(db, { lostForMs: 0, releasedForMs: 0 })).toContain(lineId);
  await runWork(TEST, (work) => recordUndriven(work, lineId));
  expect(await findLine(db, lineId)).toMatchObject({
    state: 'DOWN',
    cause: 'No driver drives it.',
    driver: null,
  });
});

test('the shortest lease leaves time for a renewal that fails and one that does not', () => {
  expect(shortestLeaseMs(1_000)).toBe(7_500);
});
