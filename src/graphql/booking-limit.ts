import type { BookingLimit } from '../booking/booking-limit.ts';
import { MAX_LIMIT } from '../booking/booking-limit.ts';
import { type SetBookingLimit, setBookingLimit } from '../booking/booking-limit-service.ts';
import { listBookingLimits } from '../booking/booking-limit-store.ts';
import { NotOwnerError, ValidationError } from '../lib/errors.ts';
import { LimitWindowEnum } from './booking-errors.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { RoleEnum } from './user.ts';

const roleDescription = 'Of people with this role. Of several roles somebody has, the most generous counts.';
const windowDescription = 'Which bookings are counted together.';

const BookingLimitType = builder.objectRef<BookingLimit>('BookingLimit').implement({
  description:
    'How many slots a person can have booked in a window. Live holds count, cancelled bookings do not. Who has a role without a limit has none.',
  fields: (t) => ({
    role: t.expose('role', { type: RoleEnum, description: roleDescription }),
    window: t.expose('window', { type: LimitWindowEnum, description: windowDescription }),
    maximum: t.exposeInt('maximum', { description: 'So many.' }),
  }),
});

builder.queryField('bookingLimits', (t) =>
  t.field({
    type: [BookingLimitType],
    nullable: true,
    authScopes: { scope: 'BOOKINGS_READ' },
    description:
      'The limits of the venue by role and window, at most one of each. Needs BOOKINGS_READ (AUTH_004).',
    resolve: async (_root, _args, context) => [...(await listBookingLimits(context.db, venueIdOf(context)))],
  }),
);

const SetBookingLimitInput = builder.inputType('SetBookingLimitInput', {
  description: 'How many slots people of a role can have.',
  fields: (t) => ({
    role: t.field({
      type: RoleEnum,
      required: true,
      description: `${roleDescription} Not DEVICE or PARTNER (ValidationError).`,
    }),
    window: t.field({ type: LimitWindowEnum, required: true, description: windowDescription }),
    maximum: t.int({
      description: `So many, 0 to ${MAX_LIMIT} (ValidationError); null, or left out: as many as they like.`,
    }),
  }),
});

const SetBookingLimitSuccess = builder.objectRef<SetBookingLimit>('SetBookingLimitSuccess').implement({
  description: 'What holds for whatever is booked from now on.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: ({ maximum }) => (maximum === null ? 'The limit is lifted.' : 'The limit is set.'),
    }),
    limit: t.field({
      type: BookingLimitType,
      nullable: true,
      description: 'The limit; null when there is none any more.',
      resolve: ({ maximum, ...of }) => (maximum === null ? null : { ...of, maximum }),
    }),
  }),
});

builder.mutationField('setBookingLimit', (t) =>
  t.field({
    type: SetBookingLimitSuccess,
    nullable: true,
    authScopes: { scope: 'BOOKINGS_MANAGE' },
    description:
      'Limits how many slots people of a role can have booked in a window, whoever books for them; booking, holding and moving beyond it is a BookingLimitError. What is booked stays booked. Needs BOOKINGS_MANAGE (AUTH_004).',
    args: { input: t.arg({ type: SetBookingLimitInput, required: true, description: 'How many, of what.' }) },
    errors: { types: [ValidationError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const { role, window, maximum } = input;
      const limit = { venueId: venueIdOf(context), role, window, maximum: maximum ?? null };
      await context.runWork(context.actor, (work) => setBookingLimit(work, limit));
      return limit;
    },
  }),
);
