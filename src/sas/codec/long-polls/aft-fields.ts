/** What the AFT polls have in common (SAS.md 10). Amounts are in cents. */
import { bits, type CodeIn, coded } from '../coded.ts';
import { type Field, takeBytes } from '../fields.ts';
import { byte, type Cents, cents } from '../number-fields.ts';
import { rawBytes, writeText } from '../text-fields.ts';

export const AFT_TYPES = {
  HOST_TO_MACHINE: 0x00,
  BONUS_COIN_OUT_WIN: 0x10,
  BONUS_JACKPOT_WIN: 0x11,
  HOST_TO_TICKET: 0x20,
  DEBIT_TO_MACHINE: 0x40,
  DEBIT_TO_TICKET: 0x60,
  MACHINE_TO_HOST: 0x80,
  WIN_TO_HOST: 0x90,
} as const;

export type AftType = CodeIn<typeof AFT_TYPES>;

/** Bits of the transfer flags; the upper four rest on one source. */
export const AFT_FLAGS = {
  CONTROL_HOST_CASH_OUT: 0,
  HOST_CASH_OUT_ENABLED: 1,
  HARD_HOST_CASH_OUT: 2,
  ANSWERS_CASH_OUT: 3,
  LOCK_AFTER_TRANSFER: 4,
  CUSTOM_TICKET_TEXT: 5,
  ONLY_IF_LOCKED: 6,
  RECEIPT: 7,
} as const;

export type AftFlag = CodeIn<typeof AFT_FLAGS>;

const REGISTRATION_KEY_BYTES = 20;

/** Zeros without a registration. */
export const registrationKey = rawBytes(REGISTRATION_KEY_BYTES);

export const transferFlags = bits(1, AFT_FLAGS);
export const transferType = coded(AFT_TYPES);
export const transferAmounts = { cashable: cents(5), restricted: cents(5), nonrestricted: cents(5) };

export interface AftAmounts {
  readonly cashable: Cents | null;
  readonly restricted: Cents | null;
  readonly nonrestricted: Cents | null;
}

export const LONGEST_TRANSACTION_ID = 20;

/**
 * The name of a transfer behind a length byte; empty in a record of nothing, null when it is not printable: no id of
 * ours. A machine compares it exactly: case and length count (SAS.md 10.6).
 */
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
