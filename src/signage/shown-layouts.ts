import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import type { Display } from './display.ts';
import { findDisplays } from './display-store.ts';
import type { Layout } from './layout.ts';
import { findLayoutsByIds } from './layout-store.ts';
import { findRevisions } from './revision-store.ts';

/**
 * Those of these layouts that a device shall show, shows, or was pushed: each as what was published to it, so that it
 * learns nothing of the draft. In no order.
 */
export async function findLayoutsShown(
  db: Kysely<Database>,
  { venueId, deviceId }: { readonly venueId: string; readonly deviceId: string },
  ids: readonly string[],
): Promise<readonly Layout[]> {
  const [display] = await findDisplays(db, venueId, [deviceId]);
  const shown = display ? shownOn(display).filter(({ layoutId }) => ids.includes(layoutId)) : [];
  const layouts = await findLayoutsByIds(
    db,
    venueId,
    shown.map(({ layoutId }) => layoutId),
  );
  const revisions = await findRevisions(db, venueId, shown);
  return layouts.flatMap((layout) => {
    // What it shall show goes before what it may still show.
    const at = shown.find(({ layoutId }) => layoutId === layout.id);
    const found = revisions.find((each) => each.layoutId === layout.id && each.revision === at?.revision);
    if (!found) return [];
    const { name, width, height, regions, revision, publishedAt, publishedBy } = found;
    const version = layout.publishedVersion ?? layout.version;
    return {
      ...layout,
      ...{ name, width, height, regions, version },
      publishedRevision: revision,
      publishedVersion: version,
      updatedAt: publishedAt,
      updatedBy: publishedBy,
    };
  });
}

const shownOn = ({ desired, applied, pushed }: Display) =>
  [desired, applied?.layout ?? null, pushed].filter((at) => at !== null);
