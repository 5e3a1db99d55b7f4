import type { AlertComparison, AlertSeverity } from '../db/tables/alert.ts';
import { ValidationError } from '../lib/errors.ts';
import { parseName } from '../lib/name.ts';
import { requireWithin } from '../lib/within.ts';
import { type AlertMetric, canBeOfLot, isCountedOverTime } from './metric.ts';

export type { AlertComparison, AlertSeverity } from '../db/tables/alert.ts';

/** Which figure of a venue. */
export interface Figure {
  readonly metric: AlertMetric;
  /** Of this parking lot alone; null: of all that are open together, and where it is of none. */
  readonly lotId: string | null;
  /** How far back is counted; null where it is what is so now. */
  readonly windowSeconds: number | null;
}

/** What is watched: an alert keeps it as it was when it fired. */
export interface Watch extends Figure {
  readonly comparison: AlertComparison;
  readonly threshold: number;
  readonly severity: AlertSeverity;
}

/** What can be said of a rule. */
export interface AlertRuleTerms extends Watch {
  readonly name: string;
  /** So long the figure is beyond the threshold before it fires. */
  readonly holdSeconds: number;
  /** So long it is not before that is over. */
  readonly clearSeconds: number;
  readonly isEnabled: boolean;
}

/** From when on somebody is told of a figure. */
export interface AlertRule extends AlertRuleTerms, Standing {
  readonly id: string;
  readonly venueId: string;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** How it stands with a rule. */
export interface Standing {
  /** When it was looked at last; null: not since it is as it is. */
  readonly measuredAt: Date | null;
  /** What the figure was then; null: there was none. */
  readonly value: number | null;
  /** Since when the figure says otherwise than the rule's alerts do. */
  readonly turningSince: Date | null;
}

export const DEFAULT_TERMS = {
  windowSeconds: 300,
  holdSeconds: 0,
  clearSeconds: 60,
  severity: 'WARNING',
  isEnabled: true,
} as const;

const MAX_THRESHOLD = 1_000_000;
const DAY_SECONDS = 86_400;

/** Its name trimmed. @throws ValidationError */
export function parseTerms(terms: AlertRuleTerms): AlertRuleTerms {
  const { metric, lotId, windowSeconds, comparison } = terms;
  if (lotId !== null && !canBeOfLot(metric))
    throw new ValidationError(`${metric} is of no parking lot.`, { field: 'lotId' });
  if (isCountedOverTime(metric))
    requireWithin('window', windowSeconds ?? 0, { min: 60, max: DAY_SECONDS, unit: 'seconds' });
  else if (windowSeconds !== null)
    throw new ValidationError(`${metric} is what is so now: it takes no window.`, { field: 'window' });
  // No figure is below 0.
  requireWithin('threshold', terms.threshold, { min: comparison === 'BELOW' ? 1 : 0, max: MAX_THRESHOLD });
  const upToADay = { min: 0, max: DAY_SECONDS, unit: 'seconds' };
  requireWithin('for', terms.holdSeconds, upToADay);
  requireWithin('resolveAfter', terms.clearSeconds, upToADay);
  return { ...terms, name: parseName(terms.name) };
}

/** Of what there is no figure nothing is beyond. */
export function isBeyond({ comparison, threshold }: Watch, value: number | null): value is number {
  if (value === null) return false;
  return comparison === 'ABOVE' ? value > threshold : value < threshold;
}

/** What of one rule is what is watched. */
export const watchOf = ({ metric, lotId, windowSeconds, comparison, threshold, severity }: Watch): Watch => ({
  metric,
  lotId,
  windowSeconds,
  comparison,
  threshold,
  severity,
});

/** Whether the alerts of one would be alerts of the other. */
export const watchTheSame = (one: Watch, other: Watch): boolean =>
  JSON.stringify(watchOf(one)) === JSON.stringify(watchOf(other));
