import type { Kysely, Selectable, Transaction } from 'kysely';
import { isViolationOf } from '../db/errors.ts';
import { type KeysetRange, keysetPage } from '../db/keyset.ts';
import type { Database } from '../db/schema.ts';
import type { ParkingRateTable } from '../db/tables/parking.ts';
import { ValidationError } from '../lib/errors.ts';
import type { ParkingRate } from './rate.ts';

/** What is in force at an instant, by lot; of a lot that costs nothing none. */
export async function findRatesAt(
  db: Kysely<Database>,
  lotIds: readonly string[],
  at: Date,
): Promise<ReadonlyMap<string, ParkingRate>> {
  if (lotIds.length === 0) return new Map();
  const rows = await db
    .selectFrom('parking_rate')
    .selectAll()
    .distinctOn('lot_id')
    .where('lot_id', 'in', lotIds)
    .where('valid_from', '<=', at)
    .orderBy('lot_id')
    .orderBy('valid_from', 'desc')
    .execute();
  return new Map(rows.map((row) => [row.lot_id, rateOf(row)]));
}

/** @throws Error for an id that is none */
export async function getRate(db: Kysely<Database>, id: string): Promise<ParkingRate> {
  return rateOf(
    await db.selectFrom('parking_rate').selectAll().where('id', '=', id).executeTakeFirstOrThrow(),
  );
}

/** Those of a lot, the latest first, or in reverse when read backward. */
export async function listRates(
  db: Kysely<Database>,
  lotId: string,
  range: KeysetRange,
): Promise<readonly ParkingRate[]> {
  const query = db.selectFrom('parking_rate').selectAll().where('lot_id', '=', lotId);
  return (await keysetPage(query, { time: 'valid_from', newestFirst: true }, range).execute()).map(rateOf);
}

export async function countRates(db: Kysely<Database>, lotId: string): Promise<number> {
  const { count } = await db
    .selectFrom('parking_rate')
    .select((rate) => rate.fn.countAll<string>().as('count'))
    .where('lot_id', '=', lotId)
    .executeTakeFirstOrThrow();
  return Number(count);
}

/**
 * Takes back what would be in force from then on, unless it already is.
 *
 * @throws ValidationError when a stay has begun by it meanwhile
 */
export async function deletePlannedRate(
  tx: Transaction<Database>,
  { lotId, validFrom, now }: { readonly lotId: string; readonly validFrom: Date; readonly now: Date },
): Promise<void> {
  try {
    await tx
      .deleteFrom('parking_rate')
      .where('lot_id', '=', lotId)
      .where('valid_from', '=', validFrom)
      .where('valid_from', '>', now)
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'parking_session_rate'))
      throw new ValidationError('validFrom does not lie in the past: a stay has begun by the rate of then.', {
        field: 'validFrom',
        cause: error,
      });
    throw error;
  }
}

/** @throws ValidationError when another is in force since the same instant */
export async function insertRate(
  tx: Transaction<Database>,
  rate: ParkingRate & { readonly createdBy: object },
): Promise<void> {
  try {
    await tx
      .insertInto('parking_rate')
      .values({
        id: rate.id,
        venue_id: rate.venueId,
        lot_id: rate.lotId,
        valid_from: rate.validFrom,
        price: rate.priceMinor,
        per_minutes: rate.perMinutes,
        grace_minutes: rate.graceMinutes,
        daily_cap: rate.dailyCapMinor,
        currency: rate.currency,
        created_at: rate.createdAt,
        created_by: JSON.stringify(rate.createdBy),
      })
      .execute();
  } catch (error) {
    if (isViolationOf(error, 'parking_rate_once'))
      throw new ValidationError('Another rate is in force since this very instant. Try again.', {
        cause: error,
      });
    throw error;
  }
}

const rateOf = (row: Selectable<ParkingRateTable>): ParkingRate => ({
  id: row.id,
  venueId: row.venue_id,
  lotId: row.lot_id,
  validFrom: row.valid_from,
  priceMinor: row.price,
  perMinutes: row.per_minutes,
  graceMinutes: row.grace_minutes,
  dailyCapMinor: row.daily_cap,
  currency: row.currency,
  createdAt: row.created_at,
});
