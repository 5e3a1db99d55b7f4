import { IdempotencyMismatchError, NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import {
  LotFullError,
  ParkingClosedError,
  ParkingEndedError,
  ParkingLimitError,
  SpaceTakenError,
} from '../parking/errors.ts';
import { cancelReservation, extendReservation, reserveParking } from '../parking/reservation-service.ts';
import { forWhom, keyDescription } from './booking-input.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { doOnce } from './parking-asked.ts';
import './parking-errors.ts';
import { PLACE, placeOf, plateDescription } from './parking-input.ts';
import { ParkingReservationType } from './parking-reservation-type.ts';
import { SpaceKindEnum } from './parking-space.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

declare module './context.ts' {
  interface Services {
    /** How many parking reservations a person can have open at a time. */
    readonly mostOpenReservations: number;
  }
}

/** What was done, to which reservation; `isReplay` where a key can say so. */
interface Done {
  readonly reservationId: string;
  readonly isReplay?: boolean;
}

const answerOf = (
  name: string,
  { description, message, isKeyed = false }: { description: string; message: string; isKeyed?: boolean },
) =>
  builder.objectRef<Done>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      reservation: t.field({
        type: ParkingReservationType,
        description: 'The reservation as it is now.',
        resolve: ({ reservationId }) => reservationId,
      }),
      ...(isKeyed && {
        replayed: t.boolean({
          description: 'Whether it was done when the key was first used, and nothing was done now.',
          resolve: ({ isReplay }) => isReplay ?? false,
        }),
      }),
    }),
  });

const ReserveParkingInput = builder.inputType('ReserveParkingInput', {
  description: 'What is reserved, for when and for whom.',
  fields: (t) => ({
    lotId: t.id({ description: PLACE.lotId }),
    spaceId: t.id({ description: PLACE.spaceId }),
    kind: t.field({ type: SpaceKindEnum, description: PLACE.kind }),
    startsAt: t.field({
      type: 'DateTime',
      description: 'When it begins, at most a minute ago (ValidationError); without it now.',
    }),
    endsAt: t.field({
      type: 'DateTime',
      required: true,
      description: 'When it ends: no more than `ParkingLot.reservableDays` ahead (ValidationError).',
    }),
    plate: t.string({ description: plateDescription }),
    userId: t.id({
      description:
        'For whom; the caller himself without it. For others only with PARKING_MANAGE (NotFoundError, NotOwnerError).',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('reserveParking', (t) =>
  t.field({
    type: answerOf('ReserveParkingSuccess', {
      description: 'The place is reserved.',
      message: 'The place is reserved.',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Reserves a place of a lot for a time: one space, any space of a kind, or anywhere. Never more than the lot takes at any instant of it. What begins now also needs room among the cars that stand there. It costs nothing: the stay does. How many one person can have open at a time is limited (ParkingLimitError), whoever reserves for him. Needs PARKING_WRITE (AUTH_004).',
    args: { input: t.arg({ type: ReserveParkingInput, required: true, description: 'What is reserved.' }) },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        IdempotencyMismatchError,
        LotFullError,
        SpaceTakenError,
        ParkingClosedError,
        ParkingLimitError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const mostOpen = context.mostOpenReservations;
      const wanted = {
        venueId,
        ...(await placeOf(input, context)),
        userId: forWhom(context, input.userId),
        startsAt: input.startsAt ?? null,
        endsAt: input.endsAt,
        plate: input.plate ?? null,
      };
      const parameters = { what: 'reserve-parking', ...wanted };
      const { id, isReplay } = await doOnce(context, {
        key: input.idempotencyKey,
        parameters,
        act: async (work) => (await reserveParking(work, { ...wanted, mostOpen })).id,
      });
      return { reservationId: id, isReplay };
    },
  }),
);

const ExtendParkingReservationInput = builder.inputType('ExtendParkingReservationInput', {
  description: 'Which reservation ends later, and when.',
  fields: (t) => ({
    reservationId: t.id({ required: true, description: 'The reservation.' }),
    endsAt: t.field({
      type: 'DateTime',
      required: true,
      description:
        'When it ends from now on, later than before (ValidationError). Where it ends already changes nothing.',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('extendParkingReservation', (t) =>
  t.field({
    type: answerOf('ExtendParkingReservationSuccess', {
      description: 'The place is kept for longer.',
      message: 'The reservation ends later.',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Keeps a place for longer where nobody else has it then, also that of a car that has come; on a lot or a space that is closed by now only that (ParkingClosedError). One’s own, or with PARKING_MANAGE any. Needs PARKING_WRITE (AUTH_004).',
    args: {
      input: t.arg({
        type: ExtendParkingReservationInput,
        required: true,
        description: 'Which, and until when.',
      }),
    },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        IdempotencyMismatchError,
        ParkingEndedError,
        ParkingClosedError,
        LotFullError,
        SpaceTakenError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const { endsAt } = input;
      const wanted = {
        venueId,
        reservationId: decodeIdOf('ParkingReservation', input.reservationId),
        endsAt,
      };
      const parameters = { what: 'extend-parking', ...wanted };
      const { id, isReplay } = await doOnce(context, {
        key: input.idempotencyKey,
        parameters,
        act: async (work) => (await extendReservation(work, wanted)).id,
      });
      return { reservationId: id, isReplay };
    },
  }),
);

const CancelParkingReservationInput = builder.inputType('CancelParkingReservationInput', {
  description: 'Which reservation is given back.',
  fields: (t) => ({
    reservationId: t.id({ required: true, description: 'The reservation.' }),
    reason: t.string({ description: 'Why, in 1 to 200 characters.' }),
  }),
});

builder.mutationField('cancelParkingReservation', (t) =>
  t.field({
    type: answerOf('CancelParkingReservationSuccess', {
      description: 'The place can be had again.',
      message: 'The reservation is cancelled.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Gives a place back for which no car has come yet; once more changes nothing. One’s own, or with PARKING_MANAGE any. Needs PARKING_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CancelParkingReservationInput, required: true, description: 'Which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, ParkingEndedError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const reservationId = decodeIdOf('ParkingReservation', input.reservationId);
      const reason = input.reason ?? null;
      await context.runWork(context.actor, (work) =>
        cancelReservation(work, { venueId, reservationId, reason }),
      );
      return { reservationId };
    },
  }),
);
