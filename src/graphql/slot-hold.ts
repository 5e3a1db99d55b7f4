import { BookingLimitError, SlotUnavailableError } from '../booking/errors.ts';
import { canSeeBooking } from '../booking/policy.ts';
import { HOLD_SECONDS, type SlotHold, type SlotHoldState, stateAt } from '../booking/slot-hold.ts';
import { holdSlot, releaseSlotHold } from '../booking/slot-hold-service.ts';
import { findSlotHoldsByIds } from '../booking/slot-hold-store.ts';
import { isOwn } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import './booking-errors.ts';
import { forWhom, forWhomDescription } from './booking-input.ts';
import { isShownBookings } from './booking-scope.ts';
import { BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';
import { MoneyType } from './money.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { CHOICE, requiredChoice } from './slot-choice.ts';
import { SlotType, slotThen } from './slot-type.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';
import { WalletHoldType } from './wallet-hold-type.ts';

const SlotHoldStateEnum = builder.enumType('SlotHoldState', {
  description: 'What a hold on a slot does.',
  values: {
    PLACED: { description: 'It keeps the slot.' },
    BOOKED: { description: 'It became a booking.' },
    RELEASED: { description: 'It was let go.' },
    EXPIRED: { description: 'Its time was over.' },
  } satisfies Record<SlotHoldState, { description: string }>,
});

const SlotHoldType = builder.loadableNodeRef<SlotHold, never, string, string>('SlotHold', {
  id: { resolve: ({ id }: SlotHold) => id },
  load: loadHolds,
});

SlotHoldType.implement({
  description:
    'A slot that is kept for somebody while he makes up his mind. Seen by him, and by who oversees the bookings of the venue.',
  fields: (t) => ({
    slot: t.field({
      type: SlotType,
      nullable: true,
      description: 'Which; null when the resource has no such slot any more.',
      resolve: (hold, _args, context) => slotThen(hold, context),
    }),
    ownerId: t.globalID({
      description: 'For whom.',
      resolve: ({ userId }) => ({ type: 'User', id: userId }),
    }),
    state: t.field({
      type: SlotHoldStateEnum,
      description: 'What it does.',
      resolve: (hold, _args, { now }) => stateAt(hold, now),
    }),
    price: t.field({
      type: MoneyType,
      description: 'What booking it costs, whatever the resource costs by then.',
      resolve: ({ priceMinor, currency }) => ({ amountMinor: priceMinor, currency }),
    }),
    walletHold: t.field({
      type: WalletHoldType,
      nullable: true,
      description: 'The price that is set aside for it, where that was asked for.',
      resolve: ({ walletHoldId }) => walletHoldId,
    }),
    booking: t.field({
      type: BookingType,
      nullable: true,
      description: 'What it became.',
      resolve: ({ bookingId }) => bookingId,
    }),
    placedAt: t.expose('placedAt', { type: 'DateTime', description: 'Since when.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'From then on it keeps nothing.' }),
  }),
});

builder.objectField(SlotType, 'hold', (t) =>
  t.field({
    type: SlotHoldType,
    nullable: true,
    description:
      'The caller’s own hold on it, which `bookSlot` takes, or, to who oversees the bookings of the venue, the first of those on it; null without one.',
    resolve: ({ claims, resource: { venueId } }, _args, { viewer }) => {
      const holds = claims.flatMap(({ kind, userId, holdId }) =>
        kind === 'HOLD' && userId !== null ? [{ venueId, userId, holdId }] : [],
      );
      const own = holds.find((hold) => isOwn(viewer, hold));
      return (own ?? holds.find((hold) => canSeeBooking(viewer, hold)))?.holdId;
    },
  }),
);

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<SlotHold>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      hold: t.field({ type: SlotHoldType, description: 'The hold.', resolve: (hold) => hold }),
    }),
  });

const HoldSlotInput = builder.inputType('HoldSlotInput', {
  description: 'Which slot is kept, and for how long.',
  fields: (t) => ({
    slotId: t.id({ description: CHOICE.slotId }),
    resourceId: t.id({ description: CHOICE.resourceId }),
    date: t.field({ type: 'LocalDate', description: CHOICE.date }),
    index: t.int({ description: CHOICE.index }),
    userId: t.id({ description: forWhomDescription }),
    expiresInSeconds: t.int({
      required: true,
      defaultValue: HOLD_SECONDS.usual,
      description: `How long at most, ${HOLD_SECONDS.min} to ${HOLD_SECONDS.max} seconds (ValidationError).`,
    }),
    holdPrice: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Whether its price is set aside in the wallet as well, and taken when it is booked.',
    }),
  }),
});

builder.mutationField('holdSlot', (t) =>
  t.field({
    type: answerOf('HoldSlotSuccess', {
      description: 'Nobody else can have the slot meanwhile.',
      message: 'The slot is held.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Keeps a slot from everybody else for a while; `bookSlot` takes the hold. One person holds five at most (ValidationError). Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: HoldSlotInput, required: true, description: 'Which, and how long.' }) },
    errors: { types: [...MONEY_ERRORS, SlotUnavailableError, BookingLimitError], directResult: true },
    resolve: (_root, { input }, context) => {
      const slot = requiredChoice(input);
      const { expiresInSeconds, holdPrice } = input;
      const userId = forWhom(context, input.userId);
      return context.runWork(context.actor, (work) =>
        holdSlot(work, {
          venueId: venueIdOf(context),
          userId,
          slot,
          expiresInSeconds,
          holdsPrice: holdPrice,
        }),
      );
    },
  }),
);

const ReleaseSlotHoldInput = builder.inputType('ReleaseSlotHoldInput', {
  description: 'Which hold is let go.',
  fields: (t) => ({ holdId: t.id({ required: true, description: 'The hold.' }) }),
});

builder.mutationField('releaseSlotHold', (t) =>
  t.field({
    type: answerOf('ReleaseSlotHoldSuccess', {
      description: 'The hold keeps nothing any more.',
      message: 'The slot is not held any more.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Lets a slot go that is held, and the money that is set aside for it. One that has ended already is answered as it is. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: ReleaseSlotHoldInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const holdId = decodeIdOf('SlotHold', input.holdId);
      return context.runWork(context.actor, (work) =>
        releaseSlotHold(work, { venueId: venueIdOf(context), holdId }),
      );
    },
  }),
);

async function loadHolds(ids: readonly string[], context: Context): Promise<(SlotHold | NotFoundError)[]> {
  const found = isShownBookings(context) ? await findSlotHoldsByIds(context.db, venueIdOf(context), ids) : [];
  const visible = found.filter((hold) => canSeeBooking(context.viewer, hold));
  const byId = new Map(visible.map((hold) => [hold.id, hold]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('slot hold'));
}
