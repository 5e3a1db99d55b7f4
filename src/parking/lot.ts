import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { parseName } from '../lib/name.ts';
import { requireWithin } from '../lib/within.ts';

/** Where cars stand: how many it takes, what counts them, and what holds for those who come. */
export interface ParkingLot extends LotRules {
  readonly id: string;
  readonly venueId: string;
  readonly status: LotStatus;
  readonly occupancy: Occupancy;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be changed of a lot. */
export interface LotRules {
  readonly name: string;
  readonly description: string | null;
  readonly address: string | null;
  readonly location: Location | null;
  /** How many cars it takes. */
  readonly capacity: number;
  readonly countedBy: CountedBy;
  /** What gates and sensors said is stale when it is older. */
  readonly staleAfterSeconds: number;
  /** How many days ahead a place can be reserved. */
  readonly reservableDays: number;
  /** Who has reserved and has not come so long after the beginning does not come; null: the place is kept to the end. */
  readonly noShowMinutes: number | null;
  /** A car that does not say how long it stays is taken to stay so long. */
  readonly usualStayMinutes: number;
}

/** WGS 84, degrees. */
export interface Location {
  readonly latitude: number;
  readonly longitude: number;
}

/** What tells how many stand there: the stays begun and ended here, gates that count, or a sensor on each space. */
export type CountedBy = 'STAYS' | 'GATES' | 'SENSORS';
export type LotStatus = 'ACTIVE' | 'CLOSED';

/** How full a lot is at one instant; in cars. */
export interface Occupancy {
  readonly capacity: number;
  readonly occupied: number;
  /** Reserved for this instant by who has not come yet. */
  readonly reserved: number;
  /** When that was counted by gates or sensors last; null: by stays, or never. */
  readonly observedAt: Date | null;
  /** Whether gates or sensors have been silent for too long, or have never spoken. */
  readonly isStale: boolean;
  /** Of two the one with the greater revision is the newer. */
  readonly revision: bigint;
}

/** Below zero where more cars stand than there is room for beside those who have reserved. */
export const freeOf = ({
  capacity,
  occupied,
  reserved,
}: Pick<Occupancy, 'capacity' | 'occupied' | 'reserved'>): number => capacity - occupied - reserved;

/** What a lot is like about which nothing else was said. */
export const DEFAULT_RULES: Omit<LotRules, 'name' | 'capacity'> = {
  description: null,
  address: null,
  location: null,
  countedBy: 'STAYS',
  staleAfterSeconds: 300,
  reservableDays: 90,
  noShowMinutes: null,
  usualStayMinutes: 120,
};

const MAX_DESCRIPTION = 1_000;
const MAX_ADDRESS = 500;

/** @throws ValidationError */
export function parseRules(rules: LotRules): LotRules {
  const { location } = rules;
  requireWithin('capacity', rules.capacity, { min: 1, max: 100_000, unit: 'cars' });
  requireWithin('staleAfter', rules.staleAfterSeconds, { min: 1, max: 86_400, unit: 'seconds' });
  requireWithin('reservableDays', rules.reservableDays, { min: 1, max: 1_096 });
  if (rules.noShowMinutes !== null)
    requireWithin('noShowMinutes', rules.noShowMinutes, { min: 1, max: 1_440 });
  requireWithin('usualStay', rules.usualStayMinutes, { min: 1, max: 10_080, unit: 'minutes' });
  return {
    ...rules,
    name: parseName(rules.name),
    description: parseText('description', rules.description, MAX_DESCRIPTION),
    address: parseText('address', rules.address, MAX_ADDRESS),
    location: location && inField('location', () => parseLocation(location)),
  };
}

/** @throws ValidationError */
export function parseLocation({ latitude, longitude }: Location): Location {
  if (!(Math.abs(latitude) <= 90))
    throw new ValidationError('latitude takes -90 to 90 degrees.', { field: 'latitude' });
  if (!(Math.abs(longitude) <= 180))
    throw new ValidationError('longitude takes -180 to 180 degrees.', { field: 'longitude' });
  return { latitude, longitude };
}

function parseText(field: string, text: string | null, max: number): string | null {
  const trimmed = text?.trim() || null;
  if (trimmed !== null && trimmed.length > max)
    throw new ValidationError(`${field} takes at most ${max} characters.`, { field });
  return trimmed;
}
