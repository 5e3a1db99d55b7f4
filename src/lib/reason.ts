import { ValidationError } from './errors.ts';

/** In UTF-16 units. */
const MAX_LENGTH = 200;

/** Why somebody does something, in his words. @throws ValidationError when there are none, or too many */
export function parseReason(text: string): string {
  const reason = text.trim().normalize('NFC');
  if (reason.length === 0) throw new ValidationError('A reason is needed.');
  // PostgreSQL keeps no NUL, and a person sees none of the others.
  if (/\p{Cc}/u.test(reason)) throw new ValidationError('A reason has no control characters.');
  if (reason.length > MAX_LENGTH) throw new ValidationError(`A reason has at most ${MAX_LENGTH} characters.`);
  return reason;
}
