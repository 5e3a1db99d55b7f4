/** What a simulated machine remembers of electronic transfers (SAS.md 10). Amounts are in cents. */

import type { CodeIn } from '../codec/coded.ts';
import type { SasDateTime } from '../codec/date-time.ts';
import type { Expiration } from '../codec/expiration.ts';
import type { AftFlag, AftType } from '../codec/long-polls/aft-fields.ts';
import type { LOCK_CONDITIONS } from '../codec/long-polls/aft-lock.ts';
import type { REGISTRATION_STATUSES } from '../codec/long-polls/aft-registration.ts';
import type { AftStatus } from '../codec/long-polls/aft-status.ts';

export interface CentsOfKinds {
  readonly cashable: bigint;
  readonly restricted: bigint;
  readonly nonrestricted: bigint;
}

export interface StoredTransfer {
  readonly transactionId: string;
  readonly type: AftType;
  readonly isPartialAllowed: boolean;
  readonly asked: CentsOfKinds;
  /** What was moved; zeros unless the status says done. */
  readonly moved: CentsOfKinds;
  readonly status: AftStatus;
  readonly flags: readonly AftFlag[];
  readonly assetNumber: number;
  readonly expiration: Expiration;
  readonly pool: number;
  /** How long the machine stays locked afterwards, where the flags want that; null where the host does not say. */
  readonly lockAfterMs?: number | null;
  readonly completedAt: SasDateTime | null;
  /** When it is carried out, unless the machine is busy then; null once it is final. Milliseconds of the epoch. */
  readonly dueAtMs: number | null;
  /** Its place in the history; 0 until it is there. */
  readonly position: number;
}

export interface AftLock {
  readonly conditions: readonly CodeIn<typeof LOCK_CONDITIONS>[];
  readonly status: 'PENDING' | 'LOCKED';
  readonly untilMs: number;
  /** When 6F is raised again; null until the lock is there. */
  readonly remindAtMs: number | null;
}

export interface AftState {
  readonly registration: {
    readonly status: keyof typeof REGISTRATION_STATUSES;
    /** As hex. */
    readonly key: string;
    readonly posId: number;
  };
  readonly lock: AftLock | null;
  /** The transfer under way, or a final one whose end the host has not acknowledged. */
  readonly current: StoredTransfer | null;
  /** Oldest first. */
  readonly history: readonly StoredTransfer[];
  /** Of the next record, from 1 to 127 and then from 1 again. */
  readonly nextPosition: number;
  /** What flags of transfers have set. */
  readonly hostCashOut: 'OFF' | 'SOFT' | 'HARD';
  /** A cash-out the host was asked to take, until then. Milliseconds of the epoch. */
  readonly cashOutUntilMs: number | null;
}

/** History records the machine keeps at most. */
export const HISTORY_CAPACITY = 127;

export const NO_CENTS: CentsOfKinds = { cashable: 0n, restricted: 0n, nonrestricted: 0n };

export const NO_KEY = '00'.repeat(20);

export const NEW_AFT: AftState = {
  registration: { status: 'NOT_REGISTERED', key: NO_KEY, posId: 0 },
  lock: null,
  current: null,
  history: [],
  nextPosition: 1,
  hostCashOut: 'OFF',
  cashOutUntilMs: null,
};
