import { ValidationError } from '../lib/errors.ts';

/** A Duration of an input in minutes. @throws ValidationError for a part of one */
export function wholeMinutes(field: string, seconds: number): number {
  if (seconds % 60 !== 0) throw new ValidationError(`${field} takes whole minutes.`, { field });
  return seconds / 60;
}
