import type { LoggedEvent } from '../events/events.ts';
import type { StreamedEvent } from '../events/source.ts';
import { NOTIFICATION_EVENTS, type NotificationEventType } from '../notification/events.ts';
import type { NotificationType } from '../notification/notification.ts';
import { sightOfNotification } from '../notification/policy.ts';
import { builder } from './builder.ts';
import { encodeGlobalId } from './ids.ts';
import { AFTER } from './machine-event.ts';
import {
  NotificationNode,
  NotificationTypeEnum,
  readerOf,
  type ShownNotification,
} from './notification-type.ts';

/** What was done to some of somebody's notices. */
interface MarkedFrame {
  readonly kind: 'read' | 'deleted';
  readonly cursor: string;
  readonly at: Date;
  readonly ids: readonly string[];
}

/** GraphQL merges fields of one name only where their types are alike: `Notification.cursor` is null in a query. */
const CURSOR = {
  type: 'Cursor',
  nullable: true,
  description: 'Resume behind it with `after`. Never null here.',
} as const;

type StreamItem = ShownNotification | MarkedFrame;

const NotificationsReadType = builder.objectRef<MarkedFrame>('NotificationsRead').implement({
  description: 'He has read some, here or elsewhere.',
  fields: (t) => ({
    notificationIds: t.idList({
      description: 'Which, 1 to 500.',
      resolve: ({ ids }) => ids.map((id) => encodeGlobalId('Notification', id)),
    }),
    readAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
    cursor: t.expose('cursor', CURSOR),
  }),
});

const NotificationsDeletedType = builder.objectRef<MarkedFrame>('NotificationsDeleted').implement({
  description: 'Some are gone: he threw them away, here or elsewhere, or they are not kept any longer.',
  fields: (t) => ({
    notificationIds: t.idList({
      description: 'Which, 1 to 500.',
      resolve: ({ ids }) => ids.map((id) => encodeGlobalId('Notification', id)),
    }),
    deletedAt: t.expose('at', { type: 'DateTime', description: 'When.' }),
    cursor: t.expose('cursor', CURSOR),
  }),
});

const NotificationStreamItem = builder.unionType('NotificationStreamItem', {
  description: 'What happens in somebody’s list of notices. Clients must survive members they do not know.',
  types: [NotificationNode, NotificationsReadType, NotificationsDeletedType],
  resolveType: (item: unknown) => {
    const { kind } = item as Partial<MarkedFrame>;
    if (kind === undefined) return NotificationNode;
    return kind === 'read' ? NotificationsReadType : NotificationsDeletedType;
  },
});

type Frame = StreamedEvent<NotificationEventType>;

builder.subscriptionField('notifications', (t) =>
  t.field({
    type: NotificationStreamItem,
    authScopes: { scope: 'PROFILE' },
    description:
      'What the caller is told, what he reads and throws away in other tabs, and what is not kept any longer: each once and in order, from `after` or from now on. A list of `notifications` and this stream behind its `cursor` are the whole. A reader that is too slow is told so (WS_004) and resumes behind its last cursor. Needs PROFILE (AUTH_004).',
    args: {
      types: t.arg({
        type: [NotificationTypeEnum],
        description: 'Only of these types, at least one (API_001).',
      }),
      after: t.arg({ type: 'Cursor', description: AFTER }),
    },
    subscribe: (_root, { types, after }, context) => {
      const { userId, venueId } = readerOf(context);
      return context.streams.events<NotificationEventType>({
        types: NOTIFICATION_EVENTS,
        venueId,
        after,
        subjects: { of: ownerOf, among: [userId] },
        ownerId: userId,
        ...(types && { matches: (event) => typesOf(event).some((type) => types.includes(type)) }),
        sightOf: sightOfNotification,
      });
    },
    resolve: (event: Frame, { types }): StreamItem => itemOf(event, types ?? null),
  }),
);

const ownerOf = ({ payload }: LoggedEvent<NotificationEventType>): string => payload.userId;

const typesOf = (event: LoggedEvent<NotificationEventType>): readonly NotificationType[] =>
  event.type === 'notification.created'
    ? [event.payload.notificationType]
    : event.payload.notifications.map(({ notificationType }) => notificationType);

function itemOf(event: Frame, types: readonly NotificationType[] | null): StreamItem {
  const { cursor, venueId } = event;
  if (event.type !== 'notification.created') {
    const { notifications, at } = event.payload;
    const shown = notifications.filter(({ notificationType }) => types?.includes(notificationType) ?? true);
    return {
      kind: event.type === 'notification.read' ? 'read' : 'deleted',
      cursor,
      at: new Date(at),
      ids: shown.map(({ notificationId }) => notificationId),
    };
  }
  const { notificationId, notificationType, data, sentData, createdAt, ...facts } = event.payload;
  return {
    ...facts,
    id: notificationId,
    venueId,
    type: notificationType,
    data: data ?? sentData,
    createdAt: new Date(createdAt),
    readAt: null,
    cursor,
  };
}
