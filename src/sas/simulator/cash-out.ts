/** The cash-out button: where the player's credits go (SAS.md 10.5 and 11). */
import { exceptionCode } from '../codec/exceptions.ts';
import { addToMeters, type CabinetState, type CashOutOf } from './cabinet-state.ts';
import { holdingsOf, winOn, withCredits } from './credits.ts';
import { raise, raiseFirst, withdrawn } from './exception-queue.ts';
import { HANDPAY_LEVELS, isHandpayOpen, withHandpay } from './handpay.ts';
import type { Moment } from './machine-clock.ts';
import { tallied } from './machine-games.ts';
import { centsOf, creditsOfToken, type MachineSettings, payableCredits } from './machine-settings.ts';
import { canPrint, hasFunction, ticketPrinted } from './validation.ts';

export type CashOutRefusal = 'NO_CREDITS' | 'GAME_IN_PROGRESS' | 'DOOR_OPEN' | 'CASH_OUT_PENDING';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

/** The host has so long to give a validation number in all (SAS.md 9.1). */
const VALIDATION_LIMIT_MS = 10_000;
/** What asks the host to take it. */
const REQUESTS: Readonly<Record<CashOutOf, number>> = {
  CREDITS: exceptionCode('AFT_CASH_OUT_REQUESTED'),
  WIN: exceptionCode('AFT_WIN_REQUESTED'),
};

/** How long a host may take for a cash-out it was asked to take; nobody says (SAS.md 15, 16). */
const HOST_CASH_OUT_LIMIT_MS = 10_000;

export function cashOutRefusal(
  state: CabinetState,
  of: CashOutOf,
  settings: MachineSettings,
): CashOutRefusal | null {
  if (state.game !== null) return 'GAME_IN_PROGRESS';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  if (state.tickets.pending !== null || state.aft.cashOutUntilMs !== null) return 'CASH_OUT_PENDING';
  return due({ ...state, cashOutOf: of }, settings).credits === 0n ? 'NO_CREDITS' : null;
}

interface Due {
  readonly credits: bigint;
  readonly restricted: boolean;
}

/** A win; or the player's own credits first, and restricted ones only where they can be printed on a ticket. */
function due(state: CabinetState, settings: MachineSettings): Due {
  if (state.cashOutOf === 'WIN')
    return { credits: payableCredits(winOn(state), settings), restricted: false };
  const { cashable, restricted, nonrestricted } = holdingsOf(state);
  const own = payableCredits(cashable + nonrestricted, settings);
  if (own > 0n) return { credits: own, restricted: false };
  const isPrintable = canPrint(state, settings) && hasFunction(state, settings, 'PRINT_RESTRICTED_TICKETS');
  return { credits: isPrintable ? payableCredits(restricted, settings) : 0n, restricted: true };
}

/**
 * The button is pressed: 66, and then the host takes the credits (6A) or the win (6B), or the hopper, the printer or an
 * attendant (51) pays. The caller has asked `cashOutRefusal`.
 */
export function cashedOut(state: CabinetState, of: CashOutOf, { settings, moment }: Context): CabinetState {
  const pressed = raise({ ...state, cashOutOf: of }, exceptionCode('CASH_OUT_PRESSED'));
  const what = due(pressed, settings);
  if (pressed.aft.hostCashOut !== 'OFF' && settings.features.aft && !isHandpayOpen(state)) {
    const aft = { ...pressed.aft, cashOutUntilMs: moment.ms + HOST_CASH_OUT_LIMIT_MS };
    return raiseFirst({ ...pressed, aft }, REQUESTS[of]);
  }
  return paidHere(pressed, what, { settings, moment });
}

function paidHere(state: CabinetState, what: Due, context: Context): CabinetState {
  const { settings, moment } = context;
  if (!what.restricted && isForHopper(state, what.credits, settings))
    return hopperPaid(state, what.credits, settings);
  if (!canPrint(state, settings)) return handPaid(state, what, settings);
  if (settings.features.validationStyle !== 'SYSTEM') return printed(state, what, context);
  const pending = {
    ...what,
    cents: centsOf(what.credits, settings),
    untilMs: moment.ms + VALIDATION_LIMIT_MS,
  };
  const waiting = { ...state, tickets: { ...state.tickets, pending } };
  return raiseFirst(waiting, exceptionCode('SYSTEM_VALIDATION_REQUESTED'));
}

/** The host did not take the cash-out it was asked to take: soft, the machine pays itself; hard, it waits on. */
export function hostCashOutOver(state: CabinetState, context: Context): CabinetState {
  const request = REQUESTS[state.cashOutOf];
  const asked = withdrawn(state, request);
  const over = { ...asked, aft: { ...asked.aft, cashOutUntilMs: null } };
  if (state.aft.hostCashOut === 'HARD') {
    const cashOutUntilMs = context.moment.ms + HOST_CASH_OUT_LIMIT_MS;
    const waiting = { ...asked, aft: { ...asked.aft, cashOutUntilMs } };
    return raiseFirst(waiting, request);
  }
  const what = due(over, context.settings);
  return what.credits === 0n ? over : paidHere(over, what, context);
}

/** The host takes the cash-out it was asked to take. */
export const hostCashOutTaken = (state: CabinetState): CabinetState =>
  withdrawn({ ...state, aft: { ...state.aft, cashOutUntilMs: null } }, REQUESTS[state.cashOutOf]);

/** The host has given the cash-out that waits a number: the ticket is printed. Null when none waits. */
export function validated(
  state: CabinetState,
  { number, systemId }: { number: string; systemId: number },
  context: Context,
): CabinetState | null {
  const { pending } = state.tickets;
  return pending && printed(withoutPending(state), { ...pending, number, systemId }, context);
}

/** The host refuses to validate, or does not answer: an attendant pays instead. Restricted credits stay. */
export function validationRefused(state: CabinetState, settings: MachineSettings): CabinetState {
  const { pending } = state.tickets;
  if (pending === null) return state;
  const over = withoutPending(state);
  return pending.restricted ? over : handPaid(over, pending, settings);
}

const withoutPending = (state: CabinetState): CabinetState =>
  withdrawn(
    { ...state, tickets: { ...state.tickets, pending: null } },
    exceptionCode('SYSTEM_VALIDATION_REQUESTED'),
  );

function printed(
  state: CabinetState,
  { credits, restricted, ...given }: Due & { readonly number?: string; readonly systemId?: number },
  { settings, moment }: Context,
): CabinetState {
  const taken = addToMeters(creditsTaken(state, { credits, restricted }), { CANCELLED_CREDITS: credits });
  const type = restricted ? 'RESTRICTED_TICKET' : 'CASHABLE_TICKET';
  return ticketPrinted(taken, { type, credits, ...given }, { settings, moment });
}

/** The credits are off the credit meter. */
function creditsTaken(state: CabinetState, { credits, restricted }: Due): CabinetState {
  if (restricted) return withCredits(state, { restricted: -credits });
  const { cashable } = holdingsOf(state);
  const own = credits < cashable ? credits : cashable;
  return withCredits({ ...state, lastWin: 0n }, { cashable: -own, nonrestricted: own - credits });
}

function handPaid(state: CabinetState, what: Due, settings: MachineSettings): CabinetState {
  const { credits } = what;
  const meters = {
    CANCELLED_CREDITS: credits,
    HAND_PAID_CANCELLED_CREDITS: credits,
    TOTAL_HAND_PAID: credits,
  };
  const counted = tallied(addToMeters(creditsTaken(state, what), meters), meters, settings);
  return withHandpay(counted, { credits, level: HANDPAY_LEVELS.CANCELLED_CREDITS }, settings);
}

function isForHopper(state: CabinetState, credits: bigint, settings: MachineSettings): boolean {
  const pieces = piecesOf(credits, settings);
  const limit = settings.coins?.hopperPayLimit ?? 0n;
  return pieces !== null && pieces <= limit && pieces <= state.coinsInHopper;
}

/** How many coins credits are; null when they are not a whole number of them. */
function piecesOf(credits: bigint, settings: MachineSettings): bigint | null {
  const each = settings.coins && creditsOfToken(settings.coins.tokenDenomination, settings);
  return each && credits % each === 0n ? credits / each : null;
}

function hopperPaid(state: CabinetState, credits: bigint, settings: MachineSettings): CabinetState {
  const pieces = piecesOf(credits, settings) ?? 0n;
  const paid = addToMeters(creditsTaken(state, { credits, restricted: false }), {
    HOPPER_PAID_CREDITS: credits,
  });
  return { ...paid, coinsOut: state.coinsOut + pieces, coinsInHopper: state.coinsInHopper - pieces };
}
