import type { Booking } from '../booking/booking.ts';
import { dayOf, minutesOf } from '../lib/calendar.ts';
import { BookingType } from './booking-type.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { ResourceType } from './resource-type.ts';
import { successDescription } from './result-descriptions.ts';
import { serializeLocalTime } from './scalars.ts';
import { SlotType, slotThen } from './slot-type.ts';

/** What was done, to which booking; `isReplay` where a key can say so. */
interface Done {
  readonly bookingId: string;
  readonly isReplay?: boolean;
}

/** What answers of something done to a booking: what, and to which. */
export const answerOf = (
  name: string,
  { description, verb, isKeyed = false }: { description: string; verb: string; isKeyed?: boolean },
) =>
  builder.objectRef<Done>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description:
          'What happened, in English, for a person; it names the slot by its index and its day, and by its day and time when the resource has no such slot any more.',
        resolve: async ({ bookingId }, _args, context) => {
          const booking = await bookingOf(bookingId, context);
          const slot = await slotThen(booking, context);
          const name = slot ? `Slot ${slot.index} of ${slot.day}` : await timeNameOf(booking, context);
          return `${name} ${verb}.`;
        },
      }),
      booking: t.field({
        type: BookingType,
        description: 'The booking as it is now.',
        resolve: ({ bookingId }) => bookingId,
      }),
      slot: t.field({
        type: SlotType,
        nullable: true,
        description: 'Its slot as it is now; null when the resource has no such slot any more.',
        resolve: async ({ bookingId }, _args, context) =>
          await slotThen(await bookingOf(bookingId, context), context),
      }),
      ...(isKeyed && {
        replayed: t.boolean({
          description: 'Whether it was done when the key was first used, and nothing was done now.',
          resolve: ({ isReplay }) => isReplay ?? false,
        }),
      }),
    }),
  });

const bookingOf = (id: string, context: Context): Promise<Booking> =>
  BookingType.getDataloader(context).load(id);

/** What people call the time of a booking whose slot is none any more. */
async function timeNameOf({ resourceId, startsAt }: Booking, context: Context): Promise<string> {
  const { timeZone } = await ResourceType.getDataloader(context).load(resourceId);
  return `The slot of ${dayOf(startsAt, timeZone)} at ${serializeLocalTime(minutesOf(startsAt, timeZone))}`;
}
