import type { KeysetPlace, KeysetRange } from '../db/keyset.ts';

/** So many rows are read at a time; of transactions so many, with their entries. */
export const BATCH = 500;

/** A list that has the newest first, from its end. */
export async function* pages<Row extends object>({
  placeOf,
  load,
}: {
  readonly placeOf: (row: Row) => KeysetPlace;
  readonly load: (range: KeysetRange) => Promise<readonly Row[]>;
}): AsyncGenerator<readonly Row[]> {
  let before: KeysetPlace | null = null;
  for (;;) {
    const page = await load({ after: null, before, limit: BATCH, backward: true });
    if (page.length > 0) yield page;
    const last = page.at(-1);
    if (!last || page.length < BATCH) return;
    before = placeOf(last);
  }
}
