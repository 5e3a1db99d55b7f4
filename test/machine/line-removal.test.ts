import { expect, test } from 'vitest';
import { isViolationOf } from '../../src/db/errors.ts';
import { readLog } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import { NotFoundError, VersionConflictError } from '../../src/lib/errors.ts';
import { newId } from '../../src/lib/ids.ts';
import { LineInUseError, PortStillHeldError } from '../../src/machine/errors.ts';
import { beginLine, recordUndriven, releaseLine, takeLine } from '../../src/machine/line-lease-service.ts';
import { listDrivable } from '../../src/machine/line-lease-store.ts';
import { countLines, findLine, listAllLines, listLines } from '../../src/machine/line-store.ts';
import {
  configureSasLine,
  registerMachine,
  removeMachine,
  removeSasLine,
} from '../../src/machine/registry-service.ts';
import { findMachine, listMachinesOfLine } from '../../src/machine/store.ts';
import { listUndriven } from '../../src/machine/undriven-line-store.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);
const TEST = system('test');
const anna = { processId: newId(), name: 'anna', drives: ['main'] };

const anEmptyLine = async (port?: string) =>
  (await aLine(runWork, { venueId, machines: 0, ...(port !== undefined && { port }) })).lineId;
const remove = (lineId: string, expectedVersion = 1) =>
  runWork(TEST, (work) => removeSasLine(work, { venueId, lineId, expectedVersion }));
const configure = (
  lineId: string,
  change: { readonly name?: string; readonly port?: string },
  expectedVersion = 1,
) => runWork(TEST, (work) => configureSasLine(work, { ...change, venueId, lineId, expectedVersion }));
const register = (lineId: string, machineId: string | null = null) =>
  runWork(TEST, (work) =>
    registerMachine(work, { venueId, lineId, machineId, expectedVersion: 1, address: 9, name: newId() }),
  );
const take = async (lineId: string) => {
  const lease = await runWork(TEST, (work) => takeLine(work, lineId, { driver: anna, leaseMs: 60_000 }));
  if (!lease) throw new Error('the line is driven by another');
  return lease;
};
const begin = (lineId: string) => runWork(TEST, (work) => beginLine(work, lineId));
const leftMs = async (lineId: string) =>
  (await listDrivable(db, ['main'])).find((line) => line.lineId === lineId)?.leftMs;
const portOf = async (lineId: string) => (await findLine(db, lineId))?.port ?? '';
const refusalOf = (outcome: PromiseSettledResult<unknown>): unknown =>
  outcome.status === 'rejected' ? outcome.reason.constructor : null;
/** Which events there are of a line, in order. */
const told = async (lineId: string) => {
  await eventually(async () => (await sequenceBatch(db)) === 0);
  const events = await readLog(db, { after: 0n, limit: 100_000 });
  return events.flatMap(({ type, payload }) =>
    'lineId' in payload && payload.lineId === lineId ? [type] : [],
  );
};

test('a line that is removed is on no list and in no count, and can still be looked up', async () => {
  const lineId = await anEmptyLine();
  const { name } = (await findLine(db, lineId)) ?? {};
  const before = await countLines(db);
  const removed = await remove(lineId);
  expect(removed).toMatchObject({ id: lineId, name, version: 2, state: 'DOWN', cause: 'It was removed.' });
  expect(removed.removedAt).toBeInstanceOf(Date);
  expect(await findLine(db, lineId)).toEqual(removed);
  for (const lines of [await listLines(db, venueId), await listAllLines(db)])
    expect(lines.map(({ id }) => id)).not.toContain(lineId);
  expect((await countLines(db)).states.UNKNOWN).toBe(before.states.UNKNOWN - 1);
  expect(await leftMs(lineId)).toBeUndefined();
  expect(await told(lineId)).toEqual(['machine.line-configured', 'machine.line-removed']);
  await expect(remove(lineId, 2)).rejects.toThrow(NotFoundError);
  await expect(configure(lineId, { name: 'back' })).rejects.toThrow(NotFoundError);
});

test('a line with machines is not removed, and says which; a machine that was removed is none of them', async () => {
  const { lineId, machines } = await aLine(runWork, { venueId, machines: 2 });
  const refused = await remove(lineId).catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(LineInUseError);
  expect((refused as LineInUseError).machineIds).toEqual(machines.map(({ id }) => id));
  for (const { id: machineId } of machines)
    await runWork(TEST, (work) => removeMachine(work, { venueId, machineId, expectedVersion: 1 }));
  await remove(lineId);
  const [machine] = machines;
  expect(await findMachine(db, venueId, machine?.id ?? '')).toMatchObject({ lineId });
});

test('a machine is put on a line, or the line is removed, whichever comes first', async () => {
  for (let round = 0; round < 12; round += 1) {
    const lineId = await anEmptyLine();
    const { machines } = await aLine(runWork, { venueId });
    const outcomes = await Promise.allSettled(
      round % 2 === 0
        ? [register(lineId), remove(lineId), register(lineId, machines[0]?.id)]
        : [remove(lineId), register(lineId), register(lineId, machines[0]?.id)],
    );
    const onLine = await listMachinesOfLine(db, venueId, lineId);
    const line = await findLine(db, lineId);
    expect(onLine.length).toBe(line?.removedAt ? 0 : 1);
    const refusals = new Set(outcomes.map(refusalOf));
    expect(refusals.has(NotFoundError)).toBe(line?.removedAt !== null);
    expect(refusals.has(LineInUseError)).toBe(line?.removedAt === null);
  }
});

test('of removals and changes of one version there is one', async () => {
  for (let round = 0; round < 6; round += 1) {
    const lineId = await anEmptyLine();
    const outcomes = await Promise.allSettled([
      configure(lineId, { name: newId() }),
      remove(lineId),
      remove(lineId),
    ]);
    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const refusal of outcomes.map(refusalOf))
      expect([null, NotFoundError, VersionConflictError]).toContain(refusal);
  }
});

test('the database keeps machines off a line that was removed, and a line there that has some, whoever writes', async () => {
  const gone = await anEmptyLine();
  await remove(gone);
  const { lineId, machines } = await aLine(runWork, { venueId });
  const moved = db.updateTable('machine').set({ line_id: gone }).where('line_id', '=', lineId).execute();
  const removed = db
    .updateTable('sas_line')
    .set({ removed_at: new Date() })
    .where('id', '=', lineId)
    .execute();
  for (const refused of await Promise.allSettled([moved, removed]))
    expect(refused.status === 'rejected' && isViolationOf(refused.reason, 'machine_on_present_line')).toBe(
      true,
    );
  expect((await listMachinesOfLine(db, venueId, lineId)).map(({ id }) => id)).toEqual([machines[0]?.id]);
});

test('its name and its port are another line’s at once, and the port is driven when nobody speaks on it any more', async () => {
  const lineId = await anEmptyLine();
  const lease = await take(lineId);
  const { name = '', port = '' } = (await begin(lineId)) ?? {};
  await remove(lineId);
  expect(await begin(lineId)).toBeNull();

  const next = await runWork(TEST, (work) =>
    configureSasLine(work, {
      venueId,
      lineId: null,
      expectedVersion: null,
      name,
      port,
      wakeupMode: 'MARKED',
    }),
  );
  expect(await leftMs(next.id)).toBeGreaterThan(30_000);
  await expect(begin(next.id)).rejects.toThrow(PortStillHeldError);
  await runWork(TEST, (work) => releaseLine(work, lease, { driver: anna, quietMs: 60_000 }));
  expect(await leftMs(next.id)).toBeGreaterThan(30_000);
  await db
    .updateTable('sas_line_lease')
    .set({ expires_at: new Date(0) })
    .where('line_id', '=', lineId)
    .execute();
  expect(await leftMs(next.id)).toBeLessThan(0);
  await take(next.id);
  expect(await begin(next.id)).toMatchObject({ id: next.id, port });
});

test('a port that a line was moved away from is driven on another when its driver has moved, too', async () => {
  const [moving, next] = [await anEmptyLine(), await anEmptyLine()];
  await take(moving);
  await begin(moving);
  const port = await portOf(moving);
  await configure(moving, { port: `${port}-elsewhere` });
  await configure(next, { port });
  expect(await leftMs(next)).toBeGreaterThan(30_000);
  await begin(moving);
  expect(await leftMs(next)).toBe(0);
});

test('lines that changed ports with each other are driven when both were given back, whoever is taken first', async () => {
  const lines = [await anEmptyLine(), await anEmptyLine()] as const;
  const leases = [await take(lines[0]), await take(lines[1])];
  for (const lineId of lines) await begin(lineId);
  const [first, second] = [await portOf(lines[0]), await portOf(lines[1])];
  await configure(lines[0], { port: `${first}-elsewhere` });
  await configure(lines[1], { port: first });
  await configure(lines[0], { port: second }, 2);
  for (const lineId of lines) await expect(begin(lineId)).rejects.toThrow(PortStillHeldError);

  for (const lease of leases)
    await runWork(TEST, (work) => releaseLine(work, lease, { driver: anna, quietMs: 0 }));
  for (const lineId of lines) await take(lineId);
  expect(await begin(lines[0])).toMatchObject({ port: second });
  expect(await begin(lines[1])).toMatchObject({ port: first });
});

test('that the driver of a line that was removed vanished alarms nobody, and ends its lease', async () => {
  const lineId = await anEmptyLine();
  const lease = await take(lineId);
  await remove(lineId);
  await db
    .updateTable('sas_line_lease')
    .set({ expires_at: new Date(0) })
    .where('line_id', '=', lineId)
    .execute();
  const undriven = () => listUndriven(db, { lostForMs: 0, releasedForMs: 0 });
  expect(await undriven()).toContain(lineId);
  await runWork(TEST, (work) => recordUndriven(work, lineId));
  expect(await undriven()).not.toContain(lineId);
  expect(await findLine(db, lineId)).toMatchObject({ cause: 'It was removed.', driver: { name: 'anna' } });
  expect((await findLine(db, lineId))?.driver?.lostAt).toBeInstanceOf(Date);
  expect(await told(lineId)).not.toContain('machine.driver-lost');
  // What it is told of too late changes nothing.
  await runWork(TEST, (work) => releaseLine(work, lease, { driver: anna, quietMs: 0 }));
  expect(await told(lineId)).not.toContain('machine.line-released');
});
