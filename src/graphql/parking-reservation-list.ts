import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { PermissionDeniedError } from '../lib/errors.ts';
import { RESERVATION_EVENTS, type ReservationEventType } from '../parking/events.ts';
import { canSeeParking, sightOfReservation } from '../parking/policy.ts';
import { countReservations, listReservations } from '../parking/reservation-store.ts';
import { reservationOfSnapshot } from '../parking/snapshots.ts';
import { builder } from './builder.ts';
import { signedInUser, venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import { AFTER } from './machine-event.ts';
import {
  ParkingReservationType,
  ReservationStatusEnum,
  type ShownReservation,
} from './parking-reservation-type.ts';

const ParkingReservationConnection = builder.connectionObject(
  {
    type: ParkingReservationType,
    name: 'ParkingReservationConnection',
    description: 'One page of reservations by their beginning, the latest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'Go on live with the subscription `parkingReservations`: `after` this nothing is missed and nothing comes again.',
        resolve: cursorOf,
      }),
    }),
  },
  { name: 'ParkingReservationEdge' },
);

builder.queryField('parkingReservations', (t) =>
  t.connection(
    {
      type: ParkingReservationType,
      nullable: true,
      authScopes: { scope: 'PARKING_READ' },
      description:
        'Reservations by beginning, the latest first: all of the venue to who oversees parking, and a PLAYER’s own to himself. Needs PARKING_READ (AUTH_004).',
      args: {
        userId: t.arg.id({
          description: 'Only those of this user. Another’s, asked by a PLAYER, is an empty list.',
        }),
        lotId: t.arg.id({ description: 'Only of this lot.' }),
        statuses: t.arg({
          type: [ReservationStatusEnum],
          description: 'Only those that stand like one of these, at least one (API_001).',
        }),
        from: t.arg({ type: 'DateTime', description: 'Only those that end later.' }),
        to: t.arg({ type: 'DateTime', description: 'Only those that begin earlier.' }),
      },
      resolve: (_root, { userId, lotId, statuses, from, to, ...args }, context) => {
        const { db } = context;
        const venueId = venueIdOf(context);
        const whose = whoseOf(context, userId);
        const filter = {
          userId: whose.userId,
          lotId: lotId == null ? null : decodeIdOf('ParkingLot', lotId),
          statuses: whose.isEmpty ? [] : (statuses ?? null),
          from: from ?? null,
          to: to ?? null,
        };
        return resolveLivePage(db, args, (tx) => ({
          keyOf: ({ startsAt, id }: ShownReservation) => ({ at: startsAt, id }),
          load: (range): Promise<readonly ShownReservation[]> =>
            listReservations(tx, venueId, { filter, range }),
          count: () => countReservations(db, venueId, filter),
        }));
      },
    },
    ParkingReservationConnection,
  ),
);

/** Whose alone the caller sees of whose he asked for; null: all of the venue's. */
export function whoseOf(
  context: Context,
  userId: string | null | undefined,
): { readonly userId: string | null; readonly isEmpty: boolean } {
  const own = ownOnly(context);
  const wanted = userId == null ? null : decodeIdOf('User', userId);
  return { userId: own ?? wanted, isEmpty: own !== null && wanted !== null && wanted !== own };
}

/** Whose alone the caller sees; null when he sees all of the venue. */
const ownOnly = (context: Context): string | null =>
  canSeeParking(context.actor, venueIdOf(context)) ? null : signedInUser(context.actor).userId;

builder.subscriptionField('parkingReservations', (t) =>
  t.field({
    type: ParkingReservationType,
    authScopes: { scope: 'PARKING_READ' },
    description:
      'Each change of reservations, once and in order, as it was then: all of the venue to who oversees parking, and a PLAYER’s own to himself. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs PARKING_READ (AUTH_004).',
    args: {
      mine: t.arg.boolean({
        required: true,
        defaultValue: false,
        description: 'Only the caller’s own, also for who oversees all; AUTH_004 for who is no person.',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { mine, after }, context) =>
      context.streams.events<ReservationEventType>({
        types: RESERVATION_EVENTS,
        venueId: venueIdOf(context),
        after,
        ...subjectsOf(context, mine),
        sightOf: sightOfReservation,
      }),
    resolve: ({ payload, venueId, cursor }: StreamedEvent<ReservationEventType>): ShownReservation => ({
      ...reservationOfSnapshot(venueId, payload),
      cursor,
    }),
  }),
);

/** One person's, or all. */
function subjectsOf(context: Context, isMine: boolean) {
  if (isMine && context.actor.kind !== 'user')
    throw new PermissionDeniedError('have reservations of your own');
  const userId = isMine ? signedInUser(context.actor).userId : ownOnly(context);
  if (userId === null) return {};
  return {
    subjects: { of: ({ payload }: LoggedEvent<ReservationEventType>) => payload.userId, among: [userId] },
  };
}
