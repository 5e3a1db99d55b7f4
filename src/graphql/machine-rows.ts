import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { grouped } from '../lib/grouped.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { perContext } from './per-context.ts';

/** What a store keeps of machines: some rows of each. */
type FindRows<Row> = (
  db: Kysely<Database>,
  venueId: string,
  machineIds: readonly string[],
) => Promise<readonly Row[]>;

/** The rows of one machine; one query for all machines of a list, which lives as long as its context. */
export function rowsOfMachine<Row extends { readonly machineId: string }>(
  find: FindRows<Row>,
): (context: Context, machineId: string) => Promise<readonly Row[]> {
  const loaderOf = perContext(async (context, ids) =>
    grouped(await find(context.db, venueIdOf(context), ids), ({ machineId }) => machineId),
  );
  return async (context, machineId) => (await loaderOf(context).load(machineId)) ?? [];
}
