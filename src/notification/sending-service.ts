import { once, parseKey } from '../idempotency.ts';
import { NotFoundError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import type { Audience } from './notice.ts';
import { type NotificationType, parseData, parseMessage, type Severity } from './notification.ts';
import { canSendNotifications } from './policy.ts';
import { countPeople } from './recipient-store.ts';
import { type Posting, tell } from './telling-service.ts';

/** How many people can be meant by name. */
export const MAX_NAMED = 100;

export interface SendNotification extends Posting {
  readonly venueId: string;
  readonly to: Audience;
  readonly type: NotificationType;
  readonly severity: Severity;
  readonly message: string;
  readonly data: unknown;
  /** The sender's own name for this; null: it is sent whenever he asks. */
  readonly idempotencyKey: string | null;
}

export interface Sent {
  /** Who were told. */
  readonly recipients: number;
  readonly replayed: boolean;
}

const DAY_MS = 86_400_000;

/**
 * Tells people of the venue something. Those who do not want to be told of its type are not; one row each.
 *
 * @throws ValidationError, NotFoundError for who is nobody of the venue, PermissionDeniedError, IdempotencyMismatchError
 */
export async function sendNotification(work: Work, order: SendNotification): Promise<Sent> {
  const { venueId, to, type, severity, idempotencyKey, mails } = order;
  if (!canSendNotifications(work.actor, venueId)) throw new PermissionDeniedError('send notifications');
  if (type === 'SECURITY')
    throw new ValidationError('SECURITY is what floorwire tells people of their accounts.', {
      field: 'type',
    });
  const message = parseMessage(order.message);
  const data = parseData(order.data);
  await refuseStrangers(work, venueId, to);

  const send = async () => {
    const sentId = newId();
    const mailUntil = new Date(work.now.getTime() + DAY_MS);
    const told = { venueId, to, type, severity, message, data, mails, mailUntil, sentId };
    const recipients = await tell(work, { ...told, eventType: null, position: null });
    work.emit({
      type: 'notification.sent',
      venueId,
      sending: sentId,
      notificationType: type,
      severity,
      message,
      userIds: to !== 'EVERYBODY' && 'userIds' in to ? to.userIds : null,
      roles: to !== 'EVERYBODY' && 'roles' in to ? to.roles : null,
      recipients,
    });
    return { recipients };
  };
  if (idempotencyKey === null) return { ...(await send()), replayed: false };
  const parameters = { venueId, to, type, severity, message, data };
  const idempotency = parseKey(work.actor, idempotencyKey, parameters);
  const { outcome, isReplay } = await once(work, { venueId, idempotency }, send);
  return { ...outcome, replayed: isReplay };
}

async function refuseStrangers({ tx }: Work, venueId: string, to: Audience): Promise<void> {
  if (to === 'EVERYBODY') return;
  if ('roles' in to) {
    if (to.roles.length === 0)
      throw new ValidationError('roles takes at least one.', { field: ['to', 'roles'] });
    return;
  }
  const named = new Set(to.userIds);
  if (named.size === 0 || named.size > MAX_NAMED)
    throw new ValidationError(`userIds takes 1 to ${MAX_NAMED} entries.`, { field: ['to', 'userIds'] });
  if ((await countPeople(tx, venueId, [...named])) < named.size) throw new NotFoundError('user');
}
