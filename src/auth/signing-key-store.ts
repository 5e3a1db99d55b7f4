import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { SIGNING_ALGORITHM, type StoredSigningKey } from './signing-key.ts';

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
        row('retired_at', '>', sql<Date>`now() - make_interval(secs => ${tokenLifetimeSeconds})`),
      ]),
    )
    .orderBy('retired_at', (order) => order.desc().nullsFirst())
    .execute();
  return rows.map((row) => ({
    kid: row.kid,
    publicJwk: row.public_jwk,
    privateKeyEncrypted: row.private_key_encrypted,
    signs: row.retired_at === null,
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
