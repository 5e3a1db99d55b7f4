import { ValidationError } from './errors.ts';

/** In UTF-16 units. */
const MAX_LENGTH = 200;

/** Why somebody does something, in his words. @throws ValidationError when there are none, or too many */
export const parseReason = (text: string, field = 'reason'): string => parseWords(text, 'A reason', field);

/** A caller's own name for what he does, in his other books. @throws ValidationError */
export const parseReference = (text: string): string => parseWords(text, 'A reference', 'reference');

function parseWords(text: string, what: string, field: string): string {
  const words = text.trim().normalize('NFC');
  if (words.length === 0) throw new ValidationError(`${what} is needed.`, { field });
  // PostgreSQL keeps no NUL and no half of a sign, and a person sees none of the others.
  if (/[\p{Cc}\p{Cs}]/u.test(words))
    throw new ValidationError(`${what} has no control characters.`, { field });
  if (words.length > MAX_LENGTH)
    throw new ValidationError(`${what} has at most ${MAX_LENGTH} characters.`, { field });
  return words;
}
