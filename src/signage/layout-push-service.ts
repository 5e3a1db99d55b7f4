import { findDevicesByIds } from '../auth/device-store.ts';
import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import type { Work } from '../work.ts';
import { listGroupDevices } from './device-group-store.ts';
import { listDevicesPushed } from './display-list-store.ts';
import { pushToDevices } from './display-service.ts';
import type { Layout } from './layout.ts';
import { LayoutNotPublishedError } from './layout-errors.ts';
import {
  type LayoutPush,
  MAX_DAYS_AHEAD,
  MAX_PUSHED_DEVICES,
  MAX_PUSHED_GROUPS,
  MAX_WAITING_PUSHES,
} from './layout-push.ts';
import { endPush, insertPush, listWaitingPushes, lockPush } from './layout-push-store.ts';
import { lockOwn } from './layout-service.ts';
import { lockLayout } from './layout-store.ts';
import { canEditSignage, canReachSignage } from './policy.ts';

export interface PushLayout {
  readonly venueId: string;
  readonly layoutId: string;
  /** Which screens, and those of which groups, as they are now. Both null: whatever was pushed the layout before. */
  readonly deviceIds: readonly string[] | null;
  readonly groupIds: readonly string[] | null;
  /** Null, or no later than now: at once. */
  readonly at: Date | null;
}

/** What was done: devices are told, or will be. */
export type Pushed =
  | { readonly revision: number; readonly deviceIds: readonly string[]; readonly push: null }
  | { readonly revision: null; readonly deviceIds: readonly []; readonly push: LayoutPush };

/**
 * Has screens show the newest revision of a layout, now, or what is the newest at a time.
 *
 * @throws NotFoundError, NotOwnerError, ValidationError, LayoutNotPublishedError
 */
export async function pushLayout(work: Work, { at, ...input }: PushLayout): Promise<Pushed> {
  const layout = await lockOwn(work, input);
  if (layout.publishedRevision === null) throw new LayoutNotPublishedError();
  const deviceIds = await namedScreens(work, input);
  if (at === null || at <= work.now) {
    const revision = layout.publishedRevision;
    const pushed = await pushNow(work, { venueId: layout.venueId, layoutId: layout.id, revision }, deviceIds);
    return { revision, deviceIds: pushed, push: null };
  }
  return { revision: null, deviceIds: [], push: await planPush(work, layout, { deviceIds, at }) };
}

/** Calls a push off that was to come. Once more changes nothing. @throws NotFoundError, NotOwnerError, ValidationError when it was made */
export async function cancelPush(
  work: Work,
  { venueId, pushId }: { readonly venueId: string; readonly pushId: string },
): Promise<LayoutPush> {
  const { tx, actor, now } = work;
  const push = canReachSignage(actor, venueId) ? await lockPush(tx, venueId, pushId) : null;
  if (!push) throw new NotFoundError('push');
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError('cancel pushes');
  if (push.status === 'DONE') throw new ValidationError('The push was made.');
  if (push.status === 'CANCELLED') return push;
  await endPush(tx, push, { status: 'CANCELLED', at: now });
  work.emit({ type: 'signage.push-cancelled', venueId, pushId, layoutId: push.layoutId });
  return { ...push, status: 'CANCELLED' };
}

/** Makes a push whose time has come, unless another process has, or it was called off. */
export async function makePush(work: Work, { venueId, id, layoutId }: LayoutPush): Promise<void> {
  // In the order in which whoever deletes a layout locks them.
  const layout = await lockLayout(work.tx, venueId, layoutId);
  const push = await lockPush(work.tx, venueId, id);
  if (push?.status !== 'WAITING' || push.dueAt > work.now) return;
  const revision = layout?.publishedRevision ?? null;
  // Only what is published can be planned, and who deletes a layout calls off what is to come of it.
  if (revision === null) throw new Error('a push waits for a layout that cannot be shown');
  const pushed = await pushNow(work, { venueId, layoutId, revision }, push.deviceIds);
  await endPush(work.tx, push, { status: 'DONE', at: work.now });
  work.emit({ type: 'signage.push-made', venueId, pushId: id, layoutId, revision, devices: pushed.length });
}

interface Shown {
  readonly venueId: string;
  readonly layoutId: string;
  readonly revision: number;
}

async function pushNow(
  work: Work,
  { venueId, layoutId, revision }: Shown,
  deviceIds: readonly string[] | null,
): Promise<readonly string[]> {
  const at = { layoutId, revision };
  if (deviceIds) return await pushToDevices(work, { venueId, deviceIds }, at);
  const pushed = await listDevicesPushed(work.tx, venueId, layoutId);
  return await pushToDevices(work, { venueId, deviceIds: pushed, pushedLayoutId: layoutId }, at);
}

async function planPush(
  work: Work,
  { venueId, id: layoutId }: Layout,
  { deviceIds, at }: { readonly deviceIds: readonly string[] | null; readonly at: Date },
): Promise<LayoutPush> {
  const { tx, actor, now } = work;
  if (at.getTime() > now.getTime() + MAX_DAYS_AHEAD * 86_400_000)
    throw new ValidationError(`at lies at most ${MAX_DAYS_AHEAD} days ahead.`, { field: 'at' });
  if ((await listWaitingPushes(tx, venueId, [layoutId])).length >= MAX_WAITING_PUSHES)
    throw new ValidationError(`At most ${MAX_WAITING_PUSHES} pushes of a layout are to come.`);
  const push: LayoutPush = {
    id: newId(),
    venueId,
    layoutId,
    deviceIds,
    dueAt: at,
    status: 'WAITING',
    createdAt: now,
    createdBy: actorReference(actor),
  };
  await insertPush(tx, push);
  work.emit({ type: 'signage.push-planned', venueId, pushId: push.id, layoutId, dueAt: at.toISOString() });
  return push;
}

/** The screens that are named, each once; null: none are. @throws ValidationError, NotFoundError */
async function namedScreens(
  work: Work,
  { venueId, deviceIds, groupIds }: Omit<PushLayout, 'at'>,
): Promise<readonly string[] | null> {
  if (deviceIds === null && groupIds === null) return null;
  requireSome('deviceIds', deviceIds, MAX_PUSHED_DEVICES);
  requireSome('groupIds', groupIds, MAX_PUSHED_GROUPS);
  const named = [...new Set(deviceIds)];
  const devices = await findDevicesByIds(work.tx, venueId, named);
  if (devices.filter(({ status }) => status === 'ACTIVE').length < named.length)
    throw new NotFoundError('device');
  if (devices.some(({ kind }) => kind !== 'SCREEN'))
    throw new ValidationError('Only a SCREEN shows a layout.', { field: 'deviceIds' });
  const members = await membersOf(work, venueId, [...new Set(groupIds)]);
  const screens = [...new Set([...named, ...members])];
  if (screens.length === 0)
    throw new ValidationError('There is no screen in these groups.', { field: 'groupIds' });
  return screens;
}

/** The screens in these groups; of other devices in them nothing is said. @throws NotFoundError */
async function membersOf(
  { tx }: Work,
  venueId: string,
  groupIds: readonly string[],
): Promise<readonly string[]> {
  const members = new Set<string>();
  for (const groupId of groupIds) {
    const found = await listGroupDevices(tx, venueId, groupId);
    if (!found) throw new NotFoundError('device group');
    for (const id of found) members.add(id);
  }
  const devices = await findDevicesByIds(tx, venueId, [...members]);
  return devices.flatMap(({ id, kind, status }) => (kind === 'SCREEN' && status === 'ACTIVE' ? [id] : []));
}

/** @throws ValidationError */
function requireSome(field: string, ids: readonly string[] | null, max: number): void {
  if (ids && (ids.length === 0 || ids.length > max))
    throw new ValidationError(`${field} takes 1 to ${max} entries.`, { field });
}
