import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { type Drawing, type Layout, parseDrawing } from './layout.ts';
import { LayoutConflictError } from './layout-errors.ts';
import { insertLayout, lockLayout, saveDraft } from './layout-store.ts';
import { canEditSignage, canReachSignage } from './policy.ts';
import { changeRegions, differenceOf, givenBy, type RegionChange } from './region.ts';
import { requireContent } from './region-check.ts';
import { findRevisions } from './revision-store.ts';

export interface CreateLayout extends Drawing {
  readonly venueId: string;
}

/** Begins a draft. @throws NotOwnerError, NotFoundError, ValidationError, LayoutNameTakenError */
export async function createLayout(work: Work, { venueId, ...drawing }: CreateLayout): Promise<Layout> {
  const { tx, actor, now } = work;
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError('make layouts');
  const given = { field: 'regions', list: drawing.regions } as const;
  const layout: Layout = {
    ...parseDrawing(drawing, given),
    id: newId(),
    venueId,
    publishedRevision: null,
    publishedVersion: null,
    version: 1,
    createdAt: now,
    updatedAt: now,
    updatedBy: actorReference(actor),
  };
  await requireContent(work, venueId, { regions: layout.regions, given });
  await insertLayout(tx, layout);
  work.emit({ type: 'signage.layout-created', venueId, layoutId: layout.id, name: layout.name });
  return layout;
}

/** Which layout is changed, and which of its versions the caller has before him. */
export interface OfLayout {
  readonly venueId: string;
  readonly layoutId: string;
  readonly expectedVersion: number;
}

export interface UpdateLayout extends OfLayout {
  /** What is left out, or null, stays. */
  readonly name?: string | null | undefined;
  readonly width?: number | null | undefined;
  readonly height?: number | null | undefined;
  readonly regions: RegionChange;
}

/**
 * Saves the draft, if nobody has since the caller read it. A save that changes nothing makes no new version.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, LayoutConflictError, LayoutNameTakenError
 */
export async function updateLayout(work: Work, input: UpdateLayout): Promise<Layout> {
  const layout = await lockDraft(work, input);
  const given = givenBy(input.regions);
  const drawing = parseDrawing(
    {
      name: input.name ?? layout.name,
      width: input.width ?? layout.width,
      height: input.height ?? layout.height,
      regions: changeRegions(layout.regions, input.regions),
    },
    given,
  );
  const { changed } = differenceOf(layout.regions, drawing.regions);
  await requireContent(work, layout.venueId, { regions: changed, given });
  return await save(work, layout, drawing);
}

/**
 * Makes the draft again what it was when a revision was published; its name stays. What a region shows may be gone
 * since: it cannot be published like that.
 *
 * @throws NotFoundError, NotOwnerError, LayoutConflictError
 */
export async function revertLayout(
  work: Work,
  { revision, ...of }: OfLayout & { readonly revision: number },
): Promise<Layout> {
  const layout = await lockDraft(work, of);
  const [published] = await findRevisions(work.tx, of.venueId, [{ layoutId: of.layoutId, revision }]);
  if (!published) throw new NotFoundError('revision');
  const { width, height, regions } = published;
  return await save(work, layout, { name: layout.name, width, height, regions });
}

/**
 * The layout, if the caller may change it and knows how it stands; nobody else changes it until the transaction ends.
 *
 * @throws NotFoundError, NotOwnerError, LayoutConflictError
 */
export async function lockDraft(work: Work, { expectedVersion, ...of }: OfLayout): Promise<Layout> {
  const layout = await lockOwn(work, of);
  if (layout.version !== expectedVersion) throw new LayoutConflictError(layout.version, layout.id);
  return layout;
}

/** The same whatever he knows of it. @throws NotFoundError, NotOwnerError */
export async function lockOwn(
  { tx, actor }: Work,
  { venueId, layoutId }: Pick<OfLayout, 'venueId' | 'layoutId'>,
): Promise<Layout> {
  const layout = canReachSignage(actor, venueId) ? await lockLayout(tx, venueId, layoutId) : null;
  if (!layout) throw new NotFoundError('layout');
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError('change layouts');
  return layout;
}

async function save(work: Work, layout: Layout, drawing: Drawing): Promise<Layout> {
  const { changed, removedIds } = differenceOf(layout.regions, drawing.regions);
  const isSame =
    changed.length + removedIds.length === 0 &&
    drawing.name === layout.name &&
    drawing.width === layout.width &&
    drawing.height === layout.height &&
    drawing.regions.every(({ id }, at) => layout.regions[at]?.id === id);
  if (isSame) return layout;
  const saved: Layout = {
    ...layout,
    ...drawing,
    version: layout.version + 1,
    updatedAt: work.now,
    updatedBy: actorReference(work.actor),
  };
  await saveDraft(work.tx, saved);
  work.emit({
    type: 'signage.layout-edited',
    venueId: layout.venueId,
    layoutId: layout.id,
    version: saved.version,
    name: saved.name,
    width: saved.width,
    height: saved.height,
    changedRegions: changed,
    removedRegionIds: removedIds,
  });
  return saved;
}
