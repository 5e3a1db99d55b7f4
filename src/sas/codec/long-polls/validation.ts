/** Validation of what a machine prints (SAS.md 6.5 and 11). */
import { bits, coded } from '../coded.ts';
import { dateTimeOrNone } from '../date-time.ts';
import { expiration } from '../expiration.ts';
import { type Field, record } from '../fields.ts';
import { answeredPoll, fixed, type LongPoll, prefixed, readPoll } from '../long-poll.ts';
import { amountOf, bcdNumber, binary, byte, cents, strictBcdNumber } from '../number-fields.ts';
import { poolId } from '../pool-id.ts';
import { digits } from '../text-fields.ts';

/** What a validation record or meter is about. */
export const VALIDATION_TYPES = {
  CASHABLE_TICKET: 0x00,
  RESTRICTED_TICKET: 0x01,
  AFT_CASHABLE_TICKET: 0x02,
  AFT_RESTRICTED_TICKET: 0x03,
  AFT_DEBIT_TICKET: 0x04,
  CANCELLED_CREDIT_WITH_RECEIPT: 0x10,
  JACKPOT_WITH_RECEIPT: 0x20,
  CANCELLED_CREDIT_WITHOUT_RECEIPT: 0x40,
  JACKPOT_WITHOUT_RECEIPT: 0x60,
  CASHABLE_REDEEMED: 0x80,
  RESTRICTED_REDEEMED: 0x81,
  NONRESTRICTED_REDEEMED: 0x82,
} as const;

const validationType = coded(VALIDATION_TYPES);

/** Standard validation: eight digits made by the machine. */
export const CASH_OUT_TICKET = readPoll(0x3d, 'CASH_OUT_TICKET', {
  chapter: '6.5',
  summary: 'The cash-out ticket printed last, standard validation',
  answer: fixed(record({ number: digits(4), cents: cents(5) })),
});

const validationId = fixed(record({ id: binary(3), sequence: binary(3) }));

/** Id 0 only reads. A machine without secure enhanced validation is silent. */
export const VALIDATION_ID = answeredPoll(0x4c, 'VALIDATION_ID', {
  chapter: '6.5',
  summary: 'Set the id and sequence of secure enhanced validation',
  request: validationId,
  answer: validationId,
});

const validationRecord = record({
  type: validationType,
  index: byte,
  printedAt: dateTimeOrNone,
  number: digits(8),
  cents: cents(5),
  ticketNumber: binary(2),
  systemId: bcdNumber(1),
  expiration,
  pool: poolId,
});

export type ValidationRecord = typeof validationRecord extends Field<infer T> ? T : never;

const RECORD_BYTES = 31;
const isEmpty = (bytes: Iterable<number>): boolean => Array.from(bytes).every((each) => each === 0);

/** All zeros say that there is no record: null, not a ticket of nothing. */
const recordOrNone: Field<ValidationRecord | null> = {
  size: RECORD_BYTES,
  read(cursor) {
    const found = validationRecord.read(cursor);
    const bytes = cursor.bytes.subarray(cursor.at - RECORD_BYTES, cursor.at);
    return isEmpty(bytes) ? null : found;
  },
  write(value, out) {
    const bytes: number[] = [];
    if (value === null) bytes.push(...new Uint8Array(RECORD_BYTES));
    else validationRecord.write(value, bytes);
    if (value !== null && isEmpty(bytes)) throw new RangeError('a record of nothing is null');
    out.push(...bytes);
  },
  notation: validationRecord.notation,
  codes: (name) => validationRecord.codes?.(name) ?? [],
};

/** `entry` is NEXT_UNREAD, which marks it read once it is acknowledged, PEEK, or an index from 1 to 31. */
export const READ_VALIDATION_RECORD = answeredPoll(0x4d, 'READ_VALIDATION_RECORD', {
  chapter: '6.5',
  summary: 'A record of enhanced validation',
  request: fixed(record({ entry: coded({ NEXT_UNREAD: 0x00, PEEK: 0xff }) })),
  answer: fixed(record({ record: recordOrNone })),
});

export const VALIDATION_METERS = answeredPoll(0x50, 'VALIDATION_METERS', {
  chapter: '6.5',
  summary: 'How many and how much was validated of one type',
  request: fixed(record({ type: validationType })),
  answer: fixed(record({ type: validationType, count: amountOf('', 4), cents: cents(5) })),
});

/** System validation: what waits for a number of the host (exception 57). */
export const PENDING_CASH_OUT = readPoll(0x57, 'PENDING_CASH_OUT', {
  chapter: '6.5',
  summary: 'The cash-out that waits for a validation number',
  answer: fixed(
    record({ type: coded({ CASHABLE: 0x00, RESTRICTED: 0x01, NOT_WAITING: 0x80 }), cents: cents(5) }),
  ),
});

/** The system id with which the host refuses to validate. */
export const REFUSED_SYSTEM_ID = 0;

export const VALIDATION_NUMBER = answeredPoll(0x58, 'VALIDATION_NUMBER', {
  chapter: '6.5',
  summary: 'Give the cash-out that waits a validation number; system id 0 refuses',
  request: fixed(record({ systemId: strictBcdNumber(1), number: digits(8) })),
  answer: fixed(record({ status: coded({ OK: 0x00, NOT_IN_CASH_OUT: 0x80, IMPROPER: 0x81 }) })),
});

/** Bit numbers read from the documented order; real frames use bits 0, 3 and 5 (SAS.md 15, 2). */
export const VALIDATION_FUNCTIONS = {
  PRINTER_FOR_CASH_OUT: 0,
  PRINTER_FOR_HANDPAY_RECEIPTS: 1,
  VALIDATE_HANDPAYS: 2,
  PRINT_RESTRICTED_TICKETS: 3,
  TICKETS_FOR_FOREIGN_RESTRICTED: 4,
  TICKET_REDEMPTION: 5,
} as const;

const functions = bits(2, VALIDATION_FUNCTIONS);
const expirationDays = { cashableDays: bcdNumber(2), restrictedDays: bcdNumber(2) };

/** Only functions named in `change` are set to what `enabled` says; an empty `change` reads. */
export const VALIDATION_STATUS = answeredPoll(0x7b, 'VALIDATION_STATUS', {
  chapter: '6.5',
  summary: 'Read or change the validation functions',
  broadcast: true,
  request: prefixed(record({ change: functions, enabled: functions, ...expirationDays })),
  answer: prefixed(record({ assetNumber: binary(4), enabled: functions, ...expirationDays })),
});

export const VALIDATION_POLLS: readonly LongPoll[] = [
  CASH_OUT_TICKET,
  VALIDATION_ID,
  READ_VALIDATION_RECORD,
  VALIDATION_METERS,
  PENDING_CASH_OUT,
  VALIDATION_NUMBER,
  VALIDATION_STATUS,
];
