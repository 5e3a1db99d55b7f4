import { ValidationError } from '../lib/errors.ts';
import { inField } from '../lib/in-field.ts';
import type { Condition } from '../signage/condition.ts';
import type { ScheduleDays } from '../signage/schedule-times.ts';
import { builder } from './builder.ts';
import { decodeIdOf } from './ids.ts';
import { parseCents } from './jackpot-configuration.ts';
import { WeekdayEnum } from './resource-type.ts';
import { ScheduleZoneEnum } from './schedule-type.ts';
import { ScreenTargetsInput } from './screen-targets.ts';

const ScheduleDaysInput = builder.inputType('ScheduleDaysInput', {
  description:
    'Days for which all of this holds; what is left out says nothing. Those of the calendar lie at most four years ahead (ValidationError).',
  fields: (t) => ({
    from: t.field({ type: 'LocalDate', description: 'The first.' }),
    until: t.field({ type: 'LocalDate', description: 'The last, not before `from` (ValidationError).' }),
    weekdays: t.field({ type: [WeekdayEnum], description: 'Only these; none: all.' }),
    everyWeeks: t.int({
      description:
        'Only each so manieth week, Monday to Sunday, counted from that of `from`, which it needs: 1 to 52 (ValidationError).',
    }),
    monthDays: t.intList({
      description: 'Only these of the month: 1 to 31, and -1 for the last (ValidationError); none: all.',
    }),
    dates: t.field({
      type: ['LocalDate'],
      description: 'Only these, at most 366 (ValidationError); none: all.',
    }),
    exceptDates: t.field({ type: ['LocalDate'], description: 'Not these, at most 366 (ValidationError).' }),
  }),
});

const DaypartInput = builder.inputType('DaypartInput', {
  description:
    'A part of a day by the clock. One that does not end later than it begins ends on the next day: 22:00 to 02:00. Where clocks go forward, what is skipped begins and ends with the first instant after the gap; a time that is shown twice is within both times.',
  fields: (t) => ({
    from: t.field({
      type: 'LocalTime',
      required: true,
      description: 'When it begins, before 24:00 (ValidationError).',
    }),
    to: t.field({ type: 'LocalTime', required: true, description: 'When it is over; `24:00` at midnight.' }),
  }),
});

const JackpotConditionInput = builder.inputType('JackpotConditionInput', {
  description: 'A jackpot, and what it has to stand at: `atLeast` or `below` (ValidationError for both).',
  fields: (t) => ({
    jackpotId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    atLeast: t.field({ type: 'Decimal', description: 'So much or more, in the venue’s currency.' }),
    below: t.field({ type: 'Decimal', description: 'Less than this, in the venue’s currency.' }),
  }),
});

const OccupancyConditionInput = builder.inputType('OccupancyConditionInput', {
  description:
    'A parking lot, and how full it has to be: `freeAtMost` or `fullAtLeastPercent` (ValidationError for both).',
  fields: (t) => ({
    lotId: t.id({ required: true, description: 'Which (NotFoundError).' }),
    freeAtMost: t.int({
      description: 'So many places are free, or fewer: 0 to 100000 (ValidationError).',
    }),
    fullAtLeastPercent: t.int({
      description: 'So much of it is taken or reserved, or more: 1 to 100 percent (ValidationError).',
    }),
  }),
});

const ScheduleConditionInput = builder.inputType('ScheduleConditionInput', {
  description: 'What has to hold besides: of a jackpot, or of a parking lot (ValidationError for both).',
  fields: (t) => ({
    jackpot: t.field({ type: JackpotConditionInput, description: 'What a jackpot stands at.' }),
    occupancy: t.field({ type: OccupancyConditionInput, description: 'How full a lot is.' }),
  }),
});

/** What `saveSchedule` takes. */
export const SaveScheduleInput = builder.inputType('SaveScheduleInput', {
  description:
    'A schedule: a new one, or what is to change of one. Left out of a new one it has priority 100, is in force, always on, and by the venue’s clock; what is left out of one that is there stays.',
  fields: (t) => ({
    scheduleId: t.id({ description: 'Which is to change (NotFoundError); without it a new one is made.' }),
    expectedVersion: t.int({
      description:
        'With `scheduleId` (ValidationError): `Schedule.version` as the caller read it (VersionConflictError).',
    }),
    remove: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'With `scheduleId` (ValidationError): it is removed, and nothing else of the input counts but `expectedVersion`.',
    }),
    name: t.string({ description: '1 to 100 characters (ValidationError); a new one needs it.' }),
    layoutId: t.id({
      description:
        'What is shown, in its newest revision (NotFoundError, LayoutNotPublishedError); a new one needs it.',
    }),
    targets: t.field({ type: ScreenTargetsInput, description: 'Which screens; a new one needs it.' }),
    priority: t.int({
      description: 'The greater goes before the smaller: 0 to 1000 (ValidationError).',
    }),
    enabled: t.boolean({ description: 'Whether it is in force.' }),
    days: t.field({ type: ScheduleDaysInput, description: 'On which days, all of it anew.' }),
    dayparts: t.field({
      type: [DaypartInput],
      description: 'At what times of those days, at most 24 (ValidationError); none: all day.',
    }),
    zone: t.field({ type: ScheduleZoneEnum, description: 'Whose clock counts.' }),
    condition: t.field({
      type: ScheduleConditionInput,
      description: 'What has to hold besides; null: nothing.',
    }),
  }),
});

export const daysOf = (given: typeof ScheduleDaysInput.$inferInput): ScheduleDays => ({
  from: given.from ?? null,
  until: given.until ?? null,
  weekdays: given.weekdays ?? [],
  everyWeeks: given.everyWeeks ?? 1,
  monthDays: given.monthDays ?? [],
  dates: given.dates ?? [],
  exceptDates: given.exceptDates ?? [],
});

/** @throws ValidationError, InvalidIdError */
export function conditionOf({ jackpot, occupancy }: typeof ScheduleConditionInput.$inferInput): Condition {
  if (jackpot && !occupancy) return inField('jackpot', () => jackpotConditionOf(jackpot));
  if (occupancy && !jackpot) return inField('occupancy', () => occupancyConditionOf(occupancy));
  throw new ValidationError('A condition takes jackpot or occupancy.');
}

function jackpotConditionOf({
  jackpotId,
  atLeast,
  below,
}: typeof JackpotConditionInput.$inferInput): Condition {
  const of = { kind: 'JACKPOT', jackpotId: decodeIdOf('Jackpot', jackpotId) } as const;
  if (atLeast != null && below == null)
    return { ...of, test: 'AT_LEAST', cents: parseCents('atLeast', atLeast) };
  if (below != null && atLeast == null) return { ...of, test: 'BELOW', cents: parseCents('below', below) };
  throw new ValidationError('The condition of a jackpot takes atLeast or below.');
}

function occupancyConditionOf({
  lotId,
  freeAtMost,
  fullAtLeastPercent,
}: typeof OccupancyConditionInput.$inferInput): Condition {
  const of = { kind: 'OCCUPANCY', lotId: decodeIdOf('ParkingLot', lotId) } as const;
  if (freeAtMost != null && fullAtLeastPercent == null)
    return { ...of, test: 'FREE_AT_MOST', value: freeAtMost };
  if (fullAtLeastPercent != null && freeAtMost == null)
    return { ...of, test: 'FULL_AT_LEAST', value: fullAtLeastPercent };
  throw new ValidationError('The condition of a lot takes freeAtMost or fullAtLeastPercent.');
}
