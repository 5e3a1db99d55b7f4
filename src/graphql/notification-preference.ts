import { ValidationError } from '../lib/errors.ts';
import { type Preference, preferencesOf } from '../notification/preference.ts';
import { setPreference } from '../notification/preference-service.ts';
import { listChoices } from '../notification/preference-store.ts';
import { ViewerType } from './auth.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import { NotificationTypeEnum, readerOf } from './notification-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const NotificationPreferenceType = builder.objectRef<Preference>('NotificationPreference').implement({
  description: 'How somebody is told what is of one type, at this venue.',
  fields: (t) => ({
    type: t.expose('type', { type: NotificationTypeEnum, description: 'Of what.' }),
    inApp: t.exposeBoolean('inApp', {
      description: 'Whether it is in his `notifications`. SECURITY always is.',
    }),
    email: t.exposeBoolean('byMail', {
      description: 'Whether he is sent a mail of it, once his address is verified.',
    }),
  }),
});

const usualDescription =
  'Without a choice everything is in the app, PARKING_LOT for OPERATOR and ADMIN alone, and WAITLIST and SECURITY go by mail too.';

builder.objectField(ViewerType, 'notificationPreferences', (t) =>
  t.field({
    type: [NotificationPreferenceType],
    nullable: true,
    description: `How a person is told what, one entry for each type. ${usualDescription} Null for others.`,
    resolve: async (actor, _args, { db }) =>
      actor.kind === 'user' ? [...preferencesOf(actor.roles, await listChoices(db, actor))] : null,
  }),
);

const SetNotificationPreferenceSuccess = builder
  .objectRef<readonly Preference[]>('SetNotificationPreferenceSuccess')
  .implement({
    description: 'He is told so from now on.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The preference was set.' }),
      preferences: t.field({
        type: [NotificationPreferenceType],
        description: 'How he is told what, one entry for each type.',
        resolve: (preferences) => [...preferences],
      }),
    }),
  });

const SetNotificationPreferenceInput = builder.inputType('SetNotificationPreferenceInput', {
  description: 'How to be told what is of one type. What is left out stays, and null is as is usual.',
  fields: (t) => ({
    type: t.field({ type: NotificationTypeEnum, required: true, description: 'Of what.' }),
    inApp: t.boolean({
      description: 'Whether it is in his `notifications`. Not `false` of SECURITY (ValidationError).',
    }),
    email: t.boolean({
      description:
        'Whether he is sent a mail of it. It is, once his address is verified and where mail leaves the server.',
    }),
  }),
});

builder.mutationField('setNotificationPreference', (t) =>
  t.field({
    type: SetNotificationPreferenceSuccess,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description: `Says how the caller is told what is of one type, at this venue, from now on. ${usualDescription} Needs PROFILE (AUTH_004).`,
    args: {
      input: t.arg({ type: SetNotificationPreferenceInput, required: true, description: 'What, and how.' }),
    },
    errors: { types: [ValidationError], directResult: true },
    resolve: (_root, { input: { type, inApp, email } }, context) => {
      const reader = readerOf(context);
      return context.runWork(context.actor, (work) =>
        setPreference(work, reader, { type, inApp, byMail: email }),
      );
    },
  }),
);
