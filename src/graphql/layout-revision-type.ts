import { NotFoundError } from '../lib/errors.ts';
import type { LayoutAt } from '../signage/display.ts';
import type { LayoutRevision } from '../signage/layout.ts';
import { findRevisions } from '../signage/revision-store.ts';
import { builder } from './builder.ts';
import { venueIdOf } from './caller.ts';
import type { Context } from './context.ts';
import { EventActorType } from './log-event.ts';
import { RegionType } from './region-type.ts';

/** What a revision is loaded by. Who may have it is decided where it is named: no field takes it from outside. */
export const revisionKey = ({ layoutId, revision }: LayoutAt): string => `${layoutId}@${revision}`;

export const LayoutRevisionType = builder.loadableObjectRef<LayoutRevision, string>('LayoutRevision', {
  load: loadRevisions,
});

LayoutRevisionType.implement({
  description:
    'A layout as it was published once; it is never another. Seen by who may see layouts, and by the devices that show it.',
  fields: (t) => ({
    layoutId: t.globalID({
      description: 'Of which layout, which may have been deleted since.',
      resolve: ({ layoutId }) => ({ type: 'Layout', id: layoutId }),
    }),
    revision: t.exposeInt('revision', { description: 'Its number: 1 and up, of each layout.' }),
    name: t.exposeString('name', { description: 'What the layout was called.' }),
    width: t.exposeInt('width', { description: 'Of its canvas, in pixels.' }),
    height: t.exposeInt('height', { description: 'Of its canvas, in pixels.' }),
    regions: t.field({
      type: [RegionType],
      description: 'What it shows, at most 64.',
      resolve: ({ regions }) => [...regions],
    }),
    note: t.exposeString('note', { nullable: true, description: 'What he said to it who published it.' }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'Since when it can be shown.' }),
    publishedBy: t.expose('publishedBy', { type: EventActorType, description: 'Who published it.' }),
  }),
});

async function loadRevisions(
  keys: readonly string[],
  context: Context,
): Promise<(LayoutRevision | NotFoundError)[]> {
  const found = await findRevisions(context.db, venueIdOf(context), keys.map(placeOf));
  const byKey = new Map(found.map((revision) => [revisionKey(revision), revision]));
  return keys.map((key) => byKey.get(key) ?? new NotFoundError('revision'));
}

function placeOf(key: string): LayoutAt {
  const [layoutId = '', revision] = key.split('@');
  return { layoutId, revision: Number(revision) };
}
