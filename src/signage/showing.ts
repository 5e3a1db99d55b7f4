import { NotFoundError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import { findGroupsByIds } from './device-group-store.ts';
import { LayoutNotPublishedError } from './layout-errors.ts';
import { findLayoutStatus } from './showing-store.ts';
import { findScreens } from './target-store.ts';
import type { Targets } from './targets.ts';

/**
 * Refuses a layout that cannot be shown, and screens that are not there, of whoever may see both.
 *
 * @throws NotFoundError, LayoutNotPublishedError
 */
export async function refuseUnknown(
  { tx }: Work,
  venueId: string,
  { layoutId, deviceIds, groupIds }: Pick<Targets, 'deviceIds' | 'groupIds'> & { readonly layoutId: string },
): Promise<void> {
  const status = await findLayoutStatus(tx, venueId, layoutId);
  if (status === null || status === 'DELETED') throw new NotFoundError('layout');
  if (status === 'DRAFT') throw new LayoutNotPublishedError();
  const screens = await findScreens(tx, venueId, deviceIds);
  if (screens.length < deviceIds.length) throw new NotFoundError('screen');
  const groups = await findGroupsByIds(tx, venueId, groupIds);
  if (groups.length < groupIds.length) throw new NotFoundError('group of devices');
}
