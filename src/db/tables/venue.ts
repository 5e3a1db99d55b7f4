import type { Generated } from 'kysely';

export interface VenueTable {
  id: string;
  slug: string;
  name: string;
  /** IANA name, e.g. `Europe/Vienna`. */
  time_zone: string;
  /** ISO 4217. */
  currency: string;
  is_demo: Generated<boolean>;
  version: Generated<number>;
  created_at: Generated<Date>;
}
