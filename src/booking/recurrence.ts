import { RRuleTemporal } from 'rrule-temporal';
import { dayOf, zoned } from '../lib/calendar.ts';
import { ValidationError } from '../lib/errors.ts';

export const MAX_OCCURRENCES = 100;
const MAX_RULE = 200;

/** What says which days; the time of day is that of the first. */
const PARTS = [
  ...['FREQ', 'INTERVAL', 'COUNT', 'UNTIL', 'WKST'],
  ...['BYDAY', 'BYMONTHDAY', 'BYMONTH', 'BYYEARDAY', 'BYWEEKNO', 'BYSETPOS'],
];
const FREQUENCIES = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'];
/** As many days as any resource can be booked ahead, and more: a rule that matches none of them is given up. */
const MAX_PERIODS = 1_200;

export interface Recurring {
  /** RFC 5545, RRULE: `FREQ=WEEKLY;COUNT=10`. */
  readonly rule: string;
  /** The first of them. */
  readonly startsAt: Date;
  readonly timeZone: string;
  /** None is on a later one. */
  readonly lastDay: string;
}

/**
 * When things happen that happen again and again, in order: always when a clock there shows the same. A day that has
 * no such time, and a month that has no such day, is passed over and not counted (RFC 5545 3.3.10).
 *
 * @throws ValidationError for what is no such rule, has no end, goes beyond the last day or 100 times, or does not
 *   begin with the first
 */
export function occurrencesOf({ rule, startsAt, timeZone, lastDay }: Recurring): readonly Date[] {
  refuseUnlessBounded(rule);
  const found: Date[] = [];
  reading(() =>
    new RRuleTemporal({
      rruleString: rule,
      dtstart: zoned(startsAt, timeZone),
      strict: true,
      maxIterations: MAX_PERIODS,
    }).all(({ epochMilliseconds }) => {
      const at = new Date(epochMilliseconds);
      found.push(at);
      return found.length <= MAX_OCCURRENCES && dayOf(at, timeZone) <= lastDay;
    }),
  );
  const last = found.at(-1);
  if (found[0]?.getTime() !== startsAt.getTime() || !last)
    throw new ValidationError('The rule does not begin with the first slot.', { field: 'rule' });
  if (found.length > MAX_OCCURRENCES)
    throw new ValidationError(`A series has ${MAX_OCCURRENCES} slots at most.`, { field: 'rule' });
  if (dayOf(last, timeZone) > lastDay)
    throw new ValidationError(`The rule goes on after ${lastDay}, the last day that can be booked now.`, {
      field: 'rule',
    });
  return found;
}

/** @throws ValidationError */
function refuseUnlessBounded(rule: string): void {
  const parts = new Map(
    rule.split(';').map((part) => {
      const [, name = '', value = ''] = /^([A-Z]+)=([A-Z0-9,+-]+)$/.exec(part) ?? [];
      return [name, value] as const;
    }),
  );
  const isWhole = rule.length <= MAX_RULE && parts.size === rule.split(';').length;
  if (!isWhole || [...parts.keys()].some((name) => !PARTS.includes(name)))
    throw new ValidationError(
      `rule takes the value of an RRULE (RFC 5545) of ${PARTS.join(', ')}, each once, of ${MAX_RULE} characters at most.`,
      { field: 'rule' },
    );
  if (!FREQUENCIES.includes(parts.get('FREQ') ?? ''))
    throw new ValidationError(`FREQ is one of ${FREQUENCIES.join(', ')}.`, { field: 'rule' });
  if (parts.has('COUNT') === parts.has('UNTIL'))
    throw new ValidationError('A rule has an end: COUNT or UNTIL.', { field: 'rule' });
  const count = Number(parts.get('COUNT') ?? 1);
  if (!Number.isInteger(count) || count < 1 || count > MAX_OCCURRENCES)
    throw new ValidationError(`COUNT is 1 to ${MAX_OCCURRENCES}.`, { field: 'rule' });
}

function reading(read: () => void): void {
  try {
    read();
  } catch (error) {
    // The library throws nothing more special.
    if (!(error instanceof Error)) throw error;
    throw new ValidationError('The rule cannot be followed (RFC 5545, RRULE).', {
      field: 'rule',
      cause: error,
    });
  }
}
