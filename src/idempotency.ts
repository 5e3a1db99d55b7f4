import { createHash } from 'node:crypto';
import { sql } from 'kysely';
import { type Actor, actorReference } from './lib/actor.ts';
import { IdempotencyMismatchError, ValidationError } from './lib/errors.ts';
import type { Work } from './work.ts';

/** What makes a command happen at most once: the caller's own name for it, and what he meant by it. */
export interface IdempotencyKey {
  /** Whose key it is: another's of the same name is another. */
  readonly principal: string;
  readonly key: string;
  /** SHA-256 of what was asked for. */
  readonly hash: Buffer;
}

const KEY = /^[\x21-\x7e]{1,200}$/;

/**
 * The caller's key for what he asks for. `parameters` are all that makes it what it is, the venue included.
 *
 * @throws ValidationError
 */
export function parseKey(
  actor: Actor,
  key: string,
  parameters: Readonly<Record<string, unknown>>,
): IdempotencyKey {
  if (!KEY.test(key))
    throw new ValidationError('idempotencyKey takes 1 to 200 printable ASCII characters without spaces.', {
      field: 'idempotencyKey',
    });
  const { kind, id } = actorReference(actor);
  return { principal: `${kind}:${id}`, key, hash: hashOf(parameters) };
}

/**
 * Does something once by its key, and tells the same ever after, a refusal too: what it is refused for
 * is an outcome, and what is thrown leaves the key unused. One that is under way elsewhere is waited for. The keys are
 * those of the ledger's commands too.
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

/** The digest of what somebody asks for, whatever the order it is told in, also within. */
export function hashOf(parameters: Readonly<Record<string, unknown>>): Buffer {
  const told = JSON.stringify(sortedEntries(parameters), plain);
  return createHash('sha256').update(told).digest();
}

const sortedEntries = (value: object) => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));

/** What JSON is made of: by then dates are texts. */
function plain(_key: string, value: unknown): unknown {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(sortedEntries(value));
}
