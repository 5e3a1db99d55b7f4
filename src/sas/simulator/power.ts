/** What happens to a simulated machine as a whole: power, doors and tilts. */
import { type ExceptionName, exceptionCode } from '../codec/exceptions.ts';
import { meterCode } from '../codec/meters.ts';
import { transferFailed } from './aft.ts';
import { lockEnded } from './aft-lock.ts';
import type { CabinetState, OtherDoor } from './cabinet-state.ts';
import { raise, withdrawn } from './exception-queue.ts';
import { gameEnded } from './game.ts';
import type { Moment } from './machine-clock.ts';
import type { MachineSettings } from './machine-settings.ts';
import { ticketNotStacked, ticketReturned } from './redemption.ts';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

/**
 * Power is back: 17 is raised, and a game the power loss cut off is played to its end. Money that was on its way and
 * not yet booked stays where it was: a transfer fails, a ticket comes out, a cash-out is as if never asked for.
 */
export function powerUp(state: CabinetState, { settings, moment }: Context): CabinetState {
  const counted = { ...withZero(state, 'GAMES_SINCE_POWER_RESET'), powerResets: state.powerResets + 1n };
  const told = raise(counted, exceptionCode('POWER_APPLIED'));
  const failed = transferFailed(ticketNotStacked(told, 'NOT_NOW'), 'NOT_NOW', moment);
  const free = lockEnded(withoutCashOut(failed.tickets.escrow === null ? failed : ticketReturned(failed)));
  return gameEnded(free, { settings, nowMs: moment.ms });
}

function withoutCashOut(state: CabinetState): CabinetState {
  if (state.tickets.pending === null && state.aft.cashOutUntilMs === null) return state;
  const over = {
    ...state,
    tickets: { ...state.tickets, pending: null },
    aft: { ...state.aft, cashOutUntilMs: null },
  };
  const codes = ['SYSTEM_VALIDATION_REQUESTED', 'AFT_CASH_OUT_REQUESTED', 'AFT_WIN_REQUESTED'] as const;
  return codes.map(exceptionCode).reduce(withdrawn, over);
}

/** The main door opens: 11. An open door stays as it is. */
export function doorOpened(state: CabinetState): CabinetState {
  if (state.slotDoorOpen) return state;
  const open = { ...state, slotDoorOpen: true, slotDoorOpens: state.slotDoorOpens + 1n };
  return raise(open, exceptionCode('SLOT_DOOR_OPENED'));
}

/** The main door closes: 12, and the games since then count from zero. */
export function doorClosed(state: CabinetState): CabinetState {
  if (!state.slotDoorOpen) return state;
  const closed = { ...withZero(state, 'GAMES_SINCE_DOOR_CLOSED'), slotDoorOpen: false };
  return raise(closed, exceptionCode('SLOT_DOOR_CLOSED'));
}

const DOOR_EXCEPTIONS: Readonly<Record<OtherDoor, readonly [opened: ExceptionName, closed: ExceptionName]>> =
  {
    DROP: ['DROP_DOOR_OPENED', 'DROP_DOOR_CLOSED'],
    CARD_CAGE: ['CARD_CAGE_OPENED', 'CARD_CAGE_CLOSED'],
    CASHBOX: ['CASHBOX_DOOR_OPENED', 'CASHBOX_DOOR_CLOSED'],
    BELLY: ['BELLY_DOOR_OPENED', 'BELLY_DOOR_CLOSED'],
  };

/** Another door than the main one opens. An open door stays as it is. */
export function otherDoorOpened(state: CabinetState, door: OtherDoor): CabinetState {
  if (state.otherOpenDoors.includes(door)) return state;
  const open = { ...state, otherOpenDoors: [...state.otherOpenDoors, door] };
  return raise(open, exceptionCode(DOOR_EXCEPTIONS[door][0]));
}

/** It closes. */
export function otherDoorClosed(state: CabinetState, door: OtherDoor): CabinetState {
  if (!state.otherOpenDoors.includes(door)) return state;
  const closed = { ...state, otherOpenDoors: state.otherOpenDoors.filter((each) => each !== door) };
  return raise(closed, exceptionCode(DOOR_EXCEPTIONS[door][1]));
}

/** Something is wrong with the machine: it tells by that exception, and nobody plays until somebody has seen to it. */
export function tilted(state: CabinetState, code: number): CabinetState {
  if (state.tilts.includes(code)) return state;
  return raise({ ...state, tilts: [...state.tilts, code] }, code);
}

export const tiltCleared = (state: CabinetState, code: number): CabinetState => ({
  ...state,
  tilts: state.tilts.filter((each) => each !== code),
});

function withZero(
  state: CabinetState,
  name: 'GAMES_SINCE_POWER_RESET' | 'GAMES_SINCE_DOOR_CLOSED',
): CabinetState {
  return { ...state, meters: new Map(state.meters).set(meterCode(name), 0n) };
}
