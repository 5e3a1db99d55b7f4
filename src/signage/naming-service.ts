import type { Work } from '../work.ts';
import { settleDisplays } from './display-service.ts';
import {
  listTakenOverBy,
  listTargetsNaming,
  replaceInSchedules,
  replaceInTakeovers,
} from './naming-store.ts';
import { snapshotOfSchedule } from './schedule-snapshot.ts';
import { listMeant } from './target-store.ts';

/** Has whatever names a layout name another, which is published: schedules, and takeovers that go on. */
export async function replaceNamed(
  work: Work,
  venueId: string,
  { layoutId, by }: { readonly layoutId: string; readonly by: string },
): Promise<void> {
  const { tx, now } = work;
  const schedules = await replaceInSchedules(tx, venueId, { layoutId, by, now });
  for (const schedule of schedules)
    work.emit({ type: 'signage.schedule-updated', venueId, ...snapshotOfSchedule(schedule) });
  const takenOver = await replaceInTakeovers(tx, venueId, { layoutId, by, now });
  const meant = await listMeant(
    tx,
    venueId,
    schedules.map(({ targets }) => targets),
  );
  await settleDisplays(work, { venueId, deviceIds: [...new Set([...meant, ...takenOver])] });
}

/** The screens that a schedule or a takeover that goes on may have show a layout, whether it does now or not. */
export async function listNamedFor(
  { tx }: Pick<Work, 'tx'>,
  venueId: string,
  layoutId: string,
): Promise<readonly string[]> {
  const meant = await listMeant(tx, venueId, await listTargetsNaming(tx, venueId, layoutId));
  return [...new Set([...meant, ...(await listTakenOverBy(tx, venueId, layoutId))])];
}
