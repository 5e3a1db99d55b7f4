import { system } from '../lib/actor.ts';
import type { Work } from '../work.ts';
import type { Audience } from './notice.ts';
import { findRecipients } from './recipient-store.ts';
import { insertNotifications, type Told } from './telling-store.ts';

/** Whether mail leaves this installation. */
export interface Posting {
  readonly mails: boolean;
}

/** A notice is nobody's doing but floorwire's: who sent it is told by the event of that. */
const TELLER = { actor: system('notifications'), origin: null };

/** Tells whoever is meant and wants to be told. Answers how many: each once, however often it is tried. */
export async function tell(
  work: Work,
  { to, mails, ...told }: Omit<Told, 'createdAt' | 'roles'> & Posting & { readonly to: Audience },
): Promise<number> {
  const meant = await findRecipients(work.tx, { venueId: told.venueId, to, type: told.type });
  const recipients = mails
    ? meant
    : meant.filter(({ inApp }) => inApp).map((each) => ({ ...each, byMail: false }));
  if (recipients.length === 0) return 0;

  const roles = to !== 'EVERYBODY' && 'roles' in to ? to.roles : null;
  const { count, shown } = await insertNotifications(
    work.tx,
    { ...told, roles, createdAt: work.now },
    recipients,
  );
  const isSent = told.sentId !== null;
  const common = {
    notificationType: told.type,
    severity: told.severity,
    message: told.message,
    data: isSent ? null : (told.data as Readonly<Record<string, unknown>>),
    sentData: isSent ? told.data : null,
    roles,
    eventType: told.eventType,
    createdAt: work.now.toISOString(),
  };
  for (const { id, userId } of shown)
    work.emit(
      {
        type: 'notification.created',
        venueId: told.venueId,
        notificationId: id,
        userId,
        ...common,
      },
      TELLER,
    );
  return count;
}
