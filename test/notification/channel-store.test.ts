import { sql } from 'kysely';
import { expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { countChannelKeys, listChannelKeys } from '../../src/notification/channel-store.ts';
import { createRunWork } from '../../src/work.ts';
import { aVenue } from '../support/builders.ts';
import { cloneDatabase } from '../support/database.ts';

const { floor } = await cloneDatabase();
const { db } = floor;
const runWork = createRunWork({ db, onEvents: () => {} });
const ALL = { after: null, before: null, limit: 100, backward: false };

test('the channels of a venue are found without reading what was said on them', async () => {
  const [venue, other] = [await aVenue(runWork), await aVenue(runWork)];
  const someone = `user:${newId()}`;
  const [ours, theirs] = [
    ['venue', 'shift-notes', someone],
    ['venue', 'front-desk', `user:${newId()}`],
  ];
  for (const [{ id }, channels] of [[venue, ours] as const, [other, theirs] as const])
    await sql`insert into channel_message (id, venue_id, channel, type, data, sender, sent_at)
      select gen_random_uuid(), ${id}, channel, 'test', 'null', '{}', now()
      from unnest(${channels}::text[]) as channel, generate_series(1, 1000)`.execute(db);
  await sql`analyze channel_message`.execute(db);

  await db.transaction().execute(async (tx) => {
    const whole = { among: ['games-night', 'venue'], isWhole: true };
    const keys = await listChannelKeys(tx, venue.id, { ...whole, range: ALL });
    expect(keys).toEqual(['games-night', 'shift-notes', someone, 'venue']);
    expect(await countChannelKeys(tx, venue.id, whole)).toBe(keys.length);
    const some = await listChannelKeys(tx, venue.id, { ...whole, isWhole: false, range: ALL });
    expect(some).toEqual(['games-night', 'venue']);
    const { rows } = await sql<{ read: number }>`
      select (seq_tup_read + idx_tup_fetch)::int as read from pg_stat_xact_user_tables
      where relname = 'channel_message'`.execute(tx);
    expect(rows[0]?.read).toBeGreaterThan(0);
    expect(rows[0]?.read).toBeLessThan(100);
  });
});

test('a venue on which nothing was said has the channels that are always there', async () => {
  const venue = await aVenue(runWork);
  await sql`delete from channel_message`.execute(db);
  const range = { ...ALL, backward: true };
  const found = await listChannelKeys(db, venue.id, { among: ['a-b', 'venue'], isWhole: true, range });
  expect(found).toEqual(['venue', 'a-b']);
});
