import { ALERT_NOTICES } from '../alert/notices.ts';
import { BOOKING_NOTICES } from '../booking/notices.ts';
import { isFor, startReactor } from '../events/reactor.ts';
import { MACHINE_ALARMS, MACHINE_NOTICES } from '../machine/notices.ts';
import { startNotificationMail, startNotificationRetention } from '../notification/jobs.ts';
import { dueMail } from '../notification/mail-due-store.ts';
import type { NotificationMail } from '../notification/mail-service.ts';
import { noticeReactor } from '../notification/reactor.ts';
import { SECURITY_NOTICES } from '../notification/security-notices.ts';
import { PARKING_NOTICES } from '../parking/notices.ts';
import { LAYOUT_NOTICES } from '../signage/layout-notices.ts';
import { DEVICE_NOTICES } from '../signage/notices.ts';
import { TAKEOVER_NOTICES } from '../signage/takeover-notices.ts';
import { WALLET_NOTICES } from '../wallet/notices.ts';
import type { Ground } from './ground.ts';

/** Who is told what of all that happens. */
const NOTICES = {
  ...SECURITY_NOTICES,
  ...WALLET_NOTICES,
  ...MACHINE_NOTICES,
  ...BOOKING_NOTICES,
  ...PARKING_NOTICES,
  ...DEVICE_NOTICES,
  ...LAYOUT_NOTICES,
  ...TAKEOVER_NOTICES,
  ...ALERT_NOTICES,
};

/** What tells people, by mail too, and what forgets it. */
export function startNotices(
  { config, dues, log, runWork, onError, running }: Ground,
  mail: NotificationMail,
): void {
  const mails = mail.mailroom.isOpen;
  const posting = mails ? running.add(startNotificationMail({ runWork, onError, mail })) : null;
  if (posting) dues.add(dueMail, posting);
  const telling = noticeReactor(NOTICES, { mails, narrowed: [MACHINE_ALARMS] });
  const reactor = running.add(startReactor(telling, { runWork, onError }));
  log.events.add((event) => {
    if (isFor(telling, event)) reactor.wake();
    if (event.type === 'notification.created') posting?.wake();
  });
  running.add(startNotificationRetention({ runWork, onError, retention: config.notificationRetention }));
}
