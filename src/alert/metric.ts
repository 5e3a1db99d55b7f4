import type { AlertMetric } from '../db/tables/alert.ts';

export type { AlertMetric } from '../db/tables/alert.ts';

/** What can be watched, each one whole number of a venue: what stands behind the number, for a person. */
export const METRIC_LABELS: Readonly<Record<AlertMetric, string>> = {
  MACHINES_OFFLINE: 'machines offline',
  SAS_LINES_DOWN: 'serial lines down',
  SAS_LINES_SILENT: 'serial lines silent',
  AFT_TRANSFERS_IN_DOUBT: 'transfers in doubt',
  HANDPAYS_WAITING: 'handpays waiting',
  DEVICES_OFFLINE: 'devices offline',
  PARKING_OCCUPANCY_PERCENT: 'percent of the parking taken',
  FAILED_SIGN_INS: 'sign-ins failed',
  LOCK_OUTS: 'lock-outs',
};

/** Whether it counts what happened within a time, and not what is so now. */
export const isCountedOverTime = (metric: AlertMetric): boolean =>
  metric === 'FAILED_SIGN_INS' || metric === 'LOCK_OUTS';

/** Whether it can be that of one parking lot. */
export const canBeOfLot = (metric: AlertMetric): boolean => metric === 'PARKING_OCCUPANCY_PERCENT';
