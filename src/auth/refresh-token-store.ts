import { type Kysely, sql, type Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { SessionHolder } from './session.ts';
import { holderOf } from './session-store.ts';

/** A refresh token and its session, both locked until the transaction ends. */
export interface LockedRefreshToken {
  readonly sessionId: string;
  readonly venueId: string;
  readonly holder: SessionHolder;
  /** Whether it was exchanged before. */
  readonly isUsed: boolean;
  /** Neither revoked nor expired. */
  readonly isSessionOpen: boolean;
}

export async function lockRefreshToken(
  tx: Transaction<Database>,
  hash: Buffer,
  now: Date,
): Promise<LockedRefreshToken | null> {
  const row = await tx
    .selectFrom('refresh_token as token')
    .innerJoin('auth_session as session', 'session.id', 'token.session_id')
    .select(['session.id', 'session.venue_id', 'session.user_id', 'session.device_id', 'token.used_at'])
    .select(sql<boolean>`session.revoked_at is null and session.expires_at > ${now}`.as('is_open'))
    .where('token.token_hash', '=', hash)
    .forUpdate()
    .executeTakeFirst();
  if (!row) return null;
  return {
    sessionId: row.id,
    venueId: row.venue_id,
    holder: holderOf(row),
    isUsed: row.used_at !== null,
    isSessionOpen: row.is_open,
  };
}

export async function insertRefreshToken(
  tx: Transaction<Database>,
  { hash, venueId, sessionId, at }: { hash: Buffer; venueId: string; sessionId: string; at: Date },
): Promise<void> {
  await tx
    .insertInto('refresh_token')
    .values({ token_hash: hash, venue_id: venueId, session_id: sessionId, created_at: at, used_at: null })
    .execute();
}

export async function markRefreshTokenUsed(tx: Transaction<Database>, hash: Buffer, at: Date): Promise<void> {
  await tx.updateTable('refresh_token').set({ used_at: at }).where('token_hash', '=', hash).execute();
}

/** Deletes tokens of sessions whose time is over, whose reuse could end nothing. Answers how many. */
export async function deleteOutlivedRefreshTokens(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<number> {
  const outlived = db
    .selectFrom('refresh_token as token')
    .innerJoin('auth_session as session', 'session.id', 'token.session_id')
    .select('token.token_hash')
    .where('session.expires_at', '<=', now)
    .limit(limit);
  const { numDeletedRows } = await db
    .deleteFrom('refresh_token')
    .where('token_hash', 'in', outlived)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
