/** Money into and out of a simulated machine. */
import { billCodeOf, COUNTRY_USA } from '../codec/denominations.ts';
import { exceptionCode } from '../codec/exceptions.ts';
import { acceptedBillsMeter, METERS, modulusOf } from '../codec/meters.ts';
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';
import { raise } from './exception-queue.ts';
import { withHandpay } from './handpay.ts';
import { creditsOf, type MachineSettings, payableCredits } from './machine-settings.ts';

export type BillRefusal = 'ACCEPTOR_DISABLED' | 'DOOR_OPEN' | 'UNKNOWN_BILL';

export type CashOutRefusal = 'NO_CREDITS' | 'GAME_IN_PROGRESS' | 'DOOR_OPEN';

/** Why a bill of this value in whole dollars would come out again, or null. */
export function billRefusal(
  state: CabinetState,
  dollars: bigint,
  settings: MachineSettings,
): BillRefusal | null {
  if (!state.billAcceptorEnabled) return 'ACCEPTOR_DISABLED';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  const counter = acceptedBillsMeter(dollars);
  const counted = counter !== null && state.meters.has(counter);
  return counted && creditsOf(dollars, settings) !== null ? null : 'UNKNOWN_BILL';
}

export const billRejected = (state: CabinetState): CabinetState =>
  raise(state, exceptionCode('BILL_REJECTED'));

/** The bill is in the stacker, its credits on the meter, and 4F raised. The caller has asked `billRefusal`. */
export function billAccepted(state: CabinetState, dollars: bigint, settings: MachineSettings): CabinetState {
  const credits = creditsOf(dollars, settings) ?? 0n;
  const counter = acceptedBillsMeter(dollars) ?? 0;
  const credited = addToMeters(state, {
    BILLS_ACCEPTED_CREDITS: credits,
    BILLS_TO_DROP_CREDITS: credits,
    TOTAL_DROP: credits,
    CURRENT_CREDITS: credits,
    BILLS_IN_STACKER: 1n,
    BILLS_IN_STACKER_CREDITS: credits,
  });
  const count = (credited.meters.get(counter) ?? 0n) + 1n;
  const accepted = {
    ...credited,
    meters: new Map(credited.meters).set(counter, count),
    billsAcceptedDollars: state.billsAcceptedDollars + dollars,
  };
  const denomination = billCodeOf(dollars) ?? 0;
  const shownCount = count % modulusOf(METERS.get(counter)?.bcdBytes2F ?? 0);
  const data = { kind: 'BILL_ACCEPTED', country: COUNTRY_USA, denomination, count: shownCount } as const;
  return raise(accepted, exceptionCode('BILL_ACCEPTED'), data);
}

export function cashOutRefusal(state: CabinetState, settings: MachineSettings): CashOutRefusal | null {
  if (state.game !== null) return 'GAME_IN_PROGRESS';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  return payableCredits(meterOf(state, 'CURRENT_CREDITS'), settings) === 0n ? 'NO_CREDITS' : null;
}

/** All credits are cancelled and an attendant called: 66, then 51. The caller has asked `cashOutRefusal`. */
export function cashedOut(state: CabinetState, settings: MachineSettings): CabinetState {
  const credits = payableCredits(meterOf(state, 'CURRENT_CREDITS'), settings);
  const cancelled = addToMeters(state, {
    CURRENT_CREDITS: -credits,
    CANCELLED_CREDITS: credits,
    HAND_PAID_CANCELLED_CREDITS: credits,
    TOTAL_HAND_PAID: credits,
  });
  const pressed = raise(cancelled, exceptionCode('CASH_OUT_PRESSED'));
  return withHandpay(pressed, { credits, kind: 'CANCELLED_CREDITS' }, settings);
}
