import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { type NotificationMail, postDueMail } from './mail-service.ts';
import { forgetOutlived } from './retention-service.ts';

const MAIL_BATCH = 50;
const CLEANUP_MS = 60 * 60_000;
/** Each of them may be told to a person of its own. */
const CLEANUP_BATCH = 1_000;

/** For how long a notice is kept. */
export interface NotificationRetention {
  /** Once it was read. */
  readonly readMs: number;
  /** From when it was made, if nobody reads it. */
  readonly unreadMs: number;
}

/** Posts mails of notices. */
export const startNotificationMail = ({
  runWork,
  onError,
  mail,
}: JobOptions & { readonly mail: NotificationMail }): Wakeable =>
  startWakeable({
    idleMs: WATCHED_MS,
    onError,
    async run() {
      const posted = await runWork(system('notification-mail'), (work) =>
        postDueMail(work, mail, MAIL_BATCH),
      );
      if (posted > 0) mail.mailroom.wake();
      return posted === MAIL_BATCH ? 'again' : 'idle';
    },
  });

/** Deletes notices that are not kept any longer, and tells those in whose lists they stood. */
export const startNotificationRetention = ({
  retention: { readMs, unreadMs },
  ...options
}: JobOptions & { readonly retention: NotificationRetention }): Wakeable =>
  startJob(options, {
    actor: system('notification-jobs'),
    idleMs: Math.min(CLEANUP_MS, readMs, unreadMs),
    act: async (work) => {
      const deleted = await forgetOutlived(work, {
        readBefore: new Date(work.now.getTime() - readMs),
        unreadBefore: new Date(work.now.getTime() - unreadMs),
        limit: CLEANUP_BATCH,
      });
      return deleted === CLEANUP_BATCH;
    },
  });
