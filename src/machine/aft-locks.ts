import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { system } from '../lib/actor.ts';
import {
  type AftLine,
  type AftMachineStatus,
  cancelAftLock,
  requestAftLock,
} from '../sas/host/aft-commands.ts';
import type { RunWork } from '../work.ts';
import { markLocking } from './aft-progress.ts';
import type { AftTransfer } from './aft-transfer.ts';
import { hasDemandedLock } from './aft-transfer-store.ts';

/** The locks that machines of a line are asked for, before transfers. */
export interface AftLocks {
  /**
   * Whether the transfer can be sent: its machine is locked for it, or need not be. Where it can not, to be asked
   * again. A lock is asked for only after the transfer is on record as LOCK_PENDING.
   */
  isReady(transfer: AftTransfer, place: { address: number; status: AftMachineStatus }): Promise<boolean>;
  /** The machine has done with the lock itself: a transfer ends it. */
  used(machineId: string): void;
  /** Whether this machine was asked for a lock for another transfer than this one. */
  isStale(machineId: string, transferId: string | undefined): boolean;
  /** Ends the lock of a machine that was asked for one. */
  release(machineId: string, address: number): Promise<void>;
}

const SAS = system('sas');
/** For a machine whose driver dies a lock ends by itself; one that waits for a game is asked for anew. */
const LOCK_HUNDREDTHS = 500;

export function createAftLocks({
  host,
  db,
  runWork,
}: {
  readonly host: AftLine;
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
}): AftLocks {
  /** By machine, the transfer its lock is for. */
  const asked = new Map<string, string>();

  return {
    async isReady(transfer, { address, status }) {
      const { direction, machineId, cause } = transfer;
      // A machine that asks for it waits for it.
      if (cause !== 'ORDER') return true;
      // What it does not offer now it refuses, and says why better than a lock would.
      if (!status.available.includes(direction)) return true;
      const isDemanded = await hasDemandedLock(db, transfer);
      // Many machines give nothing unlocked; few take nothing (SAS.md 10.2).
      if (!isDemanded && direction === 'TO_MACHINE') return true;
      if (!(await runWork(SAS, (work) => markLocking(work, transfer)))) return false;
      asked.set(machineId, transfer.id);
      if (transfer.state === 'LOCK_PENDING' && status.lockStatus === 'PENDING') return false;
      // Asked again, one that was waited for begins its time now.
      const conditions = [direction] as const;
      const answer = await requestAftLock(host, address, { conditions, timeoutHundredths: LOCK_HUNDREDTHS });
      if (answer.kind === 'NO_ANSWER') return false;
      const { lockStatus } = answer.status;
      // One that has no locks, or none now, may do without.
      return lockStatus === 'LOCKED' || (lockStatus === 'NOT_LOCKED' && !isDemanded);
    },
    used: (machineId) => void asked.delete(machineId),
    isStale: (machineId, transferId) => asked.has(machineId) && asked.get(machineId) !== transferId,
    async release(machineId, address) {
      await cancelAftLock(host, address);
      asked.delete(machineId);
    },
  };
}
