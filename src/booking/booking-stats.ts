import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { addDays, dayOf } from '../lib/calendar.ts';
import { NotFoundError, PermissionDeniedError, ValidationError } from '../lib/errors.ts';
import type { Read } from '../work.ts';
import type { BookingStatus } from './booking.ts';
import { type Counted, countByHour, countByStatus, countByUser } from './booking-stats-store.ts';
import { canSeeBookings } from './policy.ts';
import type { Resource } from './resource.ts';
import { findResourcesByIds } from './resource-store.ts';
import { slotTimesOf } from './slot-times.ts';

/** How resources were used in a time. Cancelled bookings count for `byStatus` alone. */
export interface BookingStats {
  readonly byStatus: readonly { readonly status: BookingStatus; readonly count: number }[];
  /** All 24 of the venue's clock. */
  readonly byHour: readonly { readonly hour: number; readonly count: number }[];
  readonly byUser: readonly { readonly userId: string; readonly count: number }[];
  readonly bookedSeconds: number;
  /** Of every slot that begins in it, as often as it can be had. */
  readonly openSeconds: number;
}

export const STATS_RESOURCES = 20;
export const STATS_DAYS = 92;
export const STATS_USERS = 20;
const DAY_MS = 86_400_000;

/** @throws PermissionDeniedError, NotFoundError, ValidationError */
export async function readBookingStats(
  { db, actor }: Pick<Read, 'actor'> & { readonly db: Kysely<Database> },
  counted: Counted,
): Promise<BookingStats> {
  const { venueId, from, to } = counted;
  if (!canSeeBookings(actor, venueId)) throw new PermissionDeniedError('see the bookings of all');
  const ids = [...new Set(counted.resourceIds)];
  if (ids.length < 1 || ids.length > STATS_RESOURCES)
    throw new ValidationError(`resourceIds takes 1 to ${STATS_RESOURCES}.`, { field: 'resourceIds' });
  if (from >= to || to.getTime() - from.getTime() > STATS_DAYS * DAY_MS)
    throw new ValidationError(`from lies before to, by ${STATS_DAYS} days at most.`, { field: 'from' });
  const resources = await findResourcesByIds(db, venueId, ids);
  if (resources.length < ids.length) throw new NotFoundError('resource');

  const [statuses, hours, byUser] = await Promise.all([
    countByStatus(db, counted),
    countByHour(db, counted),
    countByUser(db, counted, STATS_USERS),
  ]);
  const countOf = new Map(hours.map(({ hour, count }) => [hour, count]));
  return {
    byStatus: statuses.map(({ status, count }) => ({ status, count })),
    byHour: Array.from({ length: 24 }, (_, hour) => ({ hour, count: countOf.get(hour) ?? 0 })),
    byUser,
    bookedSeconds: sum(statuses.map(({ status, seconds }) => (status === 'CANCELLED' ? 0 : seconds))),
    openSeconds: sum(resources.map((resource) => openSecondsOf(resource, { from, to }))),
  };
}

function openSecondsOf(resource: Resource, { from, to }: { readonly from: Date; readonly to: Date }): number {
  const { timeZone, capacity } = resource;
  let openMs = 0;
  const last = dayOf(to, timeZone);
  for (let day = dayOf(from, timeZone); day <= last; day = addDays(day, 1))
    for (const { startsAt, endsAt } of slotTimesOf(resource, day, timeZone))
      if (startsAt >= from && startsAt < to) openMs += endsAt.getTime() - startsAt.getTime();
  return (openMs / 1_000) * capacity;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
