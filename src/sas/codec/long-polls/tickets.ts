/** Redemption of tickets (SAS.md 6.5 and 11). */
import { coded } from '../coded.ts';
import { SasDecodeError } from '../decode-error.ts';
import { type Expiration, expiration } from '../expiration.ts';
import { codesOf, type Field, optional, record, restOf, takeBytes } from '../fields.ts';
import { answeredPoll, type LongPoll, prefixed, readPoll } from '../long-poll.ts';
import { type Cents, cents } from '../number-fields.ts';
import { poolId } from '../pool-id.ts';
import { hexDigits, writeHexDigits } from '../text-fields.ts';

/** How the data of a ticket is to be read. */
const PARSINGS = { BCD: 0x00 } as const;
const parsing = coded(PARSINGS);

/** System id and 16 digits: the 18 digits of the barcode. */
const BARCODE_BYTES = 9;

/**
 * A ticket in the acceptor. `data` is what was read, as hex digits; with parsing BCD they are the barcode's 18 digits.
 * What 70 gave goes into 71 unchanged. `cents` is often 0 in 70: the machine cannot know it.
 */
export interface TicketData {
  readonly cents: Cents | null;
  readonly parsing: keyof typeof PARSINGS | number;
  readonly data: string;
}

const ticketData: Field<TicketData> = {
  size: null,
  read(cursor) {
    const amount = cents(5).read(cursor);
    const parsed = parsing.read(cursor);
    const length = parsed === 'BCD' ? BARCODE_BYTES : restOf(cursor);
    return { cents: amount, parsing: parsed, data: hexDigits(takeBytes(cursor, length)) };
  },
  write(ticket, out) {
    if (ticket.parsing === 'BCD' && ticket.data.length !== BARCODE_BYTES * 2)
      throw new RangeError(`${ticket.data.length} digits are no barcode`);
    cents(5).write(ticket.cents, out);
    parsing.write(ticket.parsing, out);
    writeHexDigits(ticket.data, out);
  },
  notation: () => 'cents:5BCD parsing:1 data',
  codes: () => codesOf({ parsing }),
};

export const TICKET_IN_ESCROW = readPoll(0x70, 'TICKET_IN_ESCROW', {
  chapter: '6.5',
  summary: 'The ticket in escrow',
  answer: prefixed(record({ status: coded({ IN_ESCROW: 0x00, NONE: 0xff }), ticket: optional(ticketData) })),
});

/** What the host says of a ticket. */
export const REDEMPTION_CODES = {
  CASHABLE: 0x00,
  RESTRICTED: 0x01,
  NONRESTRICTED: 0x02,
  CANNOT_VALIDATE: 0x80,
  NOT_A_VALID_NUMBER: 0x81,
  NOT_IN_SYSTEM: 0x82,
  PENDING_ELSEWHERE: 0x83,
  ALREADY_REDEEMED: 0x84,
  EXPIRED: 0x85,
  NO_INFORMATION: 0x86,
  AMOUNT_DIFFERS: 0x87,
  OVER_REDEMPTION_LIMIT: 0x88,
} as const;

/** What became of a ticket. A code that is not in the table is not final: ask again. */
export const REDEMPTION_STATUSES = {
  CASHABLE_REDEEMED: 0x00,
  RESTRICTED_REDEEMED: 0x01,
  NONRESTRICTED_REDEEMED: 0x02,
  PENDING: 0x40,
  REJECTED_BY_HOST: 0x80,
  NUMBER_DIFFERS: 0x81,
  BAD_FUNCTION: 0x82,
  BAD_AMOUNT: 0x83,
  OVER_CREDIT_LIMIT: 0x84,
  NOT_A_MULTIPLE: 0x85,
  AMOUNT_DIFFERS: 0x86,
  NOT_NOW: 0x87,
  TIMEOUT: 0x88,
  LINK_DOWN: 0x89,
  REDEMPTION_OFF: 0x8a,
  VALIDATOR_FAILURE: 0x8b,
  CYCLE_CLASH: 0xc0,
  NOTHING_TO_REPORT: 0xff,
} as const;

const code = coded({ STATUS_QUERY: 0xff, ...REDEMPTION_CODES });

/** Whether a cashable ticket may carry it differs by machine; a restricted one needs it. */
export interface TicketTerms {
  readonly expiration: Expiration | null;
  readonly pool: number;
}

const terms: Field<TicketTerms> = record({ expiration, pool: poolId });

export type RedeemTicket =
  | { readonly code: 'STATUS_QUERY' }
  | (TicketData & {
      readonly code: keyof typeof REDEMPTION_CODES | number;
      /** Null leaves it out. */
      readonly terms: TicketTerms | null;
    });

const redeemTicket: Field<RedeemTicket> = {
  size: null,
  read(cursor) {
    const kind = code.read(cursor);
    if (kind !== 'STATUS_QUERY') {
      return { code: kind, ...ticketData.read(cursor), terms: optional(terms).read(cursor) };
    }
    if (restOf(cursor) > 0) throw new SasDecodeError('a status query with a ticket');
    return { code: kind };
  },
  write(request, out) {
    code.write(request.code, out);
    if (request.code === 'STATUS_QUERY') return;
    ticketData.write(request, out);
    optional(terms).write(request.terms, out);
  },
  notation: () => `code:1 [${ticketData.notation('')} [${terms.notation('')}]]`,
  codes: () => codesOf({ code, parsing }),
};

export const REDEEM_TICKET = answeredPoll(0x71, 'REDEEM_TICKET', {
  chapter: '6.5',
  summary: 'Redeem the ticket in escrow, refuse it, or ask what became of it',
  request: prefixed(redeemTicket),
  answer: prefixed(record({ status: coded(REDEMPTION_STATUSES), ticket: optional(ticketData) })),
});

export const TICKET_POLLS: readonly LongPoll[] = [TICKET_IN_ESCROW, REDEEM_TICKET];
