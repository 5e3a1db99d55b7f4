import { findVenuesByIds } from '../auth/venue-store.ts';
import { NotFoundError, ValidationError } from '../lib/errors.ts';
import { formatInstant } from '../lib/time.ts';
import type { Read } from '../work.ts';
import { type AnyCandidate, candidatesFor, ranked, type ScheduleCandidate, zoneFor } from './candidates.ts';
import { type ConditionSubject, subjectIdOf } from './condition.ts';
import { readSubjects } from './condition-service.ts';
import { findDisplays } from './display-store.ts';
import { type Effective, explain } from './effective.ts';
import { canSeeShown } from './policy.ts';
import { listRanked } from './schedule-store.ts';
import { conditionText, timesText } from './schedule-text.ts';
import { listRunning } from './takeover-store.ts';
import { findScreens } from './target-store.ts';

/** As far as the days of a schedule lie. */
const MAX_AHEAD_MS = 4 * 365 * 86_400_000;

/**
 * What a screen shall show at an instant, now or later, by what is known now: conditions and takeovers are taken to go
 * on as they are.
 *
 * @throws NotFoundError, ValidationError
 */
export async function findEffective(
  read: Read,
  { venueId, deviceId, at }: { readonly venueId: string; readonly deviceId: string; readonly at: Date },
): Promise<Effective> {
  const { db, now } = read;
  const [venue] = canSeeShown(read.actor, { venueId, deviceId }) ? await findVenuesByIds(db, [venueId]) : [];
  const [screen] = await findScreens(db, venueId, [deviceId]);
  if (!venue || !screen) throw new NotFoundError('screen');
  if (at < now || at.getTime() > now.getTime() + MAX_AHEAD_MS)
    throw new ValidationError('at lies between now and four years ahead.', { field: 'at' });
  const [display] = await findDisplays(db, venueId, [deviceId]);
  const published = await listRanked(db, venueId, { mayBeOn: false });
  const rules = {
    takeovers: await listRunning(db, { deviceIds: [deviceId], at }),
    schedules: ranked(published, { at, venueZone: venue.timeZone }),
  };
  const candidates = [...candidatesFor(screen, display?.pushed ?? null, { ...rules, at })];
  const conditions = candidates.flatMap(
    (candidate) => ('schedule' in candidate && candidate.schedule.condition) || [],
  );
  const subjects = await readSubjects(read, venueId, conditions);
  const zones = { deviceZone: screen.timeZone, venueZone: venue.timeZone };
  const describe = (candidate: AnyCandidate): string => {
    if ('takeover' in candidate)
      return `The takeover of ${formatInstant(candidate.takeover.startedAt, venue.timeZone)} (${candidate.takeover.reason})`;
    if ('schedule' in candidate) return scheduleText(candidate, { ...zones, ...venue, subjects });
    return 'What it was pushed';
  };
  return { deviceId, at, ...explain(candidates, describe) };
}

/** `Schedule “Lunch” of priority 50 (Mon to Fri, 11:30 to 14:00; Europe/Vienna)` */
function scheduleText(
  { schedule }: ScheduleCandidate,
  {
    subjects,
    currency,
    ...zones
  }: {
    readonly subjects: ReadonlyMap<string, ConditionSubject>;
    readonly currency: string;
    readonly deviceZone: string | null;
    readonly venueZone: string;
  },
): string {
  const { name, priority, times, condition } = schedule;
  const subject = condition && subjects.get(subjectIdOf(condition));
  const held = condition ? `; ${conditionText(condition, subject ?? null, currency)}` : '';
  return `Schedule “${name}” of priority ${priority} (${timesText(times)}; ${zoneFor(schedule, zones)}${held})`;
}
