import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { MAX_MARKED } from '../notification/events.ts';
import type { NotificationType } from '../notification/notification.ts';
import {
  deleteNotifications,
  MAX_IDS,
  type Marking,
  markNotificationsRead,
} from '../notification/notification-service.ts';
import type { Selection } from '../notification/notification-store.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import { NotificationTypeEnum, readerOf } from './notification-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

interface SelectionInput {
  readonly ids?: readonly string[] | null | undefined;
  readonly all?: boolean | null | undefined;
  readonly types?: readonly NotificationType[] | null | undefined;
  readonly until?: Date | null | undefined;
}

/** @throws InvalidIdError, ValidationError unless it says either which or all */
function parseSelection({ ids, all, types, until }: SelectionInput): Selection {
  if ((ids == null) === (all !== true)) throw new ValidationError('Give either ids or all: true.');
  if (types?.length === 0) throw new ValidationError('types takes at least one entry.', { field: 'types' });
  return {
    ids: ids?.map((id) => decodeIdOf('Notification', id)) ?? null,
    types: types ?? null,
    until: until ?? null,
  };
}

const DESCRIPTIONS = {
  ids: `Which of his own, 1 to ${MAX_IDS}; one that is not gives NotFoundError, and nothing is done.`,
  all: '`true`: all of his own at this venue. Either this or `ids` (ValidationError).',
  types: 'Of them only those of these types, at least one (ValidationError).',
  until: 'Of them only those made at or before it, such as `createdAt` of the newest he saw.',
};

const countDescription = 'To how many it was done.';
const idsDescription = `To which, in any order; null when it was done to more than ${MAX_MARKED}, which \`notifications\` tells in parts.`;
const unreadDescription = 'How many are left that he has not read, of whatever type.';

const globalIdsOf = ({ ids }: Marking) =>
  ids.length > MAX_MARKED ? null : ids.map((id) => encodeGlobalId('Notification', id));

const MarkNotificationsReadSuccess = builder.objectRef<Marking>('MarkNotificationsReadSuccess').implement({
  description: 'They are read.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'They are read.' }),
    count: t.int({
      description: `${countDescription} Those he had read before are not among them.`,
      resolve: ({ ids }) => ids.length,
    }),
    notificationIds: t.idList({ nullable: true, description: idsDescription, resolve: globalIdsOf }),
    unreadCount: t.exposeInt('unread', { description: unreadDescription }),
  }),
});

const MarkNotificationsReadInput = builder.inputType('MarkNotificationsReadInput', {
  description: 'What somebody has read.',
  fields: (t) => ({
    ids: t.idList({ description: DESCRIPTIONS.ids }),
    all: t.boolean({ description: DESCRIPTIONS.all }),
    types: t.field({ type: [NotificationTypeEnum], description: DESCRIPTIONS.types }),
    until: t.field({ type: 'DateTime', description: DESCRIPTIONS.until }),
  }),
});

builder.mutationField('markNotificationsRead', (t) =>
  t.field({
    type: MarkNotificationsReadSuccess,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description:
      'Notes that the caller has read notices of his own; his other tabs learn it by `notifications`. Needs PROFILE (AUTH_004).',
    args: { input: t.arg({ type: MarkNotificationsReadInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, ValidationError], directResult: true },
    resolve: (_root, { input }, context) => {
      const selection = parseSelection(input);
      const reader = readerOf(context);
      return context.runWork(context.actor, (work) => markNotificationsRead(work, { reader, selection }));
    },
  }),
);

const DeleteNotificationsSuccess = builder.objectRef<Marking>('DeleteNotificationsSuccess').implement({
  description: 'They are gone.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'They are gone.' }),
    count: t.int({ description: countDescription, resolve: ({ ids }) => ids.length }),
    notificationIds: t.idList({ nullable: true, description: idsDescription, resolve: globalIdsOf }),
    unreadCount: t.exposeInt('unread', { description: unreadDescription }),
  }),
});

const DeleteNotificationsInput = builder.inputType('DeleteNotificationsInput', {
  description: 'What somebody throws away.',
  fields: (t) => ({
    ids: t.idList({ description: DESCRIPTIONS.ids }),
    all: t.boolean({ description: DESCRIPTIONS.all }),
    types: t.field({ type: [NotificationTypeEnum], description: DESCRIPTIONS.types }),
    until: t.field({ type: 'DateTime', description: DESCRIPTIONS.until }),
    readOnly: t.boolean({
      required: true,
      defaultValue: false,
      description: 'Of them only those he has read.',
    }),
  }),
});

builder.mutationField('deleteNotifications', (t) =>
  t.field({
    type: DeleteNotificationsSuccess,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description:
      'Throws notices of the caller’s own away for good; his other tabs learn it by `notifications`. Needs PROFILE (AUTH_004).',
    args: { input: t.arg({ type: DeleteNotificationsInput, required: true, description: 'Which.' }) },
    errors: { types: [NotFoundError, ValidationError], directResult: true },
    resolve: (_root, { input }, context) => {
      const selection = parseSelection(input);
      const reader = readerOf(context);
      const { readOnly } = input;
      return context.runWork(context.actor, (work) =>
        deleteNotifications(work, { reader, selection, readOnly }),
      );
    },
  }),
);
