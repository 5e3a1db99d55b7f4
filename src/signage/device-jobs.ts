import { type JobOptions, type RetentionOptions, startJob, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import { expireOverdue } from './command-service.ts';
import { pruneCommands } from './command-store.ts';
import { dueAt } from './device-status.ts';
import { pruneStatusChanges } from './device-status-change-store.ts';
import { type Heartbeat, judgeSilent } from './device-status-service.ts';

/** A device that fell silent is shown so this long after at most. */
const SILENCE_MS = 1_000;
/** However often devices report, it is no standstill that it looks a little late. */
const STANDSTILL_MS = 3 * SILENCE_MS;
const BATCH = 500;

const JOBS = system('signage-jobs');

/**
 * Judges devices by their silence. A process that begins to listen waits until it would have heard: the silence may have
 * been the server's. It begins anew after the database was away, and after it stood still itself. Any number of
 * processes may run it.
 */
export function startStatusWatch({ runWork, onError, heartbeatMs }: JobOptions & Heartbeat): Wakeable {
  const patienceMs = dueAt('ONLINE', new Date(0), heartbeatMs)?.getTime() ?? 0;
  let listensFrom = performance.now();
  let lookedAt = listensFrom;
  return startWakeable({
    idleMs: SILENCE_MS,
    onError: (error) => {
      listensFrom = performance.now();
      onError(error);
    },
    run: async () => {
      const nowMs = performance.now();
      if (nowMs - lookedAt > Math.max(patienceMs, STANDSTILL_MS)) listensFrom = nowMs;
      lookedAt = nowMs;
      const waitMs = Math.ceil(listensFrom + patienceMs - nowMs);
      // While it waits it looks whether the database is there to hear with.
      const judged = await runWork(JOBS, async (work) =>
        waitMs > 0 ? 0 : await judgeSilent(work, { limit: BATCH, heartbeatMs }),
      );
      if (waitMs > 0) return Math.min(waitMs, SILENCE_MS);
      return judged === BATCH ? 'again' : 'idle';
    },
  });
}

/** Ends commands that were not done in time. */
export const startDeviceCommandExpiry = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    act: async (work) => (await expireOverdue(work, { limit: BATCH })) === BATCH,
  });

/** Forgets how devices were and what they were told, past its retention. */
export const startDeviceRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, {
    actor: JOBS,
    forget: async (tx, outlived) =>
      Math.max(await pruneStatusChanges(tx, outlived), await pruneCommands(tx, outlived)),
  });
