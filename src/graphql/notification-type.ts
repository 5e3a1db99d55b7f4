import { NotFoundError } from '../lib/errors.ts';
import type { Notification, NotificationType, Severity } from '../notification/notification.ts';
import { findNotificationsByIds, type Reader } from '../notification/notification-store.ts';
import { canSeeNotification } from '../notification/policy.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import type { Context } from './context.ts';
import { publicPayload } from './event-payload.ts';

/** A notice of a query, or of a frame of the stream. */
export type ShownNotification = Notification & { readonly cursor?: string };

export const NotificationTypeEnum = builder.enumType('NotificationType', {
  description: 'What a notice is about. Clients must survive values they do not know.',
  values: {
    RESERVATION: { description: 'His parking reservations.' },
    PARKING_LOT: { description: 'Parking lots.' },
    BOOKING: { description: 'His bookings: each change of one, whoever made it.' },
    WAITLIST: { description: 'What he waits for: that it is kept for him, and how that ends.' },
    WALLET: { description: 'His wallets: what somebody else did to them.' },
    MACHINE: { description: 'Machines somebody has to look after. For OPERATOR and ADMIN.' },
    DEVICE: { description: 'Screens, boards, gates and sensors. For OPERATOR and ADMIN.' },
    LAYOUT: { description: 'What screens show.' },
    ALERT: { description: 'Figures that are watched with `saveAlertRule`. For OPERATOR and ADMIN.' },
    SECURITY: { description: 'What happens to his account.' },
    SYSTEM: { description: 'What people of the venue tell him.' },
  } satisfies Record<NotificationType, { description: string }>,
});

export const NotificationSeverityEnum = builder.enumType('NotificationSeverity', {
  description: 'How to show a notice. Clients must survive values they do not know.',
  values: {
    INFO: { description: 'It is good to know.' },
    SUCCESS: { description: 'Something went as he wished.' },
    WARNING: { description: 'Something should be looked at.' },
    CRITICAL: { description: 'Something must be looked at now.' },
  } satisfies Record<Severity, { description: string }>,
});

/** Who reads his own. @throws NotSignedInError */
export function readerOf({ actor }: Pick<Context, 'actor'>): Reader {
  const { userId, venueId, roles } = signedInUser(actor);
  return { userId, venueId, roles };
}

export const NotificationNode = builder.loadableNodeRef<ShownNotification, never, string, string>(
  'Notification',
  { id: { resolve: ({ id }: ShownNotification) => id }, load: loadNotifications },
);

NotificationNode.implement({
  description: 'Something one person is told, kept until he has read it. Seen by him alone.',
  fields: (t) => ({
    type: t.expose('type', { type: NotificationTypeEnum, description: 'What it is about.' }),
    severity: t.expose('severity', { type: NotificationSeverityEnum, description: 'How to show it.' }),
    message: t.exposeString('message', {
      description: 'For him to read, 1 to 500 characters of English; times in the venue’s time zone.',
    }),
    data: t.field({
      type: 'JSON',
      description:
        'What it is about, to go there: ids are global ids of this API (`bookingId`, `resourceId`, `walletId`, `machineId`…), `status` is how it stood, times are RFC 3339 in UTC. Of what somebody sent, what he wrote, the keys of an object in any order; `{}` where there is nothing.',
      resolve: ({ data, eventType }) => (eventType === null ? data : publicPayload(data as object)),
    }),
    event: t.exposeString('eventType', {
      nullable: true,
      description:
        'The type of the event it follows from, such as `booking.placed`; null when somebody sent it.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When he was told.' }),
    readAt: t.expose('readAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When he read it, by `markNotificationsRead`; null until then.',
    }),
    cursor: t.field({
      type: 'Cursor',
      nullable: true,
      description: 'On a frame of `notifications`: resume behind it with `after`. Null elsewhere.',
      resolve: ({ cursor }) => cursor ?? null,
    }),
  }),
});

async function loadNotifications(
  ids: readonly string[],
  context: Context,
): Promise<(ShownNotification | NotFoundError)[]> {
  const { actor, db, viewer, scopes } = context;
  const isReader = actor.kind === 'user' && scopes.has('PROFILE');
  const found = isReader ? await findNotificationsByIds(db, readerOf(context), ids) : [];
  const visible = found.filter((notification) => canSeeNotification(viewer, notification));
  const byId = new Map(visible.map((notification) => [notification.id, notification]));
  return ids.map((id) => byId.get(id) ?? new NotFoundError('notification'));
}
