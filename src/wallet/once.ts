import { sql } from 'kysely';
import type { Work } from '../work.ts';
import { IdempotencyMismatchError } from './errors.ts';
import type { IdempotencyKey } from './ledger.ts';

/**
 * Does something that moves money once by its key, and tells the same ever after, a refusal too: what it is refused for
 * is an outcome, and what is thrown leaves the key unused. One that is under way elsewhere is waited for. The keys are
 * those of the ledger's commands.
 *
 * @param act gives what is told: texts, numbers, booleans and nulls
 *
 * @throws IdempotencyMismatchError, and what `act` throws
 */
export async function once<Outcome extends object>(
  { tx, now }: Work,
  {
    venueId,
    idempotency: { principal, key, hash },
  }: { readonly venueId: string; readonly idempotency: IdempotencyKey },
  act: () => Promise<Outcome>,
): Promise<{ readonly outcome: Outcome; readonly isReplay: boolean }> {
  await sql`select pg_advisory_xact_lock(1465076820, hashtext(${principal} || chr(31) || ${key}))`.execute(
    tx,
  );
  const known = await tx
    .selectFrom('idempotency_key')
    .select(['params_hash', 'outcome'])
    .where('principal', '=', principal)
    .where('key', '=', key)
    .executeTakeFirst();
  if (known) {
    if (!known.params_hash.equals(hash)) throw new IdempotencyMismatchError();
    return { outcome: known.outcome as Outcome, isReplay: true };
  }
  const outcome = await act();
  await tx
    .insertInto('idempotency_key')
    .values({
      principal,
      key,
      venue_id: venueId,
      params_hash: hash,
      outcome: JSON.stringify(outcome),
      created_at: now,
    })
    .execute();
  return { outcome, isReplay: false };
}
