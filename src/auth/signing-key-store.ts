import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { SIGNING_ALGORITHM, type StoredSigningKey } from './signing-key.ts';

/** How long a process may take to notice a rotation, and sign with the key before. */
export const PICK_UP_SECONDS = 60;

/**
 * Every key by which a token can still be genuine, the one that signs first: those in use, and
 * those retired since a token they signed may still be valid.
 */
export async function findSigningKeys(
  db: Kysely<Database>,
  tokenLifetimeSeconds: number,
): Promise<StoredSigningKey[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select(['kid', 'public_jwk', 'private_key_encrypted', 'retired_at'])
    .where((row) =>
      row.or([
        row('retired_at', 'is', null),
        row(
          'retired_at',
          '>',
          sql<Date>`now() - make_interval(secs => ${tokenLifetimeSeconds + PICK_UP_SECONDS})`,
        ),
      ]),
    )
    .orderBy('retired_at', (order) => order.desc().nullsFirst())
    .execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    privateKeyEncrypted: row.private_key_encrypted,
    signs: row.retired_at === null,
    retiredAt: row.retired_at,
  }));
}

/** Keeps a key that signs, unless another process was first. */
export async function insertSigningKeyIfNoneSigns(
  tx: Transaction<Database>,
  key: StoredSigningKey,
  now: Date,
): Promise<void> {
  await tx
    .insertInto('signing_key')
    .values({
      kid: key.kid,
      algorithm: SIGNING_ALGORITHM,
      public_jwk: JSON.stringify(key.publicJwk),
      private_key_encrypted: key.privateKeyEncrypted,
      created_at: now,
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** One rotation at a time; readers go on. */
export async function lockSigningKeys(tx: Transaction<Database>): Promise<void> {
  await sql`lock table signing_key in share row exclusive mode`.execute(tx);
}

/** Retires whichever key signs. */
export async function retireSigningKeys(tx: Transaction<Database>, now: Date): Promise<void> {
  await tx.updateTable('signing_key').set({ retired_at: now }).where('retired_at', 'is', null).execute();
}

/** Deletes whatever does not sign: tokens of these keys are genuine no longer. Answers their kids. */
export async function deleteRetiredSigningKeys(tx: Transaction<Database>): Promise<string[]> {
  const rows = await tx
    .deleteFrom('signing_key')
    .where('retired_at', 'is not', null)
    .returning('kid')
    .execute();
  return rows.map(({ kid }) => kid);
}

/** A key as an operator is shown it. */
export interface ListedSigningKey {
  readonly kid: string;
  readonly algorithm: string;
  readonly createdAt: Date;
  /** Null while it signs. */
  readonly retiredAt: Date | null;
}

/** Every key there is, the newest first. */
export async function listSigningKeys(db: Kysely<Database>): Promise<ListedSigningKey[]> {
  const rows = await db
    .selectFrom('signing_key')
    .select(['kid', 'algorithm', 'created_at', 'retired_at'])
    .orderBy('created_at', 'desc')
    .orderBy('kid')
    .execute();
  return rows.map((row) => ({
    kid: row.kid,
    algorithm: row.algorithm,
    createdAt: row.created_at,
    retiredAt: row.retired_at,
  }));
}
