/** Tickets into a simulated machine: in escrow until the host decides, and then once (SAS.md 11). */
import { exceptionCode } from '../codec/exceptions.ts';
import type { RedeemTicket } from '../codec/long-polls/tickets.ts';
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';
import { withCredits } from './credits.ts';
import { raiseFirst, withdrawn } from './exception-queue.ts';
import { creditsOfCents, type MachineSettings } from './machine-settings.ts';
import type { Redemption, RedemptionStatus, ValidationType } from './ticket-state.ts';
import { hasFunction, totalled } from './validation.ts';

export type TicketRefusal = 'REDEMPTION_OFF' | 'LINK_DOWN' | 'DOOR_OPEN' | 'TILT' | 'BUSY' | 'NO_BARCODE';

/** The host has so long to decide (SAS.md 9.1). */
const DECISION_LIMIT_MS = 30_000;

const BARCODE = /^\d{18}$/;

/** Why a ticket would come out again at once, or null. */
export function ticketRefusal(
  state: CabinetState,
  { barcode, settings }: { barcode: string; settings: MachineSettings },
): Exclude<TicketRefusal, 'LINK_DOWN'> | null {
  if (!hasFunction(state, settings, 'TICKET_REDEMPTION')) return 'REDEMPTION_OFF';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  if (state.tilts.length > 0) return 'TILT';
  if (isRedeeming(state) || state.game !== null || state.tickets.pending !== null) return 'BUSY';
  return BARCODE.test(barcode) ? null : 'NO_BARCODE';
}

const isRedeeming = ({ tickets }: CabinetState): boolean =>
  tickets.escrow !== null || (tickets.redemption !== null && tickets.redemption.dueAtMs !== null);

/** The ticket is in escrow and 67 raised. The caller has asked `ticketRefusal`. */
export function ticketInserted(state: CabinetState, barcode: string, nowMs: number): CabinetState {
  const escrow = { barcode, untilMs: nowMs + DECISION_LIMIT_MS };
  const held = { ...state, tickets: { ...state.tickets, escrow } };
  return raiseFirst(held, exceptionCode('TICKET_INSERTED'));
}

/** The ticket comes out again: nobody decided. */
export const ticketReturned = (state: CabinetState): CabinetState =>
  withdrawn({ ...state, tickets: { ...state.tickets, escrow: null } }, exceptionCode('TICKET_INSERTED'));

type Decision = Exclude<RedeemTicket, { readonly code: 'STATUS_QUERY' }>;

const KINDS = { CASHABLE: 'CASHABLE', RESTRICTED: 'RESTRICTED', NONRESTRICTED: 'NONRESTRICTED' } as const;

interface Decided {
  readonly state: CabinetState;
  readonly status: RedemptionStatus;
}

/**
 * What the host says of the ticket in escrow. Said again, of a ticket that was decided already, it gets what became
 * of that: nothing is done twice, whatever was lost meanwhile.
 */
export function decided(
  state: CabinetState,
  decision: Decision,
  { settings, nowMs }: { settings: MachineSettings; nowMs: number },
): Decided {
  const { escrow, redemption } = state.tickets;
  if (redemption?.dueAtMs != null) {
    return { state, status: redemption.barcode === decision.data ? redemption.status : 'CYCLE_CLASH' };
  }
  if (escrow === null) {
    return { state, status: redemption?.barcode === decision.data ? redemption.status : 'NOT_NOW' };
  }
  const refusal = refusalOf(state, decision, settings);
  const kind = kindOf(decision);
  const begun: Redemption = {
    barcode: escrow.barcode,
    cents: decision.cents ?? 0n,
    kind,
    pool: decision.terms?.pool ?? 0,
    status: refusal ?? 'PENDING',
    dueAtMs: refusal === null ? nowMs + settings.stackingMs : null,
    read: false,
  };
  const over = ticketReturned(state);
  return { state: { ...over, tickets: { ...over.tickets, redemption: begun } }, status: begun.status };
}

const kindOf = ({ code }: Decision): Redemption['kind'] =>
  typeof code === 'string' && code in KINDS ? KINDS[code as keyof typeof KINDS] : null;

function refusalOf(
  state: CabinetState,
  decision: Decision,
  settings: MachineSettings,
): RedemptionStatus | null {
  const { code, data, cents, terms } = decision;
  const kind = kindOf(decision);
  if (typeof code === 'number') return 'BAD_FUNCTION';
  if (kind === null) return 'REJECTED_BY_HOST';
  if (data !== state.tickets.escrow?.barcode) return 'NUMBER_DIFFERS';
  if (state.slotDoorOpen || state.tilts.length > 0) return 'NOT_NOW';
  if (!cents) return 'BAD_AMOUNT';
  const credits = creditsOfCents(cents, settings);
  if (credits === null) return 'NOT_A_MULTIPLE';
  if (meterOf(state, 'CURRENT_CREDITS') + credits > settings.creditLimit) return 'OVER_CREDIT_LIMIT';
  if (kind !== 'RESTRICTED') return null;
  const isOtherPool = state.restrictedCredits > 0n && terms?.pool !== state.restrictedPool;
  const isOff = !hasFunction(state, settings, 'PRINT_RESTRICTED_TICKETS');
  return isOff || terms === null || isOtherPool ? 'BAD_FUNCTION' : null;
}

/** The ticket is in the stacker: its credits are on the meter, and 68 raised. One step, or none of it. */
export function ticketStacked(state: CabinetState, settings: MachineSettings): CabinetState {
  const { redemption } = state.tickets;
  if (redemption?.dueAtMs == null || redemption.kind === null) return state;
  const { kind, cents, pool } = redemption;
  const credits = creditsOfCents(cents, settings) ?? 0n;
  const credited = addToMeters(withCredits(state, { [kind.toLowerCase()]: credits }), {
    TOTAL_TICKET_IN: credits,
    ...(settings.features.ticketsInTotalDrop && { TOTAL_DROP: credits }),
  });
  const counted = totalled(ticketInCounted(credited, redemption, credits), TYPES[kind], cents);
  const restrictedPool = kind === 'RESTRICTED' ? pool : state.restrictedPool;
  return settled({ ...counted, restrictedPool }, redemption, `${kind}_REDEEMED`);
}

/** The ticket could not be stacked and comes out again; nothing was credited. */
export function ticketNotStacked(state: CabinetState, status: RedemptionStatus): CabinetState {
  const { redemption } = state.tickets;
  return redemption?.dueAtMs == null ? state : settled(state, redemption, status);
}

function settled(state: CabinetState, redemption: Redemption, status: RedemptionStatus): CabinetState {
  const over = { ...redemption, status, dueAtMs: null };
  const told = { ...state, tickets: { ...state.tickets, redemption: over } };
  return raiseFirst(told, exceptionCode('TICKET_TRANSFER_COMPLETE'));
}

const TYPES: Readonly<Record<keyof typeof KINDS, ValidationType>> = {
  CASHABLE: 'CASHABLE_REDEEMED',
  RESTRICTED: 'RESTRICTED_REDEEMED',
  NONRESTRICTED: 'NONRESTRICTED_REDEEMED',
};

function ticketInCounted(state: CabinetState, { kind, cents }: Redemption, credits: bigint): CabinetState {
  if (kind === 'RESTRICTED') {
    return addToMeters(state, {
      SAS_RESTRICTED_TICKET_IN_CENTS: cents,
      SAS_RESTRICTED_TICKET_IN_COUNT: 1n,
      VALIDATED_RESTRICTED_TICKET_IN_CENTS: cents,
      VALIDATED_RESTRICTED_TICKET_IN_COUNT: 1n,
      RESTRICTED_TICKET_IN: credits,
      RESTRICTED_TICKET_IN_COUNT: 1n,
    });
  }
  const all = {
    SAS_CASHABLE_TICKET_IN_CENTS: cents,
    SAS_CASHABLE_TICKET_IN_COUNT: 1n,
    CASHABLE_TICKET_IN: credits,
  };
  return kind === 'NONRESTRICTED'
    ? addToMeters(state, {
        ...all,
        VALIDATED_NONRESTRICTED_TICKET_IN_CENTS: cents,
        VALIDATED_NONRESTRICTED_TICKET_IN_COUNT: 1n,
        NONRESTRICTED_TICKET_IN: credits,
        NONRESTRICTED_TICKET_IN_COUNT: 1n,
      })
    : addToMeters(state, {
        ...all,
        VALIDATED_CASHABLE_TICKET_IN_CENTS: cents,
        VALIDATED_CASHABLE_TICKET_IN_COUNT: 1n,
        REGULAR_CASHABLE_TICKET_IN: credits,
        REGULAR_CASHABLE_TICKET_IN_COUNT: 1n,
      });
}

/** The host has read, and acknowledged, a final status. */
export function redemptionRead(state: CabinetState): CabinetState {
  const { redemption } = state.tickets;
  if (redemption === null || redemption.dueAtMs !== null || redemption.read) return state;
  const read = { ...state, tickets: { ...state.tickets, redemption: { ...redemption, read: true } } };
  return withdrawn(read, exceptionCode('TICKET_TRANSFER_COMPLETE'));
}
