import { canSeeBooking } from '../booking/policy.ts';
import type { BookingSeries } from '../booking/series.ts';
import { findSeriesByIds } from '../booking/series-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { BookingConnection, bookingPage } from './booking-list.ts';
import { isShownBookings } from './booking-scope.ts';
import { BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { ResourceType } from './resource-type.ts';
import { SeriesConflictType } from './series-conflict.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

export const BookingSeriesType = builder.loadableNodeRef<BookingSeries, never, string, string>(
  'BookingSeries',
  { id: { resolve: ({ id }: BookingSeries) => id }, load: loadSeries },
);

BookingSeriesType.implement({
  description:
    'Bookings that were made together, by a rule that repeats. Seen by whose they are, and by who oversees the bookings of the venue.',
  fields: (t) => ({
    resource: t.field({
      type: ResourceType,
      description: 'What was booked.',
      resolve: ({ resourceId }) => resourceId,
    }),
    ownerId: t.globalID({
      description: 'Whose they are.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null to who may not see people.',
      resolve: ({ userId }, _args, context): Promise<SeenUser | null> => seenUser(context, userId),
    }),
    rule: t.exposeString('rule', { description: 'How it repeats: the value of an RRULE (RFC 5545).' }),
    startsAt: t.expose('startsAt', {
      type: 'DateTime',
      description:
        'When the first slot of the rule begins; those after it do when the venue’s clock shows the same.',
    }),
    bookedAt: t.expose('bookedAt', { type: 'DateTime', description: 'When it was booked.' }),
    bookings: t.connection(
      {
        type: BookingType,
        description: 'Its bookings by beginning, the latest first: also what is over, moved or cancelled.',
        resolve: ({ id, userId }, args, context) =>
          bookingPage(context, args, {
            userId,
            seriesId: id,
            resourceId: null,
            statuses: null,
            from: null,
            to: null,
          }),
      },
      BookingConnection,
    ),
    skipped: t.field({
      type: [SeriesConflictType],
      description: 'What it left out because it could not be had, in order of time. At most 99.',
      resolve: ({ skipped, resourceId }) => skipped.map((conflict) => ({ ...conflict, resourceId })),
    }),
  }),
});

builder.objectField(BookingType, 'series', (t) =>
  t.field({
    type: BookingSeriesType,
    nullable: true,
    description: 'With which others it was booked by a rule; null: alone.',
    resolve: ({ seriesId }) => seriesId,
  }),
);

async function loadSeries(
  ids: readonly string[],
  context: Context,
): Promise<(BookingSeries | NotFoundError)[]> {
  const found = isShownBookings(context) ? await findSeriesByIds(context.db, venueIdOf(context), ids) : [];
  const visible = found.filter((series) => canSeeBooking(context.viewer, series));
  const byId = new Map(visible.map((series) => [series.id, series]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('series'));
}
