/** Bills and coins (SAS.md 6.1 and 6.3). */
import { bits, coded } from '../coded.ts';
import { BILL_DOLLARS } from '../denominations.ts';
import { optional, record } from '../fields.ts';
import { acknowledgedPoll, fixed, type LongPoll, prefixed, readPoll } from '../long-poll.ts';
import { amountOf, bcdNumber, byte, byteUnlessFf, flag } from '../number-fields.ts';

type Bill = `BILL_${(typeof BILL_DOLLARS)[number]}`;

/** Bit 0 is $1, and so on by value; the last eight bits are to be defined. */
const BILL_BITS = Object.fromEntries(BILL_DOLLARS.map((dollars, bit) => [`BILL_${dollars}`, bit])) as Record<
  Bill,
  number
>;

const MASK_BYTES = 4;

/** Which bills are taken, and whether the acceptor stays on after one. */
export const BILL_DENOMINATIONS = acknowledgedPoll(0x08, 'BILL_DENOMINATIONS', {
  chapter: '6.1',
  summary: 'Which bills are accepted',
  request: fixed(record({ bills: bits(MASK_BYTES, BILL_BITS), staysOn: flag })),
});

/** `denomination` is a code of SAS.md 7.2 as it is on the wire; `count` is the meter of bills of that value. */
export const billData = record({ country: bcdNumber(1), denomination: byte, count: amountOf('bills', 4) });

export const LAST_BILL = readPoll(0x48, 'LAST_BILL', {
  chapter: '6.3',
  summary: 'The bill accepted last',
  answer: fixed(billData),
});

export const HOPPER_STATUSES = {
  OK: 0x00,
  FLOODED_OPTICS: 0x01,
  REVERSE_COIN: 0x02,
  COIN_TOO_SHORT: 0x03,
  COIN_JAM: 0x04,
  RUNAWAY: 0x05,
  OPTICS_UNPLUGGED: 0x06,
  EMPTY: 0x07,
  OTHER: 0xff,
} as const;

/** `percentFull` and `level` are null when the machine does not know them. */
export const HOPPER_STATUS = readPoll(0x4f, 'HOPPER_STATUS', {
  chapter: '6.3',
  summary: 'Hopper status and level',
  answer: prefixed(
    record({
      status: coded(HOPPER_STATUSES),
      percentFull: byteUnlessFf,
      level: optional(amountOf('coins', 4)),
    }),
  ),
});

export const CASH_POLLS: readonly LongPoll[] = [BILL_DENOMINATIONS, LAST_BILL, HOPPER_STATUS];
