/** Playing on a simulated machine: what a game does to its meters and its exceptions. */
import { exceptionCode } from '../codec/exceptions.ts';
import { modulusOf } from '../codec/meters.ts';
import { paid } from './awards.ts';
import { addToMeters, type CabinetState, type Game, meterOf } from './cabinet-state.ts';
import { negated, wagerFrom, withCredits } from './credits.ts';
import { raise } from './exception-queue.ts';
import { isHandpayOpen } from './handpay.ts';
import { gameSettings, isGameEnabled, playerDenomination, tallied } from './machine-games.ts';
import type { MachineSettings } from './machine-settings.ts';
import { progressiveHit } from './progressives.ts';
import { tournamentEnded, tournamentStarted } from './tournament.ts';

export type PlayRefusal =
  | 'LOCKED'
  | 'MAINTENANCE'
  | 'DOOR_OPEN'
  | 'TILT'
  | 'HANDPAY_PENDING'
  | 'CASH_OUT_PENDING'
  | 'LOCKED_FOR_TRANSFER'
  | 'GAME_IN_PROGRESS'
  | 'DELAYED'
  | 'NO_GAME_SELECTED'
  | 'GAME_DISABLED'
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
const TENTH_MS = 100;

interface Asked {
  readonly wager: bigint;
  readonly settings: MachineSettings;
  readonly nowMs: number;
}

/** Why no game can start now, or null. A locked machine still finishes the game under way. */
export function playRefusal(state: CabinetState, { wager, settings, nowMs }: Asked): PlayRefusal | null {
  const refusal = machineRefusal(state, nowMs) ?? gameRefusal(state, settings);
  if (refusal !== null) return refusal;
  if (wager < 1n || wager > largestWager(state, settings)) return 'BAD_WAGER';
  return wager > stake(state) ? 'NOT_ENOUGH_CREDITS' : null;
}

function machineRefusal(state: CabinetState, nowMs: number): PlayRefusal | null {
  if (state.locked) return 'LOCKED';
  if (state.inMaintenance) return 'MAINTENANCE';
  if (state.slotDoorOpen || state.otherOpenDoors.length > 0) return 'DOOR_OPEN';
  if (state.tilts.length > 0) return 'TILT';
  if (isHandpayOpen(state)) return 'HANDPAY_PENDING';
  if (state.tickets.pending !== null || state.aft.cashOutUntilMs !== null) return 'CASH_OUT_PENDING';
  if (state.aft.lock?.status === 'LOCKED') return 'LOCKED_FOR_TRANSFER';
  if (state.game !== null) return 'GAME_IN_PROGRESS';
  return nowMs < state.playableAtMs ? 'DELAYED' : null;
}

function gameRefusal(state: CabinetState, settings: MachineSettings): PlayRefusal | null {
  const { selectedGame } = state;
  if (gameSettings(settings, selectedGame) === null) return 'NO_GAME_SELECTED';
  const denomination = playerDenomination(state, settings);
  return isGameEnabled(state, selectedGame, { denomination, settings }) ? null : 'GAME_DISABLED';
}

function largestWager(state: CabinetState, settings: MachineSettings): bigint {
  const { maxBet } = gameSettings(settings, state.selectedGame) ?? settings;
  return maxBet === OPEN_MAX_BET ? LARGEST_WAGER : BigInt(maxBet);
}

/** What the player plays with. */
export const stake = (state: CabinetState): bigint =>
  state.awards.tournament?.credits ?? meterOf(state, 'CURRENT_CREDITS');

/**
 * The wager is taken and 7E raised. The caller has asked `playRefusal`.
 *
 * @throws RangeError on a win that is negative, or that event 7F cannot carry
 */
export function gameStarted(state: CabinetState, game: Game, settings: MachineSettings): CabinetState {
  if (game.win < 0n || game.win >= modulusOf(EVENT_METER_BYTES)) throw new RangeError(`a win of ${game.win}`);
  const wagered = state.awards.tournament
    ? tournamentStarted(state, game.wager)
    : wagerTaken(state, game.wager, settings);
  const { progressiveGroup } = gameSettings(settings, state.selectedGame) ?? settings;
  return raise({ ...wagered, game, lastWin: 0n }, exceptionCode('GAME_STARTED'), {
    kind: 'GAME_STARTED',
    wagered: game.wager,
    coinIn: meterOf(wagered, 'COIN_IN') % modulusOf(EVENT_METER_BYTES),
    wagerType: WAGER_TYPE_FLAG | playerDenomination(state, settings),
    progressiveGroup,
  });
}

function wagerTaken(state: CabinetState, wager: bigint, settings: MachineSettings): CabinetState {
  const taken = wagerFrom(state, wager);
  const counted = addToMeters(withCredits(state, negated(taken)), {
    COIN_IN: wager,
    ...(taken.restricted > 0n && { RESTRICTED_PLAYED: taken.restricted }),
    ...(taken.nonrestricted > 0n && { NONRESTRICTED_PLAYED: taken.nonrestricted }),
  });
  return categorised(tallied(counted, { COIN_IN: wager }, settings), wager, settings);
}

/** Coin in by wager category (poll B4): the first that takes so much, otherwise the last. */
function categorised(state: CabinetState, wager: bigint, settings: MachineSettings): CabinetState {
  const { wagerCategories } = gameSettings(settings, state.selectedGame) ?? settings;
  if (wagerCategories.length === 0) return state;
  const fitting = wagerCategories.findIndex(({ upTo }) => wager <= upTo);
  const category = fitting < 0 ? wagerCategories.length : fitting + 1;
  const key = `${state.selectedGame}/${category}`;
  const sum = (state.categories.get(key) ?? 0n) + wager;
  return { ...state, categories: new Map(state.categories).set(key, sum) };
}

/**
 * The win is paid, to the credit meter or by hand, and 7F raised. Without a game under way nothing happens.
 *
 * @param nowMs milliseconds of the epoch
 */
export function gameEnded(
  state: CabinetState,
  { settings, nowMs }: { settings: MachineSettings; nowMs: number },
): CabinetState {
  const { game } = state;
  if (game === null) return state;
  const { win, wager } = game;
  const over = { ...withPause(state, nowMs), game: null, reelStops: stopsOf(state, wager + win, settings) };
  const told = (counted: CabinetState) =>
    raise(counted, exceptionCode('GAME_ENDED'), { kind: 'GAME_ENDED', win });
  if (state.awards.tournament) return told(tournamentEnded(over, win));
  const counts = {
    GAMES_PLAYED: 1n,
    GAMES_WON: win > 0n ? 1n : 0n,
    GAMES_LOST: win > 0n ? 0n : 1n,
  };
  const counted = addToMeters(over, {
    ...counts,
    GAMES_SINCE_POWER_RESET: 1n,
    GAMES_SINCE_DOOR_CLOSED: 1n,
  });
  const ended = paid(told(tallied(counted, counts, settings)), { win, cause: 'PAYTABLE' }, settings);
  const lastWin = meterOf(ended, 'CURRENT_CREDITS') - meterOf(counted, 'CURRENT_CREDITS');
  return progressiveHit({ ...ended, lastWin }, game.progressiveLevel ?? 0, settings);
}

function withPause(state: CabinetState, nowMs: number): CabinetState {
  if (state.delayTenths === 0) return state;
  return { ...state, delayTenths: 0, playableAtMs: nowMs + state.delayTenths * TENTH_MS };
}

const STOPS_OF_REEL = 22;

/** Where the reels come to stand follows from the games so far: the same games stop at the same places. */
function stopsOf(state: CabinetState, salt: bigint, { reels }: MachineSettings): number[] {
  const games = Number(meterOf(state, 'GAMES_PLAYED') % 1_000_003n);
  return Array.from({ length: reels }, (_, reel) => {
    const mixed = Math.imul(games + 1, 2_654_435_761) ^ Math.imul(reel + Number(salt % 65_521n), 40_503);
    return (mixed >>> 8) % STOPS_OF_REEL;
  });
}
