import { ValidationError } from './errors.ts';

export const MAX_SEARCH = 100;

/** What things of a list are looked for by: a part of what they are called. @throws ValidationError */
export function parseSearch(text: string): string {
  const search = text.trim().normalize('NFC');
  if (search.length === 0 || search.length > MAX_SEARCH || /\p{C}/u.test(search))
    throw new ValidationError(`search takes 1 to ${MAX_SEARCH} printable characters.`, { field: 'search' });
  return search;
}
