import { ValidationError } from '../lib/errors.ts';

const MAX_INTERVAL_MS = 60_000;

/**
 * The least time between two frames of one subject, in milliseconds; 0 for none.
 *
 * @throws ValidationError
 */
export function parseMinInterval(intervalMs: number | null | undefined): number {
  const wanted = intervalMs ?? 0;
  if (wanted < 0 || wanted > MAX_INTERVAL_MS)
    throw new ValidationError(`minIntervalMs takes 0 to ${MAX_INTERVAL_MS}.`, { field: 'minIntervalMs' });
  return wanted;
}
