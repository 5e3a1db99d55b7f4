import { type Kysely, type Selectable, sql, type Transaction } from 'kysely';
import type { Instant } from '../db/instant.ts';
import type { Database } from '../db/schema.ts';
import type { SlotClaimTable } from '../db/tables/booking.ts';
import { claimOf, overlaps, type Wanted } from './claim-store.ts';
import type { Claim } from './slot.ts';
import { isAwaited } from './waitlist-store.ts';

/**
 * Claims of this time that have expired are no more; answers of those. Where somebody waits for their time they are
 * left, unless the deletion is for the venue itself: whoever deletes them gives the time back to him.
 */
export async function deleteExpiredClaims(
  tx: Transaction<Database>,
  { resourceId, startsAt, endsAt }: Wanted,
  { now, evenAwaited }: { readonly now: Date; readonly evenAwaited: boolean },
): Promise<readonly ExpiredClaim[]> {
  const claimed = {
    resourceId: sql.ref('slot_claim.resource_id'),
    startsAt: sql.ref('slot_claim.starts_at'),
    endsAt: sql.ref('slot_claim.ends_at'),
  };
  let query = tx
    .deleteFrom('slot_claim')
    .where('resource_id', '=', resourceId)
    .where(overlaps({ startsAt, endsAt }))
    .where('expires_at', '<=', now);
  if (!evenAwaited) query = query.where(({ not }) => not(isAwaited(claimed, now)));
  return (await query.returningAll().execute()).map(expiredOf);
}

/** Claims whose time is over, of any resource, so many at most; nobody else takes them meanwhile. */
export async function deleteSomeExpiredClaims(
  tx: Transaction<Database>,
  { now, limit }: { readonly now: Date; readonly limit: number },
): Promise<readonly ExpiredClaim[]> {
  const rows = await tx
    .deleteFrom('slot_claim')
    .where(
      'id',
      'in',
      expiredClaims(tx, { now }).select('id').orderBy('expires_at').limit(limit).forUpdate().skipLocked(),
    )
    .returningAll()
    .execute();
  return rows.map(expiredOf);
}

/** Those whose time is over. */
export const expiredClaims = (db: Kysely<Database>, { now }: { readonly now: Instant }) =>
  db.selectFrom('slot_claim').where('expires_at', '<=', now);

/** In how many milliseconds the next claim expires; null when none does. */
export async function readNextExpiryMs(
  tx: Transaction<Database>,
  { now }: { readonly now: Date },
): Promise<number | null> {
  const row = await tx
    .selectFrom('slot_claim')
    .select((claims) => claims.fn.min('expires_at').as('next'))
    .where('expires_at', '>', now)
    .executeTakeFirst();
  return row?.next ? row.next.getTime() - now.getTime() : null;
}

export interface ExpiredClaim extends Claim {
  readonly venueId: string;
  readonly resourceId: string;
  /** Of an offer. */
  readonly waitlistEntryId: string | null;
}

const expiredOf = (row: Selectable<SlotClaimTable>): ExpiredClaim => ({
  ...claimOf(row),
  venueId: row.venue_id,
  resourceId: row.resource_id,
  waitlistEntryId: row.waitlist_entry_id,
});
