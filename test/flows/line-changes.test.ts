import { expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { system } from '../../src/lib/actor.ts';
import { MACHINE_PROFILES } from '../../src/sas/host/profiles.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { createRunWork } from '../../src/work.ts';
import { aFloorApp } from '../support/app.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

/** Lines are configured while the process that drives them runs. */

const floor = await aFloorApp({
  machines: 1,
  settings: {
    driver: {
      name: 'box-1',
      drives: ['main', 'spare'],
      profiles: MACHINE_PROFILES,
      leaseMs: 15_000,
      renewalMs: 3_000,
      clockDriftMs: null,
    },
  },
});
await floor.online();
const { db } = floor.app().services;
const runWork = createRunWork({ db, onEvents: () => {} });

const aWire = async () => {
  const egm = createEgm({ address: 1 });
  return createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
};

const lineAt = async (port: string) => {
  const { data } = await floor.ask(
    '{ sasLines { port drivenBy state driver { name since leaseExpiresAt lostAt } machines { connection } } }',
  );
  return data.sasLines.find((line: { port: string }) => line.port === port);
};
const isOnline = async (port: string) => (await lineAt(port))?.machines[0].connection === 'ONLINE';

/** As `configureSasLine` does it. */
const configure = (lineId: string, change: { readonly port?: string; readonly driven_by?: string }) =>
  runWork(system('test'), async (work) => {
    await work.tx.updateTable('sas_line').set(change).where('id', '=', lineId).execute();
    work.emit({ type: 'machine.line-configured', venueId: floor.venueId, lineId });
  });

test('a line that is added, and one that moves to another port, are driven without a restart', async () => {
  await using first = await aWire();
  await using second = await aWire();
  const { lineId } = await aLine(runWork, { venueId: floor.venueId, port: first.address });
  await eventually(() => isOnline(first.address));
  expect(await lineAt(first.address)).toMatchObject({
    drivenBy: 'main',
    driver: { name: 'box-1', lostAt: null },
  });
  const leaseEndsMs = Date.parse((await lineAt(first.address)).driver.leaseExpiresAt) - Date.now();
  expect(leaseEndsMs).toBeGreaterThan(5_000);

  await configure(lineId, { port: second.address });
  await eventually(async () => {
    const [egm] = second.egms;
    egm?.openDoor();
    const { data } = await floor.ask('{ machineEvents(types: [SLOT_DOOR_OPENED]) { nodes { id } } }');
    return data.machineEvents.nodes.length > 0;
  });
  expect(await isOnline(second.address)).toBe(true);
});

test('a change is not forgotten when the driver could not look what it was', async () => {
  await using first = await aWire();
  await using second = await aWire();
  const { lineId } = await aLine(runWork, { venueId: floor.venueId, port: first.address });
  await eventually(() => isOnline(first.address));

  // Who holds the lease is known without this table, and how the line stands is not.
  await using owner = openDatabase({ connection: floor.connection, poolSize: 1, applicationName: 'owner' });
  await owner.pool.query('alter table sas_line_status rename to sas_line_status_away');
  await configure(lineId, { port: second.address });
  await eventually(() => floor.logged().includes('line not driven yet'));
  await owner.pool.query('alter table sas_line_status_away rename to sas_line_status');
  await eventually(() => isOnline(second.address));
  const [egm] = second.egms;
  egm?.openDoor();
  await eventually(async () => (egm?.state().queuedExceptions.length ?? 1) === 0);
});

test('a line is driven by the drivers that its name is for, and given back when it gets another', async () => {
  await using wire = await aWire();
  const port = wire.address;
  const { lineId } = await aLine(runWork, { venueId: floor.venueId, port, drivenBy: 'elsewhere' });
  await configure(lineId, { driven_by: 'spare' });
  await eventually(() => isOnline(port));
  expect((await lineAt(port)).driver.name).toBe('box-1');

  await configure(lineId, { driven_by: 'elsewhere' });
  await eventually(async () => (await lineAt(port)).driver === null);
  // Nobody takes it: after a while it counts as down, and so do its machines.
  await eventually(async () => {
    const { state, machines } = await lineAt(port);
    return state === 'DOWN' && machines[0].connection === 'OFFLINE';
  });
});
