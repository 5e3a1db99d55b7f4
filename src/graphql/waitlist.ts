import { BookingLimitError, SlotUnavailableError } from '../booking/errors.ts';
import { keyed } from '../booking/keyed.ts';
import { acceptOffer, declineOffer } from '../booking/offer-service.ts';
import { MAX_WAITING, OFFER_MINUTES } from '../booking/waitlist.ts';
import { joinWaitlist, leaveWaitlist } from '../booking/waitlist-service.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { HoldEndedError } from '../wallet/errors.ts';
import { doneOf } from '../wallet/keyed.ts';
import './booking-errors.ts';
import { forWhom, forWhomDescription } from './booking-input.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf } from './ids.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { CHOICE, requiredChoice } from './slot-choice.ts';
import { WaitlistEntryType } from './waitlist-type.ts';
import { MONEY_ERRORS } from './wallet-errors.ts';

/** What was done, to which entry; `isReplay` where a key can say so. */
interface Done {
  readonly entryId: string;
  readonly message: string;
  readonly isReplay?: boolean;
}

const answerOf = (
  name: string,
  { description, isKeyed = false }: { description: string; isKeyed?: boolean },
) =>
  builder.objectRef<Done>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.exposeString('message', { description: messageDescription }),
      entry: t.field({
        type: WaitlistEntryType,
        description: 'The place in the line as it is now.',
        resolve: ({ entryId }) => entryId,
      }),
      ...(isKeyed && {
        replayed: t.boolean({
          description: 'Whether it was done when the key was first used, and nothing was done now.',
          resolve: ({ isReplay }) => isReplay ?? false,
        }),
      }),
    }),
  });

const entryIdDescription = 'The place in the line.';

const JoinWaitlistInput = builder.inputType('JoinWaitlistInput', {
  description: 'Which slot is waited for.',
  fields: (t) => ({
    slotId: t.id({ description: CHOICE.slotId }),
    resourceId: t.id({ description: CHOICE.resourceId }),
    date: t.field({ type: 'LocalDate', description: CHOICE.date }),
    index: t.int({ description: CHOICE.index }),
    userId: t.id({ description: forWhomDescription }),
  }),
});

builder.mutationField('joinWaitlist', (t) =>
  t.field({
    type: answerOf('JoinWaitlistSuccess', {
      description: 'Whoever gives the slot back gives it to the line.',
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description: `Lines up for a slot that cannot be had (ValidationError when it can: book it; also when it is one’s own) and has not begun (SlotUnavailableError). When it is given back it is kept for the first in line for ${OFFER_MINUTES} minutes, never beyond its end; nobody else can have it in between. Once per person and slot: who waits already keeps his place. For ${MAX_WAITING} slots at most (ValidationError). Needs BOOKINGS_WRITE (AUTH_004).`,
    args: { input: t.arg({ type: JoinWaitlistInput, required: true, description: 'Which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, SlotUnavailableError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const slot = requiredChoice(input);
      const userId = forWhom(context, input.userId);
      const { id: entryId } = await context.runWork(context.actor, (work) =>
        joinWaitlist(work, { venueId: venueIdOf(context), userId, slot }),
      );
      return { entryId, message: 'You are in the line.' };
    },
  }),
);

const LeaveWaitlistInput = builder.inputType('LeaveWaitlistInput', {
  description: 'Which line is left.',
  fields: (t) => ({ entryId: t.id({ required: true, description: entryIdDescription }) }),
});

builder.mutationField('leaveWaitlist', (t) =>
  t.field({
    type: answerOf('LeaveWaitlistSuccess', { description: 'Nothing is offered to him any more.' }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Leaves a line; what is offered already goes to the next. A place that has ended is answered as it is. One’s own, or with BOOKINGS_MANAGE any. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: LeaveWaitlistInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const entryId = decodeIdOf('WaitlistEntry', input.entryId);
      await context.runWork(context.actor, (work) =>
        leaveWaitlist(work, { venueId: venueIdOf(context), entryId }),
      );
      return { entryId, message: 'You are in the line no more.' };
    },
  }),
);

const AnswerWaitlistOfferInput = builder.inputType('AnswerWaitlistOfferInput', {
  description: 'Whether what is offered is wanted.',
  fields: (t) => ({
    entryId: t.id({ required: true, description: entryIdDescription }),
    accept: t.boolean({
      required: true,
      description: 'True books it, at what it costs now; false passes it on to the next in line.',
    }),
    idempotencyKey: t.string({
      description:
        'The caller’s own name for this request, 1 to 200 printable ASCII characters: whoever asks again by it is given the first answer, a refusal too. With other input it is an IdempotencyMismatchError. Kept for at least 7 days.',
    }),
  }),
});

builder.mutationField('answerWaitlistOffer', (t) =>
  t.field({
    type: answerOf('AnswerWaitlistOfferSuccess', {
      description: 'It is booked, and paid; or it is the next one’s turn.',
      isKeyed: true,
    }),
    nullable: true,
    authScopes: { scope: 'BOOKINGS_WRITE' },
    description:
      'Books what a line offers, or passes it on. An offer that has ended is a HoldEndedError; one that is refused for want of money, over a limit or while the resource is closed (SlotUnavailableError) stays until it ends. One’s own, or with BOOKINGS_MANAGE any. Needs BOOKINGS_WRITE (AUTH_004).',
    args: { input: t.arg({ type: AnswerWaitlistOfferInput, required: true, description: 'The answer.' }) },
    errors: {
      types: [...MONEY_ERRORS, BookingLimitError, HoldEndedError, SlotUnavailableError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const { accept, idempotencyKey } = input;
      const answer = { venueId: venueIdOf(context), entryId: decodeIdOf('WaitlistEntry', input.entryId) };
      const { venueId } = answer;
      const parameters = { what: 'answer', ...answer, accept };
      const outcome = await context.runWork(context.actor, (work) =>
        keyed(work, { venueId, key: idempotencyKey ?? null, parameters }, async (inner) => {
          await (accept ? acceptOffer(inner, answer) : declineOffer(inner, answer));
          return answer.entryId;
        }),
      );
      const { id, isReplay } = doneOf(outcome);
      return {
        entryId: id,
        isReplay,
        message: accept ? 'The slot is booked.' : 'It is the next one’s turn.',
      };
    },
  }),
);
