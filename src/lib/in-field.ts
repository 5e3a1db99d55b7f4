import { type InputPath, ValidationError } from './errors.ts';

/**
 * What `parse` gives. What it refuses, it refuses of this member of the input, or of what it names within it.
 *
 * @throws ValidationError, and what else `parse` throws
 */
export function inField<Value>(field: InputPath, parse: () => Value): Value {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    const outer = typeof field === 'string' ? [field] : field;
    throw new ValidationError(error.message, { field: [...outer, ...error.field], cause: error });
  }
}
