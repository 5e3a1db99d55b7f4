import { createHash, randomInt } from 'node:crypto';

export const RECOVERY_CODES = 10;

/** Crockford's: no letter that is taken for a digit. */
const ALPHABET = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
/** Eighty bits: whoever has the hashes tries no such number, so they need no salt and no slow function. */
const LENGTH = 16;
const SHAPE = /^[0-9A-HJKMNP-TV-Z]{16}$/;

/** Codes to be shown once, `7QK2-…`. */
export const makeRecoveryCodes = (): string[] =>
  Array.from({ length: RECOVERY_CODES }, () => {
    const signs = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)]).join('');
    return signs.replace(/(.{4})(?!$)/g, '$1-');
  });

/** The SHA-256 to look a code up by, however it was typed; null for what cannot be one. */
export function recoveryCodeHash(text: string): Buffer | null {
  const signs = text.replace(/[\s-]/g, '').toUpperCase().replaceAll('O', '0').replace(/[IL]/g, '1');
  return SHAPE.test(signs) ? createHash('sha256').update(signs).digest() : null;
}
