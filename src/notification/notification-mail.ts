import type { Message } from '../mail/mail.ts';
import type { NotificationType } from './notification.ts';

/** Where a frontend lets people say how they are told. */
const PAGE = 'notification-preferences';

/** What a notice says, and how to be told so no more. */
export function notificationMail({
  to,
  type,
  message,
  venueName,
  accountUrl,
}: {
  readonly to: string;
  readonly type: NotificationType;
  readonly message: string;
  readonly venueName: string;
  /** Of the frontend, without a trailing slash; null without one. */
  readonly accountUrl: string | null;
}): Message {
  const lines = [
    message,
    '',
    '-- ',
    `${venueName} tells you this by mail because that is how you are told ${type} there.`,
    accountUrl === null
      ? `To be told so no more: setNotificationPreference(input: { type: ${type}, email: false })`
      : `To be told so no more: ${accountUrl}/${PAGE}`,
  ];
  return { to, subject: `${venueName}: ${SUBJECTS[type]}`, text: `${lines.join('\n')}\n` };
}

/** What happened is in the mail itself: subjects are read over shoulders. */
const SUBJECTS: Readonly<Record<NotificationType, string>> = {
  RESERVATION: 'your parking reservation',
  PARKING_LOT: 'a parking lot',
  BOOKING: 'your booking',
  WAITLIST: 'what you wait for',
  WALLET: 'your wallet',
  MACHINE: 'a machine',
  DEVICE: 'a device',
  LAYOUT: 'a layout',
  ALERT: 'an alert',
  SECURITY: 'your account',
  SYSTEM: 'a notice',
};
