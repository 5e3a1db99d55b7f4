import { encodeGlobalId } from '../../src/graphql/ids.ts';
import { newId } from '../../src/lib/ids.ts';
import type { Schedule } from '../../src/signage/schedule.ts';
import { type SaveSchedule, saveSchedule } from '../../src/signage/schedule-service.ts';
import { endTakeover, startTakeover } from '../../src/signage/takeover-service.ts';
import { EVERYWHERE } from '../../src/signage/targets.ts';
import type { RunWork } from '../../src/work.ts';
import { DESK } from './booking.ts';
import { aPublishedLayout } from './layout.ts';

/** A schedule for all screens that is always on, unless it is given other terms. */
export const aSchedule = (
  runWork: RunWork,
  terms: Pick<SaveSchedule, 'venueId' | 'layoutId'> & Partial<SaveSchedule>,
): Promise<Schedule> =>
  runWork(DESK, (work) =>
    saveSchedule(work, {
      scheduleId: null,
      expectedVersion: null,
      name: `Schedule ${newId()}`,
      targets: EVERYWHERE,
      ...terms,
    }),
  );

/** The global ids of a schedule that nobody has changed yet, and of a takeover that goes on on no screen. */
export async function someRules(runWork: RunWork, venueId: string): Promise<Record<string, string>> {
  const { id: layoutId } = await aPublishedLayout(runWork, { venueId });
  const schedule = await aSchedule(runWork, { venueId, layoutId, isEnabled: false });
  const takeover = await runWork(DESK, async (work) => {
    const input = { venueId, layoutId, targets: EVERYWHERE, reason: 'A drill', endsAt: null };
    const { id: takeoverId } = await startTakeover(work, input);
    return await endTakeover(work, { venueId, takeoverId });
  });
  return {
    Schedule: encodeGlobalId('Schedule', schedule.id),
    Takeover: encodeGlobalId('Takeover', takeover.id),
  };
}
