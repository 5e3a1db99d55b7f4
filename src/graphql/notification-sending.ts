import type { Role } from '../lib/actor.ts';
import { IdempotencyMismatchError, NotFoundError, ValidationError } from '../lib/errors.ts';
import { MAX_JSON_DEPTH } from '../lib/json.ts';
import type { Audience } from '../notification/notice.ts';
import { MAX_NAMED, type Sent, sendNotification } from '../notification/sending-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { NotificationSeverityEnum, NotificationTypeEnum } from './notification-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';
import { RoleEnum } from './user.ts';

declare module './context.ts' {
  interface Services {
    /** Whether mail leaves this installation. */
    readonly mails: boolean;
  }
}

const NotificationAudienceInput = builder.inputType('NotificationAudienceInput', {
  description: 'Whom somebody means: one of the three (ValidationError).',
  fields: (t) => ({
    userIds: t.idList({
      description: `These people of the venue, 1 to ${MAX_NAMED}; one that is nobody there gives NotFoundError.`,
    }),
    roles: t.field({
      type: [RoleEnum],
      description:
        'Whoever has one of these roles, at least one (ValidationError), at the venue; it is shown to him only while he has one.',
    }),
    everybody: t.boolean({ description: '`true`: all people of the venue.' }),
  }),
});

const SendNotificationInput = builder.inputType('SendNotificationInput', {
  description: 'Something to tell people.',
  fields: (t) => ({
    to: t.field({ type: NotificationAudienceInput, required: true, description: 'Whom.' }),
    type: t.field({
      type: NotificationTypeEnum,
      required: true,
      defaultValue: 'SYSTEM',
      description:
        'What it is about; not SECURITY, which is what floorwire says of accounts (ValidationError).',
    }),
    severity: t.field({
      type: NotificationSeverityEnum,
      required: true,
      defaultValue: 'INFO',
      description: 'How to show it.',
    }),
    message: t.string({
      required: true,
      description: 'For people to read, 1 to 500 characters without control characters (ValidationError).',
    }),
    data: t.field({
      type: 'JSON',
      description: `For their programs: any JSON, at most 4096 bytes and ${MAX_JSON_DEPTH} levels. Whole numbers beyond 2^53 − 1 are sent as texts (ValidationError). \`{}\` without it.`,
    }),
    idempotencyKey: t.string({
      description:
        'The caller’s own name for this request, 1 to 200 printable ASCII characters: whoever asks again by it is given the first answer. With other input it is an IdempotencyMismatchError. Kept for at least 7 days.',
    }),
  }),
});

const SendNotificationSuccess = builder.objectRef<Sent>('SendNotificationSuccess').implement({
  description: 'They are told.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: ({ recipients }) => (recipients === 1 ? 'One is told.' : `${recipients} are told.`),
    }),
    recipients: t.exposeInt('recipients', {
      description:
        'How many are told: those who are meant, without those who do not want to be told of this type.',
    }),
    replayed: t.exposeBoolean('replayed', {
      description: 'Whether it was sent before by this key, and not again now.',
    }),
  }),
});

builder.mutationField('sendNotification', (t) =>
  t.field({
    type: SendNotificationSuccess,
    nullable: true,
    authScopes: { scope: 'NOTIFICATIONS_SEND' },
    description:
      'Tells people of the venue something: one notice each, of which `setNotificationPreference` says how. It is on the audit record. Needs NOTIFICATIONS_SEND (AUTH_004).',
    args: {
      input: t.arg({ type: SendNotificationInput, required: true, description: 'What, and whom.' }),
    },
    errors: { types: [NotFoundError, ValidationError, IdempotencyMismatchError], directResult: true },
    resolve: (_root, { input }, context) => {
      const { type, severity, message, data, idempotencyKey } = input;
      const order = {
        venueId: venueIdOf(context),
        to: parseAudience(input.to),
        type,
        severity,
        message,
        data,
        idempotencyKey: idempotencyKey ?? null,
        mails: context.mails,
      };
      return context.runWork(context.actor, (work) => sendNotification(work, order));
    },
  }),
);

/** @throws InvalidIdError, ValidationError */
function parseAudience({
  userIds,
  roles,
  everybody,
}: {
  readonly userIds?: readonly string[] | null | undefined;
  readonly roles?: readonly Role[] | null | undefined;
  readonly everybody?: boolean | null | undefined;
}): Audience {
  const isOne = [userIds != null, roles != null, everybody === true].filter(Boolean).length === 1;
  if (!isOne) throw new ValidationError('to takes userIds, roles or everybody: true.', { field: 'to' });
  if (userIds != null) return { userIds: userIds.map((id) => decodeIdOf('User', id)) };
  return roles == null ? 'EVERYBODY' : { roles };
}
