import { type SelectQueryBuilder, sql } from 'kysely';

/** The part of an order (time, id) that one page is cut from. */
export interface KeysetRange {
  readonly after: KeysetPlace | null;
  readonly before: KeysetPlace | null;
  readonly limit: number;
  /** Read from the end of the range towards its beginning: rows come in reverse. */
  readonly backward: boolean;
}

/** Where a row stands. The time column must hold whole milliseconds, as a Date does. */
export interface KeysetPlace {
  readonly at: Date;
  readonly id: string;
}

/** Restricts a query to a range of its order: `time` and then `id`, the newest first where `newestFirst`. */
export function keysetPage<DB, TB extends keyof DB, O>(
  query: SelectQueryBuilder<DB, TB, O>,
  order: { readonly time: string; readonly newestFirst: boolean },
  range: KeysetRange,
): SelectQueryBuilder<DB, TB, O> {
  const place = sql`(${sql.ref(order.time)}, id)`;
  const [later, earlier] = order.newestFirst ? [sql`<`, sql`>`] : [sql`>`, sql`<`];
  const direction = order.newestFirst === range.backward ? sql`asc` : sql`desc`;
  let page = query
    .orderBy(sql`${sql.ref(order.time)} ${direction}`)
    .orderBy(sql`id ${direction}`)
    .limit(range.limit);
  if (range.after)
    page = page.where(sql<boolean>`${place} ${later} (${range.after.at}, ${range.after.id}::uuid)`);
  if (range.before)
    page = page.where(sql<boolean>`${place} ${earlier} (${range.before.at}, ${range.before.id}::uuid)`);
  return page;
}
