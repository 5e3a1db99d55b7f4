/** Money an attendant pays by hand: it holds up play until paid, and waits in poll 1B until read (SAS.md 9.1). */
import { exceptionCode } from '../codec/exceptions.ts';
import { handpayKind } from '../codec/long-polls/handpay.ts';
import type { CabinetState, Handpay } from './cabinet-state.ts';
import { withCredits } from './credits.ts';
import { raise } from './exception-queue.ts';
import type { Moment } from './machine-clock.ts';
import { centsOf, creditsOfCents, type MachineSettings } from './machine-settings.ts';
import { handpayValidated } from './validation.ts';

/** Levels of poll 1B besides those of progressives; one source. */
export const HANDPAY_LEVELS = { WIN: 0x00, CANCELLED_CREDITS: 0x80 } as const;

export interface DueHandpay {
  readonly credits: bigint;
  readonly level: number;
  readonly group?: number;
}

/** The machine waits for its attendant. */
export const isHandpayOpen = (state: CabinetState): boolean =>
  state.handpays.some((handpay) => !handpay.paid);

/** What poll 1B tells: the oldest handpay the host has not read. */
export const unreadHandpay = (state: CabinetState): Handpay | null =>
  state.handpays.find((handpay) => !handpay.read) ?? null;

/** The handpay the machine waits with. */
export const openHandpay = (state: CabinetState): Handpay | null =>
  state.handpays.find((handpay) => !handpay.paid) ?? null;

/** Cancelled credits are somebody's money already; only a win can go to the credit meter. */
export const canGoToCreditMeter = ({ level }: Handpay): boolean => handpayKind(level) !== 'CANCELLED_CREDITS';

/** The state with one handpay more, and 51 raised. */
export function withHandpay(
  state: CabinetState,
  { credits, level, group = 0 }: DueHandpay,
  settings: MachineSettings,
): CabinetState {
  const cents = centsOf(credits, settings);
  // In the old way nobody has to read it: it is told as long as it is open.
  const read = settings.legacyHandpay;
  const handpay: Handpay = { cents, level, group, paid: false, read, method: 'STANDARD' };
  return handpayPending({ ...state, handpays: [...state.handpays, handpay] });
}

/** The state with 51 raised, unless it waits to be reported already. */
export function handpayPending(state: CabinetState): CabinetState {
  const code = exceptionCode('HANDPAY_PENDING');
  return state.queuedExceptions.some((each) => each.code === code) ? state : raise(state, code);
}

/**
 * The oldest one is reset: paid by an attendant, or to the credit meter if the host said so. 52 is raised, then the
 * next 51. Without one nothing happens.
 */
export function handpayPaid(
  state: CabinetState,
  { settings, moment }: { settings: MachineSettings; moment: Moment },
): CabinetState {
  const first = openHandpay(state);
  if (first === null) return state;
  const paid = raise(settled(state, first, { paid: true }), exceptionCode('HANDPAY_RESET'));
  const booked =
    first.method === 'CREDIT_METER'
      ? toCreditMeter(paid, first, settings)
      : handpayValidated(paid, first, { settings, moment });
  return openHandpay(booked) === null ? booked : handpayPending(booked);
}

function toCreditMeter(state: CabinetState, { cents }: Handpay, settings: MachineSettings): CabinetState {
  const credits = creditsOfCents(cents, settings) ?? 0n;
  const credited = withCredits(state, { cashable: credits });
  return { ...credited, jackpotsToCreditMeter: state.jackpotsToCreditMeter + credits };
}

/** The host wants the open handpay reset that way; null when it cannot be. */
export function withResetMethod(state: CabinetState, method: Handpay['method']): CabinetState | null {
  const first = openHandpay(state);
  if (first === null || (method === 'CREDIT_METER' && !canGoToCreditMeter(first))) return null;
  return settled(state, first, { method });
}

/** The host has read, and acknowledged, the oldest one it had not. */
export function handpayRead(state: CabinetState): CabinetState {
  const first = unreadHandpay(state);
  return first === null ? state : settled(state, first, { read: true });
}

function settled(state: CabinetState, which: Handpay, change: Partial<Handpay>): CabinetState {
  const handpays = state.handpays
    .map((handpay) => (handpay === which ? { ...handpay, ...change } : handpay))
    .filter((handpay) => !(handpay.paid && handpay.read));
  return { ...state, handpays };
}
