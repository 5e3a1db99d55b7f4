/** Money an attendant pays by hand: it holds up play until paid, and waits in poll 1B until read (SAS.md 9.1). */
import { exceptionCode } from '../codec/exceptions.ts';
import type { CabinetState, Handpay } from './cabinet-state.ts';
import { raise } from './exception-queue.ts';
import { centsOf, type MachineSettings } from './machine-settings.ts';

/** Levels of poll 1B; one source. */
const LEVELS = { WIN: 0x00, CANCELLED_CREDITS: 0x80 } as const;

/** The machine waits for its attendant. */
export const isHandpayOpen = (state: CabinetState): boolean =>
  state.handpays.some((handpay) => !handpay.paid);

/** What poll 1B tells: the oldest handpay the host has not read. */
export const unreadHandpay = (state: CabinetState): Handpay | null =>
  state.handpays.find((handpay) => !handpay.read) ?? null;

/** The state with one handpay more, and 51 raised. */
export function withHandpay(
  state: CabinetState,
  due: { readonly credits: bigint; readonly kind: keyof typeof LEVELS },
  settings: MachineSettings,
): CabinetState {
  const cents = centsOf(due.credits, settings);
  const handpay = { cents, level: LEVELS[due.kind], paid: false, read: false };
  return handpayPending({ ...state, handpays: [...state.handpays, handpay] });
}

/** The state with 51 raised, unless it waits to be reported already. */
export function handpayPending(state: CabinetState): CabinetState {
  const code = exceptionCode('HANDPAY_PENDING');
  return state.queuedExceptions.some((each) => each.code === code) ? state : raise(state, code);
}

/** The attendant has paid the oldest one and raised 52. Without one nothing happens. */
export function handpayPaid(state: CabinetState): CabinetState {
  const first = state.handpays.find((handpay) => !handpay.paid);
  if (first === undefined) return state;
  return raise(settled(state, first, { paid: true }), exceptionCode('HANDPAY_RESET'));
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
