import { NotFoundError } from '../lib/errors.ts';
import { canSeeParking, canSeeParkingOf } from '../parking/policy.ts';
import {
  dueOf,
  type ParkingSession,
  type SessionStatus,
  type Settlement,
  type SettlementWay,
  statusAt,
} from '../parking/session.ts';
import { findSessionsByIds } from '../parking/session-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { EventActorType } from './log-event.ts';
import { MoneyType } from './money.ts';
import { ParkingLotType } from './parking-lot-type.ts';
import { isShownParking } from './parking-scope.ts';
import { ParkingSpaceType } from './parking-space.ts';
import { type SeenUser, seenUser, UserType } from './user.ts';

export const SessionStatusEnum = builder.enumType('ParkingSessionStatus', {
  description:
    'How a stay stands; in a filter OPEN means those that are OVERDUE as well, and ENDED those that are DUE. Clients must survive values they do not know.',
  values: {
    OPEN: { description: 'The car stands there.' },
    OVERDUE: { description: 'It stands there for longer than it said.' },
    ENDED: { description: 'It has gone.' },
    DUE: { description: 'It has gone, and not all is paid.' },
  } satisfies Record<SessionStatus, { description: string }>,
});

export const ParkingSessionType = builder.loadableNodeRef<ParkingSession, never, string, string>(
  'ParkingSession',
  { id: { resolve: ({ id }: ParkingSession) => id }, load: loadSessions },
);

const amount = (amountMinor: bigint | null, currency: string) =>
  amountMinor === null ? null : { amountMinor, currency };

export const SettlementWayEnum = builder.enumType('ParkingSettlementWay', {
  description:
    'How what was due of a stay was settled without a wallet. Clients must survive values they do not know.',
  values: {
    CASH: { description: 'It was taken in cash.' },
    CARD: { description: 'It was taken by card, at a terminal of the venue.' },
    WAIVED: { description: 'The venue does without.' },
  } satisfies Record<SettlementWay, { description: string }>,
});

const ParkingSettlementType = builder
  .objectRef<Settlement & { readonly currency: string }>('ParkingSettlement')
  .implement({
    description: 'That all that was due of a stay was taken at the desk, or waived.',
    fields: (t) => ({
      amount: t.field({
        type: MoneyType,
        description: 'What was due. Of what was taken it is in `paid` of the stay too.',
        resolve: ({ amountMinor, currency }) => ({ amountMinor, currency }),
      }),
      how: t.expose('how', { type: SettlementWayEnum, description: 'How.' }),
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
      by: t.expose('by', { type: EventActorType, description: 'Who did it.' }),
      note: t.string({
        nullable: true,
        description: 'In his words; null when there are none, and to who does not oversee parking.',
        resolve: ({ note }, _args, context) =>
          canSeeParking(context.viewer, venueIdOf(context)) ? note : null,
      }),
    }),
  });

ParkingSessionType.implement({
  description:
    'A stay: a car that stands, or stood, on a lot; a `Session` of APDS. Seen by whose it is, and by who oversees parking at the venue.',
  fields: (t) => ({
    lot: t.field({ type: ParkingLotType, description: 'Where.', resolve: ({ lotId }) => lotId }),
    space: t.field({
      type: ParkingSpaceType,
      nullable: true,
      description: 'On which space of it; null when nobody said.',
      resolve: ({ spaceId }) => spaceId,
    }),
    ownerId: t.globalID({
      nullable: true,
      description: 'Whose wallet pays; null: nobody’s.',
      resolve: ({ userId }) => (userId === null ? null : { type: 'User', id: userId }),
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
    plate: t.exposeString('plate', {
      nullable: true,
      description: 'Of the car, in capitals without blanks; null when nobody said, or the account is gone.',
    }),
    reservationId: t.globalID({
      nullable: true,
      description: 'The `ParkingReservation` it came with; null: it came without one.',
      resolve: ({ reservationId }) =>
        reservationId === null ? null : { type: 'ParkingReservation', id: reservationId },
    }),
    status: t.field({
      type: SessionStatusEnum,
      description: 'How it stands now: OVERDUE and DUE where they hold, not OPEN and ENDED.',
      resolve: (session, _args, { now }) => statusAt(session, now),
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it began.' }),
    until: t.expose('until', { type: 'DateTime', description: 'Until when it said it would stay.' }),
    overdueAt: t.expose('overdueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was announced that it stays longer (`parking.session-overdue`).',
    }),
    endedAt: t.expose('endedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended; null while the car stands there.',
    }),
    charge: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What it costs, by the rate that was in force when it began; null while the car stands there.',
      resolve: ({ chargeMinor, currency }) => amount(chargeMinor, currency),
    }),
    paid: t.field({
      type: MoneyType,
      nullable: true,
      description: 'What of that was paid, from the wallet or at the desk.',
      resolve: ({ paidMinor, currency }) => amount(paidMinor, currency),
    }),
    due: t.field({
      type: MoneyType,
      nullable: true,
      description:
        'What of it is still to be paid: `charge` − `paid`, nothing where that was waived. See `payParkingDue` and `settleParkingDue`.',
      resolve: (session) => amount(dueOf(session), session.currency),
    }),
    settlement: t.field({
      type: ParkingSettlementType,
      nullable: true,
      description: 'How what no wallet paid was settled (`settleParkingDue`); null: it was not.',
      resolve: ({ settlement, currency }) => settlement && { ...settlement, currency },
    }),
    changedAt: t.expose('changedAt', { type: 'DateTime', description: 'When it last changed.' }),
    version: t.exposeInt('version', { description: 'Grows with every change.' }),
  }),
});

async function ownerOf(
  { userId }: ParkingSession,
  _args: object,
  context: Context,
): Promise<SeenUser | null> {
  return userId === null ? null : await seenUser(context, userId);
}

async function loadSessions(
  ids: readonly string[],
  context: Context,
): Promise<(ParkingSession | NotFoundError)[]> {
  const found = isShownParking(context) ? await findSessionsByIds(context.db, venueIdOf(context), ids) : [];
  const visible = found.filter((session) => canSeeParkingOf(context.viewer, session));
  const byId = new Map(visible.map((session) => [session.id, session]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('parking session'));
}
