import { MINUTES_OF_DAY } from '../lib/calendar.ts';
import { ValidationError } from '../lib/errors.ts';
import { formatDecimal } from '../lib/money.ts';
import { requireWithin } from '../lib/within.ts';

export type ResourceKind = 'MACHINE' | 'TABLE' | 'ROOM' | 'BENCH' | 'OTHER';
export type ResourceStatus = 'ACTIVE' | 'CLOSED';

/** When it is open on a day of the week, by the venue's clock; in minutes since midnight, the end not included. */
export interface OpeningHours {
  /** 1 (Monday) to 7. */
  readonly weekday: number;
  readonly opensAt: number;
  readonly closesAt: number;
}

/** What can be changed of a resource. */
export interface ResourceRules {
  readonly name: string;
  readonly description: string | null;
  readonly slotMinutes: number;
  /** How many can have one slot. */
  readonly capacity: number;
  /** Of one slot. */
  readonly priceMinor: bigint;
  readonly openingHours: readonly OpeningHours[];
  /** How many days ahead it can be booked. */
  readonly bookableDays: number;
  /** Until so long before its beginning a booking is refunded whole; afterwards `lateRefundPercent` of it. */
  readonly freeCancellationMinutes: number;
  readonly lateRefundPercent: number;
  /** Who has not come so long after the beginning does not come; null: nobody looks. */
  readonly noShowMinutes: number | null;
}

/** Anything that can be booked by time. */
export interface Resource extends ResourceRules {
  readonly id: string;
  readonly venueId: string;
  readonly kind: ResourceKind;
  /** The machine it is. */
  readonly machineId: string | null;
  /** ISO 4217. */
  readonly currency: string;
  /** Of the venue, IANA. */
  readonly timeZone: string;
  readonly status: ResourceStatus;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];

/** What a resource is like about which nothing else was said: 24 hourly slots a day, for one, for nothing. */
export const DEFAULT_RULES: Omit<ResourceRules, 'name'> = {
  description: null,
  slotMinutes: 60,
  capacity: 1,
  priceMinor: 0n,
  openingHours: EVERY_DAY.map((weekday) => ({ weekday, opensAt: 0, closesAt: MINUTES_OF_DAY })),
  bookableDays: 366,
  freeCancellationMinutes: 0,
  lateRefundPercent: 0,
  noShowMinutes: null,
};

const MAX_NAME = 100;
const MAX_DESCRIPTION = 1_000;
const MAX_HOURS = 28;
/** Of one slot, in minor units. */
export const MAX_PRICE_MINOR = 999_999_999_999n;

/** In the currency, ISO 4217, that its price is of. @throws ValidationError */
export function parseRules(rules: ResourceRules, currency: string): ResourceRules {
  const name = rules.name.trim();
  const description = rules.description?.trim() || null;
  if (name.length < 1 || name.length > MAX_NAME || /[\p{Cc}\p{Cs}]/u.test(name))
    throw new ValidationError(`name takes 1 to ${MAX_NAME} printable characters.`, { field: 'name' });
  if (description !== null && /[^\P{Cc}\n\t]|\p{Cs}/u.test(description))
    throw new ValidationError('description has no control characters but line ends and tabs.', {
      field: 'description',
    });
  if (description !== null && description.length > MAX_DESCRIPTION)
    throw new ValidationError(`description takes at most ${MAX_DESCRIPTION} characters.`, {
      field: 'description',
    });
  requireWithin('slotDuration', rules.slotMinutes, { min: 5, max: MINUTES_OF_DAY, unit: 'minutes' });
  requireWithin('capacity', rules.capacity, { min: 1, max: 1_000 });
  if (rules.priceMinor < 0n || rules.priceMinor > MAX_PRICE_MINOR)
    throw new ValidationError(
      `price takes 0 to ${formatDecimal({ amountMinor: MAX_PRICE_MINOR, currency })} ${currency}.`,
      { field: 'price' },
    );
  requireWithin('bookableDays', rules.bookableDays, { min: 1, max: 1_096 });
  requireWithin('freeCancellationMinutes', rules.freeCancellationMinutes, { min: 0, max: 527_040 });
  requireWithin('lateRefundPercent', rules.lateRefundPercent, { min: 0, max: 100 });
  if (rules.noShowMinutes !== null)
    requireWithin('noShowMinutes', rules.noShowMinutes, { min: 1, max: MINUTES_OF_DAY });
  return { ...rules, name, description, openingHours: parseOpeningHours(rules.openingHours) };
}

/** Refuses what has no slot on any day. @throws ValidationError */
export function refuseSlotless({
  slotMinutes,
  openingHours,
}: Pick<ResourceRules, 'slotMinutes' | 'openingHours'>): void {
  if (!openingHours.some(({ opensAt, closesAt }) => closesAt - opensAt >= slotMinutes))
    throw new ValidationError('No slot fits into openingHours: slotDuration is longer than each of them.', {
      field: 'slotDuration',
    });
}

/** In order, and none in another. @throws ValidationError */
function parseOpeningHours(hours: readonly OpeningHours[]): readonly OpeningHours[] {
  if (hours.length === 0 || hours.length > MAX_HOURS)
    throw new ValidationError(`openingHours takes 1 to ${MAX_HOURS} entries.`, { field: 'openingHours' });
  for (const [at, { opensAt, closesAt }] of hours.entries())
    if (opensAt >= closesAt)
      throw new ValidationError(
        'opensAt lies before closesAt; what is open over midnight has an entry of each day.',
        { field: ['openingHours', at, 'closesAt'] },
      );
  const sorted = [...hours].sort((a, b) => a.weekday - b.weekday || a.opensAt - b.opensAt);
  for (const [at, { weekday, closesAt }] of sorted.entries()) {
    const next = sorted[at + 1];
    if (next && next.weekday === weekday && next.opensAt < closesAt)
      throw new ValidationError('Two entries of openingHours overlap.', { field: 'openingHours' });
  }
  return sorted;
}
