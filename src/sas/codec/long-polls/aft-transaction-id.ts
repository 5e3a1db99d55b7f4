/** The name of a transfer. A machine compares it exactly: case and length count (SAS.md 10.6). */
import { type Field, takeBytes } from '../fields.ts';
import { byte } from '../number-fields.ts';
import { writeText } from '../text-fields.ts';

export const LONGEST_TRANSACTION_ID = 20;

/** Behind a length byte; empty in a record of nothing. Null when it is not printable: no id of ours. */
export const transactionId: Field<string | null> = {
  size: null,
  read(cursor) {
    const bytes = takeBytes(cursor, byte.read(cursor));
    const isPrintable = bytes.every((code) => code >= 0x20 && code <= 0x7e);
    return isPrintable ? String.fromCharCode(...bytes) : null;
  },
  write(value, out) {
    if (value === null || value.length > LONGEST_TRANSACTION_ID) {
      throw new RangeError(`${JSON.stringify(value)} is not a transaction id`);
    }
    byte.write(value.length, out);
    writeText(value, value.length, out);
  },
  notation: () => 'idLen:1 id:A',
};
