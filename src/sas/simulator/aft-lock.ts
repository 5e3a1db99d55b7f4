/** The lock a host may ask for before a transfer, and what a machine can transfer now (SAS.md 10.2). */
import type { CodeIn } from '../codec/coded.ts';
import { exceptionCode } from '../codec/exceptions.ts';
import type { AVAILABLE_TRANSFERS, LOCK_CONDITIONS } from '../codec/long-polls/aft-lock.ts';
import { isWinPending, notNow } from './aft-refusals.ts';
import { NO_CENTS } from './aft-state.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raiseFirst, withdrawn } from './exception-queue.ts';
import type { MachineSettings } from './machine-settings.ts';

const HUNDREDTH_MS = 10;
const GAME_LOCKED = exceptionCode('GAME_LOCKED');

/** What a transfer could do at this moment. */
export function availableTransfers(
  state: CabinetState,
  settings: MachineSettings,
): readonly CodeIn<typeof AVAILABLE_TRANSFERS>[] {
  const isOpen = (direction: 'TO_MACHINE' | 'TO_HOST') =>
    settings.features.aft && !notNow(state, { direction, asked: NO_CENTS });
  const has = (one: 'IN_HOUSE' | 'BONUS') => settings.aftClasses.includes(one);
  return [
    ...(isOpen('TO_MACHINE') && has('IN_HOUSE') ? (['TO_MACHINE'] as const) : []),
    ...(isOpen('TO_HOST') && has('IN_HOUSE') ? (['FROM_MACHINE'] as const) : []),
    ...(isOpen('TO_MACHINE') && has('IN_HOUSE') && settings.printer ? (['TO_PRINTER'] as const) : []),
    ...(isOpen('TO_HOST') && isWinPending(state) ? (['WIN_PENDING_TO_HOST'] as const) : []),
    ...(isOpen('TO_MACHINE') && has('BONUS') ? (['BONUS_TO_MACHINE'] as const) : []),
    'LOCK_AFTER_TRANSFER',
  ];
}

export interface LockRequest {
  readonly conditions: readonly CodeIn<typeof LOCK_CONDITIONS>[];
  readonly timeoutHundredths: number;
}

const NEEDS: Readonly<Record<keyof typeof LOCK_CONDITIONS, CodeIn<typeof AVAILABLE_TRANSFERS>>> = {
  TO_MACHINE: 'TO_MACHINE',
  FROM_MACHINE: 'FROM_MACHINE',
  TO_PRINTER: 'TO_PRINTER',
  WIN_TO_HOST: 'WIN_PENDING_TO_HOST',
  BONUS_TO_MACHINE: 'BONUS_TO_MACHINE',
};

/** A lock is had at once, or waits for the game to end. For nothing, or what cannot be, there is none. */
export function lockRequested(
  state: CabinetState,
  { conditions, timeoutHundredths }: LockRequest,
  { settings, nowMs }: { settings: MachineSettings; nowMs: number },
): CabinetState {
  const available = availableTransfers(state, settings);
  const isPossible = conditions.every((each) => typeof each === 'string' && available.includes(NEEDS[each]));
  const isRefused = settings.aftLockRefusedInGame && state.game !== null;
  if (conditions.length === 0 || !isPossible || isRefused) return state;
  const untilMs = nowMs + timeoutHundredths * HUNDREDTH_MS;
  const lock = { conditions, status: 'PENDING', untilMs, remindAtMs: null } as const;
  return lockObtained({ ...state, aft: { ...state.aft, lock } });
}

/** A lock that waited is had as soon as no game runs: 6F. */
export function lockObtained(state: CabinetState): CabinetState {
  const { lock } = state.aft;
  if (lock?.status !== 'PENDING' || state.game !== null) return state;
  const locked = { ...state, aft: { ...state.aft, lock: { ...lock, status: 'LOCKED' as const } } };
  return raiseFirst(locked, GAME_LOCKED);
}

/** Cancelled, over, or lost with the link. */
export const lockEnded = (state: CabinetState): CabinetState =>
  state.aft.lock === null ? state : withdrawn({ ...state, aft: { ...state.aft, lock: null } }, GAME_LOCKED);
