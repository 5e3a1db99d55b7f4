/** Exceptions that a machine raises again for as long as their cause lasts (SAS.md 9.1). */
import { type ExceptionName, exceptionCode } from '../codec/exceptions.ts';
import type { CabinetState } from './cabinet-state.ts';
import { raise, raiseFirst } from './exception-queue.ts';
import { unreadHandpay } from './handpay.ts';
import type { MachineSettings } from './machine-settings.ts';
import { unreadRecords } from './validation.ts';

/** A handpay, a ticket or a transfer nobody has read is told again after so long; all from one source. */
const REMINDER_MS = 15_000;
/** A locked machine says so more often. */
const LOCK_REMINDER_MS = 5_000;

interface Cause {
  readonly name: ExceptionName;
  readonly everyMs: number;
  readonly isQueued?: boolean;
  lasts(state: CabinetState, settings: MachineSettings): boolean;
}

const isRecordOf = (state: CabinetState, isTicket: boolean): boolean =>
  unreadRecords(state).some(({ record: { type } }) => /TICKET$/.test(String(type)) === isTicket);

const CAUSES: readonly Cause[] = [
  {
    name: 'HANDPAY_PENDING',
    everyMs: REMINDER_MS,
    isQueued: true,
    lasts: (state) => unreadHandpay(state) !== null,
  },
  { name: 'CASH_OUT_TICKET_PRINTED', everyMs: REMINDER_MS, lasts: (state) => isRecordOf(state, true) },
  { name: 'HANDPAY_VALIDATED', everyMs: REMINDER_MS, lasts: (state) => isRecordOf(state, false) },
  {
    name: 'VALIDATION_ID_NOT_CONFIGURED',
    everyMs: REMINDER_MS,
    lasts: ({ tickets }, { features, printer }) =>
      printer && features.validationStyle === 'SECURE_ENHANCED' && tickets.validationId === 0,
  },
  { name: 'SAS_PROGRESSIVE_HIT', everyMs: REMINDER_MS, lasts: ({ awards }) => awards.unreadWins.length > 0 },
  {
    name: 'TICKET_TRANSFER_COMPLETE',
    everyMs: REMINDER_MS,
    lasts: ({ tickets: { redemption } }) =>
      redemption !== null && redemption.dueAtMs === null && !redemption.read && redemption.kind !== null,
  },
  {
    name: 'AFT_TRANSFER_COMPLETE',
    everyMs: REMINDER_MS,
    lasts: ({ aft: { current } }) => current !== null && current.dueAtMs === null,
  },
  { name: 'GAME_LOCKED', everyMs: LOCK_REMINDER_MS, lasts: ({ aft }) => aft.lock?.status === 'LOCKED' },
];

/** Remembers when each exception was told; that is forgotten with the power. */
export interface Reminders {
  /** The state with everything raised again whose time it is. */
  remind(state: CabinetState, settings: MachineSettings, nowMs: number): CabinetState;
  /** The exception was sent to the host. */
  told(code: number, nowMs: number): void;
}

export function createReminders(): Reminders {
  const toldAtMs = new Map<number, number>();

  function isTime(code: number, everyMs: number, nowMs: number): boolean {
    return nowMs - (toldAtMs.get(code) ?? Number.NEGATIVE_INFINITY) >= everyMs;
  }

  return {
    remind(state, settings, nowMs) {
      let next = state;
      for (const { name, everyMs, isQueued, lasts } of CAUSES) {
        const code = exceptionCode(name);
        if (!isTime(code, everyMs, nowMs) || !lasts(state, settings)) continue;
        if (!isQueued) next = raiseFirst(next, code);
        else if (!next.queuedExceptions.some((each) => each.code === code)) next = raise(next, code);
      }
      return next;
    },
    told: (code, nowMs) => void toldAtMs.set(code, nowMs),
  };
}
