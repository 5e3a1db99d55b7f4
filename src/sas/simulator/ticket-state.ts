/** What a simulated machine remembers of tickets: printed, in escrow, redeemed (SAS.md 11). */
import type { CodeIn } from '../codec/coded.ts';
import type { REDEMPTION_STATUSES } from '../codec/long-polls/tickets.ts';
import type {
  VALIDATION_FUNCTIONS,
  VALIDATION_TYPES,
  ValidationRecord,
} from '../codec/long-polls/validation.ts';

export type RedemptionStatus = CodeIn<typeof REDEMPTION_STATUSES>;
export type ValidationType = keyof typeof VALIDATION_TYPES;
export type ValidationFunction = CodeIn<typeof VALIDATION_FUNCTIONS>;

/** A record of enhanced or system validation. */
export interface StoredRecord {
  readonly record: ValidationRecord;
  readonly read: boolean;
}

/** A cash-out that waits for the host's validation number (exception 57). */
export interface PendingCashOut {
  readonly cents: bigint;
  readonly credits: bigint;
  readonly restricted: boolean;
  /** Without a number until then an attendant pays. Milliseconds of the epoch. */
  readonly untilMs: number;
}

/** A ticket a player has put in. */
export interface Escrow {
  /** 18 digits. */
  readonly barcode: string;
  /** Without a word of the host until then it comes out again. Milliseconds of the epoch. */
  readonly untilMs: number;
}

/** The redemption the host decided on last. */
export interface Redemption {
  readonly barcode: string;
  /** What the host said it is worth. */
  readonly cents: bigint;
  readonly kind: 'CASHABLE' | 'RESTRICTED' | 'NONRESTRICTED' | null;
  readonly pool: number;
  readonly status: RedemptionStatus;
  /** When the ticket is in the stacker; null once the status is final. Milliseconds of the epoch. */
  readonly dueAtMs: number | null;
  /** Whether the host has read the final status, and acknowledged that. */
  readonly read: boolean;
}

export interface TicketState {
  /** Of secure enhanced validation; 0 is "not configured". */
  readonly validationId: number;
  readonly sequence: number;
  readonly records: readonly StoredRecord[];
  /** Of the record that comes next, from 1 to 31 and then from 1 again. */
  readonly nextIndex: number;
  readonly nextTicketNumber: number;
  /** Standard validation: the ticket printed last. */
  readonly lastTicket: { readonly number: string; readonly cents: bigint } | null;
  /** By validation type of SAS.md 6.5. */
  readonly totals: Readonly<
    Partial<Record<ValidationType, { readonly count: bigint; readonly cents: bigint }>>
  >;
  /** Null until the host has set them: then the machine does what its settings say. */
  readonly functions: readonly ValidationFunction[] | null;
  readonly cashableDays: number;
  readonly restrictedDays: number;
  readonly pending: PendingCashOut | null;
  readonly escrow: Escrow | null;
  readonly redemption: Redemption | null;
  /** What is printed on tickets, by name. */
  readonly texts: Readonly<Record<string, string>>;
}

/** Records the machine keeps; when none of them was read it cannot print any more. */
export const RECORD_CAPACITY = 31;

export const NEW_TICKETS: TicketState = {
  validationId: 0,
  sequence: 0,
  records: [],
  nextIndex: 1,
  nextTicketNumber: 1,
  lastTicket: null,
  totals: {},
  functions: null,
  cashableDays: 0,
  restrictedDays: 0,
  pending: null,
  escrow: null,
  redemption: null,
  texts: {},
};
