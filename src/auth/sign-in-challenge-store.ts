import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Credentials } from './user-store.ts';

/** A sign-in that waits for its second factor, locked until the transaction ends. */
export interface LockedChallenge {
  readonly venueId: string;
  /** As they were when it was given, and still are. */
  readonly credentials: Pick<Credentials, 'userId' | 'passwordHash'>;
  readonly triesLeft: number;
}

/** Keeps it, and forgets those of the user whose time is over. */
export async function insertChallenge(
  tx: Transaction<Database>,
  challenge: {
    readonly hash: Buffer;
    readonly venueId: string;
    readonly userId: string;
    readonly passwordDigest: Buffer;
    readonly tries: number;
    readonly at: Date;
    readonly expiresAt: Date;
  },
): Promise<void> {
  await tx
    .deleteFrom('sign_in_challenge')
    .where('user_id', '=', challenge.userId)
    .where('expires_at', '<=', challenge.at)
    .execute();
  await tx
    .insertInto('sign_in_challenge')
    .values({
      token_hash: challenge.hash,
      venue_id: challenge.venueId,
      user_id: challenge.userId,
      password_digest: challenge.passwordDigest,
      tries_left: challenge.tries,
      created_at: challenge.at,
      expires_at: challenge.expiresAt,
    })
    .execute();
}

/** Null when there is none, its time is over, or the account is not open with the same password any more. */
export async function lockChallenge(
  tx: Transaction<Database>,
  hash: Buffer,
  now: Date,
): Promise<LockedChallenge | null> {
  const row = await tx
    .selectFrom('sign_in_challenge as challenge')
    .innerJoin('app_user', 'app_user.id', 'challenge.user_id')
    .select(['challenge.venue_id', 'challenge.user_id', 'challenge.tries_left', 'app_user.password_hash'])
    .where('challenge.token_hash', '=', hash)
    .where('challenge.expires_at', '>', now)
    .where('app_user.status', '=', 'ACTIVE')
    .where(sql<boolean>`challenge.password_digest = sha256(convert_to(app_user.password_hash, 'UTF8'))`)
    .forUpdate('challenge')
    .forShare('app_user')
    .executeTakeFirst();
  if (!row) return null;
  const credentials = { userId: row.user_id, passwordHash: row.password_hash };
  return { venueId: row.venue_id, credentials, triesLeft: row.tries_left };
}

/** Leaves it one try less, or deletes it with its last. Answers how many are left. */
export async function countTry(tx: Transaction<Database>, hash: Buffer, triesLeft: number): Promise<number> {
  if (triesLeft <= 1) {
    await deleteChallenge(tx, hash);
    return 0;
  }
  await tx
    .updateTable('sign_in_challenge')
    .set({ tries_left: triesLeft - 1 })
    .where('token_hash', '=', hash)
    .execute();
  return triesLeft - 1;
}

export async function deleteChallenge(db: Kysely<Database>, hash: Buffer): Promise<void> {
  await db.deleteFrom('sign_in_challenge').where('token_hash', '=', hash).execute();
}
