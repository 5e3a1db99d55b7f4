import { type JobOptions, startJob } from '../job.ts';
import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import { type NotificationMail, postDueMail } from './mail-service.ts';
import { deleteOutlived } from './retention-store.ts';

const MAIL_BATCH = 50;
const CLEANUP_MS = 60 * 60_000;
const CLEANUP_BATCH = 10_000;

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

/** Deletes notices that are not kept any longer. */
export const startNotificationRetention = ({
  retention: { readMs, unreadMs },
  ...options
}: JobOptions & { readonly retention: NotificationRetention }): Wakeable =>
  startJob(options, {
    actor: system('notification-jobs'),
    idleMs: Math.min(CLEANUP_MS, readMs, unreadMs),
    act: async ({ tx, now }) => {
      const deleted = await deleteOutlived(tx, {
        readBefore: new Date(now.getTime() - readMs),
        unreadBefore: new Date(now.getTime() - unreadMs),
        limit: CLEANUP_BATCH,
      });
      return deleted === CLEANUP_BATCH;
    },
  });
