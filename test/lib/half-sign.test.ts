import { expect, test } from 'vitest';
import { parseNamePrefix } from '../../src/auth/user-list.ts';
import { parseVenue } from '../../src/auth/venue.ts';
import { DEFAULT_RULES, parseRules } from '../../src/booking/resource.ts';
import { ValidationError } from '../../src/lib/errors.ts';
import { parseReason, parseReference } from '../../src/lib/reason.ts';

/** Half of a sign of two UTF-16 units, and NUL: JSON brings them here, and PostgreSQL keeps neither. */
const UNKEPT = ['\ud83d', 'ok \udfb0', 'ok\u0000'];
const VENUE = { slug: 'bar', timeZone: 'Europe/Vienna', currency: 'EUR' };

test.each(UNKEPT)('words with %j in them are refused wherever somebody writes them', (text) => {
  const writes = [
    () => parseReason(text),
    () => parseReference(text),
    () => parseNamePrefix(text),
    () => parseVenue({ ...VENUE, name: text }),
    () => parseRules({ ...DEFAULT_RULES, name: text }, 'EUR'),
    () => parseRules({ ...DEFAULT_RULES, name: 'Table', description: text }, 'EUR'),
  ];
  for (const write of writes) expect(write).toThrow(ValidationError);
});

test('whole signs are taken', () => {
  expect(parseReason(' 🎰 is broken ')).toBe('🎰 is broken');
});
