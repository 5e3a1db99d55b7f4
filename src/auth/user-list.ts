import { ValidationError } from '../lib/errors.ts';

const MAX_LENGTH = 254;

/** What a name is looked for by: how it begins, in any case. @throws ValidationError */
export function parseNamePrefix(text: string): string {
  const prefix = text.trim();
  if (prefix.length === 0 || prefix.length > MAX_LENGTH || /[\p{Cc}\p{Cs}]/u.test(prefix))
    throw new ValidationError(`search takes 1 to ${MAX_LENGTH} printable characters.`, { field: 'search' });
  return prefix.toLowerCase();
}
