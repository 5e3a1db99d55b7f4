/** Until when a ticket or restricted credits are good (SAS.md 6.5 and 10.3). */
import { date, type SasDate } from './date-time.ts';
import { SasDecodeError } from './decode-error.ts';
import { type Field, takeBytes } from './fields.ts';
import { strictBcdNumber } from './number-fields.ts';

/** Four BCD bytes: a date MMDDYYYY, a number of days 0000NNNN, or zeros, which say nothing. */
export type Expiration =
  | { readonly kind: 'NONE' }
  | { readonly kind: 'DAYS'; readonly days: number }
  | ({ readonly kind: 'DATE' } & SasDate);

export const NO_EXPIRATION: Expiration = { kind: 'NONE' };

const EXPIRATION_BYTES = 4;
const number = strictBcdNumber(EXPIRATION_BYTES);
/** No month is 00, so a value below this is no date. */
const FIRST_DATE = 10_000;

/** Null when it is neither. A null cannot be sent. */
export const expiration: Field<Expiration | null> = {
  size: EXPIRATION_BYTES,
  read(cursor) {
    const bytes = takeBytes(cursor, EXPIRATION_BYTES);
    try {
      const days = number.read({ bytes, at: 0 });
      if (days === 0) return NO_EXPIRATION;
      return days < FIRST_DATE ? { kind: 'DAYS', days } : { kind: 'DATE', ...date.read({ bytes, at: 0 }) };
    } catch (error) {
      if (error instanceof SasDecodeError) return null;
      throw error;
    }
  },
  write(value, out) {
    if (value === null) throw new RangeError('an unknown value has no bytes');
    if (value.kind === 'DATE') date.write(value, out);
    else if (value.kind === 'NONE') number.write(0, out);
    else if (value.days > 0 && value.days < FIRST_DATE) number.write(value.days, out);
    else throw new RangeError(`${value.days} is not a number of days`);
  },
  notation: date.notation,
};
