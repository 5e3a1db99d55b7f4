import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { EDITING_SECONDS, MAX_EDITORS } from '../signage/editing.ts';
import { type Joined, joinEditing, leaveEditing } from '../signage/editing-service.ts';
import { snapshotOfEditor } from '../signage/layout-snapshots.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { LayoutEditorType } from './layout-editor-type.ts';
import { LayoutType } from './layout-type.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

const JoinLayoutEditingInput = builder.inputType('JoinLayoutEditingInput', {
  description: 'What the caller works on.',
  fields: (t) => ({
    layoutId: t.id({ required: true, description: 'Which layout.' }),
    regionId: t.string({
      description:
        'The region of it that he wants for himself, as the draft has it (NotFoundError); he gives back the one he had. None without it.',
    }),
  }),
});

const JoinLayoutEditingSuccess = builder.objectRef<Joined>('JoinLayoutEditingSuccess').implement({
  description: 'Others are shown that the caller works on the layout.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({
      description: messageDescription,
      resolve: ({ holder }) => (holder ? 'You are there; somebody else has the region.' : 'You are there.'),
    }),
    layout: t.field({
      type: LayoutType,
      description: 'The layout, with all who work on it.',
      resolve: ({ editor }) => editor.layoutId,
    }),
    editor: t.field({
      type: LayoutEditorType,
      description: 'The caller among them. His `regionId` is null when somebody else has the region.',
      resolve: ({ editor }) => snapshotOfEditor(editor),
    }),
    regionHolder: t.field({
      type: LayoutEditorType,
      nullable: true,
      description: 'Who has the region that the caller wanted; null: he has it, or wanted none.',
      resolve: ({ holder }) => holder && snapshotOfEditor(holder),
    }),
    expiresAt: t.field({
      type: 'DateTime',
      description: 'He is gone then, unless he joins again before.',
      resolve: ({ editor }) => editor.expiresAt,
    }),
  }),
});

builder.mutationField('joinLayoutEditing', (t) =>
  t.field({
    type: JoinLayoutEditingSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description: `Shows others for ${EDITING_SECONDS} seconds that the caller works on a layout, and on which region of it: to stay he joins again every ${EDITING_SECONDS / 3} seconds. A region is one editor’s at a time, which keeps nobody from saving it. At most ${MAX_EDITORS} work on a layout (ValidationError). It ends with his session. Needs SIGNAGE_WRITE (AUTH_004).`,
    args: { input: t.arg({ type: JoinLayoutEditingInput, required: true, description: 'On what.' }) },
    errors: { types: [ValidationError, NotFoundError, NotOwnerError], directResult: true },
    resolve: (_root, { input }, context) => {
      const of = { venueId: venueIdOf(context), layoutId: decodeIdOf('Layout', input.layoutId) };
      return context.runWork(context.actor, (work) =>
        joinEditing(work, { ...of, regionId: input.regionId ?? null }),
      );
    },
  }),
);

const LeaveLayoutEditingInput = builder.inputType('LeaveLayoutEditingInput', {
  description: 'What the caller works on no longer.',
  fields: (t) => ({ layoutId: t.id({ required: true, description: 'Which layout.' }) }),
});

const LeaveLayoutEditingSuccess = builder.objectRef<string>('LeaveLayoutEditingSuccess').implement({
  description: 'Others are shown that the caller is gone.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'You are gone.' }),
    layout: t.field({
      type: LayoutType,
      description: 'The layout, with those who still work on it.',
      resolve: (layoutId) => layoutId,
    }),
  }),
});

builder.mutationField('leaveLayoutEditing', (t) =>
  t.field({
    type: LeaveLayoutEditingSuccess,
    nullable: true,
    authScopes: { scope: 'SIGNAGE_WRITE' },
    description:
      'Shows others that the caller no longer works on a layout; his region is free. Once more changes nothing. Needs SIGNAGE_WRITE (AUTH_004).',
    args: { input: t.arg({ type: LeaveLayoutEditingInput, required: true, description: 'On which.' }) },
    errors: { types: [NotFoundError, NotOwnerError], directResult: true },
    resolve: async (_root, { input }, context) => {
      const layoutId = decodeIdOf('Layout', input.layoutId);
      await context.runWork(context.actor, (work) =>
        leaveEditing(work, { venueId: venueIdOf(context), layoutId }),
      );
      return layoutId;
    },
  }),
);
