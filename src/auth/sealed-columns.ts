import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import { createSealer, type SecretKeys } from './sealing.ts';

/** A column whose values are sealed with a key derived from SECRET_KEY. */
export interface SealedColumn {
  readonly table: keyof Database;
  readonly column: string;
  /** The column that says what the secret belongs to. */
  readonly boundTo: string;
  /** What the sealer is made for. */
  readonly purpose: string;
}

/** All there are: one that is missing here is lost when SECRET_KEY changes. */
export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'signing_key', column: 'private_key_encrypted', boundTo: 'kid', purpose: 'signing-key' },
  { table: 'second_factor', column: 'secret_encrypted', boundTo: 'user_id', purpose: 'totp' },
  { table: 'mail_outbox', column: 'message_encrypted', boundTo: 'id', purpose: 'mail' },
];

export interface SealedValue {
  readonly owner: string;
  readonly sealed: Buffer;
}

export async function findSealedValues(
  db: Kysely<Database>,
  { table, column, boundTo }: SealedColumn,
): Promise<SealedValue[]> {
  const { rows } = await sql<SealedValue>`
    select ${sql.ref(boundTo)}::text as owner, ${sql.ref(column)} as sealed from ${sql.table(table)}
    order by 1`.execute(db);
  return rows;
}

/** Nobody seals anything in this column until the transaction ends; readers go on. */
export async function lockSealedColumn(tx: Transaction<Database>, { table }: SealedColumn): Promise<void> {
  await sql`lock table ${sql.table(table)} in share row exclusive mode`.execute(tx);
}

export async function replaceSealedValue(
  tx: Transaction<Database>,
  { table, column, boundTo }: SealedColumn,
  { owner, sealed }: SealedValue,
): Promise<void> {
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed}
    where ${sql.ref(boundTo)}::text = ${owner}`.execute(tx);
}

/**
 * Tries everything that is sealed, so that a wrong SECRET_KEY shows when the server starts and not
 * when somebody needs what it does not open.
 *
 * @throws KeyDecryptionError
 */
export async function checkSecretKeys(db: Kysely<Database>, keys: SecretKeys): Promise<void> {
  for (const column of SEALED_COLUMNS) {
    const sealer = createSealer(keys, column.purpose);
    for (const { owner, sealed } of await findSealedValues(db, column)) sealer.open(sealed, owner);
  }
}
