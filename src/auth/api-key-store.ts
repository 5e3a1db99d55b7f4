import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { ApiKeyTable } from '../db/tables/auth.ts';
import { SCOPES } from '../lib/actor.ts';
import type { ApiKey } from './api-key.ts';

/** A key with what it is checked against. */
export interface StoredApiKey extends ApiKey {
  readonly secretHash: Buffer;
}

/** How stale `lastUsedAt` may be before it is written again. */
const USE_INTERVAL = sql`interval '1 minute'`;

export async function insertApiKey(tx: Transaction<Database>, key: StoredApiKey): Promise<void> {
  await tx
    .insertInto('api_key')
    .values({
      id: key.id,
      venue_id: key.venueId,
      name: key.name,
      prefix: key.prefix,
      secret_hash: key.secretHash,
      scopes: [...key.scopes],
      event_types: [...key.eventTypes],
      created_by: key.createdBy,
      created_at: key.createdAt,
      expires_at: key.expiresAt,
    })
    .execute();
}

/** Of whatever venue: the venue is what the key says. */
export async function findApiKeyByPrefix(db: Kysely<Database>, prefix: string): Promise<StoredApiKey | null> {
  const row = await db.selectFrom('api_key').selectAll().where('prefix', '=', prefix).executeTakeFirst();
  return row ? toStored(row) : null;
}

export async function findApiKeysByIds(
  db: Kysely<Database>,
  venueId: string,
  ids: readonly string[],
): Promise<ApiKey[]> {
  if (ids.length === 0) return [];
  const rows = await ofVenue(db, venueId).selectAll().where('id', 'in', ids).execute();
  return rows.map(toApiKey);
}

/** A page of a venue's keys, revoked ones too, the newest first. */
export async function listApiKeys(
  db: Kysely<Database>,
  venueId: string,
  range: KeysetRange,
): Promise<ApiKey[]> {
  const rows = await keysetPage(
    ofVenue(db, venueId).selectAll(),
    { time: 'created_at', newestFirst: true },
    range,
  ).execute();
  return rows.map(toApiKey);
}

export async function countApiKeys(db: Kysely<Database>, venueId: string): Promise<number> {
  const { count } = await ofVenue(db, venueId)
    .select(sql<number>`count(*)::int`.as('count'))
    .executeTakeFirstOrThrow();
  return count;
}

/**
 * When this key ends by itself, null in it for never; null when it has ended or is none. It cannot be
 * revoked by others until the transaction is over.
 */
export async function lockApiKeyEnd(
  tx: Transaction<Database>,
  { venueId, id, now }: { readonly venueId: string; readonly id: string; readonly now: Date },
): Promise<{ readonly expiresAt: Date | null } | null> {
  const row = await tx
    .selectFrom('api_key')
    .select('expires_at as expiresAt')
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .where((or) => or.or([or('expires_at', 'is', null), or('expires_at', '>', now)]))
    .forShare()
    .executeTakeFirst();
  return row ?? null;
}

/** Revokes a key; whether it was not yet. */
export async function revokeKey(
  tx: Transaction<Database>,
  { venueId, id, at }: { readonly venueId: string; readonly id: string; readonly at: Date },
): Promise<boolean> {
  const { numUpdatedRows } = await tx
    .updateTable('api_key')
    .set({ revoked_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where('revoked_at', 'is', null)
    .executeTakeFirst();
  return numUpdatedRows > 0n;
}

/** Writes down that the key was used, unless that was done less than a minute before. */
export async function markApiKeyUsed(
  tx: Transaction<Database>,
  { venueId, id, at }: { readonly venueId: string; readonly id: string; readonly at: Date },
): Promise<void> {
  await tx
    .updateTable('api_key')
    .set({ last_used_at: at })
    .where('venue_id', '=', venueId)
    .where('id', '=', id)
    .where(sql<boolean>`(last_used_at is null or last_used_at <= ${at}::timestamptz - ${USE_INTERVAL})`)
    .execute();
}

const ofVenue = (db: Kysely<Database>, venueId: string) =>
  db.selectFrom('api_key').where('venue_id', '=', venueId);

const toStored = (row: Selectable<ApiKeyTable>): StoredApiKey => ({
  ...toApiKey(row),
  secretHash: row.secret_hash,
});

const toApiKey = (row: Selectable<ApiKeyTable>): ApiKey => ({
  id: row.id,
  venueId: row.venue_id,
  name: row.name,
  prefix: row.prefix,
  // One that there is no more means nothing.
  scopes: SCOPES.filter((scope) => row.scopes.includes(scope)),
  eventTypes: row.event_types,
  createdBy: row.created_by,
  createdAt: row.created_at,
  expiresAt: row.expires_at,
  lastUsedAt: row.last_used_at,
  revokedAt: row.revoked_at,
});
