import type { Booking } from '../booking/booking.ts';
import { type BookingFilter, countBookings, listBookings } from '../booking/booking-store.ts';
import { BOOKING_EVENTS, type BookingEventType } from '../booking/events.ts';
import { canSeeBookings, sightOfBooking } from '../booking/policy.ts';
import { bookingOfSnapshot } from '../booking/snapshots.ts';
import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { BookingStatusEnum, BookingType, type ShownBooking } from './booking-type.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { AFTER } from './machine-event.ts';
import type { PageArguments } from './page.ts';

export const BookingConnection = builder.connectionObject(
  {
    type: BookingType,
    name: 'BookingConnection',
    description: 'One page of bookings by their beginning, the latest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `bookings`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'BookingEdge' },
);

const statusesDescription = 'Only those that stand like one of these, at least one (API_001).';
const fromDescription = 'Only those that end later.';
const toDescription = 'Only those that begin earlier.';

builder.queryField('myBookings', (t) =>
  t.connection(
    {
      type: BookingType,
      nullable: true,
      authScopes: { scope: 'BOOKINGS_READ' },
      description:
        'The caller’s own bookings, by beginning, the latest first: what is to come, what is over, and what was cancelled. Needs BOOKINGS_READ; AUTH_004 for who is no person.',
      args: {
        statuses: t.arg({ type: [BookingStatusEnum], description: statusesDescription }),
        from: t.arg({ type: 'DateTime', description: fromDescription }),
        to: t.arg({ type: 'DateTime', description: toDescription }),
      },
      resolve: (_root, { statuses, from, to, ...args }, context) =>
        bookingPage(context, args, {
          userId: signedInUser(context.actor).userId,
          resourceId: null,
          statuses: statuses ?? null,
          from: from ?? null,
          to: to ?? null,
        }),
    },
    BookingConnection,
  ),
);

builder.queryField('booking', (t) =>
  t.field({
    type: BookingType,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'One booking: one’s own, or any to who oversees the bookings of the venue. Needs BOOKINGS_READ (AUTH_004).',
    args: {
      id: t.arg.id({
        required: true,
        description: 'Which; one that does not exist, or that the caller may not see, gives API_002.',
      }),
    },
    resolve: (_root, { id }) => decodeIdOf('Booking', id),
  }),
);

builder.queryField('bookings', (t) =>
  t.connection(
    {
      type: BookingType,
      nullable: true,
      authScopes: { scope: 'BOOKINGS_READ' },
      description:
        'Bookings by beginning, the latest first: all of the venue to who oversees them, and a PLAYER’s own to himself. Needs BOOKINGS_READ, and of an API key BOOKINGS_MANAGE as well (AUTH_004).',
      args: {
        userId: t.arg.id({
          description: 'Only those of this user. Another’s, asked by a PLAYER, is an empty list.',
        }),
        resourceId: t.arg.id({ description: 'Only of this resource.' }),
        statuses: t.arg({ type: [BookingStatusEnum], description: statusesDescription }),
        from: t.arg({ type: 'DateTime', description: fromDescription }),
        to: t.arg({ type: 'DateTime', description: toDescription }),
      },
      resolve: (_root, { userId, resourceId, statuses, from, to, ...args }, context) => {
        const own = ownOnly(context);
        const wanted = userId == null ? null : decodeIdOf('User', userId);
        const isEmpty = own !== null && wanted !== null && wanted !== own;
        return bookingPage(context, args, {
          userId: own ?? wanted,
          resourceId: resourceId == null ? null : decodeIdOf('Resource', resourceId),
          statuses: isEmpty ? [] : (statuses ?? null),
          from: from ?? null,
          to: to ?? null,
        });
      },
    },
    BookingConnection,
  ),
);

export function bookingPage(context: Context, args: PageArguments, filter: BookingFilter) {
  const { db } = context;
  const venueId = venueIdOf(context);
  return resolveLivePage(db, args, (tx) => ({
    keyOf: ({ startsAt, id }: ShownBooking) => ({ at: startsAt, id }),
    load: (range): Promise<readonly ShownBooking[]> => listBookings(tx, venueId, { filter, range }),
    count: () => countBookings(db, venueId, filter),
  }));
}

/** Whose alone the caller sees; null when he sees all of the venue. */
const ownOnly = (context: Context): string | null =>
  canSeeBookings(context.actor, venueIdOf(context)) ? null : signedInUser(context.actor).userId;

builder.subscriptionField('bookings', (t) =>
  t.field({
    type: BookingType,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'Each change of bookings, once and in order, as it was then: all of the venue to who oversees them, and a PLAYER’s own to himself. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs BOOKINGS_READ, and of an API key BOOKINGS_MANAGE as well (AUTH_004).',
    args: {
      mine: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Only the caller’s own, also for who oversees all; AUTH_004 for who is no person.',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { mine, after }, context) =>
      context.streams.events<BookingEventType>({
        types: BOOKING_EVENTS,
        venueId: venueIdOf(context),
        after,
        ...subjectsOf(context, mine),
        sightOf: sightOfBooking,
      }),
    resolve: ({
      payload,
      venueId,
      cursor,
    }: StreamedEvent<BookingEventType>): Booking & { cursor: string } => ({
      ...bookingOfSnapshot(venueId, payload),
      cursor,
    }),
  }),
);

/** One person's, or all. */
function subjectsOf(context: Context, isMine: boolean) {
  if (isMine && context.actor.kind !== 'user') throw new PermissionDeniedError('have bookings of your own');
  const userId = isMine ? signedInUser(context.actor).userId : ownOnly(context);
  if (userId === null) return {};
  return {
    subjects: { of: ({ payload }: LoggedEvent<BookingEventType>) => payload.userId, among: [userId] },
  };
}
