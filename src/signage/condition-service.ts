import { findJackpotsByIds } from '../machine/jackpot-store.ts';
import { freeOf } from '../parking/lot.ts';
import { findLotsByIds } from '../parking/lot-store.ts';
import type { Read, Work } from '../work.ts';
import { type Condition, type ConditionSubject, holdsFor, subjectIdOf } from './condition.ts';
import { settleDisplays } from './display-service.ts';
import type { ConditionState, Schedule } from './schedule.ts';
import { keepConditionState, lockConditioned } from './schedule-store.ts';
import { listMeant } from './target-store.ts';

/** What these conditions are about as it stands, by its id; what is gone is not among it. */
export async function readSubjects(
  { db, now }: Pick<Read, 'db' | 'now'>,
  venueId: string,
  conditions: readonly Condition[],
): Promise<ReadonlyMap<string, ConditionSubject>> {
  const idsOf = (kind: Condition['kind']) =>
    conditions.filter((condition) => condition.kind === kind).map(subjectIdOf);
  const jackpots = await findJackpotsByIds(db, venueId, idsOf('JACKPOT'));
  const lots = await findLotsByIds(db, venueId, { ids: idsOf('OCCUPANCY'), now });
  return new Map<string, ConditionSubject>([
    ...jackpots.map(({ id, name, cents }) => [id, { kind: 'JACKPOT', name, cents }] as const),
    ...lots.map(({ id, name, occupancy }) => {
      const { capacity } = occupancy;
      return [id, { kind: 'OCCUPANCY', name, capacity, free: freeOf(occupancy) }] as const;
    }),
  ]);
}

/** What a condition is about has changed: the screens of those schedules for which that turns something are settled. */
export async function turnConditions(
  work: Work,
  venueId: string,
  changed: { readonly jackpotId: string } | { readonly lotId: string },
): Promise<void> {
  const schedules = await lockConditioned(work.tx, venueId, changed);
  const conditions = schedules.flatMap(({ condition }) => condition ?? []);
  if (conditions.length === 0) return;
  // As it stands now, and not as it stood then: a later change may be on its way, and is none for the screens.
  const subjects = await readSubjects({ db: work.tx, now: work.now }, venueId, conditions);
  const turned = schedules.filter(({ condition, conditionState }) => {
    const holds = condition !== null && holdsFor(condition, subjects.get(subjectIdOf(condition)) ?? null);
    return holds !== conditionState?.holds;
  });
  for (const schedule of turned) await turn(work, schedule);
  const meant = turned.filter(({ isEnabled }) => isEnabled).map(({ targets }) => targets);
  await settleDisplays(work, { venueId, deviceIds: await listMeant(work.tx, venueId, meant) });
}

async function turn(work: Work, { id, venueId, layoutId, conditionState }: Schedule): Promise<void> {
  const state: ConditionState = { holds: !conditionState?.holds, turnedAt: work.now };
  await keepConditionState(work.tx, { id, ...state });
  work.emit({
    type: 'signage.schedule-condition-turned',
    venueId,
    scheduleId: id,
    layoutId,
    holds: state.holds,
  });
}
