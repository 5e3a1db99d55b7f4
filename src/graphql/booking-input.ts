import { ValidationError } from '../lib/errors.ts';
import type { Context } from './context.ts';
import { decodeIdOf } from './ids.ts';

export const forWhomDescription =
  'For whom; the caller himself without it. For others only with BOOKINGS_MANAGE (NotFoundError, NotOwnerError).';

export const keyDescription =
  'The caller’s own name for this request, 1 to 200 printable ASCII characters: whoever asks again by it is given the first answer, a refusal too. With other input it is an IdempotencyMismatchError. Kept for at least 7 days.';

/** For whom something is booked. @throws ValidationError for a caller who is no person and names none */
export function forWhom({ actor }: Pick<Context, 'actor'>, userId: string | null | undefined): string {
  if (userId != null) return decodeIdOf('User', userId);
  if (actor.kind !== 'user') throw new ValidationError('Say for whom: userId.', { field: 'userId' });
  return actor.userId;
}
