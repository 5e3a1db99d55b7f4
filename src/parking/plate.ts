import { ValidationError } from '../lib/errors.ts';

const PLATE = /^[A-Z0-9ÄÖÜ-]{1,16}$/;

/** The plate of a car in capitals without blanks, as cameras and people write it alike. @throws ValidationError */
export function parsePlate(text: string): string {
  const plate = text.normalize('NFC').replace(/\s+/g, '').toUpperCase();
  if (!PLATE.test(plate))
    throw new ValidationError('A plate takes 1 to 16 letters, digits and hyphens; blanks do not count.', {
      field: 'plate',
    });
  return plate;
}
