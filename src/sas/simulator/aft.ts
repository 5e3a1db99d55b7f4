/** Electronic transfers of a simulated machine: one at a time, and each exactly once (SAS.md 10.5 and 10.7). */
import { exceptionCode } from '../codec/exceptions.ts';
import { NO_EXPIRATION } from '../codec/expiration.ts';
import type { AftStatus } from '../codec/long-polls/aft-status.ts';
import type { AftTransfer } from '../codec/long-polls/aft-transfer.ts';
import { carriedOut } from './aft-booking.ts';
import { lockEnded } from './aft-lock.ts';
import { type Directed, directionOf, notNow, transferRefusal } from './aft-refusals.ts';
import { type CentsOfKinds, HISTORY_CAPACITY, NO_CENTS, type StoredTransfer } from './aft-state.ts';
import type { CabinetState } from './cabinet-state.ts';
import { hostCashOutTaken } from './cash-out.ts';
import { raiseFirst, withdrawn } from './exception-queue.ts';
import type { Moment } from './machine-clock.ts';
import type { MachineSettings } from './machine-settings.ts';

interface Context {
  readonly settings: MachineSettings;
  readonly moment: Moment;
}

export interface Begun {
  readonly state: CabinetState;
  /** What the host is told: under way, over, or refused and never stored. */
  readonly transfer: StoredTransfer;
}

/**
 * The host asks for a transfer. Asked again with the same id it is told what became of the first; while one is under
 * way, or its end was not read, no other begins.
 */
export function transferBegun(state: CabinetState, request: AftTransfer, context: Context): Begun {
  const { settings, moment } = context;
  const asked = storedOf(request);
  const { current } = state.aft;
  if (current !== null) {
    const isSame = current.transactionId === asked.transactionId && current.type === asked.type;
    return { state, transfer: isSame ? current : { ...asked, status: 'CLASHES_WITH_TRANSFER' } };
  }
  const refusal = transferRefusal(state, request, settings);
  if (refusal !== null) return { state, transfer: { ...asked, status: refusal } };
  const answersCashOut = request.flags.includes('ANSWERS_CASH_OUT');
  const transfer = { ...asked, dueAtMs: moment.ms + settings.transferMs };
  const aft = {
    ...state.aft,
    current: transfer,
    hostCashOut: hostCashOutOf(state, request),
  };
  const begun = { ...state, aft };
  return { state: answersCashOut ? hostCashOutTaken(begun) : begun, transfer };
}

function storedOf(request: AftTransfer): StoredTransfer {
  const cents = (value: bigint | null) => value ?? 0n;
  return {
    transactionId: request.transactionId ?? '',
    type: request.type,
    isPartialAllowed: request.code === 'PARTIAL',
    asked: {
      cashable: cents(request.cashable),
      restricted: cents(request.restricted),
      nonrestricted: cents(request.nonrestricted),
    },
    moved: NO_CENTS,
    status: 'PENDING',
    flags: request.flags,
    assetNumber: request.assetNumber,
    expiration: request.expiration ?? NO_EXPIRATION,
    pool: request.pool,
    lockAfterMs: request.lockTimeoutHundredths === null ? null : request.lockTimeoutHundredths * HUNDREDTH_MS,
    completedAt: null,
    dueAtMs: null,
    position: 0,
  };
}

function hostCashOutOf({ aft }: CabinetState, { flags }: AftTransfer): CabinetState['aft']['hostCashOut'] {
  if (!flags.includes('CONTROL_HOST_CASH_OUT')) return aft.hostCashOut;
  if (!flags.includes('HOST_CASH_OUT_ENABLED')) return 'OFF';
  return flags.includes('HARD_HOST_CASH_OUT') ? 'HARD' : 'SOFT';
}

/** The transfer under way is carried out, or fails: one step, or none of it. A game that runs is waited for. */
export function transferDue(state: CabinetState, context: Context): CabinetState {
  const { current } = state.aft;
  if (current?.dueAtMs == null || state.game !== null) return state;
  const directed: Directed = { direction: directionOf(current.type), asked: current.asked };
  if (notNow(state, directed)) return transferFailed(state, 'NOT_NOW', context.moment);
  const booked = carriedOut(state, current, context);
  if (booked === null) return transferFailed(state, 'UNEXPECTED_ERROR', context.moment);
  return ended(
    booked.state,
    { ...current, status: statusOf(current, booked.moved), moved: booked.moved },
    context.moment,
  );
}

function statusOf({ asked }: StoredTransfer, moved: CentsOfKinds): AftStatus {
  const isFull =
    moved.cashable === asked.cashable &&
    moved.restricted === asked.restricted &&
    moved.nonrestricted === asked.nonrestricted;
  return isFull ? 'FULL_DONE' : 'PARTIAL_DONE';
}

/** The transfer under way fails; nothing was moved. Without one nothing happens. */
export function transferFailed(state: CabinetState, status: AftStatus, moment: Moment): CabinetState {
  const { current } = state.aft;
  return current?.dueAtMs == null ? state : ended(state, { ...current, status }, moment);
}

/** The transfer is over: dated, given a place in the history it will go to, and told by 69 until that was read. */
function ended(state: CabinetState, transfer: StoredTransfer, { ms, shown }: Moment): CabinetState {
  const next = state.aft.nextPosition;
  const position = isLogged(transfer) ? next : 0;
  const nextPosition = position === 0 ? next : (next % HISTORY_CAPACITY) + 1;
  const current = { ...transfer, dueAtMs: null, completedAt: shown, position };
  const over = withLockAfter({ ...state, aft: { ...state.aft, current, nextPosition } }, transfer, ms);
  return raiseFirst(over, exceptionCode('AFT_TRANSFER_COMPLETE'));
}

/** A lock was for this transfer, and ends with it; one that was wanted for afterwards begins. */
function withLockAfter(state: CabinetState, transfer: StoredTransfer, nowMs: number): CabinetState {
  const free = lockEnded(state);
  if (!transfer.flags.includes('LOCK_AFTER_TRANSFER') || transfer.status === 'NOT_NOW') return free;
  const untilMs = nowMs + (transfer.lockAfterMs ?? LOCK_AFTER_TRANSFER_MS);
  const lock = { conditions: [], status: 'LOCKED', untilMs, remindAtMs: null } as const;
  return { ...free, aft: { ...free.aft, lock } };
}

/** How long a machine stays locked after a transfer that wanted it, when the host does not say. */
const LOCK_AFTER_TRANSFER_MS = 10_000;
const HUNDREDTH_MS = 10;

/** The host has read, and acknowledged, how the transfer ended: it goes to the history. */
export function transferRead(state: CabinetState, position: number): CabinetState {
  const { current, history } = state.aft;
  if (current === null || current.dueAtMs !== null || current.position !== position) return state;
  const kept = isLogged(current) ? [...history, current].slice(-HISTORY_CAPACITY) : history;
  const read = { ...state, aft: { ...state.aft, current: null, history: kept } };
  return withdrawn(read, exceptionCode('AFT_TRANSFER_COMPLETE'));
}

/** Transfers of nothing are not kept, except for bonuses. */
function isLogged({ asked, type }: StoredTransfer): boolean {
  const isNothing = asked.cashable + asked.restricted + asked.nonrestricted === 0n;
  return !isNothing || directionOf(type) === 'BONUS_TO_MACHINE';
}

/**
 * What an interrogation finds: 0 the current transfer or the last, 1 to 127 a place of the history, 129 to 255 counted
 * back from the newest (255). Null when there is none.
 */
export function transferAt({ aft }: CabinetState, index: number): StoredTransfer | null {
  const { current, history } = aft;
  if (index === 0) return current ?? history.at(-1) ?? null;
  if (index <= HISTORY_CAPACITY) return history.findLast(({ position }) => position === index) ?? null;
  return history.at(index - 0x100) ?? null;
}
