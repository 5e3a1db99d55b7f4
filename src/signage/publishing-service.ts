import { actorReference } from '../lib/actor.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { announceContent } from './content-service.ts';
import { settleDisplays } from './display-service.ts';
import type { Layout, LayoutRevision } from './layout.ts';
import { lockDraft, type OfLayout } from './layout-service.ts';
import { savePublished } from './layout-store.ts';
import { listNamedFor } from './naming-service.ts';
import { requireContent } from './region-check.ts';
import { findRevisions, insertRevision } from './revision-store.ts';
import { lockRules } from './target-store.ts';

export interface PublishLayout extends OfLayout {
  readonly note: string | null;
}

/**
 * Makes the draft a revision that screens can be shown. Those that show the layout by a schedule or a takeover show
 * it from now on; those it was pushed to stay as they are. A draft that is published already stays the revision it is.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, LayoutConflictError
 */
export async function publishLayout(
  work: Work,
  { note, ...of }: PublishLayout,
): Promise<{ readonly layout: Layout; readonly revision: LayoutRevision }> {
  const { tx, actor, now } = work;
  await lockRules(tx, of.venueId);
  const layout = await lockDraft(work, of);
  const { venueId, id: layoutId } = layout;
  const known = await findPublished(work, layout);
  if (known && layout.publishedVersion === layout.version) return { layout, revision: known };

  await requireContent(work, venueId, { regions: layout.regions });
  const revision: LayoutRevision = {
    layoutId,
    venueId,
    revision: (layout.publishedRevision ?? 0) + 1,
    name: layout.name,
    width: layout.width,
    height: layout.height,
    regions: layout.regions,
    note: note === null ? null : parseReason(note, 'note'),
    publishedAt: now,
    publishedBy: actorReference(actor),
  };
  await insertRevision(tx, revision);
  await savePublished(tx, layout, revision.revision);
  work.emit({
    type: 'signage.layout-published',
    venueId,
    layoutId,
    revision: revision.revision,
    version: layout.version,
    name: layout.name,
  });
  await announceContent(work, {
    venueId,
    contentType: 'LAYOUT',
    contentId: layoutId,
    action: revision.revision === 1 ? 'CREATE' : 'UPDATE',
    version: layout.version,
  });
  // Also those that show something else: it may be turning to this one at this very moment, as it was before.
  await settleDisplays(work, { venueId, deviceIds: await listNamedFor(work, venueId, layoutId) });
  return {
    layout: { ...layout, publishedRevision: revision.revision, publishedVersion: layout.version },
    revision,
  };
}

/** The newest revision; null when there is none. */
export async function findPublished(
  { tx }: Pick<Work, 'tx'>,
  { venueId, id: layoutId, publishedRevision }: Layout,
): Promise<LayoutRevision | null> {
  if (publishedRevision === null) return null;
  const [found] = await findRevisions(tx, venueId, [{ layoutId, revision: publishedRevision }]);
  return found ?? null;
}
