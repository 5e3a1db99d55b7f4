import type { LimitWindow } from '../booking/booking-limit.ts';
import {
  BookingEndedError,
  BookingLimitError,
  ResourceTakenError,
  SeriesConflictError,
  SlotUnavailableError,
} from '../booking/errors.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';
import { SeriesConflictType } from './series-conflict.ts';
import { SlotType } from './slot-type.ts';
import './wallet-errors.ts';

/** What booking may answer with besides; importing this file puts it into the schema. */

errorType(SlotUnavailableError, {
  name: 'SlotUnavailableError',
  description: 'The slot is taken, blocked or over, or cannot be booked yet. Code API_010.',
  fields: (t) => ({
    alternatives: t.field({
      type: [SlotType],
      description:
        'At most five that could be had when it was tried, the nearest first: of the same resource, and at the same time of others of its kind.',
      resolve: ({ alternatives }) => [...alternatives],
    }),
  }),
});

export const LimitWindowEnum = builder.enumType('BookingLimitWindow', {
  description: 'Which bookings are counted together, by the venue’s calendar.',
  values: {
    DAY: { description: 'Those that begin on one day.' },
    WEEK: { description: 'Those that begin in one week, Monday to Sunday.' },
    MONTH: { description: 'Those that begin in one month.' },
    ACTIVE: { description: 'Those that are not over.' },
  } satisfies Record<LimitWindow, { description: string }>,
});

errorType(BookingLimitError, {
  name: 'BookingLimitError',
  description: 'He would have more booked than `setBookingLimit` allows people of his roles. Code API_012.',
  fields: (t) => ({
    window: t.expose('window', { type: LimitWindowEnum, description: 'Which bookings are counted.' }),
    maximum: t.exposeInt('maximum', { description: 'How many there can be.' }),
    count: t.exposeInt('count', { description: 'How many he has, holds included.' }),
    resetsAt: t.expose('resetsAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next window begins; null for ACTIVE.',
    }),
  }),
});

errorType(SeriesConflictError, {
  name: 'SeriesConflictError',
  description: 'Some slots of a series, or all, cannot be had, and none is booked. Code API_014.',
  fields: (t) => ({
    conflicts: t.field({
      type: [SeriesConflictType],
      description: 'Those that cannot be had, in order of time.',
      resolve: ({ conflicts, resourceId }) => conflicts.map((conflict) => ({ ...conflict, resourceId })),
    }),
  }),
});

errorType(ResourceTakenError, {
  name: 'ResourceTakenError',
  description: 'Another resource of the venue has this name, or is this machine. Code API_001.',
  fields: (t) => ({
    field: t.exposeString('field', { description: '`name` or `machineId`.' }),
  }),
});

errorType(BookingEndedError, {
  name: 'BookingEndedError',
  description:
    'The booking is over, or cancelled, or has begun, so that this cannot be done to it any more. Code API_001.',
});
