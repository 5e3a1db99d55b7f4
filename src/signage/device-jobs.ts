import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { expireOverdue } from './command-service.ts';
import { pruneCommands } from './command-store.ts';
import { dueAt } from './device-status.ts';
import { pruneStatusChanges } from './device-status-change-store.ts';
import { type Heartbeat, judgeSilent } from './device-status-service.ts';

/** A device that fell silent is shown so this long after at most. */
const SILENCE_MS = 1_000;
const EXPIRY_MS = 1_000;
const BATCH = 500;
const PRUNE_MS = 60 * 60_000;
const PRUNE_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

const JOBS = system('signage-jobs');

/**
 * Judges devices by their silence. A process that has just begun to listen waits until it would have heard: the silence
 * may have been the server's. Any number of processes may run it.
 */
export function startStatusWatch({ runWork, onError, heartbeatMs }: JobOptions & Heartbeat): Wakeable {
  const listensFrom = performance.now();
  const patienceMs = dueAt('ONLINE', new Date(0), heartbeatMs)?.getTime() ?? 0;
  return startWakeable({
    idleMs: SILENCE_MS,
    onError,
    run: async () => {
      const waitMs = Math.ceil(listensFrom + patienceMs - performance.now());
      if (waitMs > 0) return waitMs;
      const judged = await runWork(JOBS, (work) => judgeSilent(work, { limit: BATCH, heartbeatMs }));
      return judged === BATCH ? 'again' : 'idle';
    },
  });
}

/** Ends commands that were not done in time. Any number of processes may run it. */
export const startDeviceCommandExpiry = ({ runWork, onError }: JobOptions): Wakeable =>
  startWakeable({
    idleMs: EXPIRY_MS,
    onError,
    run: async () => {
      const expired = await runWork(JOBS, (work) => expireOverdue(work, { limit: BATCH }));
      return expired === BATCH ? 'again' : 'idle';
    },
  });

/** Forgets how devices were and what they were told, past its retention. Any number of processes may run it. */
export const startDeviceRetention = ({
  runWork,
  onError,
  retentionMs,
}: JobOptions & { readonly retentionMs: number }): Wakeable =>
  startWakeable({
    idleMs: PRUNE_MS,
    onError,
    run: async () => {
      const deleted = await runWork(JOBS, async ({ tx, now }) => {
        const batch = { before: new Date(now.getTime() - retentionMs), limit: PRUNE_BATCH };
        return [await pruneStatusChanges(tx, batch), await pruneCommands(tx, batch)];
      });
      return deleted.includes(PRUNE_BATCH) ? 'again' : 'idle';
    },
  });
