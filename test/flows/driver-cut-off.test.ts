import { expect, onTestFinished, test } from 'vitest';
import { exceptionCode } from '../../src/sas/codec/exceptions.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { throughProxy } from '../db/proxy.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { startDriverProcess } from '../support/server-process.ts';
import { steadyClock } from '../support/steady-clock.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const WAIT = { deadlineMs: 60_000 };
/** A machine that hears nobody for so long forgets what it waits to have acknowledged (SAS.md 5.5). */
const LINK_DOWN_MS = 5_000;
const SILENT_FOR_MS = 2_000;

test('a driver whose PostgreSQL hangs falls silent well before its lease ends, and can be told to end', async () => {
  const { connection, floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const egm = createEgm({ address: 1 });
  let lastHeardAtMs = 0;
  // A process that is not let run finds late what came early: it came after the tick before the last at the earliest.
  const ticks: number[] = [Date.now(), Date.now()];
  const ticking = setInterval(() => void ticks.splice(0, 2, ticks[1] ?? 0, Date.now()), 10);
  onTestFinished(() => clearInterval(ticking));
  await using simulated = await createSimulatedLine({
    egms: [egm],
    transport: { kind: 'TCP', port: 0 },
    faultsToEgms(message, deliver) {
      lastHeardAtMs = ticks[0] ?? 0;
      deliver(message);
    },
  });
  const { id: venueId } = await aVenue(runWork);
  const { lineId } = await aLine(runWork, { venueId, port: simulated.address });
  const line = () =>
    floor.db
      .selectFrom('sas_line_lease as lease')
      .innerJoin('machine', 'machine.line_id', 'lease.line_id')
      .select(['lease.expires_at', 'machine.connection'])
      .where('lease.line_id', '=', lineId)
      .executeTakeFirstOrThrow();

  await using proxy = await throughProxy(connection);
  const driver = await startDriverProcess({
    DATABASE_URL: proxy.connection,
    DATA_DIR: await temporaryFolder(),
    SAS_LEASE: '10s',
    SAS_LEASE_RENEWAL: '1s',
  });
  expect(driver.stderr()).toBe('');
  await eventually(async () => (await line()).connection === 'ONLINE', WAIT);
  proxy.hang();
  // It holds what it cannot put on record, and keeps the machine company until its time is over.
  egm.openDoor();
  await eventually(() => Date.now() - lastHeardAtMs > SILENT_FOR_MS, WAIT);
  const { expires_at: expiresAt } = await line();
  expect(Number(expiresAt) - lastHeardAtMs).toBeGreaterThan(LINK_DOWN_MS);
  expect(egm.state().queuedExceptions.map(({ code }) => code)).toContain(exceptionCode('SLOT_DOOR_OPENED'));

  using clock = steadyClock();
  driver.process.kill('SIGTERM');
  expect(await withDeadline(driver.exited, 60_000, 'the end of the driver')).toEqual({
    code: 0,
    signal: null,
  });
  expect(clock.elapsedMs).toBeLessThan(10_000);
}, 120_000);
