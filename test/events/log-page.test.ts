import { sql, type Transaction } from 'kysely';
import { beforeAll, expect, test } from 'vitest';
import type { Database } from '../../src/db/schema.ts';
import type { EventType } from '../../src/events/events.ts';
import { countEvents, listEvents } from '../../src/events/log-page.ts';
import { cloneDatabase } from '../support/database.ts';
import { TEST_VENUE as venueId } from '../support/event-log.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const OTHERS = 20_000;
const MINE = 200;
const userId = 'me';
const types = ['wallet.balance-changed', 'wallet.opened', 'wallet.status-changed'] as const;
const filter = { venueId, types, own: { userId, types } };
const range = { after: null, before: null, limit: 21, backward: true, shown: null };

beforeAll(async () => {
  await db.transaction().execute(async (tx) => {
    await sql`set local role none`.execute(tx);
    await fill(tx, { user: 'somebody', type: 'wallet.balance-changed', from: 1, many: OTHERS });
    await fill(tx, { user: userId, type: 'wallet.balance-changed', from: OTHERS + 1, many: MINE });
    await fill(tx, { user: userId, type: 'wallet.opened', from: OTHERS + MINE + 1, many: 1 });
    await fill(tx, { user: 'somebody', type: 'machine.removed', from: OTHERS + MINE + 2, many: 5 });
    await fill(tx, { user: 'somebody', type: 'wallet.balance-changed', from: OTHERS * 2, many: OTHERS });
    await sql`analyze event_log`.execute(tx);
  });
});

interface Filling {
  readonly user: string;
  readonly type: EventType;
  readonly from: number;
  readonly many: number;
}

/** Events of a user at so many places; nobody verifies the chain here. */
const fill = (tx: Transaction<Database>, { user, type, from, many }: Filling) =>
  sql`insert into event_log (position, venue_id, type, at, actor, payload, salt, payload_digest, hash, xid)
    select n, ${venueId}, ${type}, now(), '{"kind": "system", "id": "test"}', jsonb_build_object('userId', ${user}::text),
      'x', 'x', 'x', pg_current_xact_id()
    from generate_series(${from}::bigint, ${from}::bigint + ${many}::bigint - 1) n`.execute(tx);

/** What it answers, and how many rows of the log were read for it. */
async function reading<Result>(read: (tx: Transaction<Database>) => Promise<Result>) {
  return await db.transaction().execute(async (tx) => {
    const before = await rowsReadBy(tx);
    const result = await read(tx);
    return { result, rowsRead: (await rowsReadBy(tx)) - before };
  });
}

async function rowsReadBy(tx: Transaction<Database>): Promise<number> {
  const { rows } = await sql<{ read: bigint }>`
    select seq_tup_read + idx_tup_fetch as read from pg_stat_xact_user_tables
    where relname = 'event_log'`.execute(tx);
  return Number(rows[0]?.read);
}

test.each([false, true])(
  'a page of what is about one person reads no event of others, backward %s',
  async (backward) => {
    const { result, rowsRead } = await reading((tx) => listEvents(tx, filter, { ...range, backward }));
    const first = backward ? OTHERS + MINE + 1 : OTHERS + 1;
    expect(result.map(({ position }) => Number(position))).toEqual(
      Array.from({ length: 21 }, (_, at) => (backward ? first - at : first + at)),
    );
    expect(rowsRead).toBeLessThan(100);
  },
);

test('how many there are of them is counted without the others', async () => {
  const { result, rowsRead } = await reading((tx) => countEvents(tx, filter));
  expect(result).toBe(MINE + 1);
  expect(rowsRead).toBeLessThanOrEqual(MINE + 1);
});

test('all of one type and one person’s of others are one page in the order of the log', async () => {
  const mixed = { venueId, types: [...types, 'machine.removed'] as const, own: { userId, types } };
  const page = await listEvents(db, mixed, range);
  expect(page.slice(0, 7).map(({ type }) => type)).toEqual([
    ...Array(5).fill('machine.removed'),
    'wallet.opened',
    'wallet.balance-changed',
  ]);
  expect(await countEvents(db, mixed)).toBe(MINE + 6);
});
