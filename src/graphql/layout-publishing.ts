import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import type { Layout, LayoutRevision } from '../signage/layout.ts';
import { LayoutNotPublishedError } from '../signage/layout-errors.ts';
import {
  type LayoutPush,
  MAX_DAYS_AHEAD,
  MAX_PUSHED_DEVICES,
  MAX_PUSHED_GROUPS,
} from '../signage/layout-push.ts';
import { cancelPush, type Pushed, pushLayout } from '../signage/layout-push-service.ts';
import { publishLayout } from '../signage/publishing-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { DeviceType, MANY_DEVICES } from './device-type.ts';
import { foundOrNull, listFound } from './found.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import './layout-errors.ts';
import { expectedVersionDescription } from './layout-input.ts';
import { LayoutPushType } from './layout-push-type.ts';
import { LayoutRevisionType, revisionKey } from './layout-revision-type.ts';
import { LayoutType } from './layout-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const PublishLayoutSuccess = builder
  .objectRef<{ readonly layout: Layout; readonly revision: LayoutRevision }>('PublishLayoutSuccess')
  .implement({
    description: 'The draft is a revision that can be shown.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: ({ revision }) => `Revision ${revision.revision} is published.`,
      }),
      layout: t.expose('layout', { type: LayoutType, description: 'The layout as it is now.' }),
      revision: t.expose('revision', { type: LayoutRevisionType, description: 'What can be shown.' }),
    }),
  });

const PublishLayoutInput = builder.inputType('PublishLayoutInput', {
  description: 'Which draft is published.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'Of which layout.' }),
    expectedVersion: t.int({ required: true, description: expectedVersionDescription }),
    note: t.string({ description: 'What there is to say to it, 1 to 200 characters (ValidationError).' }),
  }),
});

builder.mutationField('publishLayout', (t) =>
  t.field({
    type: PublishLayoutSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Makes the draft a revision that is never changed. Screens that show the layout by a schedule or a takeover show it at once; those it was pushed to keep what they show until `pushLayout`. A draft that is published already gives the revision it is. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: PublishLayoutInput, required: true, description: 'Which.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, VersionConflictError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { layoutId, expectedVersion, note } = input;
      const of = { venueId: venueIdOf(context), layoutId: decodeIdOf('Layout', layoutId), expectedVersion };
      return context.runWork(context.actor, (work) => publishLayout(work, { ...of, note: note ?? null }));
    },
  }),
);

const PushLayoutInput = builder.inputType('PushLayoutInput', {
  description: 'Which layout screens show.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'The newest revision of this one.' }),
    deviceIds: t.idList({
      description: `On these devices, 1 to ${MAX_PUSHED_DEVICES}, each a SCREEN (ValidationError).`,
    }),
    groupIds: t.idList({
      description: `On the screens that are in these groups now, 1 to ${MAX_PUSHED_GROUPS} with one screen at least (ValidationError). Without \`deviceIds\` and this on every device the layout was pushed to before.`,
    }),
    at: t.field({
      type: 'DateTime',
      description: `Then, and what is the newest revision then; at most ${MAX_DAYS_AHEAD} days ahead (ValidationError). At once without it, or when it is over.`,
    }),
  }),
});

const PushLayoutSuccess = builder
  .objectRef<Pushed & { readonly layoutId: string }>('PushLayoutSuccess')
  .implement({
    description: 'Screens are told, or will be.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: ({ push, deviceIds }) =>
          push
            ? 'The push is planned.'
            : `${deviceIds.length} ${deviceIds.length === 1 ? 'screen is' : 'screens are'} told.`,
      }),
      layoutId: t.globalID({
        description: 'Which layout.',
        resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
      }),
      layout: t.field({
        type: LayoutType,
        nullable: true,
        description: 'The layout; null to who may not see layouts.',
        resolve: ({ layoutId }, _args, context) => foundOrNull(LayoutType.getDataloader(context), layoutId),
      }),
      revision: t.field({
        type: LayoutRevisionType,
        nullable: true,
        description: 'What they show; null while it is to come.',
        resolve: ({ layoutId, revision }) => (revision === null ? null : revisionKey({ layoutId, revision })),
      }),
      deviceIds: t.idList({
        description:
          'Who was told: `Device.display` says what each of them shows. One that shows something else by a schedule or a takeover shows it afterwards.',
        resolve: ({ deviceIds }) => deviceIds.map((id) => encodeGlobalId('Device', id)),
      }),
      devices: t.field({
        type: [DeviceType],
        description: 'The devices of `deviceIds`; without those that the caller may not see.',
        complexity: MANY_DEVICES,
        resolve: ({ deviceIds }, _args, context) => listFound(DeviceType.getDataloader(context), deviceIds),
      }),
      push: t.expose('push', {
        type: LayoutPushType,
        nullable: true,
        description: 'What is to come; null when it was done at once.',
      }),
    }),
  });

builder.mutationField('pushLayout', (t) =>
  t.field({
    type: PushLayoutSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Has screens show a published layout (LayoutNotPublishedError): it stays what they show whenever no schedule and no takeover goes before it. A screen that is away is told when it returns. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: PushLayoutInput, required: true, description: 'Which, and where.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, LayoutNotPublishedError],
      directResult: true,
    },
    resolve: async (_root, { input }, context) => {
      const layoutId = decodeIdOf('Layout', input.layoutId);
      const push = {
        venueId: venueIdOf(context),
        layoutId,
        deviceIds: input.deviceIds?.map((id) => decodeIdOf('Device', id)) ?? null,
        groupIds: input.groupIds?.map((id) => decodeIdOf('DeviceGroup', id)) ?? null,
        at: input.at ?? null,
      };
      return { layoutId, ...(await context.runWork(context.actor, (work) => pushLayout(work, push))) };
    },
  }),
);

const CancelLayoutPushSuccess = builder.objectRef<LayoutPush>('CancelLayoutPushSuccess').implement({
  description: 'It is not made.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The push is called off.' }),
    push: t.field({ type: LayoutPushType, description: 'The push.', resolve: (push) => push }),
  }),
});

const CancelLayoutPushInput = builder.inputType('CancelLayoutPushInput', {
  description: 'Which push is called off.',
  fields: (t) => ({ pushId: t.id({ required: true, description: 'Which.' }) }),
});

builder.mutationField('cancelLayoutPush', (t) =>
  t.field({
    type: CancelLayoutPushSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Calls a push off that is to come; one that was made is made (ValidationError). Once more changes nothing. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CancelLayoutPushInput, required: true, description: 'Which.' }) },
    errors: { types: [ValidationError, NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const push = { venueId: venueIdOf(context), pushId: decodeIdOf('LayoutPush', input.pushId) };
      return context.runWork(context.actor, (work) => cancelPush(work, push));
    },
  }),
);
