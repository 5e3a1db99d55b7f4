import { NotFoundError } from '../lib/errors.ts';
import { canSeeParkingOf } from '../parking/policy.ts';
import type { ParkingReservation, ReservationStatus } from '../parking/reservation.ts';
import { findReservationsByIds } from '../parking/reservation-store.ts';
import { findSessionsOfReservations } from '../parking/session-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { isShownParking } from './parking-scope.ts';
import { ParkingSessionType } from './parking-session-type.ts';
import { ParkingSpaceType } from './parking-space.ts';
import { perContext } from './per-context.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

/** A reservation of a query, with its car; or of a frame of the stream, which events say nothing of. */
export type ShownReservation = ParkingReservation & {
  readonly plate?: string | null;
  readonly cursor?: string;
};

export const ReservationStatusEnum = builder.enumType('ParkingReservationStatus', {
  description: 'How a reservation stands. Clients must survive values they do not know.',
  values: {
    ACTIVE: { description: 'The place is his, and he has not come yet.' },
    CHECKED_IN: { description: 'His car stands there.' },
    COMPLETED: { description: 'His car has gone again.' },
    CANCELLED: { description: 'He, or the venue, gave the place back.' },
    EXPIRED: { description: 'Its time was over, and nobody came.' },
    NO_SHOW: { description: 'Nobody came in time, and the place was given to others.' },
  } satisfies Record<ReservationStatus, { description: string }>,
});

export const ParkingReservationType = builder.loadableNodeRef<ShownReservation, never, string, string>(
  'ParkingReservation',
  { id: { resolve: ({ id }: ShownReservation) => id }, load: loadReservations },
);

ParkingReservationType.implement({
  description:
    'The right to park on a lot for a time: an `AssignedRight` of APDS. Kept when it has ended. Seen by whose it is, and by who oversees parking at the venue.',
  fields: (t) => ({
    lot: t.field({ type: ParkingLotType, description: 'Which lot.', resolve: ({ lotId }) => lotId }),
    space: t.field({
      type: ParkingSpaceType,
      nullable: true,
      description: 'Which space of it; null for any.',
      resolve: ({ spaceId }) => spaceId,
    }),
    ownerId: t.globalID({
      description: 'Whose it is.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    owner: t.field({
      type: UserType,
      nullable: true,
      description: 'The same; null to who may not see people.',
      resolve: ownerOf,
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The same as `owner`.',
      deprecationReason: 'It is called `owner`, as of a booking.',
      resolve: ownerOf,
    }),
    plate: t.string({
      nullable: true,
      description: 'Of the car, in capitals without blanks; null when nobody said, or the account is gone.',
      resolve: async (reservation, _args, context) =>
        reservation.plate === undefined ? await plateOf(reservation.id, context) : reservation.plate,
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends.' }),
    status: t.expose('status', { type: ReservationStatusEnum, description: 'How it stands.' }),
    noShowAt: t.expose('noShowAt', {
      type: 'DateTime',
      nullable: true,
      description:
        'Who has not come by then does not come. Later than at first when his place was still taken then by a car that stays longer than it said. Null: the place is kept to the end.',
    }),
    reservedAt: t.expose('reservedAt', { type: 'DateTime', description: 'When it was reserved.' }),
    checkedInAt: t.expose('checkedInAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the car came.',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was completed, cancelled or given up.',
    }),
    cancelReason: t.exposeString('cancelReason', {
      nullable: true,
      description: 'Why, in the words of who cancelled it.',
    }),
    session: t.field({
      type: ParkingSessionType,
      nullable: true,
      description: 'The stay of its car; null until it has come.',
      resolve: ({ id }, _args, context) => sessionOf(context).load(id),
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it last changed.' }),
    version: t.exposeInt('version', {
      description: 'Grows with every change: of two frames the one with the greater version is the newer.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of `parkingReservations`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

const ownerOf = ({ userId }: ShownReservation, _args: object, context: Context): Promise<SeenUser | null> =>
  seenUser(context, userId);

builder.objectField(ParkingSessionType, 'reservation', (t) =>
  t.field({
    type: ParkingReservationType,
    nullable: true,
    description: 'The reservation it came with; null: it came without one.',
    resolve: ({ reservationId }) => reservationId,
  }),
);

const sessionOf = perContext(async (context, ids) => {
  const sessions = await findSessionsOfReservations(context.db, venueIdOf(context), ids);
  return new Map(
    sessions.flatMap((session) => (session.reservationId ? [[session.reservationId, session]] : [])),
  );
});

async function plateOf(id: string, context: Context): Promise<string | null> {
  return (await ParkingReservationType.getDataloader(context).load(id)).plate ?? null;
}

async function loadReservations(
  ids: readonly string[],
  context: Context,
): Promise<(ShownReservation | NotFoundError)[]> {
  const found = isShownParking(context)
    ? await findReservationsByIds(context.db, venueIdOf(context), ids)
    : [];
  const visible = found.filter((reservation) => canSeeParkingOf(context.viewer, reservation));
  const byId = new Map(visible.map((reservation) => [reservation.id, reservation]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('parking reservation'));
}
