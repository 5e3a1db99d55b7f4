import DataLoader from 'dataloader';
import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';

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
  const loaders = new WeakMap<Context, DataLoader<string, readonly Row[]>>();

  function loaderOf(context: Context): DataLoader<string, readonly Row[]> {
    const known = loaders.get(context);
    if (known) return known;
    const loader = new DataLoader<string, readonly Row[]>(async (ids) => {
      const byMachine = new Map<string, Row[]>(ids.map((id) => [id, []]));
      for (const row of await find(context.db, venueIdOf(context), ids))
        byMachine.get(row.machineId)?.push(row);
      return ids.map((id) => byMachine.get(id) ?? []);
    });
    loaders.set(context, loader);
    return loader;
  }

  return (context, machineId) => loaderOf(context).load(machineId);
}
