import { ValidationError } from './errors.ts';

/** Refuses what is not a whole number between two others, both included. @throws ValidationError */
export function requireWithin(
  field: string,
  value: number,
  { min, max, unit }: { readonly min: number; readonly max: number; readonly unit?: string },
): void {
  if (!Number.isInteger(value) || value < min || value > max)
    throw new ValidationError(`${field} takes ${min} to ${max}${unit ? ` ${unit}` : ''}.`, { field });
}
