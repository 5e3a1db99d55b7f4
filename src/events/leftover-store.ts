import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** An event that a reactor went on without, to be tried again. */
export interface Leftover {
  readonly position: bigint;
  /** How often it was tried since then. */
  readonly tries: number;
}

export async function keepLeftover(
  tx: Transaction<Database>,
  name: string,
  { position, tries, tryAt }: Leftover & { readonly tryAt: Date },
): Promise<void> {
  await tx
    .insertInto('reactor_leftover')
    .values({ name, position, tries, try_at: tryAt })
    .onConflict((conflict) => conflict.columns(['name', 'position']).doUpdateSet({ tries, try_at: tryAt }))
    .execute();
}

/** Leaves it for later still, unless another process has done it meanwhile. */
export async function postponeLeftover(
  tx: Transaction<Database>,
  name: string,
  { position, tries, tryAt }: Leftover & { readonly tryAt: Date },
): Promise<void> {
  await tx
    .updateTable('reactor_leftover')
    .set({ tries, try_at: tryAt })
    .where('name', '=', name)
    .where('position', '=', position)
    .execute();
}

/** One whose time has come and that no other process has in hand, the longest waiting first. */
export async function lockDueLeftover(
  tx: Transaction<Database>,
  name: string,
  { now }: { readonly now: Date },
): Promise<Leftover | null> {
  const { rows } = await sql<Leftover>`
    select position, tries from reactor_leftover where name = ${name} and try_at <= ${now}
    order by try_at, position limit 1 for update skip locked`.execute(tx);
  return rows[0] ?? null;
}

export async function deleteLeftover(
  tx: Transaction<Database>,
  name: string,
  { position }: Pick<Leftover, 'position'>,
): Promise<void> {
  await tx.deleteFrom('reactor_leftover').where('name', '=', name).where('position', '=', position).execute();
}
