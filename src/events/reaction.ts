import type { Transaction } from 'kysely';
import { isOfCircumstance } from '../db/errors.ts';
import type { Database } from '../db/schema.ts';
import type { SystemActor } from '../lib/actor.ts';
import { DatabaseUnavailableError, TimeoutError } from '../lib/errors.ts';
import type { EventType, LoggedEvent } from './events.ts';
import type { Narrowing } from './log.ts';

/**
 * What one domain does because of another's event. Effect and position commit in one `Work`, so each event takes effect
 * exactly once, in order, whichever process comes to it. One that it fails on again and again, and not because of the
 * database, keeps nobody waiting for more than some seconds.
 */
export interface Reactor<T extends EventType, W extends ReactorWork> {
  /** Kept in table `reactor`, whose rows hold the log until they are passed: a new name starts at the oldest event there is. */
  readonly name: string;
  readonly types: readonly T[];
  /** Of a type that comes often, what of it matters: the rest is neither read nor a reason to wake it. */
  readonly narrowed?: readonly Narrowing[];
  /**
   * What becomes of an event that it fails on again and again; it is said either way. `LEAVE_OUT`: nothing, where that is
   * better than late. `SET_ASIDE`: it is tried again while later ones take effect, as long as the log has it; for what
   * must not be lost and does not hang on the order.
   */
  readonly whenItFails: 'LEAVE_OUT' | 'SET_ASIDE';
  readonly react: (work: W, event: LoggedEvent<T>) => Promise<void>;
}

/** What a reactor itself needs of a unit of work; `W` is the whole of it (`work.ts`, a floor above). */
export interface ReactorWork {
  readonly tx: Transaction<Database>;
  readonly now: Date;
}

export interface ReactorOptions<W extends ReactorWork> {
  readonly runWork: <R>(actor: SystemActor, task: (work: W) => Promise<R>) => Promise<R>;
  readonly onError: (error: unknown) => void;
}

/** Whether what an event failed with would be no other a moment later. */
export const isItsFault = (error: unknown): boolean =>
  !(error instanceof DatabaseUnavailableError || error instanceof TimeoutError || isOfCircumstance(error));
