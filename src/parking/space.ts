import { ValidationError } from '../lib/errors.ts';
import { requireWithin } from '../lib/within.ts';

export type SpaceKind = 'STANDARD' | 'ACCESSIBLE' | 'ELECTRIC' | 'MOTORCYCLE' | 'LARGE';
export type SpaceStatus = 'ACTIVE' | 'CLOSED';

/** A painted place of a lot. */
export interface ParkingSpace {
  readonly id: string;
  readonly venueId: string;
  readonly lotId: string;
  /** What is painted on it: `A-17`. */
  readonly label: string;
  readonly kind: SpaceKind;
  readonly status: SpaceStatus;
  /** Whether a car stands there, as its sensor said, or else by the stays; null: it has a sensor that never spoke. */
  readonly isOccupied: boolean | null;
  /** Whether it is reserved for this instant by who has not come yet. */
  readonly isReserved: boolean;
  /** When its sensor last spoke; null: never, or it has none. */
  readonly observedAt: Date | null;
  /** Whether its sensor has been silent for too long, or has never spoken. */
  readonly isStale: boolean;
  readonly createdAt: Date;
}

/** Spaces that are numbered: `A-`, 1 to 120, in 3 digits, are `A-001` to `A-120`. */
export interface SpaceRange {
  readonly prefix: string;
  readonly first: number;
  readonly last: number;
  /** So many at least; smaller numbers have zeros before them. */
  readonly digits: number;
}

export interface NewSpaces extends SpaceRange {
  readonly kind: SpaceKind;
}

/** How many spaces one change can name. */
export const MAX_SPACES = 20_000;
const MAX_LABEL = 20;
const MAX_NUMBER = 999_999;

/** What the spaces of a range are called, in order. @throws ValidationError */
export function labelsOf({ prefix, first, last, digits }: SpaceRange): readonly string[] {
  requireWithin('first', first, { min: 0, max: MAX_NUMBER });
  requireWithin('last', last, { min: first, max: Math.min(MAX_NUMBER, first + MAX_SPACES - 1) });
  requireWithin('digits', digits, { min: 1, max: 6 });
  if (/[\p{C}\p{Z}]/u.test(prefix) || prefix.length + Math.max(digits, String(last).length) > MAX_LABEL)
    throw new ValidationError(`A label takes 1 to ${MAX_LABEL} printable characters without blanks.`, {
      field: 'prefix',
    });
  return Array.from(
    { length: last - first + 1 },
    (_, at) => prefix.normalize('NFC') + String(first + at).padStart(digits, '0'),
  );
}
