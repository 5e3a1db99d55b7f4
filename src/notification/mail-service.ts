import type { Mailroom } from '../mail/mailroom.ts';
import type { Work } from '../work.ts';
import { settleMail, takeDueMail } from './mail-due-store.ts';
import { notificationMail } from './notification-mail.ts';

/** How notices leave by mail. */
export interface NotificationMail {
  readonly mailroom: Mailroom;
  /** Where the frontend has its pages, without a trailing slash; null without one. */
  readonly accountUrl: string | null;
}

/**
 * Posts a mail of each notice that waits for one, in the work that notes it: exactly one, however many look. What is
 * no use any more is not posted. Answers how many were looked at.
 */
export async function postDueMail(
  work: Work,
  { mailroom, accountUrl }: NotificationMail,
  limit: number,
): Promise<number> {
  const due = await takeDueMail(work.tx, limit);
  for (const { email, until, ...notice } of due) {
    if (email === null || until <= work.now) continue;
    const message = notificationMail({ ...notice, to: email, accountUrl });
    const { venueId, userId } = notice;
    await mailroom.post(work, { venueId, userId, kind: 'NOTIFICATION', message, expiresAt: until });
  }
  if (due.length > 0)
    await settleMail(
      work.tx,
      due.map(({ id }) => id),
    );
  return due.length;
}
