/** Paying what was won, to the credit meter or by hand (SAS.md 8). */
import { exceptionCode } from '../codec/exceptions.ts';
import type { MeterName } from '../codec/meters.ts';
import { addToMeters, type CabinetState, meterOf } from './cabinet-state.ts';
import { withCredits } from './credits.ts';
import { raise } from './exception-queue.ts';
import { HANDPAY_LEVELS, withHandpay } from './handpay.ts';
import { tallied } from './machine-games.ts';
import type { MachineSettings } from './machine-settings.ts';

export interface Award {
  /** In credits. */
  readonly win: bigint;
  readonly cause: 'PAYTABLE' | 'PROGRESSIVE' | 'BONUS';
  /** Of a progressive win. */
  readonly group?: number;
  readonly level?: number;
  /** Paid by an attendant even when the machine could. */
  readonly isHandpay?: boolean;
  /** To the credit meter as nonrestricted credits. */
  readonly isNonrestricted?: boolean;
}

const METERS: Readonly<
  Record<Award['cause'], { readonly machine: MeterName; readonly attendant: MeterName }>
> = {
  PAYTABLE: { machine: 'MACHINE_PAID_PAYTABLE_WIN', attendant: 'ATTENDANT_PAID_PAYTABLE_WIN' },
  PROGRESSIVE: { machine: 'MACHINE_PAID_PROGRESSIVE_WIN', attendant: 'ATTENDANT_PAID_PROGRESSIVE_WIN' },
  BONUS: { machine: 'MACHINE_PAID_BONUS_WIN', attendant: 'ATTENDANT_PAID_BONUS_WIN' },
};

/** An attendant pays from the jackpot limit on, and what the credit meter has no room for. */
export function paid(state: CabinetState, award: Award, settings: MachineSettings): CabinetState {
  const { win, cause } = award;
  if (win === 0n) return state;
  const hasRoom = meterOf(state, 'CURRENT_CREDITS') + win <= settings.creditLimit;
  if (award.isHandpay || win >= settings.jackpotLimit || !hasRoom) return paidByHand(state, award, settings);
  const meters = { COIN_OUT: win, [METERS[cause].machine]: win, TOTAL_WON: win };
  const counted = tallied(addToMeters(state, meters), meters, settings);
  const credited = withCredits(counted, award.isNonrestricted ? { nonrestricted: win } : { cashable: win });
  return cause === 'PROGRESSIVE' ? raise(credited, exceptionCode('PROGRESSIVE_WIN')) : credited;
}

function paidByHand(
  state: CabinetState,
  { win, cause, level = HANDPAY_LEVELS.WIN, group = 0 }: Award,
  settings: MachineSettings,
): CabinetState {
  const meters = { JACKPOT: win, [METERS[cause].attendant]: win, TOTAL_WON: win };
  const counted = tallied(addToMeters(state, { ...meters, TOTAL_HAND_PAID: win }), meters, settings);
  return withHandpay(counted, { credits: win, level, group }, settings);
}
