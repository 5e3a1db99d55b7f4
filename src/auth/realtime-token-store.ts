import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { RealtimeTokenTable } from '../db/tables/auth.ts';
import { TokenInvalidError } from './errors.ts';

/** What is kept of a realtime token: whose it is, and for how long. */
export interface KeptRealtimeToken {
  readonly hash: Buffer;
  readonly venueId: string;
  readonly actorKind: 'user' | 'device' | 'partner';
  /** The user, the device or the API key. */
  readonly actorId: string;
  /** The session or API key whose power it has. */
  readonly credentialId: string;
  /** What signed the access token it was asked for with; null where nothing did. It ends with that as well. */
  readonly keyId: string | null;
  readonly singleUse: boolean;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** @throws TokenInvalidError when the key was revoked that signed what it is asked for with */
export async function insertRealtimeToken(
  tx: Transaction<Database>,
  token: KeptRealtimeToken,
): Promise<void> {
  const insert = tx.insertInto('realtime_token').values({
    token_hash: token.hash,
    venue_id: token.venueId,
    actor_kind: token.actorKind,
    actor_id: token.actorId,
    credential_id: token.credentialId,
    key_id: token.keyId,
    single_use: token.singleUse,
    created_at: token.createdAt,
    expires_at: token.expiresAt,
  });
  try {
    await insert.execute();
  } catch (error) {
    if (isViolationOf(error, 'realtime_token_key_fk')) throw new TokenInvalidError({ cause: error });
    throw error;
  }
}

/** The token, which is gone afterwards when it is good once: of several who show it, one gets it. */
export async function takeRealtimeToken(
  tx: Transaction<Database>,
  hash: Buffer,
): Promise<KeptRealtimeToken | null> {
  const taken = await tx
    .deleteFrom('realtime_token')
    .where('token_hash', '=', hash)
    .where('single_use', '=', true)
    .returningAll()
    .executeTakeFirst();
  if (taken) return tokenOf(taken);
  const row = await tx
    .selectFrom('realtime_token')
    .selectAll()
    .where('token_hash', '=', hash)
    .where('single_use', '=', false)
    .executeTakeFirst();
  return row ? tokenOf(row) : null;
}

/** The token as it is kept, for whoever only looks: it stays as good as it was. */
export async function findRealtimeToken(
  tx: Transaction<Database>,
  hash: Buffer,
): Promise<KeptRealtimeToken | null> {
  const row = await tx
    .selectFrom('realtime_token')
    .selectAll()
    .where('token_hash', '=', hash)
    .executeTakeFirst();
  return row ? tokenOf(row) : null;
}

export async function deleteRealtimeTokensOf(
  tx: Transaction<Database>,
  credentialIds: readonly string[],
): Promise<void> {
  if (credentialIds.length === 0) return;
  await tx.deleteFrom('realtime_token').where('credential_id', 'in', credentialIds).execute();
}

/** Deletes tokens whose time is over. Answers how many. */
export async function deleteOutlivedRealtimeTokens(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<number> {
  const outlived = db
    .selectFrom('realtime_token')
    .select('token_hash')
    .where('expires_at', '<=', now)
    .limit(limit);
  const { numDeletedRows } = await db
    .deleteFrom('realtime_token')
    .where('token_hash', 'in', outlived)
    .executeTakeFirst();
  return Number(numDeletedRows);
}

const tokenOf = (row: Selectable<RealtimeTokenTable>): KeptRealtimeToken => ({
  hash: row.token_hash,
  venueId: row.venue_id,
  actorKind: row.actor_kind,
  actorId: row.actor_id,
  credentialId: row.credential_id,
  keyId: row.key_id,
  singleUse: row.single_use,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
});
