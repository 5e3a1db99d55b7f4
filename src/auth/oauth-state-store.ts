import type { Kysely, Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { OAuthProviderName } from './oauth.ts';

/** Who links, and in which of his sessions. */
export interface Linker {
  readonly userId: string;
  readonly sessionId: string;
}

/** A sign-in that somebody began, as it is kept. */
export interface OAuthState {
  readonly hash: Buffer;
  readonly verifierHash: Buffer;
  readonly provider: OAuthProviderName;
  /** Null: the home of whoever it turns out to be. */
  readonly venueId: string | null;
  readonly redirectUri: string;
  /** Null for a sign-in. */
  readonly linker: Linker | null;
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

/** What comes back, and all of which has to fit. */
export interface StateShown extends Pick<OAuthState, 'hash' | 'verifierHash' | 'redirectUri' | 'linker'> {
  readonly now: Date;
}

export async function insertState(tx: Transaction<Database>, state: OAuthState): Promise<void> {
  await tx
    .insertInto('oauth_state')
    .values({
      state_hash: state.hash,
      verifier_hash: state.verifierHash,
      provider: state.provider,
      venue_id: state.venueId,
      redirect_uri: state.redirectUri,
      user_id: state.linker?.userId ?? null,
      session_id: state.linker?.sessionId ?? null,
      created_at: state.createdAt,
      expires_at: state.expiresAt,
    })
    .execute();
}

/**
 * Uses the state up: of any who take it at once, one gets it. Whoever knows it and not the verifier, or comes
 * from elsewhere, leaves it as it is.
 */
export async function takeState(
  tx: Transaction<Database>,
  { hash, verifierHash, redirectUri, linker, now }: StateShown,
): Promise<OAuthState | null> {
  const row = await tx
    .deleteFrom('oauth_state')
    .where('state_hash', '=', hash)
    .where('verifier_hash', '=', verifierHash)
    .where('redirect_uri', '=', redirectUri)
    .where('user_id', 'is not distinct from', linker?.userId ?? null)
    .where('session_id', 'is not distinct from', linker?.sessionId ?? null)
    .where('expires_at', '>', now)
    .returning(['provider', 'venue_id', 'created_at', 'expires_at'])
    .executeTakeFirst();
  if (!row) return null;
  const { provider, venue_id: venueId, created_at: createdAt, expires_at: expiresAt } = row;
  return { hash, verifierHash, redirectUri, linker, provider, venueId, createdAt, expiresAt };
}

/** Deletes those whose time is over. Answers how many. */
export async function deleteOutlivedStates(
  db: Kysely<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<number> {
  const outlived = db
    .selectFrom('oauth_state')
    .select('state_hash')
    .where('expires_at', '<=', now)
    .limit(limit);
  const { numDeletedRows } = await db
    .deleteFrom('oauth_state')
    .where('state_hash', 'in', outlived)
    .executeTakeFirst();
  return Number(numDeletedRows);
}
