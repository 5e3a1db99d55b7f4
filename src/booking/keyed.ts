import { type KeptRefusals, keptRefusal, keyedWith, WALLET_REFUSALS } from '../wallet/keyed.ts';
import type { LimitWindow } from './booking-limit.ts';
import { BookingEndedError, BookingLimitError, SeriesConflictError, SlotUnavailableError } from './errors.ts';
import type { ConflictReason } from './series.ts';

const REFUSALS: KeptRefusals = {
  ...WALLET_REFUSALS,
  // To who asks again the alternatives there were are not worth anything: they are not kept.
  SlotUnavailableError: keptRefusal(SlotUnavailableError, {
    factsOf: () => ({}),
    make: () => new SlotUnavailableError(''),
  }),
  BookingEndedError: keptRefusal(BookingEndedError, {
    factsOf: () => ({}),
    make: () => new BookingEndedError(''),
  }),
  BookingLimitError: keptRefusal(BookingLimitError, {
    factsOf: ({ window, maximum, count, resetsAt }) => ({
      window,
      maximum: String(maximum),
      count: String(count),
      resetsAt: resetsAt?.toISOString() ?? '',
    }),
    make: ({ window, maximum, count, resetsAt }) =>
      new BookingLimitError({
        window: window as LimitWindow,
        maximum: Number(maximum),
        count: Number(count),
        resetsAt: resetsAt === '' ? null : new Date(String(resetsAt)),
      }),
  }),
  SeriesConflictError: keptRefusal(SeriesConflictError, {
    factsOf: ({ resourceId, conflicts }) => ({ resourceId, conflicts: JSON.stringify(conflicts) }),
    make: ({ resourceId, conflicts }) =>
      new SeriesConflictError(
        String(resourceId),
        (JSON.parse(String(conflicts)) as { startsAt: string; why: ConflictReason }[]).map(
          ({ startsAt, why }) => ({ startsAt: new Date(startsAt), why }),
        ),
      ),
  }),
};

/** Does something of a booking once by its key. */
export const keyed = keyedWith(REFUSALS);
