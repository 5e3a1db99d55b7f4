import { ValidationError } from '../lib/errors.ts';
import { isMoney } from '../lib/money.ts';

/** The tenant: every other thing belongs to exactly one. */
export interface Venue {
  readonly id: string;
  /** What people and URLs call it: lower case letters, digits and inner hyphens, at most 63. */
  readonly slug: string;
  readonly name: string;
  /** IANA, e.g. `Europe/Vienna`. */
  readonly timeZone: string;
  /** ISO 4217. */
  readonly currency: string;
  readonly isDemo: boolean;
  /** Counts its changes. */
  readonly version: number;
  readonly createdAt: Date;
}

export interface NewVenue {
  readonly slug: string;
  readonly name: string;
  readonly timeZone: string;
  readonly currency: string;
  readonly isDemo?: boolean;
}

const SLUG = /^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/;
const MAX_NAME_LENGTH = 200;

/** Whether any venue can have this slug. */
export const isVenueSlug = (text: string): boolean => SLUG.test(text);

/**
 * A venue's particulars, its name trimmed.
 *
 * @throws ValidationError
 */
export function parseVenue(input: NewVenue): Required<NewVenue> {
  const name = input.name.trim();
  if (!isVenueSlug(input.slug)) {
    throw new ValidationError('slug takes lower case letters, digits and inner hyphens, at most 63.', {
      field: 'slug',
    });
  }
  if (name.length === 0 || name.length > MAX_NAME_LENGTH || /[\p{Cc}\p{Cs}]/u.test(name)) {
    throw new ValidationError(`name takes 1 to ${MAX_NAME_LENGTH} printable characters.`, { field: 'name' });
  }
  if (!isTimeZone(input.timeZone)) {
    throw new ValidationError('timeZone takes an IANA time zone such as Europe/Vienna.', {
      field: 'timeZone',
    });
  }
  if (!Intl.supportedValuesOf('currency').includes(input.currency) || !isMoney(input.currency)) {
    throw new ValidationError('currency takes an ISO 4217 code such as EUR.', { field: 'currency' });
  }
  return { ...input, name, isDemo: input.isDemo ?? false };
}

/** An offset such as `+02:00` has no summer time, so it is none. */
export function isTimeZone(text: string): boolean {
  if (!/^[A-Za-z]/.test(text)) return false;
  try {
    new Intl.DateTimeFormat('en', { timeZone: text });
    return true;
  } catch {
    return false;
  }
}
