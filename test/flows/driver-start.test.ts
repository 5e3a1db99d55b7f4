import { expect, test } from 'vitest';
import { APP_ROLE, closeClient, connectClient } from '../../src/db/database.ts';
import { createEgm } from '../../src/sas/simulator/egm.ts';
import { createSimulatedLine } from '../../src/sas/simulator/floor.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';
import { startDriverProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const DATA_DIR = await temporaryFolder();
const WAIT = { deadlineMs: 60_000 };

async function asOwner(connection: string, sql: string): Promise<void> {
  const client = await connectClient(connection, { applicationName: 'test' });
  await client.query(sql).finally(() => closeClient(client));
}

test('a driver needs no more of the database than the role of the application', async () => {
  const { connection, name, floor } = await cloneDatabase();
  const runWork = runWorkOn(floor);
  const egm = createEgm({ address: 1 });
  await using simulated = await createSimulatedLine({ egms: [egm], transport: { kind: 'TCP', port: 0 } });
  const { id: venueId } = await aVenue(runWork);
  const { machines } = await aLine(runWork, { venueId, port: simulated.address });
  const url = new URL(connection);
  url.username = `${name}_box`;
  url.password = 'of-a-test';
  await asOwner(
    connection,
    `create role ${url.username} login password '${url.password}'; grant ${APP_ROLE} to ${url.username}`,
  );
  try {
    const driver = await startDriverProcess({ DATABASE_URL: url.href, DATA_DIR });
    expect(driver.stderr()).toBe('');
    const machine = () =>
      floor.db
        .selectFrom('machine')
        .select(['connection', 'in_game'])
        .where('id', '=', machines[0]?.id ?? '')
        .executeTakeFirstOrThrow();
    await eventually(async () => (await machine()).connection === 'ONLINE', WAIT);
    egm.insertBill(20n);
    await eventually(
      async () =>
        (await floor.db.selectFrom('event_log').select('payload').execute()).some(({ payload }) =>
          JSON.stringify(payload).includes('BILL_ACCEPTED_20'),
        ),
      WAIT,
    );
    driver.process.kill('SIGTERM');
    expect(await driver.exited).toEqual({ code: 0, signal: null });
    expect(driver.stdout()).not.toMatch(/"level":"(warn|error)"/);
  } finally {
    await asOwner(connection, `drop role ${url.username}`);
  }
}, 120_000);

test('a driver does not start on a database that lacks what it needs, and leaves it as it is', async () => {
  const { connection } = await emptyDatabase();
  const driver = await startDriverProcess({ DATABASE_URL: connection, DATA_DIR });
  expect(await driver.exited).toEqual({ code: 1, signal: null });
  expect(driver.stderr()).toMatch(/^floorwire: The database lacks 0001-venue, .*run floorwire migrate\.\n$/);
  await asOwner(connection, 'create table venue ()');
});

test('a driver without a shared database, or with nothing to drive, is refused in one line for each', async () => {
  const driver = await startDriverProcess({ DATA_DIR, SAS_DRIVES: 'none' });
  expect(await driver.exited).toEqual({ code: 1, signal: null });
  expect(driver.stderr().trim().split('\n')).toEqual([
    'floorwire: SAS_DRIVES: a driver that drives none has nothing to do',
    'floorwire: DATABASE_URL: is required: a driver shares the database of the processes that answer the API',
  ]);
});
