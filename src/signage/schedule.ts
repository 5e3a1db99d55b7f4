import { addDays, MINUTES_OF_DAY } from '../lib/calendar.ts';
import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import { parseName } from '../lib/name.ts';
import { requireWithin } from '../lib/within.ts';
import { type Condition, parseCondition } from './condition.ts';
import type { Daypart, ScheduleDays, ScheduleTimes } from './schedule-times.ts';
import { parseTargets, type Targets } from './targets.ts';

/** A rule by which screens show a layout at some times, and perhaps only while something holds. */
export interface Schedule extends ScheduleRule {
  readonly id: string;
  readonly venueId: string;
  /** Whether its condition holds, and since when that is so; null without one. */
  readonly conditionState: ConditionState | null;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be said of one. */
export interface ScheduleRule {
  readonly name: string;
  readonly layoutId: string;
  /** 0 to 1000: the greater goes before the smaller, and of two of the same the newer one. */
  readonly priority: number;
  readonly isEnabled: boolean;
  readonly targets: Targets;
  readonly times: ScheduleTimes;
  /** Whose clock counts: that of each device, where it has one, or that of the venue. */
  readonly zone: ScheduleZone;
  readonly condition: Condition | null;
}

export interface ConditionState {
  readonly holds: boolean;
  readonly turnedAt: Date;
}

export type ScheduleZone = (typeof SCHEDULE_ZONES)[number];
export const SCHEDULE_ZONES = ['DEVICE', 'VENUE'] as const;

const MAX_DAYPARTS = 24;
const MAX_DATES = 366;
/** How far ahead a rule can begin or end: that it changes is known as far. */
const MAX_YEARS = 4;

/** Its name trimmed, and each thing said once. @throws ValidationError */
export function parseRule(rule: ScheduleRule, today: string): ScheduleRule {
  const { condition } = rule;
  requireWithin('priority', rule.priority, { min: 0, max: 1_000 });
  return {
    ...rule,
    name: parseName(rule.name),
    targets: inField('targets', () => parseTargets(rule.targets)),
    times: {
      days: inField('days', () => parseDays(rule.times.days, today)),
      dayparts: parseDayparts(rule.times.dayparts),
    },
    condition: condition && inField('condition', () => parseCondition(condition)),
  };
}

function parseDays(days: ScheduleDays, today: string): ScheduleDays {
  const { from, until, everyWeeks } = days;
  if (from !== null && until !== null && until < from)
    throw new ValidationError('until is not before from.', { field: 'until' });
  requireWithin('everyWeeks', everyWeeks, { min: 1, max: 52 });
  if (everyWeeks > 1 && from === null)
    throw new ValidationError('everyWeeks is counted from the week of from, which it needs.', {
      field: 'from',
    });
  for (const day of days.monthDays)
    if (day !== -1) requireWithin('monthDays', day, { min: 1, max: 31, unit: 'or -1' });
  if (days.dates.length > MAX_DATES || days.exceptDates.length > MAX_DATES)
    throw new ValidationError(`dates and exceptDates take at most ${MAX_DATES} days each.`, {
      field: days.dates.length > MAX_DATES ? 'dates' : 'exceptDates',
    });
  const latest = addDays(today, MAX_YEARS * 365);
  const { dates, exceptDates } = days;
  for (const [field, some] of Object.entries({ from: [from], until: [until], dates, exceptDates }))
    if (some.some((day) => day !== null && day > latest))
      throw new ValidationError(`The days of a schedule lie at most ${MAX_YEARS} years ahead.`, { field });
  return {
    ...days,
    weekdays: inOrder(days.weekdays),
    monthDays: inOrder(days.monthDays),
    dates: [...new Set(days.dates)].sort(),
    exceptDates: [...new Set(days.exceptDates)].sort(),
  };
}

function parseDayparts(dayparts: readonly Daypart[]): readonly Daypart[] {
  if (dayparts.length > MAX_DAYPARTS)
    throw new ValidationError(`A schedule has at most ${MAX_DAYPARTS} dayparts.`, { field: 'dayparts' });
  const late = dayparts.findIndex(({ from }) => from === MINUTES_OF_DAY);
  if (late >= 0)
    throw new ValidationError('A daypart begins before 24:00: at 00:00 of the next day.', {
      field: ['dayparts', late, 'from'],
    });
  return dayparts
    .map(({ from, to }) => ({ from, to: to === 0 ? MINUTES_OF_DAY : to }))
    .sort((one, other) => one.from - other.from || one.to - other.to);
}

const inOrder = (numbers: readonly number[]): readonly number[] =>
  [...new Set(numbers)].sort((one, other) => one - other);
