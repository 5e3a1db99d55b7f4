import { ValidationError } from './errors.ts';

/** Levels of lists and objects that JSON from outside may have. */
export const MAX_JSON_DEPTH = 32;

/**
 * Refuses JSON that may have been another before JavaScript read it, and what is nested too deeply, so that it is
 * given out as it came.
 *
 * @throws ValidationError
 */
export function refuseLossyJson(value: unknown, field: string, depth = 0): void {
  if (depth > MAX_JSON_DEPTH)
    throw new ValidationError(`${field} is nested at most ${MAX_JSON_DEPTH} deep.`, { field });
  if (typeof value === 'number' && (!Number.isFinite(value) || isRounded(value)))
    throw new ValidationError(
      `${field} takes whole numbers up to 2^53 − 1 in size; send greater ones as texts.`,
      { field },
    );
  if (typeof value === 'object' && value !== null)
    for (const inner of Object.values(value)) refuseLossyJson(inner, field, depth + 1);
}

/** A whole number of this size may have been another one before it was read. */
const isRounded = (value: number): boolean => Number.isInteger(value) && !Number.isSafeInteger(value);
