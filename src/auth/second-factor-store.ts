import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { SecondFactor, StoredSecondFactor } from './second-factor.ts';

/** The one that sign-ins of this user ask for. */
export async function findSecondFactor(db: Kysely<Database>, userId: string): Promise<SecondFactor | null> {
  const row = await db
    .selectFrom('second_factor')
    .select('enabled_at')
    .select((factor) =>
      factor
        .selectFrom('recovery_code')
        .select(({ fn }) => fn.countAll<string>().as('count'))
        .whereRef('recovery_code.user_id', '=', 'second_factor.user_id')
        .where('used_at', 'is', null)
        .as('codes_left'),
    )
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.enabled_at ? { enabledAt: row.enabled_at, recoveryCodesLeft: Number(row.codes_left) } : null;
}

/** As it stands, whether it is asked for or not. Until the transaction ends nobody else tries a code of it. */
export async function lockSecondFactor(
  tx: Transaction<Database>,
  userId: string,
): Promise<StoredSecondFactor | null> {
  const row = await tx
    .selectFrom('second_factor')
    .selectAll()
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return null;
  return {
    secretEncrypted: row.secret_encrypted,
    enabledAt: row.enabled_at,
    lastStep: row.last_step,
    failures: row.failures,
    failedAt: row.failed_at,
  };
}

/** Keeps a secret nothing asks for yet, in place of one that nothing asked for. Answers whether there was room. */
export async function putPendingSecondFactor(
  tx: Transaction<Database>,
  { userId, secretEncrypted, at }: { userId: string; secretEncrypted: Buffer; at: Date },
): Promise<boolean> {
  const { numInsertedOrUpdatedRows } = await tx
    .insertInto('second_factor')
    .values({
      user_id: userId,
      secret_encrypted: secretEncrypted,
      created_at: at,
      enabled_at: null,
      last_step: null,
      failed_at: null,
    })
    .onConflict((conflict) =>
      conflict
        .column('user_id')
        .doUpdateSet({ secret_encrypted: secretEncrypted, created_at: at, failures: 0, failed_at: null })
        .where('second_factor.enabled_at', 'is', null),
    )
    .executeTakeFirst();
  return numInsertedOrUpdatedRows === 1n;
}

/** From now on sign-ins ask for it. */
export async function enableSecondFactor(
  tx: Transaction<Database>,
  userId: string,
  { step, codeHashes, at }: { step: number; codeHashes: readonly Buffer[]; at: Date },
): Promise<void> {
  await tx
    .updateTable('second_factor')
    .set({ enabled_at: at, last_step: step, failures: 0, failed_at: null })
    .where('user_id', '=', userId)
    .execute();
  await tx
    .insertInto('recovery_code')
    .values(codeHashes.map((code_hash) => ({ user_id: userId, code_hash, used_at: null })))
    .execute();
}

/** A code of this step was taken, so no code of it or before is again. */
export async function markStepUsed(tx: Transaction<Database>, userId: string, step: number): Promise<void> {
  await tx
    .updateTable('second_factor')
    .set({ last_step: step, failures: 0, failed_at: null })
    .where('user_id', '=', userId)
    .execute();
}

/** Uses a recovery code up. Answers how many are left, null when it is none or was used before. */
export async function useRecoveryCode(
  tx: Transaction<Database>,
  userId: string,
  { hash, at }: { hash: Buffer; at: Date },
): Promise<number | null> {
  const { numUpdatedRows } = await tx
    .updateTable('recovery_code')
    .set({ used_at: at })
    .where('user_id', '=', userId)
    .where('code_hash', '=', hash)
    .where('used_at', 'is', null)
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return null;
  await forgetWrongCodes(tx, userId);
  const factor = await findSecondFactor(tx, userId);
  return factor?.recoveryCodesLeft ?? 0;
}

export async function recordWrongCode(
  tx: Transaction<Database>,
  userId: string,
  { failures, at }: { failures: number; at: Date },
): Promise<void> {
  await tx
    .updateTable('second_factor')
    .set({ failures, failed_at: at })
    .where('user_id', '=', userId)
    .execute();
}

/** The next code is looked at again. Answers whether one was wrong before. */
export async function forgetWrongCodes(tx: Transaction<Database>, userId: string): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('second_factor')
    .set({ failures: 0, failed_at: null })
    .where('user_id', '=', userId)
    .where('failures', '>', 0)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** With its recovery codes. */
export async function deleteSecondFactor(tx: Transaction<Database>, userId: string): Promise<void> {
  await tx.deleteFrom('second_factor').where('user_id', '=', userId).execute();
}
