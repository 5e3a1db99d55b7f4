import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { type JobOptions, type RetentionOptions, startJob, startRetention } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { listMailRequests } from './account-mail-request-store.ts';
import { type AccountMail, answerMailRequest } from './account-mail-service.ts';
import { deleteOldAccountTokens } from './account-token-store.ts';
import { deleteOldFailures } from './lock-out-store.ts';
import { deleteOutlivedStates } from './oauth-state-store.ts';
import { deleteOutlivedRealtimeTokens } from './realtime-token-store.ts';
import { deleteOutlivedRefreshTokens } from './refresh-token-store.ts';

const CLEANUP_MS = 60 * 60_000;
const CLEANUP_BATCH = 10_000;

const JOBS = system('auth-jobs');

/**
 * Deletes refresh tokens of sessions whose time is over, realtime tokens whose own is, and sign-ins that
 * nobody came back from.
 */
export const startTokenCleanup = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    idleMs: CLEANUP_MS,
    act: async ({ tx, now }) => {
      const deleted = [
        await deleteOutlivedRefreshTokens(tx, { now, limit: CLEANUP_BATCH }),
        await deleteOutlivedRealtimeTokens(tx, { now, limit: CLEANUP_BATCH }),
        await deleteOutlivedStates(tx, { now, limit: CLEANUP_BATCH }),
      ];
      return deleted.includes(CLEANUP_BATCH);
    },
  });

/** Deletes wrong guesses that count no more. */
export const startFailureRetention = (options: RetentionOptions): Wakeable =>
  startRetention(options, { actor: JOBS, forget: deleteOldFailures });

/** Well within PICK_UP_SECONDS, for when the event was missed. */
const REFRESH_MS = 20_000;

/** Follows the rotations of other processes; woken by `auth.key-rotated`. */
export function startKeyRefresh(options: {
  readonly reloadKeys: () => Promise<void>;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: REFRESH_MS,
    onError: options.onError,
    async run() {
      await options.reloadKeys();
      return 'idle';
    },
  });
}

const REQUESTS_MS = 5_000;
const REQUESTS_BATCH = 20;

/**
 * Answers what was asked for by `requestPasswordReset`, `resendVerification` and `register`, for any
 * process; woken after each.
 */
export function startAccountMail({
  db,
  runWork,
  mail,
  onError,
}: {
  readonly db: Kysely<Database>;
  readonly runWork: RunWork;
  readonly mail: Omit<AccountMail, 'requested'>;
  readonly onError: (error: unknown) => void;
}): Wakeable {
  return startWakeable({
    idleMs: REQUESTS_MS,
    onError,
    async run() {
      const requests = await listMailRequests(db, REQUESTS_BATCH);
      for (const request of requests) {
        await runWork(
          system('account-mail'),
          (work) => answerMailRequest(work, mail, request),
          request.origin,
        );
      }
      if (requests.length > 0) mail.mailroom.wake();
      return requests.length === REQUESTS_BATCH ? 'again' : 'idle';
    },
  });
}

/** No token lasts longer, and none counts for longer. */
const OLD_TOKEN_MS = 24 * 60 * 60_000;

/** Deletes the tokens of mails that are good for nothing any more. */
export const startAccountTokenCleanup = (options: JobOptions): Wakeable =>
  startJob(options, {
    actor: JOBS,
    idleMs: CLEANUP_MS,
    async act({ tx, now }) {
      await deleteOldAccountTokens(tx, { now, before: new Date(now.getTime() - OLD_TOKEN_MS) });
      return false;
    },
  });
