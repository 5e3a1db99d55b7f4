import type { LoggedEvent } from '../events/events.ts';
import type { Sight } from '../events/source.ts';
import { mayAt, type Rights } from '../lib/actor.ts';
import type { NotificationEventType } from './events.ts';
import type { Notification } from './notification.ts';

/** What somebody is told is his alone; what he is told as staff he sees only while he is. */
export const canSeeNotification = (
  actor: Rights,
  { venueId, userId, roles }: Pick<Notification, 'venueId' | 'userId' | 'roles'>,
): boolean =>
  actor.kind === 'user' &&
  actor.venueId === venueId &&
  'userId' in actor &&
  actor.userId === userId &&
  (roles === null || actor.roles.some((role) => roles.includes(role)));

/** Who may tell people something. */
export const canSendNotifications = (rights: Rights, venueId: string): boolean =>
  mayAt(rights, venueId, { roles: ['ADMIN', 'OPERATOR'], scope: 'NOTIFICATIONS_SEND' });

/** Nobody shares what he is told with anybody. */
export function sightOfNotification(
  actor: Rights,
  { venueId, payload }: Pick<LoggedEvent<NotificationEventType>, 'venueId' | 'payload'>,
): Sight {
  const roles = 'roles' in payload ? payload.roles : null;
  return canSeeNotification(actor, { venueId, userId: payload.userId, roles }) ? 'OWN' : null;
}
