import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { requireWithin } from '../lib/within.ts';

/** What has to hold for a rule to be on, beside its times. */
export type Condition = JackpotCondition | OccupancyCondition;

export interface JackpotCondition {
  readonly kind: 'JACKPOT';
  readonly jackpotId: string;
  readonly test: 'AT_LEAST' | 'BELOW';
  readonly cents: bigint;
}

export interface OccupancyCondition {
  readonly kind: 'OCCUPANCY';
  readonly lotId: string;
  /** So many places are free and not more; or so much of the lot is taken or reserved, in percent, and not less. */
  readonly test: 'FREE_AT_MOST' | 'FULL_AT_LEAST';
  readonly value: number;
}

/** What a condition is about, as it stands. Free places may be fewer than none. */
export type ConditionSubject =
  | { readonly kind: 'JACKPOT'; readonly name: string; readonly cents: bigint }
  | { readonly kind: 'OCCUPANCY'; readonly name: string; readonly capacity: number; readonly free: number };

const MOST_CENTS = 9_999_999_999n;

/** @throws ValidationError */
export function parseCondition(condition: Condition): Condition {
  if (condition.kind === 'JACKPOT') {
    if (condition.cents < 0n || condition.cents > MOST_CENTS)
      throw new ValidationError('The amount of a condition is one that a jackpot can stand at.', {
        field: ['jackpot', condition.test === 'AT_LEAST' ? 'atLeast' : 'below'],
      });
  } else inField('occupancy', () => requireOccupancy(condition));
  return condition;
}

function requireOccupancy({ test, value }: Extract<Condition, { readonly kind: 'OCCUPANCY' }>): void {
  if (test === 'FREE_AT_MOST') requireWithin('freeAtMost', value, { min: 0, max: 100_000, unit: 'places' });
  else requireWithin('fullAtLeastPercent', value, { min: 1, max: 100, unit: 'percent' });
}

/** Of what is gone nothing holds. */
export function holdsFor(condition: Condition, subject: ConditionSubject | null): boolean {
  if (condition.kind === 'JACKPOT')
    return (
      subject?.kind === 'JACKPOT' && (condition.test === 'AT_LEAST') === subject.cents >= condition.cents
    );
  if (subject?.kind !== 'OCCUPANCY') return false;
  const { capacity, free } = subject;
  return condition.test === 'FREE_AT_MOST'
    ? free <= condition.value
    : (capacity - free) * 100 >= condition.value * capacity;
}

export const subjectIdOf = (condition: Condition): string =>
  condition.kind === 'JACKPOT' ? condition.jackpotId : condition.lotId;
