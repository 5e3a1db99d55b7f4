import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import type { AttemptKind, FailureCount, LockScope } from './lock-out.ts';

/** A subject, not to be read, and the network it is tried from. */
export interface AttemptKey {
  readonly kind: AttemptKind;
  readonly digest: Buffer;
  readonly address: string | null;
}

/** Lets one transaction at a time decide about a subject, so that failures at once are counted one by one. */
export async function lockSubject(tx: Transaction<Database>, { digest }: AttemptKey): Promise<void> {
  await sql`select pg_advisory_xact_lock(${digest.readBigInt64BE().toString()}::bigint)`.execute(tx);
}

/** The last failure since `since` that locked this address or the whole account; null when none did. */
export async function findLock(db: Kysely<Database>, key: AttemptKey, since: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('sign_in_failure')
    .select((count) => count.fn.max('failed_at').as('at'))
    .where('kind', '=', key.kind)
    .where('subject_digest', '=', key.digest)
    .where('failed_at', '>', since)
    .where(
      sql<boolean>`(locks = 'ACCOUNT' or (locks = 'ADDRESS' and address is not distinct from ${key.address}))`,
    )
    .executeTakeFirst();
  return row?.at ?? null;
}

export async function countFailures(
  db: Kysely<Database>,
  key: AttemptKey,
  since: Date,
): Promise<FailureCount> {
  const { from_address, in_all, addresses } = await db
    .selectFrom('sign_in_failure')
    .select([
      sql<number>`(count(*) filter (where address is not distinct from ${key.address}))::int`.as(
        'from_address',
      ),
      sql<number>`count(*)::int`.as('in_all'),
      sql<number>`count(distinct address)::int`.as('addresses'),
    ])
    .where('kind', '=', key.kind)
    .where('subject_digest', '=', key.digest)
    .where('failed_at', '>', since)
    .executeTakeFirstOrThrow();
  return { fromAddress: from_address, inAll: in_all, addresses };
}

export async function insertFailure(
  tx: Transaction<Database>,
  { key, userId, at, locks }: { key: AttemptKey; userId: string | null; at: Date; locks: LockScope | null },
): Promise<void> {
  await tx
    .insertInto('sign_in_failure')
    .values({
      id: newId(),
      kind: key.kind,
      subject_digest: key.digest,
      address: key.address,
      user_id: userId,
      failed_at: at,
      locks,
    })
    .execute();
}

/** Deletes what failed for this subject from this address. */
export async function deleteFailures(tx: Transaction<Database>, key: AttemptKey): Promise<void> {
  await tx
    .deleteFrom('sign_in_failure')
    .where('kind', '=', key.kind)
    .where('subject_digest', '=', key.digest)
    .where(sql<boolean>`address is not distinct from ${key.address}`)
    .execute();
}

/** Deletes what failed for this user from anywhere, of every kind. Answers how many. */
export async function deleteFailuresOfUser(tx: Transaction<Database>, userId: string): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('sign_in_failure')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

/** Deletes failures that count no more. Answers how many. */
export async function deleteOldFailures(
  db: Kysely<Database>,
  { before, limit }: { readonly before: Date; readonly limit: number },
): Promise<number> {
  const old = db.selectFrom('sign_in_failure').select('id').where('failed_at', '<=', before).limit(limit);
  const { numDeletedRows } = await db.deleteFrom('sign_in_failure').where('id', 'in', old).executeTakeFirst();
  return Number(numDeletedRows);
}
