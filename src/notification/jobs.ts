import { system } from '../lib/actor.ts';
import { startWakeable, WATCHED_MS, type Wakeable } from '../lib/wakeable.ts';
import type { RunWork } from '../work.ts';
import { type NotificationMail, postDueMail } from './mail-service.ts';
import { deleteOutlived } from './retention-store.ts';

const MAIL_BATCH = 50;
const CLEANUP_MS = 60 * 60_000;
const CLEANUP_BATCH = 10_000;

interface JobOptions {
  readonly runWork: RunWork;
  readonly onError: (error: unknown) => void;
}

/** For how long a notice is kept. */
export interface NotificationRetention {
  /** Once it was read. */
  readonly readMs: number;
  /** From when it was made, if nobody reads it. */
  readonly unreadMs: number;
}

/** Posts mails of notices. Any number of processes may run it. */
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

/** Deletes notices that are not kept any longer. Any number of processes may run it. */
export const startNotificationRetention = ({
  runWork,
  onError,
  retention: { readMs, unreadMs },
}: JobOptions & { readonly retention: NotificationRetention }): Wakeable =>
  startWakeable({
    idleMs: Math.min(CLEANUP_MS, readMs, unreadMs),
    onError,
    async run() {
      const deleted = await runWork(system('notification-jobs'), ({ tx, now }) =>
        deleteOutlived(tx, {
          readBefore: new Date(now.getTime() - readMs),
          unreadBefore: new Date(now.getTime() - unreadMs),
          limit: CLEANUP_BATCH,
        }),
      );
      return deleted === CLEANUP_BATCH ? 'again' : 'idle';
    },
  });
