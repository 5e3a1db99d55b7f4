import { IdempotencyMismatchError, NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import {
  CarParkedError,
  LotFullError,
  ParkingClosedError,
  ParkingEndedError,
  ParkingLimitError,
  SpaceTakenError,
} from '../parking/errors.ts';
import { canManageParking } from '../parking/policy.ts';
import { endSession, payDue } from '../parking/session-ending.ts';
import { startReserved, startWalkIn } from '../parking/session-service.ts';
import { keyDescription } from './booking-input.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { type Asked, doOnce } from './parking-asked.ts';
import './parking-errors.ts';
import { PLACE, placeOf, plateDescription } from './parking-input.ts';
import { ParkingSessionType } from './parking-session-type.ts';
import { SpaceKindEnum } from './parking-space.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

declare module './context.ts' {
  interface Services {
    /** How many cars of a person can stand there at a time when he parks them himself. */
    readonly mostOpenStays: number;
  }
}

/** What was done, to which stay. */
interface Done {
  readonly sessionId: string;
  readonly isReplay: boolean;
}

export const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Done>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      session: t.field({
        type: ParkingSessionType,
        description: 'The stay as it is now.',
        resolve: ({ sessionId }) => sessionId,
      }),
      replayed: t.boolean({
        description: 'Whether it was done before, and nothing was done now.',
        resolve: ({ isReplay }) => isReplay,
      }),
    }),
  });

const StartParkingSessionInput = builder.inputType('StartParkingSessionInput', {
  description: 'Whose stay begins, and where: by a reservation, or by a place and a time.',
  fields: (t) => ({
    reservationId: t.id({
      description:
        'The reservation of the car; then only `spaceId`, `plate` and `idempotencyKey` go with it (ValidationError).',
    }),
    lotId: t.id({ description: PLACE.lotId }),
    spaceId: t.id({
      description: `${PLACE.spaceId} With \`reservationId\`: another one of its lot, where that which is reserved is still taken.`,
    }),
    kind: t.field({ type: SpaceKindEnum, description: PLACE.kind }),
    until: t.field({
      type: 'DateTime',
      description: 'Until when it stays; without it as long as is usual on the lot.',
    }),
    plate: t.string({ description: `${plateDescription} Of a reservation it is that of the reservation.` }),
    userId: t.id({
      description:
        'Whose wallet pays; the caller’s own without it, or nobody’s when he may say so (PARKING_MANAGE). Others only with PARKING_MANAGE (NotFoundError, NotOwnerError).',
    }),
    idempotencyKey: t.string({ description: keyDescription }),
  }),
});

builder.mutationField('startParkingSession', (t) =>
  t.field({
    type: answerOf('StartParkingSessionSuccess', {
      description: 'The car stands there.',
      message: 'The stay has begun.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Begins a stay. Without a reservation there must be a place now, among the cars that stand there, and during the time, among those that have reserved. With one its place becomes the stay’s, an hour before the beginning at the earliest (ParkingEndedError); while a car that stays longer than it said still has the place, it is refused (LotFullError, SpaceTakenError), and the reservation waits. How many cars one person parks at a time himself is limited (ParkingLimitError). Needs PARKING_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: StartParkingSessionInput, required: true, description: 'Whose, and where.' }),
    },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        IdempotencyMismatchError,
        ParkingLimitError,
        ParkingClosedError,
        ParkingEndedError,
        LotFullError,
        SpaceTakenError,
        CarParkedError,
      ],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { idempotencyKey, ...rest } = input;
      return await done(context, { key: idempotencyKey, ...(await startOf(rest, context)) });
    },
  }),
);

type StartInput = Omit<typeof StartParkingSessionInput.$inferInput, 'idempotencyKey'>;

/** What is asked for, and how it is done. @throws ValidationError, NotFoundError */
async function startOf(input: StartInput, context: Context): Promise<Omit<Asked, 'key'>> {
  const venueId = venueIdOf(context);
  const { mostOpenStays: mostOpen } = context;
  const plate = input.plate ?? null;
  if (input.reservationId != null) {
    if (input.lotId != null || input.kind != null || input.until != null || input.userId != null)
      throw new ValidationError('With reservationId only spaceId, plate and idempotencyKey go.');
    const reservationId = decodeIdOf('ParkingReservation', input.reservationId);
    const spaceId = input.spaceId == null ? null : decodeIdOf('ParkingSpace', input.spaceId);
    const wanted = { venueId, reservationId, spaceId, plate };
    return {
      parameters: { what: 'start-reserved', ...wanted },
      act: async (work) => (await startReserved(work, { ...wanted, mostOpen })).id,
    };
  }
  const wanted = {
    venueId,
    ...(await placeOf(input, context)),
    userId: whoPays(context, input.userId),
    until: input.until ?? null,
    plate,
  };
  return {
    parameters: { what: 'start-parking', ...wanted },
    act: async (work) => (await startWalkIn(work, { ...wanted, mostOpen })).id,
  };
}

function whoPays({ actor, rights }: Context, userId: string | null | undefined): string | null {
  if (userId != null) return decodeIdOf('User', userId);
  const isHis = actor.kind === 'user' && !canManageParking(rights, actor.venueId);
  return isHis ? actor.userId : null;
}

export async function done(context: Context, asked: Asked): Promise<Done> {
  const { id, isReplay } = await doOnce(context, asked);
  return { sessionId: id, isReplay };
}

const EndParkingSessionInput = builder.inputType('EndParkingSessionInput', {
  description: 'Which car leaves.',
  fields: (t) => ({
    sessionId: t.id({ required: true, description: 'The stay.' }),
    idempotencyKey: t.string({ description: `${keyDescription} A stay ends once without it too.` }),
  }),
});

builder.mutationField('endParkingSession', (t) =>
  t.field({
    type: answerOf('EndParkingSessionSuccess', {
      description: 'The stay has ended, and the place is free.',
      message: 'The stay has ended.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Ends a stay and charges it to the wallet of whose it is, by the rate that was in force when it began. Too little money, no wallet or a frozen one does not keep the car: what is there is paid, and the rest is `due`. Once more changes nothing and answers the same. One’s own, or with PARKING_MANAGE any. Needs PARKING_WRITE (AUTH_004).',
    args: { input: t.arg({ type: EndParkingSessionInput, required: true, description: 'Which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, IdempotencyMismatchError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const of = { venueId: venueIdOf(context), sessionId: decodeIdOf('ParkingSession', input.sessionId) };
      let hadEnded = false;
      const { sessionId, isReplay } = await done(context, {
        key: input.idempotencyKey,
        parameters: { what: 'end-parking', ...of },
        act: async (work) => {
          const { session, isReplay: before } = await endSession(work, of);
          hadEnded = before;
          return session.id;
        },
      });
      return { sessionId, isReplay: isReplay || hadEnded };
    },
  }),
);

const PayParkingDueInput = builder.inputType('PayParkingDueInput', {
  description: 'Of which stay the rest is paid.',
  fields: (t) => ({
    sessionId: t.id({ required: true, description: 'The stay, which has ended.' }),
    idempotencyKey: t.string({ required: true, description: keyDescription }),
  }),
});

builder.mutationField('payParkingDue', (t) =>
  t.field({
    type: answerOf('PayParkingDueSuccess', {
      description: 'Nothing of the stay is due any more.',
      message: 'The stay is paid.',
    }),
    nullable: true,
    authScopes: { scope: 'PARKING_WRITE' },
    description:
      'Pays what is due of one’s own stay from one’s wallet: all of it, or nothing (InsufficientFundsError). Where nothing is due nothing is taken. Needs PARKING_WRITE (AUTH_004).',
    args: { input: t.arg({ type: PayParkingDueInput, required: true, description: 'Of which stay.' }) },
    errors: { types: [...MONEY_ERRORS, ParkingEndedError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const of = { venueId: venueIdOf(context), sessionId: decodeIdOf('ParkingSession', input.sessionId) };
      return await done(context, {
        key: input.idempotencyKey,
        parameters: { what: 'pay-parking', ...of },
        act: async (work) => (await payDue(work, of)).id,
      });
    },
  }),
);
