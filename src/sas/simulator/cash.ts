/** Bills and coins into a simulated machine. */
import { billCodeOf, COUNTRY_USA } from '../codec/denominations.ts';
import { exceptionCode } from '../codec/exceptions.ts';
import { acceptedBillsMeter, METERS, modulusOf } from '../codec/meters.ts';
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';
import { withCredits } from './credits.ts';
import { raise } from './exception-queue.ts';
import { creditsOf, creditsOfToken, type MachineSettings } from './machine-settings.ts';

export type BillRefusal =
  | 'ACCEPTOR_DISABLED'
  | 'DOOR_OPEN'
  | 'UNKNOWN_BILL'
  | 'BILL_NOT_TAKEN'
  | 'CREDIT_LIMIT';

export type CoinRefusal = 'NO_COIN_ACCEPTOR' | 'DOOR_OPEN' | 'CREDIT_LIMIT';

/** Why a bill of this value in whole dollars would come out again, or null. */
export function billRefusal(
  state: CabinetState,
  dollars: bigint,
  settings: MachineSettings,
): BillRefusal | null {
  if (!state.billAcceptorEnabled) return 'ACCEPTOR_DISABLED';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  const counter = acceptedBillsMeter(dollars);
  const credits = creditsOf(dollars, settings);
  if (counter === null || !state.meters.has(counter) || credits === null) return 'UNKNOWN_BILL';
  const taken = state.bills.dollars;
  if (taken !== null && !taken.some((each) => BigInt(each) === dollars)) return 'BILL_NOT_TAKEN';
  return hasRoomFor(state, credits, settings) ? null : 'CREDIT_LIMIT';
}

const hasRoomFor = (state: CabinetState, credits: bigint, { creditLimit }: MachineSettings): boolean =>
  meterOf(state, 'CURRENT_CREDITS') + credits <= creditLimit;

export const billRejected = (state: CabinetState): CabinetState =>
  raise(state, exceptionCode('BILL_REJECTED'));

/** The bill is in the stacker, its credits on the meter, and 4F raised. The caller has asked `billRefusal`. */
export function billAccepted(state: CabinetState, dollars: bigint, settings: MachineSettings): CabinetState {
  const credits = creditsOf(dollars, settings) ?? 0n;
  const counter = acceptedBillsMeter(dollars) ?? 0;
  const credited = addToMeters(withCredits(state, { cashable: credits }), {
    BILLS_ACCEPTED_CREDITS: credits,
    BILLS_TO_DROP_CREDITS: credits,
    TOTAL_DROP: credits,
    BILLS_IN_STACKER: 1n,
    BILLS_IN_STACKER_CREDITS: credits,
  });
  const count = (credited.meters.get(counter) ?? 0n) + 1n;
  const denomination = billCodeOf(dollars) ?? 0;
  const shownCount = count % modulusOf(METERS.get(counter)?.bcdBytes2F ?? 0);
  const accepted = {
    ...credited,
    meters: new Map(credited.meters).set(counter, count),
    billsAcceptedDollars: state.billsAcceptedDollars + dollars,
    billAcceptorEnabled: state.bills.staysOn,
    bills: { ...state.bills, last: { denomination, count: shownCount } },
  };
  const data = { kind: 'BILL_ACCEPTED', country: COUNTRY_USA, denomination, count: shownCount } as const;
  return raise(accepted, exceptionCode('BILL_ACCEPTED'), data);
}

/** Why a coin would fall through, or null. */
export function coinRefusal(state: CabinetState, settings: MachineSettings): CoinRefusal | null {
  if (settings.coins === null) return 'NO_COIN_ACCEPTOR';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  const credits = creditsOfToken(settings.coins.tokenDenomination, settings) ?? 0n;
  return hasRoomFor(state, credits, settings) ? null : 'CREDIT_LIMIT';
}

/** One coin is in the hopper or, when that is full, in the drop. The caller has asked `coinRefusal`. */
export function coinAccepted(state: CabinetState, settings: MachineSettings): CabinetState {
  const { tokenDenomination = 0, hopperCapacity = 0n } = settings.coins ?? {};
  const credits = creditsOfToken(tokenDenomination, settings) ?? 0n;
  const isToHopper = state.coinsInHopper < hopperCapacity;
  const dropped = isToHopper ? {} : { COINS_TO_DROP_CREDITS: credits, TOTAL_DROP: credits };
  const credited = addToMeters(withCredits(state, { cashable: credits }), {
    COIN_ACCEPTOR_CREDITS: credits,
    ...dropped,
  });
  return {
    ...credited,
    coinsIn: state.coinsIn + 1n,
    coinsInHopper: state.coinsInHopper + (isToHopper ? 1n : 0n),
  };
}
