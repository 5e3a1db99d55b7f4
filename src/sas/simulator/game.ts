/** Playing on a simulated machine: what a game does to its meters and its exceptions. */
import { exceptionCode } from '../codec/exceptions.ts';
import { modulusOf } from '../codec/meters.ts';
import { addToMeters, type CabinetState, type Game, meterOf } from './cabinet-state.ts';
import { raise } from './exception-queue.ts';
import { isHandpayOpen, withHandpay } from './handpay.ts';
import type { MachineSettings } from './machine-settings.ts';

export type PlayRefusal =
  | 'LOCKED'
  | 'DOOR_OPEN'
  | 'HANDPAY_PENDING'
  | 'GAME_IN_PROGRESS'
  | 'BAD_WAGER'
  | 'NOT_ENOUGH_CREDITS';

/** Bit 6 is set in most wager types met on real machines (SAS.md 9.2). */
const WAGER_TYPE_FLAG = 0x40;
/** The event carries two BCD bytes. */
const LARGEST_WAGER = 9_999n;
/** The same for the meter and the win in 7E and 7F. */
const EVENT_METER_BYTES = 4;
/** Max bet FF stands for 255 or more (SAS.md 6.3). */
const OPEN_MAX_BET = 0xff;

/** Why no game can start now, or null. A locked machine still finishes the game under way. */
export function playRefusal(
  state: CabinetState,
  wager: bigint,
  settings: MachineSettings,
): PlayRefusal | null {
  if (state.locked) return 'LOCKED';
  if (state.slotDoorOpen) return 'DOOR_OPEN';
  if (isHandpayOpen(state)) return 'HANDPAY_PENDING';
  if (state.game !== null) return 'GAME_IN_PROGRESS';
  if (wager < 1n || wager > largestWager(settings)) return 'BAD_WAGER';
  return wager > meterOf(state, 'CURRENT_CREDITS') ? 'NOT_ENOUGH_CREDITS' : null;
}

function largestWager({ maxBet }: MachineSettings): bigint {
  return maxBet === OPEN_MAX_BET ? LARGEST_WAGER : BigInt(maxBet);
}

/**
 * The wager is taken and 7E raised. The caller has asked `playRefusal`.
 *
 * @throws RangeError on a win that is negative, or that event 7F cannot carry
 */
export function gameStarted(state: CabinetState, game: Game, settings: MachineSettings): CabinetState {
  if (game.win < 0n || game.win >= modulusOf(EVENT_METER_BYTES)) throw new RangeError(`a win of ${game.win}`);
  const paid = addToMeters(state, { COIN_IN: game.wager, CURRENT_CREDITS: -game.wager });
  return raise({ ...paid, game }, exceptionCode('GAME_STARTED'), {
    kind: 'GAME_STARTED',
    wagered: game.wager,
    coinIn: meterOf(paid, 'COIN_IN') % modulusOf(EVENT_METER_BYTES),
    wagerType: WAGER_TYPE_FLAG | settings.denomination,
    progressiveGroup: settings.progressiveGroup,
  });
}

/** The win is paid, to the credit meter or by hand, and 7F raised. Without a game under way nothing happens. */
export function gameEnded(state: CabinetState, settings: MachineSettings): CabinetState {
  if (state.game === null) return state;
  const { win } = state.game;
  const counted = addToMeters(state, {
    GAMES_PLAYED: 1n,
    GAMES_WON: win > 0n ? 1n : 0n,
    GAMES_LOST: win > 0n ? 0n : 1n,
    GAMES_SINCE_POWER_RESET: 1n,
    GAMES_SINCE_DOOR_CLOSED: 1n,
  });
  const ended = raise({ ...counted, game: null }, exceptionCode('GAME_ENDED'), { kind: 'GAME_ENDED', win });
  return payWin(ended, win, settings);
}

function payWin(state: CabinetState, win: bigint, settings: MachineSettings): CabinetState {
  if (win === 0n) return state;
  if (win < settings.jackpotLimit) {
    const machinePaid = {
      COIN_OUT: win,
      MACHINE_PAID_PAYTABLE_WIN: win,
      TOTAL_WON: win,
      CURRENT_CREDITS: win,
    };
    return addToMeters(state, machinePaid);
  }
  const attendantPaid = {
    JACKPOT: win,
    ATTENDANT_PAID_PAYTABLE_WIN: win,
    TOTAL_WON: win,
    TOTAL_HAND_PAID: win,
  };
  return withHandpay(addToMeters(state, attendantPaid), { credits: win, kind: 'WIN' }, settings);
}
