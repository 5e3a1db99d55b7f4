/** What happens to a simulated machine as a whole: power and its main door. */
import { exceptionCode } from '../codec/exceptions.ts';
import { meterCode } from '../codec/meters.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raise } from './exception-queue.ts';
import { gameEnded } from './game.ts';
import type { MachineSettings } from './machine-settings.ts';

/** Power is back: 17 is raised, and a game the power loss cut off is played to its end. */
export function powerUp(state: CabinetState, settings: MachineSettings): CabinetState {
  const counted = { ...withZero(state, 'GAMES_SINCE_POWER_RESET'), powerResets: state.powerResets + 1n };
  return gameEnded(raise(counted, exceptionCode('POWER_APPLIED')), settings);
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

function withZero(
  state: CabinetState,
  name: 'GAMES_SINCE_POWER_RESET' | 'GAMES_SINCE_DOOR_CLOSED',
): CabinetState {
  return { ...state, meters: new Map(state.meters).set(meterCode(name), 0n) };
}
