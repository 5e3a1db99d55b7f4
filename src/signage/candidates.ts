import type { LayoutAt } from './display.ts';
import type { PublishedSchedule } from './schedule-store.ts';
import { type TimesAt, timesAt } from './schedule-times.ts';
import { runsAt, type Takeover } from './takeover.ts';
import type { Screen } from './target-store.ts';
import { isMeant } from './targets.ts';
import { type Blocked, type Candidate, pushedCandidate } from './weighing.ts';

/** What of a venue can have its screens show something, by rank. */
export interface Rules {
  /** Of the screen, the newest first. */
  readonly takeovers: readonly (Takeover & { readonly published: LayoutAt | null })[];
  readonly schedules: readonly RankedSchedule[];
}

/** A schedule that is asked for its times once for each zone and instant. */
export interface RankedSchedule extends PublishedSchedule {
  readonly timesIn: (deviceZone: string | null) => TimesAt;
}

/** Schedules as they are at an instant. */
export const ranked = (
  schedules: readonly PublishedSchedule[],
  { at, venueZone }: { readonly at: Date; readonly venueZone: string },
): readonly RankedSchedule[] =>
  schedules.map((schedule) => {
    const known = new Map<string, TimesAt>();
    const timesIn = (deviceZone: string | null): TimesAt => {
      const zone = zoneFor(schedule, { deviceZone, venueZone });
      const times = known.get(zone) ?? timesAt(schedule.times, at, zone);
      known.set(zone, times);
      return times;
    };
    return { ...schedule, timesIn };
  });

/** Whose clock counts for a schedule on one screen. */
export const zoneFor = (
  { zone }: Pick<PublishedSchedule, 'zone'>,
  { deviceZone, venueZone }: { readonly deviceZone: string | null; readonly venueZone: string },
): string => (zone === 'DEVICE' ? (deviceZone ?? venueZone) : venueZone);

export interface TakeoverCandidate extends Candidate {
  readonly takeover: Takeover;
}

export interface ScheduleCandidate extends Candidate {
  readonly schedule: RankedSchedule;
}

export type AnyCandidate = Candidate | TakeoverCandidate | ScheduleCandidate;

/** Everything that may have a screen show something at an instant, by rank. A device that is no screen shows what it was pushed. */
export function* candidatesFor(
  screen: Screen | null,
  pushed: LayoutAt | null,
  { takeovers, schedules, at }: Rules & { readonly at: Date },
): Generator<AnyCandidate> {
  for (const takeover of takeovers)
    yield {
      takeover,
      wanted: takeover.published && { ...takeover.published, cause: 'TAKEOVER', causeId: takeover.id },
      blocked: takeover.published ? null : 'LAYOUT_NOT_PUBLISHED',
      timesAt: () => runsAt(takeover, at),
    };
  if (screen)
    for (const schedule of schedules)
      if (isMeant(schedule.targets, screen))
        yield {
          schedule,
          wanted: schedule.published && { ...schedule.published, cause: 'SCHEDULE', causeId: schedule.id },
          blocked: blockedBy(schedule),
          timesAt: () => schedule.timesIn(screen.timeZone),
        };
  yield pushedCandidate(pushed);
}

function blockedBy({ isEnabled, published, conditionState }: PublishedSchedule): Blocked | null {
  if (!isEnabled) return 'DISABLED';
  if (!published) return 'LAYOUT_NOT_PUBLISHED';
  return conditionState?.holds === false ? 'CONDITION_NOT_MET' : null;
}
