import { ValidationError } from './errors.ts';

const MAX_LENGTH = 100;

/** What people call a thing, trimmed and in one form. @throws ValidationError */
export function parseName(text: string): string {
  const name = text.trim().normalize('NFC');
  if (name.length === 0 || name.length > MAX_LENGTH || /\p{C}/u.test(name))
    throw new ValidationError(`name takes 1 to ${MAX_LENGTH} printable characters.`, { field: 'name' });
  return name;
}
