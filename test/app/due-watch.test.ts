import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { dueRules } from '../../src/alert/alert-rule-store.ts';
import { type DueRows, startDueWatch } from '../../src/app/due-watch.ts';
import { expiredClaims } from '../../src/booking/expired-claim-store.ts';
import { openDatabase } from '../../src/db/database.ts';
import { NOW } from '../../src/db/instant.ts';
import { overdueTransfers } from '../../src/machine/aft-transfer-store.ts';
import { overdueCommands } from '../../src/machine/command-store.ts';
import { undriven } from '../../src/machine/undriven-line-store.ts';
import { dueMail } from '../../src/notification/mail-due-store.ts';
import { lapsedReservations } from '../../src/parking/reservation-store.ts';
import { overstays } from '../../src/parking/session-overstay-store.ts';
import { overdueDeviceCommands } from '../../src/signage/command-store.ts';
import { dueDisplays } from '../../src/signage/display-store.ts';
import { editorsGone } from '../../src/signage/editing-store.ts';
import { duePushes } from '../../src/signage/layout-push-store.ts';
import { overdueTakeovers } from '../../src/signage/takeover-store.ts';
import { expiredHolds } from '../../src/wallet/wallet-hold-store.ts';
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
  const errors: unknown[] = [];
  const oneRow = () => db.selectFrom('event_log_incarnation');
  await using watch = startDueWatch({ db, onError: (error) => void errors.push(error), everyMs: 20 });
  watch.add(() => oneRow().where(sql<boolean>`false`), never);
  watch.add(() => oneRow(), ever);
  await eventually(() => expect(ever.woken).toBeGreaterThan(0));
  const { rows } = await sql<{ at: Date }>`select now() + interval '300 milliseconds' as at`.execute(db);
  const at = rows[0]?.at ?? new Date(0);
  const isOver = async () =>
    (await sql<{ isOver: boolean }>`select now() >= ${at} as "isOver"`.execute(db)).rows[0]?.isOver;
  watch.add((_db, { now }) => oneRow().where(sql<boolean>`${now}::timestamptz >= ${at}`), soon);
  await eventually(async () => {
    const { woken } = soon;
    if (!(await isOver()) && woken > 0) errors.push('woken too early');
    return woken > 1;
  });
  expect(never.woken).toBe(0);
  expect(errors).toEqual([]);
});

test('it looks again after it failed', async () => {
  await using floor = openDatabase({ connection, poolSize: 2, applicationName: 'due again' });
  const { db } = floor;
  const job = aJob();
  const errors: unknown[] = [];
  await using watch = startDueWatch({ db, onError: (error) => void errors.push(error), everyMs: 20 });
  watch.add(() => db.selectFrom('made_later' as 'event_log_incarnation'), job);
  await eventually(() => expect(errors.length).toBeGreaterThan(0));
  expect(job.woken).toBe(0);
  await sql`create table made_later as select 1`.execute(db);
  await eventually(() => expect(job.woken).toBeGreaterThan(0));
});

/** Of what grows for as long as the venue is there; all lines and lots are looked at. */
const GROWING: Readonly<Record<string, DueRows>> = {
  dueDisplays,
  dueMail,
  duePushes,
  dueRules,
  editorsGone,
  expiredClaims,
  expiredHolds,
  lapsedReservations,
  overdueCommands,
  overdueDeviceCommands,
  overdueTakeovers,
  overdueTransfers,
  overstays: (db, { now }) => overstays(db, { now, renewedMs: 1_000 }),
};
const FEW = ['machine'];

test('what is asked again and again is prepared', async () => {
  await using floor = openDatabase({ connection, poolSize: 1, applicationName: 'prepared' });
  const { db } = floor;
  await using watch = startDueWatch({ db, onError: () => {}, everyMs: 20 });
  for (const rows of [...Object.values(GROWING), (from: typeof db) => undriven(from)])
    watch.add(rows, aJob());
  await eventually(async () => {
    const { rows } = await sql<{ statement: string }>`select statement from pg_prepared_statements`.execute(
      db,
    );
    return rows.some(({ statement }) => statement.includes('select array[exists'));
  });
});

test.for(Object.entries(GROWING))('%s are found without looking at those that are over', async ([, rows]) => {
  await using floor = openDatabase({ connection, poolSize: 1, applicationName: 'plans' });
  const read = await floor.db.transaction().execute(async (tx) => {
    await sql`set local enable_seqscan = off`.execute(tx);
    await sql`select exists ${rows(tx, { now: NOW }).select(sql<number>`1`.as('one'))}`.execute(tx);
    const { rows: tables } = await sql<{ relname: string }>`
      select relname from pg_stat_xact_user_tables where seq_scan > 0`.execute(tx);
    return tables.map(({ relname }) => relname);
  });
  expect(read.filter((table) => !FEW.includes(table))).toEqual([]);
});
