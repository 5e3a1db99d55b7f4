import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { startDueWatch } from '../../src/app/due-watch.ts';
import { openDatabase } from '../../src/db/database.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';

const { connection } = await cloneDatabase();

/** A job that counts how often it is woken. */
function aJob() {
  const job = {
    woken: 0,
    wake() {
      job.woken += 1;
    },
  };
  return job;
}

test('a job is woken when something is due for it, by the clock of PostgreSQL, and as long as it is', async () => {
  await using floor = openDatabase({ connection, poolSize: 2, applicationName: 'due' });
  const { db } = floor;
  const [soon, never, ever] = [aJob(), aJob(), aJob()];
  const { rows } = await sql<{ at: Date }>`select now() + interval '300 milliseconds' as at`.execute(db);
  const at = rows[0]?.at ?? new Date(0);
  const errors: unknown[] = [];
  const oneRow = () => db.selectFrom('event_log_incarnation');
  await using _watch = startDueWatch(
    [
      { rows: (_db, { now }) => oneRow().where(sql<boolean>`${now}::timestamptz >= ${at}`), job: soon },
      { rows: () => oneRow().where(sql<boolean>`false`), job: never },
      { rows: () => oneRow(), job: ever },
    ],
    { db, onError: (error) => void errors.push(error), everyMs: 20 },
  );
  await eventually(() => expect(ever.woken).toBeGreaterThan(0));
  await eventually(() => expect(soon.woken).toBeGreaterThan(1));
  // What is due at once was seen before, at each look.
  expect(ever.woken).toBeGreaterThan(soon.woken);
  const { rows: later } = await sql<{ isOver: boolean }>`select now() >= ${at} as "isOver"`.execute(db);
  expect(later[0]?.isOver).toBe(true);
  expect(never.woken).toBe(0);
  expect(errors).toEqual([]);
});

test('it looks again after the database was away', async () => {
  await using floor = openDatabase({ connection, poolSize: 2, applicationName: 'due again' });
  const { db } = floor;
  const job = aJob();
  const errors: unknown[] = [];
  let table: 'event_log_incarnation' | 'no_such_table' = 'no_such_table';
  await using _watch = startDueWatch([{ rows: () => db.selectFrom(table as 'event_log_incarnation'), job }], {
    db,
    onError: (error) => void errors.push(error),
    everyMs: 20,
  });
  await eventually(() => expect(errors.length).toBeGreaterThan(0));
  expect(job.woken).toBe(0);
  table = 'event_log_incarnation';
  await eventually(() => expect(job.woken).toBeGreaterThan(0));
});
