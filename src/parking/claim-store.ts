import { type Kysely, sql, type Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import { newId } from '../lib/ids.ts';
import { LotFullError, SpaceTakenError } from './errors.ts';

/** Whatever writes claims locks their lot before: until it ends, what it found free stays so. */

/** Whose a claim is. */
export type Claimant = { readonly reservationId: string } | { readonly sessionId: string };

export interface Time {
  readonly startsAt: Date;
  readonly endsAt: Date;
}

export interface NewClaim extends Time {
  readonly venueId: string;
  readonly lotId: string;
  /** Null: any of the lot. */
  readonly spaceId: string | null;
  readonly of: Claimant;
}

/** @throws LotFullError, SpaceTakenError */
export const insertClaim = (
  tx: Transaction<Database>,
  { venueId, lotId, spaceId, startsAt, endsAt, of }: NewClaim,
): Promise<void> =>
  refusing({ lotId, spaceId }, () =>
    tx
      .insertInto('parking_claim')
      .values({
        id: newId(),
        venue_id: venueId,
        lot_id: lotId,
        space_id: spaceId,
        starts_at: startsAt,
        ends_at: endsAt,
        ...claimantColumns(of),
      })
      .execute(),
  );

/**
 * What is reserved becomes what the car has that has come, without being free in between; from then on at the latest,
 * and of this space. @throws LotFullError, SpaceTakenError
 */
export const turnClaim = (
  tx: Transaction<Database>,
  {
    lotId,
    spaceId,
    startsAt,
    reservationId,
    sessionId,
  }: Pick<NewClaim, 'lotId' | 'spaceId' | 'startsAt'> & {
    readonly reservationId: string;
    readonly sessionId: string;
  },
): Promise<void> =>
  refusing({ lotId, spaceId }, () =>
    tx
      .updateTable('parking_claim')
      .set({
        ...claimantColumns({ sessionId }),
        space_id: spaceId,
        starts_at: sql<Date>`least(starts_at, ${startsAt}::timestamptz)`,
      })
      .where('reservation_id', '=', reservationId)
      .execute(),
  );

/** @throws LotFullError, SpaceTakenError */
export const growClaim = (
  tx: Transaction<Database>,
  { lotId, spaceId, endsAt, of }: Omit<NewClaim, 'venueId' | 'startsAt'>,
): Promise<void> =>
  refusing({ lotId, spaceId }, () =>
    tx.updateTable('parking_claim').set({ ends_at: endsAt }).where(isOf(of)).execute(),
  );

export async function deleteClaim(tx: Transaction<Database>, of: Claimant): Promise<void> {
  await tx.deleteFrom('parking_claim').where(isOf(of)).execute();
}

/** Until when a claim lasts; null: there is none. */
export async function findClaimEnd(db: Kysely<Database>, of: Claimant): Promise<Date | null> {
  const row = await db.selectFrom('parking_claim').select('ends_at').where(isOf(of)).executeTakeFirst();
  return row?.ends_at ?? null;
}

const claimantColumns = (of: Claimant) => ({
  reservation_id: 'reservationId' in of ? of.reservationId : null,
  session_id: 'sessionId' in of ? of.sessionId : null,
});

const isOf = (of: Claimant) =>
  'reservationId' in of
    ? sql<boolean>`reservation_id = ${of.reservationId}`
    : sql<boolean>`session_id = ${of.sessionId}`;

/** The database has the last word. */
async function refusing(
  { lotId, spaceId }: Pick<NewClaim, 'lotId' | 'spaceId'>,
  write: () => Promise<unknown>,
): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (isViolationOf(error, 'parking_claim_within_capacity'))
      throw new LotFullError(lotId, {}, { cause: error });
    if (spaceId !== null && isViolationOf(error, 'parking_claim_no_overlap'))
      throw new SpaceTakenError(spaceId, {}, { cause: error });
    throw error;
  }
}
