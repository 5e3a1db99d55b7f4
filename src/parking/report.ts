import { ValidationError } from '../lib/errors.ts';

/** What a gate or a sensor says: how many cars stand on a lot, or whether one stands on a space. */
export type OccupancyReport = LotReport | SpaceReport;

export interface LotReport {
  readonly lotId: string;
  readonly cars: number;
  readonly observedAt: Date;
}

export interface SpaceReport {
  readonly spaceId: string;
  readonly isOccupied: boolean;
  readonly observedAt: Date;
}

/** DUPLICATE: it was said before. OUTDATED: something newer is known. Both change nothing. */
export type ReportOutcome = 'APPLIED' | 'DUPLICATE' | 'OUTDATED';

/** What is known of a lot or a space. */
export interface Observation<T> {
  readonly value: T;
  readonly observedAt: Date;
}

/** What a report does to what is known; null: nothing yet. */
export function outcomeOf<T extends number | boolean>(
  known: Observation<T> | null,
  said: Observation<T>,
): ReportOutcome {
  if (known === null || said.observedAt > known.observedAt) return 'APPLIED';
  const isSame = said.observedAt.getTime() === known.observedAt.getTime() && said.value === known.value;
  return isSame ? 'DUPLICATE' : 'OUTDATED';
}

/** How many reports one call can have. */
export const MAX_REPORTS = 500;
const MAX_CARS = 200_000;
/** How far the clock of a device may be ahead. */
const SKEW_MS = 30_000;

/** @throws ValidationError */
export function parseReports(reports: readonly OccupancyReport[], now: Date): void {
  if (reports.length === 0 || reports.length > MAX_REPORTS)
    throw new ValidationError(`reports takes 1 to ${MAX_REPORTS} entries.`, { field: 'reports' });
  for (const [at, report] of reports.entries()) {
    if ('cars' in report && (report.cars < 0 || report.cars > MAX_CARS))
      throw new ValidationError(`cars takes 0 to ${MAX_CARS}.`, { field: ['reports', at, 'cars'] });
    if (report.observedAt.getTime() > now.getTime() + SKEW_MS)
      throw new ValidationError(`observedAt lies in the future: set the clock of the device.`, {
        field: ['reports', at, 'observedAt'],
      });
  }
}
