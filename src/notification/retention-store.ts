import { sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';

/** What is not kept any longer. */
export interface Outlived {
  /** Read before it. */
  readonly readBefore: Date;
  /** Made before it, and never read. */
  readonly unreadBefore: Date;
  readonly limit: number;
}

/** Deletes notices that are not kept any longer, so many at most, and answers how many. */
export async function deleteOutlived(
  tx: Transaction<Database>,
  { readBefore, unreadBefore, limit }: Outlived,
): Promise<number> {
  const { numAffectedRows } = await sql`
    delete from notification where id = any(array(
      (select id from notification where read_at < ${readBefore} limit ${limit})
      union all
      (select id from notification where created_at < ${unreadBefore} and read_at is null limit ${limit})
      limit ${limit}))`.execute(tx);
  return Number(numAffectedRows ?? 0n);
}

/** Of somebody who is gone. */
export async function deleteNotificationsOf(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('notification').where('user_id', '=', userId).execute();
}
