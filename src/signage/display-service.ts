import type { Work } from '../work.ts';
import { type Display, isSameWanted, type LayoutAt } from './display.ts';
import type { LayoutPushedSnapshot } from './display-events.ts';
import { findDueDevices, keepDesired, keepPushed, lockDisplays, readPresent } from './display-store.ts';
import { type GivenVersion, keepGivenVersions } from './takeover-receipt-store.ts';
import { findOutlooks } from './wanted.ts';

interface Devices {
  readonly venueId: string;
  readonly deviceIds: readonly string[];
}

/**
 * Has devices show a published layout whenever nothing goes before that, and tells each of them, even those that
 * show it already: one that could not may try again. Null: nothing. Gives the devices that are there.
 *
 * With `pushedLayoutId` only those that were pushed that layout: one that is pushed another meanwhile is none of them.
 */
export async function pushToDevices(
  work: Work,
  { venueId, deviceIds, pushedLayoutId }: Devices & { readonly pushedLayoutId?: string },
  layout: LayoutAt | null,
): Promise<readonly string[]> {
  const locked = await lockDisplays(work.tx, venueId, deviceIds);
  const displays =
    pushedLayoutId === undefined
      ? locked
      : locked.filter(({ pushed }) => pushed?.layoutId === pushedLayoutId);
  const known = displays.map(({ deviceId }) => deviceId);
  await keepPushed(work.tx, venueId, { deviceIds: known, layout });
  await settle(work, {
    venueId,
    displays: displays.map((display) => ({ ...display, pushed: layout })),
    isNews: true,
  });
  return known;
}

/**
 * Works out anew what devices shall show, and tells those of which it is another than before. To be called by
 * whatever may have changed it, after it has.
 */
export async function settleDisplays(work: Work, { venueId, deviceIds }: Devices): Promise<void> {
  const displays = await lockDisplays(work.tx, venueId, deviceIds);
  await settle(work, { venueId, displays, isNews: false });
}

/** The same for devices of one venue of which time alone may have changed it. Whether there may be more, there or elsewhere. */
export async function settleDue(work: Work, { limit }: { readonly limit: number }): Promise<boolean> {
  const due = await findDueDevices(work.tx, { now: work.now, limit });
  if (due) await settleDisplays(work, due);
  return due?.hasMore ?? false;
}

async function settle(
  work: Work,
  {
    venueId,
    displays,
    isNews,
  }: { readonly venueId: string; readonly displays: readonly Display[]; readonly isNews: boolean },
): Promise<void> {
  if (displays.length === 0) return;
  const now = await readPresent(work);
  const outlooks = await findOutlooks(work.tx, { venueId, displays }, now);
  const settled = displays.map((display) => {
    const { wanted = null, dueAt = null } = outlooks.get(display.deviceId) ?? {};
    return {
      deviceId: display.deviceId,
      wanted,
      dueAt,
      isNews: isNews || !isSameWanted(wanted, display.desired),
    };
  });
  const versions = await keepDesired(work.tx, settled, { now });
  const given: GivenVersion[] = [];
  for (const { deviceId, wanted, isNews: isTold } of settled) {
    if (!isTold) continue;
    const version = versions.get(deviceId) ?? 0n;
    const takeoverId = wanted?.cause === 'TAKEOVER' ? wanted.causeId : null;
    if (takeoverId !== null) given.push({ takeoverId, deviceId, version });
    const snapshot: LayoutPushedSnapshot = {
      deviceId,
      layoutId: wanted?.layoutId ?? null,
      revision: wanted?.revision ?? null,
      cause: wanted?.cause ?? null,
      scheduleId: wanted?.cause === 'SCHEDULE' ? wanted.causeId : null,
      takeoverId,
      displayVersion: String(version),
      desiredAt: now.toISOString(),
    };
    work.emit({ type: 'signage.layout-pushed', venueId, ...snapshot });
  }
  await keepGivenVersions(work.tx, given);
}
