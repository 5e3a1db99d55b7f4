import type { Transaction } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Display, Wanted } from './display.ts';

/** What a device shall show at an instant, and until when that is so whatever else happens. */
export interface Outlook {
  readonly wanted: Wanted | null;
  /** When time alone may change it; null: never. */
  readonly dueAt: Date | null;
}

/** What each of these displays shall show at an instant: the one place that weighs what is wanted of a device. */
export async function findOutlooks(
  _tx: Transaction<Database>,
  displays: readonly Display[],
  _now: Date,
): Promise<ReadonlyMap<string, Outlook>> {
  return new Map(displays.map((display) => [display.deviceId, { wanted: pushedOf(display), dueAt: null }]));
}

const pushedOf = ({ pushed }: Display): Wanted | null =>
  pushed && { ...pushed, cause: 'PUSH', causeId: null };
