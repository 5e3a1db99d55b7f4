import {
  countNotifications,
  listNotifications,
  type NotificationFilter,
} from '../notification/notification-store.ts';
import { builder } from './builder.ts';
import type { Context } from './context.ts';
import { cursorOf, resolveLivePage } from './live-page.ts';
import {
  NotificationNode,
  NotificationTypeEnum,
  readerOf,
  type ShownNotification,
} from './notification-type.ts';
import type { PageArguments } from './page.ts';

interface NotificationPage {
  readonly cursor: string;
  readonly unreadCount: () => Promise<number>;
}

const NotificationConnection = builder.connectionObject(
  {
    type: NotificationNode,
    name: 'NotificationConnection',
    description: 'One page of notices, the newest first.',
    fields: (t) => ({
      cursor: t.field({
        type: 'Cursor',
        description:
          'A subscription `notifications(after:)` behind it is shown all that this list could not, and nothing that it did.',
        resolve: cursorOf,
      }),
      unreadCount: t.int({
        description: 'How many he has not read, of whatever type. Counted only when asked for.',
        complexity: 10,
        resolve: (connection) => (connection as unknown as NotificationPage).unreadCount(),
      }),
    }),
  },
  { name: 'NotificationEdge' },
);

builder.queryField('notifications', (t) =>
  t.connection(
    {
      type: NotificationNode,
      nullable: true,
      authScopes: { scope: 'PROFILE' },
      description:
        'What the caller was told at this venue, the newest first. Kept until NOTIFICATION_RETENTION after he read it, or NOTIFICATION_UNREAD_RETENTION. Needs PROFILE (AUTH_004).',
      args: {
        types: t.arg({
          type: [NotificationTypeEnum],
          description: 'Only of these types, at least one (API_001).',
        }),
        unreadOnly: t.arg.boolean({
          required: true,
          defaultValue: false,
          description: 'Only what he has not read.',
        }),
      },
      resolve: (_root, { types, unreadOnly, ...args }, context) =>
        notificationPage(context, args, { types: types ?? null, unreadOnly }),
    },
    NotificationConnection,
  ),
);

async function notificationPage(context: Context, args: PageArguments, filter: NotificationFilter) {
  const { db } = context;
  const reader = readerOf(context);
  const page = await resolveLivePage(db, args, (tx) => ({
    keyOf: ({ createdAt, id }: ShownNotification) => ({ at: createdAt, id }),
    load: (range): Promise<readonly ShownNotification[]> => listNotifications(tx, reader, { filter, range }),
    count: () => countNotifications(db, reader, filter),
  }));
  const unreadCount = () => countNotifications(db, reader, { types: null, unreadOnly: true });
  return { ...page, unreadCount };
}
