import { CompiledQuery, type Transaction } from 'kysely';
import { listResources } from '../booking/resource-store.ts';
import { slotsOfDay } from '../booking/slot-day.ts';
import { readSlotDay } from '../booking/slot-day-store.ts';
import type { HotReads } from '../db/hot-read.ts';
import type { Database } from '../db/schema.ts';
import { addDays, dayOf } from '../lib/calendar.ts';
import { pages } from './pages.ts';
import type { Rows, RowsAsked } from './rows.ts';

/** Every slot that begins within a time, resource by resource and day by day, whether anybody has it or not. */
export async function* slotRows({ tx, venueId, filter: { from, to, resourceIds } }: RowsAsked): Rows {
  if (!from || !to) throw new Error('slots have no end');
  const reads = readsOn(tx);
  const resources = pages({
    load: (range) =>
      listResources(tx, venueId, { filter: { ids: resourceIds, kind: null, status: null }, range }),
    placeOf: ({ createdAt, id }) => ({ at: createdAt, id }),
  });
  for await (const page of resources) {
    for (const { id: resourceId, timeZone } of page) {
      const last = dayOf(new Date(to.getTime() - 1), timeZone);
      for (let day = dayOf(from, timeZone); day <= last; day = addDays(day, 1)) {
        const read = await readSlotDay(reads, venueId, { resourceId, day });
        const slots = read
          ? slotsOfDay(read).filter(({ startsAt }) => startsAt >= from && startsAt < to)
          : [];
        if (slots.length > 0) yield slots;
      }
    }
  }
}

/** The statements of hot reads, in a transaction. */
const readsOn = (tx: Transaction<Database>): Pick<HotReads, 'read'> => ({
  async read<Row extends object>({ text }: { readonly text: string }, values: readonly unknown[]) {
    const { rows } = await tx.executeQuery<Row>(CompiledQuery.raw(text, [...values]));
    return rows;
  },
});
