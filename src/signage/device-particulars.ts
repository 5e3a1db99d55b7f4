import { isTimeZone } from '../auth/venue.ts';
import { type InputPath, ValidationError } from '../lib/errors.ts';

const MAX_TAGS = 20;
const TAG = /^[a-z0-9][a-z0-9-]{0,31}$/;
export const MAX_GROUPS = 50;

/** @throws ValidationError */
export function parseTag(tag: string, field: InputPath = 'tag'): string {
  if (!TAG.test(tag))
    throw new ValidationError(
      'A tag takes 1 to 32 lower-case letters, digits and hyphens, no hyphen first.',
      { field },
    );
  return tag;
}

/** Each tag once, in order. @throws ValidationError */
export function parseTags(tags: readonly string[]): readonly string[] {
  const found = [...new Set(tags.map((tag, at) => parseTag(tag, ['tags', at])))].sort();
  if (found.length > MAX_TAGS)
    throw new ValidationError(`A device has at most ${MAX_TAGS} tags.`, { field: 'tags' });
  return found;
}

/** @throws ValidationError */
export function parseTimeZone(timeZone: string | null): string | null {
  if (timeZone !== null && !isTimeZone(timeZone))
    throw new ValidationError('timeZone takes an IANA time zone such as Europe/Vienna.', {
      field: 'timeZone',
    });
  return timeZone;
}
