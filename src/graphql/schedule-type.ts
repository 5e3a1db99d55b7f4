import { NotFoundError } from '../lib/errors.ts';
import { moneyOfCents } from '../lib/money.ts';
import type { Condition, JackpotCondition, OccupancyCondition } from '../signage/condition.ts';
import { canSeeSignage } from '../signage/policy.ts';
import type { Schedule, ScheduleZone } from '../signage/schedule.ts';
import { findSchedulesByIds } from '../signage/schedule-store.ts';
import { timesText } from '../signage/schedule-text.ts';
import type { Daypart, ScheduleDays } from '../signage/schedule-times.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { JackpotType } from './jackpot.ts';
import { LayoutType } from './layout-type.ts';
import { MoneyType } from './money.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { WeekdayEnum } from './resource-type.ts';
import { ScreenTargetsType } from './screen-targets.ts';
import { ownVenue } from './venue.ts';

export const ScheduleZoneEnum = builder.enumType('ScheduleZone', {
  description: 'Whose clock counts for a schedule.',
  values: {
    DEVICE: { description: 'That of each screen, where it has one of its own, else the venue’s.' },
    VENUE: { description: 'The venue’s, wherever a screen stands.' },
  } satisfies Record<ScheduleZone, { description: string }>,
});

const ScheduleDaysType = builder.objectRef<ScheduleDays>('ScheduleDays').implement({
  description: 'Days for which all of this holds. A daypart over midnight is of the day it begins on.',
  fields: (t) => ({
    from: t.expose('from', { type: 'LocalDate', nullable: true, description: 'The first; null: always.' }),
    until: t.expose('until', { type: 'LocalDate', nullable: true, description: 'The last; null: for ever.' }),
    weekdays: t.field({
      type: [WeekdayEnum],
      description: 'Only these; none: all.',
      resolve: ({ weekdays }) => [...weekdays],
    }),
    everyWeeks: t.exposeInt('everyWeeks', {
      description: 'Only each so manieth week, Monday to Sunday, counted from that of `from`; 1: each.',
    }),
    monthDays: t.intList({
      description: 'Only these of the month, 1 to 31, and -1 for the last; none: all.',
      resolve: ({ monthDays }) => [...monthDays],
    }),
    dates: t.field({
      type: ['LocalDate'],
      description: 'Only these; none: all.',
      resolve: ({ dates }) => [...dates],
    }),
    exceptDates: t.field({
      type: ['LocalDate'],
      description: 'Not these.',
      resolve: ({ exceptDates }) => [...exceptDates],
    }),
  }),
});

const DaypartType = builder.objectRef<Daypart>('Daypart').implement({
  description:
    'A part of a day by the clock. One that does not end later than it begins ends on the next day. Where clocks go forward, what is skipped begins and ends with the first instant after the gap; a time that is shown twice is within both times.',
  fields: (t) => ({
    from: t.expose('from', { type: 'LocalTime', description: 'When it begins.' }),
    to: t.expose('to', { type: 'LocalTime', description: 'When it is over; `24:00` at midnight.' }),
  }),
});

const JackpotConditionType = builder.objectRef<JackpotCondition>('JackpotCondition').implement({
  description: 'Only while a jackpot stands at so much.',
  fields: (t) => ({
    jackpot: t.field({
      type: JackpotType,
      nullable: true,
      description: 'Which.',
      resolve: ({ jackpotId }) => jackpotId,
    }),
    atLeast: t.field({
      type: MoneyType,
      nullable: true,
      description: 'So much or more; null where `below` is meant.',
      resolve: async ({ test, cents }, _args, context) =>
        test === 'AT_LEAST' ? moneyOfCents(cents, (await ownVenue(context)).currency) : null,
    }),
    below: t.field({
      type: MoneyType,
      nullable: true,
      description: 'Less than this; null where `atLeast` is meant.',
      resolve: async ({ test, cents }, _args, context) =>
        test === 'BELOW' ? moneyOfCents(cents, (await ownVenue(context)).currency) : null,
    }),
  }),
});

const OccupancyConditionType = builder.objectRef<OccupancyCondition>('OccupancyCondition').implement({
  description: 'Only while a parking lot is so full, by what was counted last. Reserved places are not free.',
  fields: (t) => ({
    lot: t.field({
      type: ParkingLotType,
      nullable: true,
      description: 'Which.',
      resolve: ({ lotId }) => lotId,
    }),
    freeAtMost: t.int({
      nullable: true,
      description: 'So many places are free, or fewer; null where `fullAtLeastPercent` is meant.',
      resolve: ({ test, value }) => (test === 'FREE_AT_MOST' ? value : null),
    }),
    fullAtLeastPercent: t.int({
      nullable: true,
      description:
        'So much of it is taken or reserved, in percent, or more; null where `freeAtMost` is meant.',
      resolve: ({ test, value }) => (test === 'FULL_AT_LEAST' ? value : null),
    }),
  }),
});

const ScheduleConditionType = builder.unionType('ScheduleCondition', {
  description: 'What has to hold for a schedule to be on, beside its times.',
  types: [JackpotConditionType, OccupancyConditionType],
  resolveType: ({ kind }: Condition) => (kind === 'JACKPOT' ? JackpotConditionType : OccupancyConditionType),
});

export const ScheduleType = builder.loadableNodeRef<Schedule, never, string, string>('Schedule', {
  id: { resolve: ({ id }: Schedule) => id },
  load: loadSchedules,
});

ScheduleType.implement({
  description:
    'A rule by which screens show a layout at some times. Of several that are on, that of the greatest `priority` is shown, and of two alike the newer one; a takeover goes before all of them, and they go before what was pushed. Seen with SIGNAGE_READ.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is called.' }),
    layout: t.field({
      type: LayoutType,
      description: 'What is shown, in its newest revision.',
      resolve: ({ layoutId }) => layoutId,
    }),
    priority: t.exposeInt('priority', { description: '0 to 1000: the greater goes before the smaller.' }),
    enabled: t.exposeBoolean('isEnabled', { description: 'Whether it is in force.' }),
    targets: t.field({
      type: ScreenTargetsType,
      description: 'Which screens.',
      resolve: ({ targets }) => targets,
    }),
    days: t.field({
      type: ScheduleDaysType,
      description: 'On which days.',
      resolve: ({ times }) => times.days,
    }),
    dayparts: t.field({
      type: [DaypartType],
      description: 'At what times of those days; none: all day.',
      resolve: ({ times }) => [...times.dayparts],
    }),
    zone: t.expose('zone', { type: ScheduleZoneEnum, description: 'Whose clock counts.' }),
    summary: t.string({
      description: 'When it is on, in English: `Mon to Fri, 11:30 to 14:00`.',
      resolve: ({ times }) => timesText(times),
    }),
    condition: t.field({
      type: ScheduleConditionType,
      nullable: true,
      description: 'What has to hold besides; null: nothing.',
      resolve: ({ condition }) => condition,
    }),
    conditionHolds: t.boolean({
      nullable: true,
      description: 'Whether that holds now; null without a condition.',
      resolve: ({ conditionState }) => conditionState?.holds,
    }),
    conditionTurnedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when that is so; null without a condition.',
      resolve: ({ conditionState }) => conditionState?.turnedAt,
    }),
    version: t.exposeInt('version', {
      description: 'Counts its changes: `expectedVersion` of `saveSchedule`.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'Since when there is one.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it last changed.' }),
  }),
});

async function loadSchedules(
  ids: readonly string[],
  { db, viewer, ...context }: Context,
): Promise<(Schedule | NotFoundError)[]> {
  const venueId = venueIdOf(context);
  const found = canSeeSignage(viewer, venueId) ? await findSchedulesByIds(db, venueId, ids) : [];
  const byId = new Map(found.map((schedule) => [schedule.id, schedule]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('schedule'));
}
