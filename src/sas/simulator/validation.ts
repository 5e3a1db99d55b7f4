/** Tickets and receipts a simulated machine prints, their numbers, and the records it keeps of them (SAS.md 11). */
import { exceptionCode } from '../codec/exceptions.ts';
import { NO_EXPIRATION } from '../codec/expiration.ts';
import { handpayKind } from '../codec/long-polls/handpay.ts';
import { modulusOf } from '../codec/meters.ts';
import { addToMeters, type CabinetState, type Handpay } from './cabinet-state.ts';
import { raise, raiseFirst } from './exception-queue.ts';
import type { Moment } from './machine-clock.ts';
import { centsOf, type MachineSettings } from './machine-settings.ts';
import {
  RECORD_CAPACITY,
  type StoredRecord,
  type TicketState,
  type ValidationFunction,
  type ValidationType,
} from './ticket-state.ts';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

/** What a machine does before the host has told it. */
const DEFAULT_FUNCTIONS: readonly ValidationFunction[] = [
  'PRINTER_FOR_CASH_OUT',
  'PRINT_RESTRICTED_TICKETS',
  'TICKET_REDEMPTION',
];

/** What poll 7B reads: functions the machine has not the means for are off. */
export function functionsOf(state: CabinetState, settings: MachineSettings): readonly ValidationFunction[] {
  return (state.tickets.functions ?? DEFAULT_FUNCTIONS).filter((each) =>
    each === 'TICKET_REDEMPTION' ? settings.features.ticketRedemption : settings.printer,
  );
}

export const hasFunction = (
  state: CabinetState,
  settings: MachineSettings,
  which: ValidationFunction,
): boolean => functionsOf(state, settings).includes(which);

/** Records nobody has read. */
export const unreadRecords = ({ tickets }: CabinetState): readonly StoredRecord[] =>
  tickets.records.filter((each) => !each.read);

/** Whether a cash-out goes to the printer: it is on, configured, and has room to remember one ticket more. */
export function canPrint(state: CabinetState, settings: MachineSettings): boolean {
  if (!hasFunction(state, settings, 'PRINTER_FOR_CASH_OUT')) return false;
  const { validationStyle } = settings.features;
  if (validationStyle === 'SECURE_ENHANCED' && state.tickets.validationId === 0) return false;
  return validationStyle === 'STANDARD' || unreadRecords(state).length < RECORD_CAPACITY;
}

export interface NewTicket {
  readonly type: ValidationType;
  readonly credits: bigint;
  /** Given by the host; made by the machine without. */
  readonly number?: string;
  readonly systemId?: number;
}

/** The ticket is out of the printer: counted, recorded, and told by 3D. */
export function ticketPrinted(
  state: CabinetState,
  ticket: NewTicket,
  { settings, moment }: Context,
): CabinetState {
  const cents = centsOf(ticket.credits, settings);
  const counted = ticketOutCounted(state, { ...ticket, cents });
  const code = exceptionCode('CASH_OUT_TICKET_PRINTED');
  if (settings.features.validationStyle === 'STANDARD') {
    const number = String(state.tickets.nextTicketNumber).padStart(8, '0');
    const nextTicketNumber = (state.tickets.nextTicketNumber % 99_999_999) + 1;
    const tickets = { ...counted.tickets, nextTicketNumber, lastTicket: { number, cents } };
    return raise({ ...totalled({ ...counted, tickets }, ticket.type, cents) }, code);
  }
  return raiseFirst(recorded(counted, { ...ticket, cents }, { settings, moment }), code);
}

/** A handpay of a machine that validates them: recorded, and told by 3E. Any other is left as it is. */
export function handpayValidated(
  state: CabinetState,
  { cents, level }: Handpay,
  { settings, moment }: Context,
): CabinetState {
  const isValidated = hasFunction(state, settings, 'VALIDATE_HANDPAYS');
  if (!isValidated || settings.features.validationStyle !== 'SECURE_ENHANCED') return state;
  if (state.tickets.validationId === 0 || unreadRecords(state).length === RECORD_CAPACITY) return state;
  const isPrinted = hasFunction(state, settings, 'PRINTER_FOR_HANDPAY_RECEIPTS');
  const isCancelled = handpayKind(level) === 'CANCELLED_CREDITS';
  const kind = isCancelled ? 'CANCELLED_CREDIT' : 'JACKPOT';
  const counted = addToMeters(state, {
    [`${isPrinted ? 'RECEIPTED' : 'UNRECEIPTED'}_${kind}_HANDPAY_CENTS`]: cents,
    [`${isPrinted ? 'RECEIPTED' : 'UNRECEIPTED'}_${kind}_HANDPAY_COUNT`]: 1n,
  });
  const type = `${kind}_${isPrinted ? 'WITH' : 'WITHOUT'}_RECEIPT` as const;
  return raiseFirst(
    recorded(counted, { type, cents }, { settings, moment }),
    exceptionCode('HANDPAY_VALIDATED'),
  );
}

interface Recorded {
  readonly type: ValidationType;
  readonly cents: bigint;
  readonly number?: string;
  readonly systemId?: number;
}

/** The oldest read record makes room for the newest. */
function recorded(
  state: CabinetState,
  { type, cents, number, systemId = 0 }: Recorded,
  { moment }: Context,
): CabinetState {
  const sequence = number === undefined ? state.tickets.sequence + 1 : state.tickets.sequence;
  const { tickets } = totalled(state, type, cents);
  const record = {
    type,
    index: tickets.nextIndex,
    printedAt: moment.shown,
    number: number ?? numberOf(tickets.validationId, sequence),
    cents,
    ticketNumber: tickets.nextTicketNumber,
    systemId,
    expiration: NO_EXPIRATION,
    pool: type === 'RESTRICTED_TICKET' ? state.restrictedPool : 0,
  };
  const others = tickets.records.filter(({ record: { index } }) => index !== record.index);
  return {
    ...state,
    tickets: {
      ...tickets,
      sequence,
      nextIndex: (tickets.nextIndex % RECORD_CAPACITY) + 1,
      nextTicketNumber: (tickets.nextTicketNumber % 9_999) + 1,
      records: [...others, { record, read: false }],
    },
  };
}

/** Unique for a machine's id and sequence; how real machines mix them is not known (SAS.md 11). */
const numberOf = (id: number, sequence: number): string =>
  `${String(id).padStart(8, '0')}${String(sequence).padStart(8, '0')}`;

/** The state with one more of a validation type (poll 50). */
export function totalled(state: CabinetState, type: ValidationType, cents: bigint): CabinetState {
  const before = state.tickets.totals[type] ?? { count: 0n, cents: 0n };
  const totals = {
    ...state.tickets.totals,
    [type]: { count: before.count + 1n, cents: before.cents + cents },
  };
  return { ...state, tickets: { ...state.tickets, totals } };
}

function ticketOutCounted(
  state: CabinetState,
  { type, credits, cents }: NewTicket & { readonly cents: bigint },
): CabinetState {
  const total = { TOTAL_TICKET_OUT: credits };
  if (type === 'RESTRICTED_TICKET' || type === 'AFT_RESTRICTED_TICKET') {
    return addToMeters(state, {
      ...total,
      SAS_RESTRICTED_TICKET_OUT_CENTS: cents,
      SAS_RESTRICTED_TICKET_OUT_COUNT: 1n,
      VALIDATED_RESTRICTED_TICKET_OUT_CENTS: cents,
      VALIDATED_RESTRICTED_TICKET_OUT_COUNT: 1n,
      RESTRICTED_TICKET_OUT: credits,
      RESTRICTED_TICKET_OUT_COUNT: 1n,
    });
  }
  const kind = type === 'AFT_DEBIT_TICKET' ? 'DEBIT' : 'CASHABLE';
  return addToMeters(state, {
    ...total,
    SAS_CASHABLE_TICKET_OUT_CENTS: cents,
    SAS_CASHABLE_TICKET_OUT_COUNT: 1n,
    [`VALIDATED_${kind}_TICKET_OUT_CENTS`]: cents,
    [`VALIDATED_${kind}_TICKET_OUT_COUNT`]: 1n,
    CASHABLE_TICKET_OUT: credits,
    CASHABLE_TICKET_OUT_COUNT: 1n,
  });
}

/** The host has read, and acknowledged, this record. */
export function recordRead(state: CabinetState, index: number): CabinetState {
  const records = state.tickets.records.map((each) =>
    each.record.index === index ? { ...each, read: true } : each,
  );
  return { ...state, tickets: { ...state.tickets, records } };
}

/** Id and sequence as the host sets them: with the id it has already the machine does not go back. */
export function withValidationId(
  state: CabinetState,
  { id, sequence }: { id: number; sequence: number },
): CabinetState {
  const { tickets } = state;
  const isSame = id === tickets.validationId && sequence <= tickets.sequence;
  if (id === 0 || isSame) return state;
  return { ...state, tickets: { ...tickets, validationId: id, sequence } };
}

/** Functions named in `change` are set to what `enabled` says. */
export function withFunctions(
  state: CabinetState,
  { change, enabled }: Record<'change' | 'enabled', readonly ValidationFunction[]>,
  settings: MachineSettings,
): TicketState {
  if (change.length === 0) return state.tickets;
  const kept = functionsOf(state, settings).filter((each) => !change.includes(each));
  return { ...state.tickets, functions: [...kept, ...change.filter((each) => enabled.includes(each))] };
}

/** Poll 50 tells counts of four BCD bytes and amounts of five. */
export function totalsOf({ tickets }: CabinetState, type: ValidationType): { count: bigint; cents: bigint } {
  const { count, cents } = tickets.totals[type] ?? { count: 0n, cents: 0n };
  return { count: count % modulusOf(4), cents: cents % modulusOf(5) };
}
