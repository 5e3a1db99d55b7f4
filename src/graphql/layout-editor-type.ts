import { listEditors } from '../signage/editing-store.ts';
import type { Doer } from '../signage/layout.ts';
import type { EditorSnapshot } from '../signage/layout-events.ts';
import { snapshotOfEditor } from '../signage/layout-snapshots.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import { LayoutType, seesWork } from './layout-type.ts';
import { EventActorType } from './log-event.ts';
import { perContext } from './per-context.ts';
import { seenUser, UserType } from './user.ts';

export const LayoutEditorType = builder.objectRef<EditorSnapshot>('LayoutEditor').implement({
  description:
    'Somebody who works on a layout, in one session. Who has it open in two tabs of a session is there once.',
  fields: (t) => ({
    who: t.field({
      type: EventActorType,
      description: 'Who it is.',
      resolve: ({ userId, apiKeyId }): Doer =>
        userId === null ? { kind: 'partner', id: apiKeyId } : { kind: 'user', id: userId },
    }),
    user: t.field({
      type: UserType,
      nullable: true,
      description: 'The person; null for a key, and to who may not see people.',
      resolve: async ({ userId }, _args, context) =>
        userId === null ? null : await seenUser(context, userId),
    }),
    regionId: t.exposeString('regionId', {
      nullable: true,
      description: 'The region he has for himself; null: none. Others may save it all the same.',
    }),
    joinedAt: t.field({
      type: 'DateTime',
      description: 'Since when he is there.',
      resolve: ({ joinedAt }) => new Date(joinedAt),
    }),
  }),
});

builder.objectField(LayoutType, 'editors', (t) =>
  t.field({
    type: [LayoutEditorType],
    description: 'Who works on it now, who came first first; at most 100. None to a device.',
    resolve: async ({ id }, _args, context) =>
      seesWork(context) ? [...((await editorsOf(context).load(id)) ?? [])] : [],
  }),
);

/** By the id of a layout: who works on it. */
const editorsOf = perContext(async ({ db, rights, now }, layoutIds) => {
  const groups = new Map<string, EditorSnapshot[]>(layoutIds.map((id) => [id, []]));
  for (const editor of await listEditors(db, venueIdOf({ rights }), { layoutIds, now }))
    groups.get(editor.layoutId)?.push(snapshotOfEditor(editor));
  return groups;
});
