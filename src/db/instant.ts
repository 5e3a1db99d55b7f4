import { type RawBuilder, sql } from 'kysely';

/** A time that is known, or what PostgreSQL makes of its own clock. */
export type Instant = Date | RawBuilder<Date>;

/** When the transaction began, by PostgreSQL. */
export const NOW: Instant = sql<Date>`now()`;

/** So much later, or earlier. */
export const shifted = (time: Instant, ms: number): Instant =>
  sql<Date>`${time}::timestamptz + ${ms} * interval '1 millisecond'`;
