import {
  type BookingStats,
  readBookingStats,
  STATS_DAYS,
  STATS_RESOURCES,
  STATS_USERS,
} from '../booking/booking-stats.ts';
import { BookingStatusEnum } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

const StatusCount = builder.objectRef<BookingStats['byStatus'][number]>('BookingStatusCount').implement({
  description: 'How many bookings stand like this.',
  fields: (t) => ({
    status: t.expose('status', { type: BookingStatusEnum, description: 'How they stand.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const HourCount = builder.objectRef<BookingStats['byHour'][number]>('BookingHourCount').implement({
  description: 'How many bookings begin in an hour of the day.',
  fields: (t) => ({
    hour: t.exposeInt('hour', { description: 'Of the venue’s clock, 0 to 23.' }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const UserCount = builder.objectRef<BookingStats['byUser'][number]>('BookingUserCount').implement({
  description: 'How many bookings somebody has.',
  fields: (t) => ({
    ownerId: t.globalID({ description: 'Who.', resolve: ({ userId }) => ({ type: 'User', id: userId }) }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null to who may not see people.',
      resolve: ({ userId }, _args, context): Promise<SeenUser | null> => seenUser(context, userId),
    }),
    count: t.exposeInt('count', { description: 'How many.' }),
  }),
});

const BookingStatsType = builder.objectRef<BookingStats>('BookingStats').implement({
  description: 'How resources were used, by the bookings that begin in a time.',
  fields: (t) => ({
    total: t.int({
      description: 'How many bookings, cancelled ones included.',
      resolve: ({ byStatus }) => byStatus.reduce((total, { count }) => total + count, 0),
    }),
    byStatus: t.field({
      type: [StatusCount],
      description: 'The same by how they stand; what nobody’s stands like is left out.',
      resolve: ({ byStatus }) => [...byStatus],
    }),
    byHour: t.field({
      type: [HourCount],
      description: 'Those that were not cancelled, by the hour they begin in: 24 entries.',
      resolve: ({ byHour }) => [...byHour],
    }),
    byUser: t.field({
      type: [UserCount],
      description: `Who has booked the most, without what was cancelled, the first of them first; ${STATS_USERS} at most.`,
      resolve: ({ byUser }) => [...byUser],
    }),
    utilisation: t.float({
      nullable: true,
      description:
        'Booked time by the time of all slots that begin then, each as often as it can be had: 0 to 1, more only where opening hours were cut since; null where there are none.',
      resolve: ({ bookedSeconds, openSeconds }) => (openSeconds === 0 ? null : bookedSeconds / openSeconds),
    }),
  }),
});

builder.queryField('bookingStats', (t) =>
  t.field({
    type: BookingStatsType,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'How resources of the venue were used. For who oversees its bookings (AUTH_004); needs BOOKINGS_READ (AUTH_004).',
    args: {
      resourceIds: t.arg.idList({
        required: true,
        description: `Which: 1 to ${STATS_RESOURCES} (API_001); one that there is not is API_002.`,
      }),
      from: t.arg({ type: 'DateTime', required: true, description: 'Bookings that begin then or later.' }),
      to: t.arg({
        type: 'DateTime',
        required: true,
        description: `Bookings that begin before; ${STATS_DAYS} days after \`from\` at most (API_001).`,
      }),
    },
    resolve: (_root, { resourceIds, from, to }, context) =>
      readBookingStats(context, {
        venueId: venueIdOf(context),
        resourceIds: resourceIds.map((id) => decodeIdOf('Resource', id)),
        from,
        to,
      }),
  }),
);
