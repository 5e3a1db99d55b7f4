import { actorReference } from '../lib/actor.ts';
import { NotFoundError, NotOwnerError, ValidationError } from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { inField } from '../lib/in-field.ts';
import { parseReason } from '../lib/reason.ts';
import type { Work } from '../work.ts';
import { settleDisplays } from './display-service.ts';
import { canEditSignage, canReachSignage } from './policy.ts';
import { refuseUnknown } from './showing.ts';
import type { Takeover } from './takeover.ts';
import type { TakeoverSnapshot } from './takeover-events.ts';
import { insertTakeoverDevices, listTakeoverDevices } from './takeover-receipt-store.ts';
import {
  insertTakeover,
  keepEnded,
  listRunningFor,
  lockOverdueTakeover,
  lockTakeover,
} from './takeover-store.ts';
import { findScreens, listMeant, lockRules } from './target-store.ts';
import { parseTargets, type Targets } from './targets.ts';

export interface StartTakeover {
  readonly venueId: string;
  readonly layoutId: string;
  readonly targets: Targets;
  readonly reason: string;
  /** Null: it goes on until somebody ends it. */
  readonly endsAt: Date | null;
}

/**
 * Has screens show a layout before everything else, from now on. Of several takeovers a screen shows the one that began
 * last.
 *
 * @throws ValidationError, NotFoundError, NotOwnerError, LayoutNotPublishedError
 */
export async function startTakeover(work: Work, input: StartTakeover): Promise<Takeover> {
  const { tx, now, actor } = work;
  const { venueId, layoutId, endsAt } = input;
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError('take screens over');
  const targets = inField('targets', () => parseTargets(input.targets));
  if (endsAt && endsAt <= now) throw new ValidationError('endsAt lies in the future.', { field: 'endsAt' });
  await lockRules(tx, venueId);
  await refuseUnknown(work, venueId, { ...targets, layoutId });
  const deviceIds = await listMeant(tx, venueId, [targets]);
  if (deviceIds.length === 0 && !targets.everywhere)
    throw new ValidationError('No screen is meant by these targets.', { field: 'targets' });
  const id = newId();
  const takeover: Takeover = {
    id,
    venueId,
    layoutId,
    reason: parseReason(input.reason),
    everywhere: targets.everywhere,
    groupIds: targets.groupIds,
    tags: targets.tags,
    startedAt: now,
    startedBy: actorReference(actor),
    endsAt,
    endedAt: null,
    endedBy: null,
  };
  await insertTakeover(tx, takeover);
  await insertTakeoverDevices(tx, { takeoverIds: [id], deviceIds });
  work.emit({ type: 'signage.takeover-started', venueId, ...snapshotOf(takeover, deviceIds.length) });
  await settleDisplays(work, { venueId, deviceIds });
  return takeover;
}

/**
 * Ends a takeover: its screens show what they show without it. One that is over already stays as it is.
 *
 * @throws NotFoundError, NotOwnerError
 */
export async function endTakeover(
  work: Work,
  { venueId, takeoverId }: { readonly venueId: string; readonly takeoverId: string },
): Promise<Takeover> {
  const takeover = canReachSignage(work.actor, venueId)
    ? await lockTakeover(work.tx, venueId, takeoverId)
    : null;
  if (!takeover) throw new NotFoundError('takeover');
  if (!canEditSignage(work.actor, venueId)) throw new NotOwnerError('end takeovers');
  return takeover.endedAt ? takeover : await end(work, takeover, work.now);
}

/** Ends one takeover whose time is over; whether there was any. */
export async function endOverdue(work: Work): Promise<boolean> {
  const takeover = await lockOverdueTakeover(work.tx, work);
  if (takeover?.endsAt) await end(work, takeover, takeover.endsAt);
  return takeover !== null;
}

async function end(work: Work, takeover: Takeover, endedAt: Date): Promise<Takeover> {
  const { tx, actor } = work;
  const { id, venueId } = takeover;
  const ended = { ...takeover, endedAt, endedBy: actorReference(actor) };
  await keepEnded(tx, ended);
  const deviceIds = await listTakeoverDevices(tx, id);
  work.emit({ type: 'signage.takeover-ended', venueId, ...snapshotOf(ended, deviceIds.length) });
  await settleDisplays(work, { venueId, deviceIds });
  return ended;
}

/**
 * A screen is new, or another than before: it is one of the takeovers that mean it by now, and settled. Of those that
 * meant it before it stays one: in an emergency nobody takes a screen out by another change.
 */
export async function joinTakeovers(work: Work, venueId: string, deviceId: string): Promise<void> {
  const { tx, now } = work;
  // One that is said at this moment may not have seen the screen: it is waited for.
  await lockRules(tx, venueId);
  const [screen] = await findScreens(tx, venueId, [deviceId]);
  if (!screen) return;
  const takeoverIds = await listRunningFor(tx, venueId, { screen, at: now });
  await insertTakeoverDevices(tx, { takeoverIds, deviceIds: [deviceId] });
  await settleDisplays(work, { venueId, deviceIds: [deviceId] });
}

const snapshotOf = (takeover: Takeover, devices: number): TakeoverSnapshot => ({
  takeoverId: takeover.id,
  layoutId: takeover.layoutId,
  reason: takeover.reason,
  devices,
  startedAt: takeover.startedAt.toISOString(),
  endsAt: takeover.endsAt?.toISOString() ?? null,
  endedAt: takeover.endedAt?.toISOString() ?? null,
});
