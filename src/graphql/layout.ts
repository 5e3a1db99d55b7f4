import { NotFoundError, NotOwnerError, ValidationError, VersionConflictError } from '../lib/errors.ts';
import { UnknownChannelError } from '../notification/channel-errors.ts';
import type { Layout } from '../signage/layout.ts';
import { deleteLayout } from '../signage/layout-deletion.ts';
import { LayoutInUseError, LayoutNameTakenError, LayoutNotPublishedError } from '../signage/layout-errors.ts';
import { createLayout, revertLayout, updateLayout } from '../signage/layout-service.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { decodeIdOf, encodeGlobalId } from './ids.ts';
import './layout-errors.ts';
import {
  CreateLayoutInput,
  expectedVersionDescription,
  regionChangeOf,
  UpdateLayoutInput,
} from './layout-input.ts';
import { LayoutType } from './layout-type.ts';
import { regionOf } from './region-input.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const answerOf = (name: string, { description, message }: { description: string; message: string }) =>
  builder.objectRef<Layout>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => message }),
      layout: t.field({
        type: LayoutType,
        description: 'The layout as it is now.',
        resolve: (layout) => layout,
      }),
    }),
  });

builder.mutationField('createLayout', (t) =>
  t.field({
    type: answerOf('CreateLayoutSuccess', { description: 'The new layout.', message: 'The draft is begun.' }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Begins a layout as a draft: no screen shows it before it is published. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: CreateLayoutInput, required: true, description: 'What it shows.' }) },
    errors: {
      types: [ValidationError, NotFoundError, NotOwnerError, LayoutNameTakenError, UnknownChannelError],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const venueId = venueIdOf(context);
      const { name, width, height } = input;
      const regions = input.regions?.map((region, at) => regionOf(['regions', at], region, venueId)) ?? [];
      return context.runWork(context.actor, (work) =>
        createLayout(work, { venueId, name, width, height, regions }),
      );
    },
  }),
);

builder.mutationField('updateLayout', (t) =>
  t.field({
    type: answerOf('UpdateLayoutSuccess', {
      description: 'The draft as it is now.',
      message: 'The draft is saved.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Saves the draft of a layout, if nobody has saved it since the caller read it. What screens show stays. A save that changes nothing leaves the version as it is. Needs SIGNAGE_WRITE (AUTH_004).',
    args: {
      input: t.arg({ type: UpdateLayoutInput, required: true, description: 'What is to change.' }),
    },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        VersionConflictError,
        LayoutNameTakenError,
        UnknownChannelError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { layoutId, expectedVersion, name, width, height } = input;
      const of = { venueId: venueIdOf(context), layoutId: decodeIdOf('Layout', layoutId), expectedVersion };
      const regions = regionChangeOf(input, of.venueId);
      return context.runWork(context.actor, (work) =>
        updateLayout(work, { ...of, name, width, height, regions }),
      );
    },
  }),
);

const RevertLayoutInput = builder.inputType('RevertLayoutInput', {
  description: 'Which draft becomes what it was once.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'Of which layout.' }),
    revision: t.int({
      required: true,
      description: 'As this revision has it. One that does not exist gives NotFoundError.',
    }),
    expectedVersion: t.int({ required: true, description: expectedVersionDescription }),
  }),
});

builder.mutationField('revertLayout', (t) =>
  t.field({
    type: answerOf('RevertLayoutSuccess', {
      description: 'The draft as it is now.',
      message: 'The draft is what it was.',
    }),
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Makes the draft again what a revision is, but for its name; it is published like any other. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: RevertLayoutInput, required: true, description: 'Which, and to what.' }) },
    errors: { types: [NotFoundError, NotOwnerError, VersionConflictError], directResult: true },
    resolve: (_root, { input }, context) => {
      const { layoutId, ...rest } = input;
      const of = { venueId: venueIdOf(context), layoutId: decodeIdOf('Layout', layoutId) };
      return context.runWork(context.actor, (work) => revertLayout(work, { ...of, ...rest }));
    },
  }),
);

const DeleteLayoutSuccess = builder.objectRef<Layout>('DeleteLayoutSuccess').implement({
  description: 'The layout is there no more.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The layout is deleted.' }),
    deletedId: t.id({ description: 'What its id was.', resolve: ({ id }) => encodeGlobalId('Layout', id) }),
  }),
});

const DeleteLayoutInput = builder.inputType('DeleteLayoutInput', {
  description: 'Which layout goes.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'Which.' }),
    expectedVersion: t.int({ required: true, description: expectedVersionDescription }),
    replaceWithLayoutId: t.id({
      description:
        'What its screens show instead: another layout (ValidationError) that is published (LayoutNotPublishedError).',
    }),
  }),
});

builder.mutationField('deleteLayout', (t) =>
  t.field({
    type: DeleteLayoutSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Deletes a layout that no screen shows or was pushed, and no schedule and no takeover names (LayoutInUseError), or puts another in its place. Pushes of it that were to come are called off; what was published of it stays on record. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: DeleteLayoutInput, required: true, description: 'Which.' }) },
    errors: {
      types: [
        ValidationError,
        NotFoundError,
        NotOwnerError,
        VersionConflictError,
        LayoutNotPublishedError,
        LayoutInUseError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, context) => {
      const { layoutId, expectedVersion, replaceWithLayoutId } = input;
      const deletion = {
        venueId: venueIdOf(context),
        layoutId: decodeIdOf('Layout', layoutId),
        expectedVersion,
        replaceWithLayoutId: replaceWithLayoutId == null ? null : decodeIdOf('Layout', replaceWithLayoutId),
      };
      return context.runWork(context.actor, (work) => deleteLayout(work, deletion));
    },
  }),
);
