import { ValidationError } from '../lib/errors.ts';
import { requireWithin } from '../lib/within.ts';

/** What a stay costs that begins while it is in force: until the next one is. */
export interface ParkingRate extends RateTerms {
  readonly id: string;
  readonly venueId: string;
  readonly lotId: string;
  readonly validFrom: Date;
  /** ISO 4217. */
  readonly currency: string;
  readonly createdAt: Date;
}

/** Amounts in minor units. */
export interface RateTerms {
  /** Of each begun `perMinutes`. */
  readonly priceMinor: bigint;
  readonly perMinutes: number;
  /** Who leaves within them pays nothing. */
  readonly graceMinutes: number;
  /** Of each 24 hours since the beginning at most; null: no end. */
  readonly dailyCapMinor: bigint | null;
}

const MAX_AMOUNT = 999_999_999_999n;

/** @throws ValidationError */
export function parseTerms(terms: RateTerms): RateTerms {
  requireAmount('price', terms.priceMinor);
  requireWithin('per', terms.perMinutes, { min: 1, max: 1_440, unit: 'minutes' });
  requireWithin('grace', terms.graceMinutes, { min: 0, max: 1_440, unit: 'minutes' });
  if (terms.dailyCapMinor !== null) requireAmount('dailyCap', terms.dailyCapMinor);
  return terms;
}

function requireAmount(field: string, amountMinor: bigint): void {
  if (amountMinor < 0n || amountMinor > MAX_AMOUNT)
    throw new ValidationError(`${field} takes 0 to ${MAX_AMOUNT} of the smallest unit.`, { field });
}
