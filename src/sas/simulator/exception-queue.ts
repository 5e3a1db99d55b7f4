/** The exceptions a machine keeps until the host acknowledged them (SAS.md 9.1). */
import type { EventData } from '../codec/event-data.ts';
import { EXCEPTIONS, exceptionCode } from '../codec/exceptions.ts';
import type { CabinetState, StoredException } from './cabinet-state.ts';

/** SAS.md 9.1 wants at least twenty. */
export const QUEUE_CAPACITY = 20;

/** The state with an exception more. Overflow drops the oldest and raises 70. */
export function raise(state: CabinetState, code: number, data: EventData | null = null): CabinetState {
  if (EXCEPTIONS.get(code)?.class === 'PRIORITY') return raiseFirst(state, code);
  const exception = { id: state.nextExceptionId, code, data };
  const next = { ...state, nextExceptionId: state.nextExceptionId + 1 };
  if (state.queuedExceptions.length < QUEUE_CAPACITY) {
    return { ...next, queuedExceptions: [...state.queuedExceptions, exception] };
  }
  const queuedExceptions = [...state.queuedExceptions.slice(1), exception];
  return raise({ ...next, queuedExceptions }, exceptionCode('QUEUE_OVERFLOW'));
}

/** The state with an exception that goes before the queue, once, whatever its class. */
export function raiseFirst(state: CabinetState, code: number): CabinetState {
  if (state.priorityExceptions.some((each) => each.code === code)) return state;
  const exception = { id: state.nextExceptionId, code, data: null };
  return {
    ...state,
    nextExceptionId: state.nextExceptionId + 1,
    priorityExceptions: [...state.priorityExceptions, exception],
  };
}

/** The state without a priority exception whose cause has ended. */
export const withdrawn = (state: CabinetState, code: number): CabinetState => ({
  ...state,
  priorityExceptions: state.priorityExceptions.filter((each) => each.code !== code),
});

/** What is to be reported next. */
export const nextException = (state: CabinetState): StoredException | null =>
  state.priorityExceptions[0] ?? state.queuedExceptions[0] ?? null;

/** The state without that exception; it may have been dropped by an overflow already. */
export function withoutException(state: CabinetState, id: number): CabinetState {
  const kept = (exceptions: readonly StoredException[]): readonly StoredException[] =>
    exceptions.filter((each) => each.id !== id);
  return {
    ...state,
    priorityExceptions: kept(state.priorityExceptions),
    queuedExceptions: kept(state.queuedExceptions),
  };
}
