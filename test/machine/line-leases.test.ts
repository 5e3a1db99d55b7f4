import { expect, onTestFinished, test } from 'vitest';
import { APP_ROLE, openDatabase } from '../../src/db/database.ts';
import { newId } from '../../src/lib/ids.ts';
import { QUIET_MS } from '../../src/machine/line-lease.ts';
import { startLineLeases } from '../../src/machine/line-leases.ts';
import { runWorkOn } from '../support/auth.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { aLine } from '../support/floor.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = runWorkOn(floor);
const { id: venueId } = await aVenue(runWork);

/** One that ends after two seconds is for who waits for its end. */
const leasesOf = (renewing = db, leaseMs = 120_000) => {
  const leases = startLineLeases({
    runWork,
    db: renewing,
    driver: { processId: newId(), name: 'anna', drives: ['main'] },
    times: { leaseMs, renewalMs: 100 },
    onError: () => {},
  });
  onTestFinished(() => leases[Symbol.asyncDispose]());
  return leases;
};
const leaseOf = (lineId: string) =>
  db.selectFrom('sas_line_lease').selectAll().where('line_id', '=', lineId).executeTakeFirstOrThrow();

test('a lease is renewed for as long as it is held, and free when it is given back', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const leases = leasesOf();
  const tenure = await leases.take(lineId);
  if (!tenure) throw new Error('not taken');
  const { expires_at: first } = await leaseOf(lineId);
  await eventually(async () => Number((await leaseOf(lineId)).expires_at) > Number(first) + 1_000);
  expect(tenure.isCurrent()).toBe(true);
  expect(await leases.take(lineId)).toBeNull();

  await leases.release(tenure, { isSettled: true });
  expect(tenure.over.aborted).toBe(true);
  expect(await leaseOf(lineId)).toMatchObject({ holder: null, released_at: expect.any(Date) });
  expect(await leases.take(lineId)).not.toBeNull();
});

test('while the database cannot be reached the tenure ends, well before the lease does', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const away = openDatabase({
    connection: 'postgres://nobody@127.0.0.1:1/nothing',
    poolSize: 1,
    applicationName: 'test',
    role: APP_ROLE,
  });
  onTestFinished(() => away[Symbol.asyncDispose]());
  const tenure = await leasesOf(away.db, QUIET_MS + 2_000).take(lineId);
  if (!tenure) throw new Error('not taken');
  // What is looked at late was over earlier: the last moment that counts is one of before it was asked.
  let lastCurrentMs = 0;
  await eventually(() => {
    const beforeMs = Date.now();
    if (tenure.isCurrent()) lastCurrentMs = beforeMs;
    return tenure.over.aborted;
  });
  const { expires_at: expiresAt } = await leaseOf(lineId);
  // A machine that hears nobody for 5 s has forgotten what it waited for when the next driver may speak.
  expect(Number(expiresAt) - lastCurrentMs).toBeGreaterThan(5_000);
});

test('a lease that another took is not renewed: the tenure ends', async () => {
  const { lineId } = await aLine(runWork, { venueId });
  const tenure = await leasesOf().take(lineId);
  if (!tenure) throw new Error('not taken');
  await db
    .updateTable('sas_line_lease')
    .set({ epoch: tenure.lease.epoch + 1n, holder: newId(), driver: 'bert' })
    .where('line_id', '=', lineId)
    .execute();
  await eventually(() => tenure.over.aborted);
  expect((await leaseOf(lineId)).driver).toBe('bert');
});
