import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { readWithCursor } from '../events/cursor.ts';
import { type Page, type PageArguments, type PageSource, resolvePage } from './page.ts';

/** A page of what a subscription tells of, and where that goes on behind it. */
export interface LivePage<Row> extends Page<Row> {
  readonly cursor: string;
}

/**
 * A page and its cursor of one snapshot of the database. What `sourceOf` is given reads the rows; counting, which may
 * be asked for later, takes another.
 *
 * @throws ValidationError as `resolvePage` does
 */
export async function resolveLivePage<Row>(
  db: Kysely<Database>,
  args: PageArguments,
  sourceOf: (tx: Kysely<Database>) => PageSource<Row>,
): Promise<LivePage<Row>> {
  const { state, cursor } = await readWithCursor(db, (tx) => resolvePage(args, sourceOf(tx)));
  return { ...state, cursor };
}

/** The cursor of a connection that was resolved so: Pothos knows of a connection only what all have. */
export const cursorOf = (connection: object): string => (connection as LivePage<unknown>).cursor;
