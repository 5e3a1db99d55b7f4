import { join } from 'node:path';
import { sql } from 'kysely';
import { afterAll, expect, test } from 'vitest';
import { openDatabase } from '../../src/db/database.ts';
import { migrate } from '../../src/db/migrate.ts';
import { verifyAudit } from '../../src/events/audit-verification.ts';
import { sequenceBatch } from '../../src/events/sequencer.ts';
import { type Actor, ANONYMOUS, system } from '../../src/lib/actor.ts';
import { newId } from '../../src/lib/ids.ts';
import { PACKAGE_FOLDER } from '../../src/lib/package-folder.ts';
import { createRunWork, type RunWork } from '../../src/work.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';

const { connection, floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const MIGRATIONS = join(PACKAGE_FOLDER, 'migrations');
const owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
afterAll(async () => {
  await owner[Symbol.asyncDispose]();
});

const somebody: Actor = {
  kind: 'partner',
  apiKeyId: newId(),
  venueId: newId(),
  scopes: [],
  eventTypes: [],
};
const origin = { requestId: newId(), address: '192.0.2.7' };

async function happen(venueId: string, actor: Actor, count = 1): Promise<void> {
  for (let at = 0; at < count; at += 1) {
    await runWork(
      actor,
      async (work) => work.emit({ type: 'test.counted', venueId, subject: 's', number: at }),
      origin,
    );
  }
  while ((await sequenceBatch(db)) !== 0);
}

const entriesOf = (venueId: string) =>
  db.selectFrom('audit_entry').selectAll().where('venue_id', '=', venueId).orderBy('sequence').execute();

test('what people and partners do and all that is done about rights is on record, machines and jobs are not', async () => {
  const venueId = newId();
  await happen(venueId, somebody);
  await happen(venueId, ANONYMOUS);
  await happen(venueId, system('sas'), 3);
  await runWork(system('cli'), async (work) =>
    work.emit({ type: 'auth.venue-created', venueId, slug: 'here' }),
  );
  while ((await sequenceBatch(db)) !== 0);

  const entries = await entriesOf(venueId);
  expect(entries.map(({ sequence, type, actor }) => [sequence, type, actor.kind])).toEqual([
    [1n, 'test.counted', 'partner'],
    [2n, 'test.counted', 'anonymous'],
    [3n, 'auth.venue-created', 'system'],
  ]);
  expect(entries[0]).toMatchObject({ origin, payload: { subject: 's', number: 0 } });
  expect(entries[2]?.origin).toBeNull();
  expect(await verifyAudit(db, venueId, null)).toMatchObject({ entries: 3, broken: null });
});

const changeBalance = (runWork: RunWork, venueId: string) =>
  runWork(system('sas'), async (work) =>
    work.emit({
      type: 'wallet.balance-changed',
      venueId,
      walletId: newId(),
      userId: newId(),
      currency: 'USD',
      postedMinor: '700',
      heldMinor: '0',
      version: '4',
      cause: 'WITHDRAWAL',
      transactionId: newId(),
      holdId: null,
      amountMinor: '300',
    }),
  );

test('a change of a balance is on record also when nobody asked for it', async () => {
  const venueId = newId();
  await changeBalance(runWork, venueId);
  while ((await sequenceBatch(db)) !== 0);
  expect(await entriesOf(venueId)).toMatchObject([
    { type: 'wallet.balance-changed', actor: { kind: 'system', id: 'sas' }, payload: { postedMinor: '700' } },
  ]);
  await sql`delete from audit_entry where venue_id = ${venueId}`.execute(owner.db);
  expect((await verifyAudit(db, venueId, null)).broken).toEqual({ fault: 'LOG', sequence: null });
});

test('what floorwire did to a balance before such was put on record is not missed', async () => {
  const { connection, floor } = await emptyDatabase();
  await migrate(connection, MIGRATIONS, { through: 70 });
  const runWork = createRunWork({ db: floor.db, onEvents: () => {} });
  const venueId = newId();
  const change = async () => {
    await changeBalance(runWork, venueId);
    while ((await sequenceBatch(floor.db)) !== 0);
  };
  await change();
  await migrate(connection, MIGRATIONS);
  expect(await verifyAudit(floor.db, venueId, null)).toMatchObject({ entries: 0, broken: null });
  await change();
  expect(await verifyAudit(floor.db, venueId, null)).toMatchObject({ entries: 1, broken: null });
});

test('venues have chains of their own, dense also when written at once', async () => {
  const [one, other] = [newId(), newId()];
  await Promise.all(Array.from({ length: 40 }, (_, at) => happen(at % 2 ? one : other, somebody)));
  for (const venueId of [one, other]) {
    const entries = await entriesOf(venueId);
    expect(entries.map(({ sequence }) => sequence)).toEqual(
      Array.from({ length: 20 }, (_, at) => BigInt(at + 1)),
    );
    expect(await verifyAudit(db, venueId, null)).toMatchObject({ entries: 20, broken: null });
  }
});

test.each([
  [
    'changes what an entry says',
    'CONTENT',
    3n,
    sql`update audit_entry set payload = '{}' where sequence = 3`,
  ],
  [
    'changes who did it',
    'CONTENT',
    3n,
    sql`update audit_entry set actor = '{"kind":"user"}' where sequence = 3`,
  ],
  ['changes where from', 'CONTENT', 3n, sql`update audit_entry set origin = null where sequence = 3`],
  ['changes what it is', 'CHAIN', 3n, sql`update audit_entry set type = 'auth.nothing' where sequence = 3`],
  [
    'changes when it was',
    'CHAIN',
    3n,
    sql`update audit_entry set at = at - interval '1 second' where sequence = 3`,
  ],
  ['takes one out', 'MISSING', 3n, sql`delete from audit_entry where sequence = 3`],
  ['takes the first out', 'MISSING', 1n, sql`delete from audit_entry where sequence = 1`],
  ['cuts off the end', 'LOG', null, sql`delete from audit_entry where sequence > 3`],
  ['empties it', 'LOG', null, sql`delete from audit_entry`],
])('whoever owns the database and %s is found out: %s', async (_, fault, sequence, tampering) => {
  const venueId = newId();
  await happen(venueId, somebody, 5);
  await owner.db.transaction().execute(async (tx) => {
    // Others of this file stay as they are.
    await sql`create temporary table kept on commit drop as select * from audit_entry where venue_id <> ${venueId}`.execute(
      tx,
    );
    await tampering.execute(tx);
    await sql`delete from audit_entry where venue_id <> ${venueId}`.execute(tx);
    await sql`insert into audit_entry select * from kept`.execute(tx);
  });
  expect((await verifyAudit(db, venueId, null)).broken).toEqual({ fault, sequence });
});

test('what was erased is gone, and the chain still holds', async () => {
  const venueId = newId();
  await happen(venueId, somebody, 5);
  await sql`update audit_entry set payload = null, salt = null, origin = null
    where venue_id = ${venueId} and sequence in (2, 3)`.execute(owner.db);
  expect(await verifyAudit(db, venueId, null)).toMatchObject({ entries: 5, broken: null });
});

test('a record rewritten as a whole, log included, holds by itself and not behind an anchor', async () => {
  const venueId = newId();
  await happen(venueId, somebody, 3);
  const { head } = await verifyAudit(db, venueId, null);
  await happen(venueId, somebody, 2);
  expect(await verifyAudit(db, venueId, head)).toMatchObject({ entries: 2, broken: null });

  await sql`delete from audit_entry where venue_id = ${venueId}`.execute(owner.db);
  await sql`update event_log set at = at - interval '1 hour' where venue_id = ${venueId}`.execute(owner.db);
  await sql`select keep_audit_entry(event) from (select * from event_log where venue_id = ${venueId} order by position) as event`.execute(
    owner.db,
  );
  expect((await verifyAudit(db, venueId, null)).broken).toBeNull();
  expect((await verifyAudit(db, venueId, head)).broken).toEqual({ fault: 'ANCHOR', sequence: 3n });
});

test('an empty record holds, and any anchor in it is missed', async () => {
  const venueId = newId();
  expect(await verifyAudit(db, venueId, null)).toEqual({ entries: 0, broken: null, head: null });
  const anchor = { sequence: 1n, hash: Buffer.alloc(32) };
  expect((await verifyAudit(db, venueId, anchor)).broken).toEqual({ fault: 'ANCHOR', sequence: 1n });
});

test('the application can neither write, change nor delete what is on record', async () => {
  for (const attempt of [
    sql`update audit_entry set type = 'a.b'`,
    sql`delete from audit_entry`,
    sql`insert into audit_entry select * from audit_entry`,
    sql`select keep_audit_entry(event_log) from event_log`,
  ]) {
    await expect(attempt.execute(db)).rejects.toThrow(/permission denied/);
  }
});
