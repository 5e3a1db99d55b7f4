import { BookingLimitError, SeriesConflictError } from '../booking/errors.ts';
import { keyed } from '../booking/keyed.ts';
import { MAX_OCCURRENCES } from '../booking/recurrence.ts';
import type { OnConflict } from '../booking/series.ts';
import { bookSeries, cancelSeries } from '../booking/series-service.ts';
import { doneOf } from '../wallet/keyed.ts';
import './booking-errors.ts';
import { forWhom, forWhomDescription, keyDescription } from './booking-input.ts';
import { BookingSeriesType } from './booking-series-type.ts';
import { BookingRefundEnum, BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { CHOICE, requiredChoice } from './slot-choice.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

const OnConflictEnum = builder.enumType('SeriesOnConflict', {
  description: 'What becomes of a series of which some slots cannot be had.',
  values: {
    FAIL: { description: 'Nothing is booked (SeriesConflictError).' },
    SKIP: { description: 'The others are booked; when there are none, SeriesConflictError.' },
  } satisfies Record<OnConflict, { description: string }>,
});

const BookSeriesInput = builder.inputType('BookSeriesInput', {
  description: 'Which slots are booked: the first, and how it repeats.',
  fields: (t) => ({
    slotId: t.id({ description: CHOICE.slotId }),
    resourceId: t.id({ description: CHOICE.resourceId }),
    date: t.field({ type: 'LocalDate', description: CHOICE.date }),
    index: t.int({ description: CHOICE.index }),
    rule: t.string({
      required: true,
      description: `How it repeats: the value of an RRULE (RFC 5545) without DTSTART, like \`FREQ=WEEKLY;COUNT=10\`. FREQ is DAILY, WEEKLY, MONTHLY or YEARLY; it ends by COUNT, or by UNTIL in UTC, after ${MAX_OCCURRENCES} slots at most, all of them within the days the resource can be booked ahead (ValidationError). Each begins when the venue’s clock shows the same; a month without such a day is passed over.`,
    }),
    onConflict: t.field({
      type: OnConflictEnum,
      required: true,
      defaultValue: 'FAIL',
      description: 'What happens when some cannot be had.',
    }),
    userId: t.id({ description: forWhomDescription }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

interface BookedSeries {
  readonly seriesId: string;
  readonly isReplay: boolean;
}

const BookSeriesSuccess = builder.objectRef<BookedSeries>('BookSeriesSuccess').implement({
  description: 'The series is booked, and each of its bookings paid.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The series is booked.' }),
    series: t.field({
      type: BookingSeriesType,
      description: 'The series, and what it left out.',
      resolve: ({ seriesId }) => seriesId,
    }),
    replayed: t.boolean({
      description: 'Whether it was done when the key was first used, and nothing was done now.',
      resolve: ({ isReplay }) => isReplay,
    }),
  }),
});

builder.mutationField('bookSeries', (t) =>
  t.field({
    type: BookSeriesSuccess,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Books slots of a resource that repeat by a rule, and takes the price of each from the wallet: there is money for all of them, or nothing is booked. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: BookSeriesInput, required: true, description: 'What is booked.' }) },
    errors: { types: [...MONEY_ERRORS, SeriesConflictError, BookingLimitError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const { rule, onConflict } = input;
      const userId = forWhom(context, input.userId);
      const series = { venueId, userId, first: requiredChoice(input), rule, onConflict };
      const outcome = await context.runWork(context.actor, (work) =>
        keyed(
          work,
          { venueId, key: input.idempotencyKey ?? null, parameters: { what: 'series', ...series } },
          async (inner) => (await bookSeries(inner, series)).id,
        ),
      );
      const { id, isReplay } = doneOf(outcome);
      return { seriesId: id, isReplay };
    },
  }),
);

const CancelSeriesInput = builder.inputType('CancelSeriesInput', {
  description: 'Which series is cancelled, and from when on.',
  fields: (t) => ({
    seriesId: t.id({ required: true, description: 'The series.' }),
    from: t.field({
      type: 'LocalDate',
      description:
        'Only what begins on this day, by the venue’s calendar, or later; without it all that is to come.',
    }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
    refund: t.field({
      type: BookingRefundEnum,
      required: true,
      defaultValue: 'RULE',
      description: 'What is given back of the price of each.',
    }),
  }),
});

interface CancelledSeries {
  readonly seriesId: string;
  readonly bookingIds: readonly string[];
}

const CancelSeriesSuccess = builder.objectRef<CancelledSeries>('CancelSeriesSuccess').implement({
  description: 'Those slots can be had again.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: ({ bookingIds }) => `Bookings cancelled: ${bookingIds.length}.`,
    }),
    series: t.field({
      type: BookingSeriesType,
      description: 'The series.',
      resolve: ({ seriesId }) => seriesId,
    }),
    cancelled: t.field({
      type: [BookingType],
      description: `What was cancelled now, in order of time; empty when nothing was left to be. At most ${MAX_OCCURRENCES}.`,
      resolve: ({ bookingIds }) => [...bookingIds],
    }),
  }),
});

builder.mutationField('cancelSeries', (t) =>
  t.field({
    type: CancelSeriesSuccess,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Cancels the bookings of a series that have not begun, all together, each as by `cancelBooking`. One’s own, or with BOOKINGS_MANAGE any. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CancelSeriesInput, required: true, description: 'Which, from when on.' }) },
    errors: { types: [...MONEY_ERRORS], directResult: true },
    resolve: async (_root, { input }, context) => {
      const seriesId = decodeIdOf('BookingSeries', input.seriesId);
      const cancelled = await context.runWork(context.actor, (work) =>
        cancelSeries(work, {
          venueId: venueIdOf(context),
          seriesId,
          from: input.from ?? null,
          reason: input.reason ?? null,
          refund: input.refund,
        }),
      );
      return { seriesId, bookingIds: cancelled.map(({ id }) => id) };
    },
  }),
);
