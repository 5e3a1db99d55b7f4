import { actorReference } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { announceContent } from './content-service.ts';
import { listDevicesPushed, listDevicesShowing } from './display-list-store.ts';
import { pushToDevices } from './display-service.ts';
import { deleteEditors } from './editing-store.ts';
import type { Layout } from './layout.ts';
import { LayoutInUseError, LayoutNotPublishedError } from './layout-errors.ts';
import { endPush, listWaitingPushes } from './layout-push-store.ts';
import { lockDraft, lockOwn, type OfLayout } from './layout-service.ts';
import { markDeleted } from './layout-store.ts';
import { replaceNamed } from './naming-service.ts';
import { findNaming } from './naming-store.ts';
import { lockRules } from './target-store.ts';

/** How many devices, schedules and takeovers are named to who may not delete a layout because of them. */
const NAMED = 100;

export interface DeleteLayout extends OfLayout {
  /** What is shown instead; null: nothing may name it. */
  readonly replaceWithLayoutId: string | null;
}

/**
 * Deletes a layout that no screen shows or was pushed and no schedule and no takeover names, or puts another in its
 * place. What was to be pushed of it is called off. Its revisions stay on record.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, LayoutConflictError, LayoutNotPublishedError, LayoutInUseError
 */
export async function deleteLayout(work: Work, input: DeleteLayout): Promise<Layout> {
  const { tx, actor, now } = work;
  const { replaceWithLayoutId, ...of } = input;
  if (replaceWithLayoutId === of.layoutId)
    throw new ValidationError('A layout is replaced by another one.', { field: 'replaceWithLayoutId' });
  if (replaceWithLayoutId !== null) await lockRules(tx, of.venueId);
  // The lower id first: two that replace each other do not wait for each other.
  const isLater = replaceWithLayoutId !== null && replaceWithLayoutId < of.layoutId;
  if (isLater) await lockReplacement(work, of.venueId, replaceWithLayoutId);
  const layout = await lockDraft(work, of);
  const { id: layoutId, venueId } = layout;
  if (replaceWithLayoutId !== null) {
    const revision = await lockReplacement(work, venueId, replaceWithLayoutId);
    const deviceIds = await listDevicesPushed(tx, venueId, layoutId);
    await pushToDevices(
      work,
      { venueId, deviceIds, pushedLayoutId: layoutId },
      { layoutId: replaceWithLayoutId, revision },
    );
    await replaceNamed(work, venueId, { layoutId, by: replaceWithLayoutId });
  }
  await refuseInUse(work, layout);
  for (const push of await listWaitingPushes(tx, venueId, [layoutId])) {
    await endPush(tx, push, { status: 'CANCELLED', at: now });
    work.emit({ type: 'signage.push-cancelled', venueId, pushId: push.id, layoutId });
  }
  await deleteEditors(tx, { layoutId });
  await markDeleted(tx, layout, { at: now, by: actorReference(actor) });
  work.emit({
    type: 'signage.layout-deleted',
    venueId,
    layoutId,
    name: layout.name,
    replacedByLayoutId: replaceWithLayoutId,
  });
  // Of a draft nobody was told that there was one.
  if (layout.publishedRevision !== null)
    await announceContent(work, {
      venueId,
      contentType: 'LAYOUT',
      contentId: layoutId,
      action: 'DELETE',
      version: layout.version,
    });
  return layout;
}

/** Its newest revision; it is not deleted meanwhile. @throws NotFoundError, NotOwnerError, LayoutNotPublishedError */
async function lockReplacement(work: Work, venueId: string, layoutId: string): Promise<number> {
  const { publishedRevision } = await lockOwn(work, { venueId, layoutId });
  if (publishedRevision === null) throw new LayoutNotPublishedError();
  return publishedRevision;
}

/** @throws LayoutInUseError */
async function refuseInUse({ tx }: Work, { id, venueId }: Layout): Promise<void> {
  const deviceIds = await listDevicesShowing(tx, venueId, id);
  const naming = await findNaming(tx, venueId, { layoutId: id, limit: NAMED });
  if (deviceIds.length + naming.scheduleIds.length + naming.takeoverIds.length === 0) return;
  throw new LayoutInUseError({
    deviceIds: deviceIds.slice(0, NAMED),
    devices: deviceIds.length,
    ...naming,
  });
}
