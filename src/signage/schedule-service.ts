import { findVenuesByIds } from '../auth/venue-store.ts';
import { dayOf } from '../lib/calendar.ts';
import {
  NotFoundError,
  NotOwnerError,
  neededForNew,
  ValidationError,
  VersionConflictError,
} from '../lib/errors.ts';
import { newId } from '../lib/ids.ts';
import { isSame } from '../lib/same.ts';
import type { Work } from '../work.ts';
import { type Condition, holdsFor, subjectIdOf } from './condition.ts';
import { readSubjects } from './condition-service.ts';
import { holdSubject } from './condition-store.ts';
import { settleDisplays } from './display-service.ts';
import { canEditSignage, canReachSignage } from './policy.ts';
import { type ConditionState, parseRule, type Schedule, type ScheduleRule } from './schedule.ts';
import { snapshotOfSchedule } from './schedule-snapshot.ts';
import {
  countSchedules,
  deleteSchedule,
  insertSchedule,
  lockSchedule,
  updateSchedule,
} from './schedule-store.ts';
import { type Daypart, EVERY_DAY, type ScheduleDays } from './schedule-times.ts';
import { refuseUnknown } from './showing.ts';
import { listMeant, lockRules } from './target-store.ts';
import type { Targets } from './targets.ts';

/** So many can be weighed for each screen at once. */
const MAX_SCHEDULES = 500;

/** What is said of a schedule; what is null or left out stays, and of a new one it is as `merged` says. */
export type SaveSchedule = {
  readonly [Key in keyof Omit<ScheduleRule, 'times'>]?: ScheduleRule[Key] | null | undefined;
} & {
  readonly venueId: string;
  /** Null: a new one. */
  readonly scheduleId: string | null;
  /** Of one that is there. */
  readonly expectedVersion: number | null;
  readonly days?: ScheduleDays | null | undefined;
  readonly dayparts?: readonly Daypart[] | null | undefined;
};

/**
 * Makes a schedule, or changes one; its screens show at once what it has them show now. What changes nothing is no
 * change.
 *
 * @throws ValidationError, NotFoundError, NotOwnerError, VersionConflictError, LayoutNotPublishedError
 */
export async function saveSchedule(work: Work, input: SaveSchedule): Promise<Schedule> {
  const { tx, now, actor } = work;
  const { venueId, scheduleId } = input;
  await lockRules(tx, venueId);
  const known = scheduleId === null ? null : await getToChange(work, { ...input, scheduleId });
  if (!canEditSignage(actor, venueId)) throw new NotOwnerError('change schedules');
  const [venue] = await findVenuesByIds(tx, [venueId]);
  if (!venue) throw new NotFoundError('venue');
  if (!known) await refuseTooMany(work, venueId);
  const rule = parseRule(merged(known, input), dayOf(now, venue.timeZone));
  // A screen that is gone since is no reason to refuse another name.
  const deviceIds = rule.targets.deviceIds.filter((id) => !known?.targets.deviceIds.includes(id));
  await refuseUnknown(work, venueId, { ...rule.targets, layoutId: rule.layoutId, deviceIds });
  const conditionState = await stateOf(work, venueId, { condition: rule.condition, known });
  if (known && isSame({ ...known, ...rule, conditionState }, known)) return known;
  const schedule: Schedule = {
    ...rule,
    id: known?.id ?? newId(),
    venueId,
    conditionState,
    version: (known?.version ?? 0) + 1,
    createdAt: known?.createdAt ?? now,
    updatedAt: now,
  };
  await (known ? updateSchedule : insertSchedule)(tx, schedule);
  work.emit({
    type: known ? 'signage.schedule-updated' : 'signage.schedule-created',
    venueId,
    ...snapshotOfSchedule(schedule),
  });
  await settleMeant(work, venueId, known ? [known.targets, schedule.targets] : [schedule.targets]);
  return schedule;
}

/**
 * Removes a schedule; its screens show at once what they show without it.
 *
 * @throws ValidationError, NotFoundError, NotOwnerError, VersionConflictError
 */
export async function removeSchedule(
  work: Work,
  input: Pick<SaveSchedule, 'venueId' | 'expectedVersion'> & { readonly scheduleId: string },
): Promise<Schedule> {
  const { venueId } = input;
  await lockRules(work.tx, venueId);
  const schedule = await getToChange(work, input);
  if (!canEditSignage(work.actor, venueId)) throw new NotOwnerError('remove schedules');
  await deleteSchedule(work.tx, schedule);
  work.emit({ type: 'signage.schedule-removed', venueId, ...snapshotOfSchedule(schedule) });
  await settleMeant(work, venueId, [schedule.targets]);
  return schedule;
}

/** Works out anew what the screens show that these mean. */
export async function settleMeant(work: Work, venueId: string, meant: readonly Targets[]): Promise<void> {
  await settleDisplays(work, { venueId, deviceIds: await listMeant(work.tx, venueId, meant) });
}

async function getToChange(
  work: Work,
  {
    venueId,
    scheduleId,
    expectedVersion,
  }: Pick<SaveSchedule, 'venueId' | 'expectedVersion'> & {
    readonly scheduleId: string;
  },
): Promise<Schedule> {
  const known = canReachSignage(work.actor, venueId)
    ? await lockSchedule(work.tx, venueId, scheduleId)
    : null;
  if (!known) throw new NotFoundError('schedule');
  if (expectedVersion === null)
    throw new ValidationError('expectedVersion is needed to change what is there already.', {
      field: 'expectedVersion',
    });
  if (known.version !== expectedVersion) throw new VersionConflictError(known.version);
  return known;
}

async function refuseTooMany({ tx }: Work, venueId: string): Promise<void> {
  const count = await countSchedules(tx, venueId, { layoutId: null, deviceId: null, isEnabled: null });
  if (count >= MAX_SCHEDULES) throw new ValidationError(`A venue has at most ${MAX_SCHEDULES} schedules.`);
}

/** Whether a condition holds; since when, if it is the one it was. */
async function stateOf(
  { tx, now }: Work,
  venueId: string,
  { condition, known }: { readonly condition: Condition | null; readonly known: Schedule | null },
): Promise<ConditionState | null> {
  if (condition === null) return null;
  // Until this is committed it stays as it is: whoever changes it then finds the schedule.
  await holdSubject(tx, venueId, condition);
  const subjects = await readSubjects({ db: tx, now }, venueId, [condition]);
  const subject = subjects.get(subjectIdOf(condition));
  if (!subject) throw new NotFoundError(condition.kind === 'JACKPOT' ? 'jackpot' : 'parking lot');
  const holds = holdsFor(condition, subject);
  return known?.conditionState?.holds === holds ? known.conditionState : { holds, turnedAt: now };
}

/** A new one is on all day, every day, by the venue's clock, whatever holds. */
const merged = (known: Schedule | null, input: SaveSchedule): ScheduleRule => ({
  name: input.name ?? known?.name ?? neededForNew('name'),
  layoutId: input.layoutId ?? known?.layoutId ?? neededForNew('layoutId'),
  targets: input.targets ?? known?.targets ?? neededForNew('targets'),
  priority: input.priority ?? known?.priority ?? 100,
  isEnabled: input.isEnabled ?? known?.isEnabled ?? true,
  zone: input.zone ?? known?.zone ?? 'VENUE',
  times: {
    days: input.days ?? known?.times.days ?? EVERY_DAY,
    dayparts: input.dayparts ?? known?.times.dayparts ?? [],
  },
  // Null says that it has none.
  condition: input.condition === undefined ? (known?.condition ?? null) : input.condition,
});
