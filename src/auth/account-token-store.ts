import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { TokenPurpose } from './account-token.ts';

export interface AccountToken {
  readonly userId: string;
  /** The home venue of the user. */
  readonly venueId: string;
  readonly purpose: TokenPurpose;
  /** Whose mail it is in. */
  readonly email: string;
}

/** Which token is meant. */
export interface TokenWanted {
  readonly hash: Buffer;
  readonly purposes: readonly TokenPurpose[];
  readonly now: Date;
}

const FIELDS = ['user_id as userId', 'venue_id as venueId', 'purpose', 'email'] as const;

export async function insertAccountToken(
  tx: Transaction<Database>,
  { userId, venueId, purpose, email }: AccountToken,
  { hash, at, expiresAt }: { readonly hash: Buffer; readonly at: Date; readonly expiresAt: Date },
): Promise<void> {
  const owner = { user_id: userId, venue_id: venueId, purpose, email };
  await tx
    .insertInto('account_token')
    .values({ ...owner, token_hash: hash, created_at: at, expires_at: expiresAt })
    .execute();
}

/** The token, while it is good; it stays so. */
export async function findAccountToken(
  db: Kysely<Database>,
  { hash, purposes, now }: TokenWanted,
): Promise<AccountToken | null> {
  const row = await db
    .selectFrom('account_token')
    .select(FIELDS)
    .where('token_hash', '=', hash)
    .where('purpose', 'in', purposes)
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row ?? null;
}

/** Uses the token up: of any who take it at once, one gets it. */
export async function takeAccountToken(
  tx: Transaction<Database>,
  { hash, purposes, now }: TokenWanted,
): Promise<AccountToken | null> {
  const row = await tx
    .deleteFrom('account_token')
    .where('token_hash', '=', hash)
    .where('purpose', 'in', purposes)
    .where('expires_at', '>', now)
    .returning(FIELDS)
    .executeTakeFirst();
  return row ?? null;
}

/** Makes the user's tokens of these purposes void. They still count as mails of their hour. */
export async function voidAccountTokens(
  tx: Transaction<Database>,
  {
    userId,
    purposes,
    at,
  }: { readonly userId: string; readonly purposes: readonly TokenPurpose[]; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('account_token')
    .set((eb) => ({ expires_at: eb.fn<Date>('greatest', ['created_at', eb.val(at)]) }))
    .where('user_id', '=', userId)
    .where('purpose', 'in', purposes)
    .where('expires_at', '>', at)
    .execute();
}

/** How many tokens of a purpose the user was sent since then and has not used. */
export async function countAccountTokens(
  tx: Transaction<Database>,
  {
    userId,
    purpose,
    since,
  }: { readonly userId: string; readonly purpose: TokenPurpose; readonly since: Date },
): Promise<number> {
  const { count } = await tx
    .selectFrom('account_token')
    .select((eb) => eb.fn.countAll<bigint>().as('count'))
    .where('user_id', '=', userId)
    .where('purpose', '=', purpose)
    .where('created_at', '>', since)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/** Deletes what is neither good nor counts; answers how many. */
export async function deleteOldAccountTokens(
  tx: Transaction<Database>,
  { before, now }: { readonly before: Date; readonly now: Date },
): Promise<number> {
  const { numDeletedRows } = await tx
    .deleteFrom('account_token')
    .where('created_at', '<', before)
    .where('expires_at', '<=', now)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
