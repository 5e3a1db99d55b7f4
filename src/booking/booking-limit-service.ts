import { NotOwnerError, ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { type BookingLimit, MAX_LIMIT, type Span, spanOf } from './booking-limit.ts';
import { countBooked, deleteBookingLimit, findLimitsOf, saveBookingLimit } from './booking-limit-store.ts';
import { BookingLimitError } from './errors.ts';
import { lockPerson } from './person-lock.ts';
import { canManageBookings } from './policy.ts';

export interface SetBookingLimit extends Omit<BookingLimit, 'maximum'> {
  /** Null: none from now on. */
  readonly maximum: number | null;
}

/**
 * Says how many slots people of a role can have booked in a window. What is booked already stays booked.
 *
 * @throws NotOwnerError, ValidationError
 */
export async function setBookingLimit(work: Work, limit: SetBookingLimit): Promise<void> {
  const { venueId, role, window, maximum } = limit;
  if (!canManageBookings(work.actor, venueId)) throw new NotOwnerError('limit bookings');
  if (role === 'DEVICE' || role === 'PARTNER')
    throw new ValidationError('A limit is of people.', { field: 'role' });
  if (maximum === null) await deleteBookingLimit(work.tx, limit);
  else {
    if (maximum < 0 || maximum > MAX_LIMIT)
      throw new ValidationError(`A limit lies between 0 and ${MAX_LIMIT}.`, { field: 'maximum' });
    await saveBookingLimit(work.tx, { venueId, role, window, maximum }, work.now);
  }
  work.emit({ type: 'booking.limit-changed', venueId, role, window, maximum });
}

/** What somebody is about to have besides what he has. */
export interface Wish {
  readonly venueId: string;
  /** For whom: his limits count, whoever asks. */
  readonly userId: string;
  /** When the slots begin. */
  readonly startsAt: readonly Date[];
  /** Of the venue. */
  readonly timeZone: string;
  /** Bookings or holds of his that are the wish itself, or that it takes the place of. */
  readonly except?: readonly string[];
}

/**
 * Holds somebody to the limits of his roles, for all of these slots at once. Until the work ends, nobody else
 * counts his.
 *
 * @throws BookingLimitError
 */
export async function refuseOverLimit(work: Work, wish: Wish): Promise<void> {
  const { tx, now } = work;
  const { timeZone } = wish;
  const limits = await findLimitsOf(tx, wish);
  if (limits.length === 0 || wish.startsAt.length === 0) return;
  await lockPerson(tx, wish);

  const counted = limits.flatMap((limit) =>
    distinct(wish.startsAt.map((at) => spanOf(limit.window, at, { timeZone, now }))).map(
      ({ span, times }) => ({ limit, span, wanted: times }),
    ),
  );
  const counts = await countBooked(
    tx,
    { ...wish, except: wish.except ?? [], now },
    counted.map(({ span }) => span),
  );
  for (const [at, { limit, span, wanted }] of counted.entries()) {
    const count = counts[at] ?? 0;
    if (count + wanted > limit.maximum)
      throw new BookingLimitError({
        ...limit,
        count,
        resetsAt: limit.window === 'ACTIVE' ? null : span.to,
      });
  }
}

/** Each once, and how many times it is there. */
function distinct(spans: readonly Span[]): readonly { readonly span: Span; readonly times: number }[] {
  const known = new Map<number, { readonly span: Span; readonly times: number }>();
  for (const span of spans) {
    const key = span.from.getTime();
    known.set(key, { span, times: (known.get(key)?.times ?? 0) + 1 });
  }
  return [...known.values()];
}
