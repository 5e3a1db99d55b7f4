import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { readLog } from '../../src/events/log.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { system } from '../../src/lib/actor.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { connection, floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });

/** Until nothing waits for its place. */
async function drain(): Promise<void> {
  while ((await sequenceBatch(db)) !== 0);
}

test('one work announces more than one statement takes, in order', async () => {
  const { id: venueId } = await aVenue(runWork);
  const count = 12_000;
  await runWork(system('test'), async ({ emit }) => {
    for (let number = 0; number < count; number += 1)
      emit({ type: 'auth.secrets-rewrapped', venueId, count: number });
  });
  await drain();
  const events = await readLog(db, { after: 0n, limit: count + 1, types: ['auth.secrets-rewrapped'] });
  expect(events.map(({ payload }) => ('count' in payload ? payload.count : null))).toEqual(
    Array.from({ length: count }, (_, number) => number),
  );
});

test('a batch reads no more of the outbox for what has gone through it', async () => {
  const { id: venueId } = await aVenue(runWork);
  await drain();
  const owner = await connectClient(connection, { applicationName: 'test' });
  await owner.query('vacuum (analyze) outbox').finally(() => closeClient(owner));
  await db.connection().execute(async (one) => {
    // So often that a plan is kept, while there is nothing to plan for.
    for (let times = 0; times < 10; times += 1) await sequenceBatch(one);
    await runWork(system('test'), async ({ emit }) => {
      for (let number = 0; number < 1_000; number += 1)
        emit({ type: 'auth.secrets-rewrapped', venueId, count: number });
    });
    const wholeReads = await one.transaction().execute(async (tx) => {
      expect(await sequenceBatch(tx)).toBe(500);
      const { rows } = await sql<{ seq_scan: string }>`
        select seq_scan from pg_stat_xact_user_tables where relname = 'outbox'`.execute(tx);
      return rows.map(({ seq_scan }) => Number(seq_scan));
    });
    expect(wholeReads).toEqual([0]);
  });
  await drain();
});
