import type { Kysely } from 'kysely';
import type { Database } from '../db/schema.ts';
import { addDays, dayOf } from '../lib/calendar.ts';
import { NotFoundError } from '../lib/errors.ts';
import { findOwnBookingsAt } from './booking-store.ts';
import { listClaims, listClaimsOfEach } from './claim-store.ts';
import { SlotUnavailableError } from './errors.ts';
import type { Resource } from './resource.ts';
import { findResourcesByIds, listSomeResources } from './resource-store.ts';
import { type FreeSlot, type Slot, slotOf, slotsOf } from './slot.ts';
import { boundsOf, type SlotTime, slotTimeAt, slotTimesOf } from './slot-times.ts';

/** The slot that begins then. */
export interface WantedStart {
  readonly resourceId: string;
  readonly startsAt: Date;
}

/** Which slot is meant: the one that begins then, or the one of this number of a day. */
export type WantedSlot =
  | WantedStart
  | { readonly resourceId: string; readonly day: string; readonly index: number };

/** An interval of a resource, whoever has it. */
export interface PlacedSlot {
  readonly resource: Resource;
  readonly time: SlotTime;
}

/** @throws NotFoundError for no such resource, and for a time that is no slot of it */
export async function getSlot(
  db: Kysely<Database>,
  venueId: string,
  wanted: WantedSlot,
): Promise<PlacedSlot> {
  const [resource] = await findResourcesByIds(db, venueId, [wanted.resourceId]);
  if (!resource) throw new NotFoundError('resource');
  const time =
    'startsAt' in wanted
      ? slotTimeAt(resource, wanted.startsAt, resource.timeZone)
      : slotTimesOf(resource, wanted.day, resource.timeZone).find(({ index }) => index === wanted.index);
  if (!time) throw new NotFoundError('slot');
  return { resource, time };
}

/** The last day that can be booked now. */
export const horizonOf = ({ bookableDays, timeZone }: Resource, now: Date): string =>
  addDays(dayOf(now, timeZone), bookableDays);

/** @throws SlotUnavailableError for one that is over, too far ahead, or of a closed resource */
export function refuseUnlessBookable(slot: PlacedSlot, now: Date): void {
  const why = whyNotBookable(slot, now);
  if (why !== null) throw new SlotUnavailableError(why);
}

/** What was kept for somebody before it was closed can be booked no more. @throws SlotUnavailableError */
export function refuseClosed({ status }: Pick<Resource, 'status'>): void {
  if (status === 'CLOSED') throw new SlotUnavailableError(CLOSED);
}

const CLOSED = 'The resource is closed.';

/** For people; null: it can be booked, if nobody has it. */
export function whyNotBookable({ resource, time }: PlacedSlot, now: Date): string | null {
  if (resource.status === 'CLOSED') return CLOSED;
  if (time.endsAt <= now) return 'The slot is over.';
  if (dayOf(time.startsAt, resource.timeZone) > horizonOf(resource, now))
    return `The resource can be booked ${resource.bookableDays} days ahead at most.`;
  return null;
}

const DAY_MS = 86_400_000;

export interface FreeSlotQuery {
  /** Of one venue. */
  readonly resources: readonly Resource[];
  readonly from: Date;
  readonly to: Date;
  readonly now: Date;
  /** So many at most. */
  readonly limit: number;
}

/** What begins in this time and can be had now, by beginning. Day by day, so that no more is looked at than is wanted. */
export async function listFreeSlots(
  db: Kysely<Database>,
  { resources, from, to, now, limit }: FreeSlotQuery,
): Promise<readonly FreeSlot[]> {
  const [first] = resources;
  const open = resources
    .filter(({ status }) => status === 'ACTIVE')
    .map((resource) => ({ resource, lastDay: horizonOf(resource, now) }));
  const found: FreeSlot[] = [];
  // All that began on the days before is over.
  const start = new Date(Math.max(from.getTime(), now.getTime() - DAY_MS));
  for (const day of first ? daysBetween(first, start, to) : []) {
    if (found.length >= limit) break;
    const starting = open
      .filter(({ lastDay }) => day <= lastDay)
      .flatMap(({ resource }) =>
        slotTimesOf(resource, day, resource.timeZone)
          .filter(({ startsAt, endsAt }) => startsAt >= from && startsAt < to && endsAt > now)
          .map((time) => ({ resource, time: { ...time, day } })),
      );
    found.push(...(await freeOf(db, starting, now)));
  }
  return found.slice(0, limit);
}

type Starting = { readonly resource: Resource; readonly time: SlotTime & { readonly day: string } };

/** Those of these that can be had, by beginning. */
async function freeOf(
  db: Kysely<Database>,
  starting: readonly Starting[],
  now: Date,
): Promise<readonly FreeSlot[]> {
  if (starting.length === 0) return [];
  const time = (pick: (times: readonly number[]) => number, of: (slot: Starting) => Date) =>
    new Date(pick(starting.map((slot) => of(slot).getTime())));
  const from = time(
    (times) => times.reduce((a, b) => Math.min(a, b)),
    (slot) => slot.time.startsAt,
  );
  const to = time(
    (times) => times.reduce((a, b) => Math.max(a, b)),
    (slot) => slot.time.endsAt,
  );
  const ids = [...new Set(starting.map(({ resource }) => resource.id))];
  const claims = await listClaims(db, ids, { from, to, now });
  return starting
    .map(({ resource, time }) => slotOf(resource, time, claims.get(resource.id) ?? []))
    .filter(({ free }) => free > 0)
    .sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
}

const ALTERNATIVES = 5;
const NEIGHBOURS = 20;
/** More slots than four days have. */
const MAX_NEAR = 1_500;
const ALTERNATIVE_MS = 48 * 3_600_000;

/** What else could be had: of the resource in the two days around, and of others of its kind at the same time; the nearest first. */
export async function listAlternatives(
  db: Kysely<Database>,
  { resource, time }: PlacedSlot,
  now: Date,
): Promise<readonly FreeSlot[]> {
  const wantedMs = time.startsAt.getTime();
  const filter = { kind: resource.kind, status: 'ACTIVE' } as const;
  const alike = await listSomeResources(db, resource.venueId, { filter, limit: NEIGHBOURS });
  const [own, others] = await Promise.all([
    listFreeSlots(db, {
      resources: [resource],
      from: new Date(wantedMs - ALTERNATIVE_MS),
      to: new Date(wantedMs + ALTERNATIVE_MS),
      now,
      limit: MAX_NEAR,
    }),
    listFreeSlots(db, {
      resources: alike.filter(({ id }) => id !== resource.id),
      from: time.startsAt,
      to: new Date(wantedMs + 1),
      now,
      limit: ALTERNATIVES,
    }),
  ]);
  const distance = ({ startsAt }: Slot) => Math.abs(startsAt.getTime() - wantedMs);
  return [...others, ...own.filter(({ startsAt }) => startsAt.getTime() !== wantedMs)]
    .sort((a, b) => distance(a) - distance(b))
    .slice(0, ALTERNATIVES);
}

/** A day of a resource as it stands. */
export async function readSlots(
  db: Kysely<Database>,
  resource: Resource,
  { day, now }: { readonly day: string; readonly now: Date },
): Promise<readonly Slot[]> {
  const claims = await listClaims(db, [resource.id], { ...boundsOf(day, resource.timeZone), now });
  return slotsOf(resource, day, claims.get(resource.id) ?? []);
}

/** The days of a resource that share an instant with this time. */
function daysBetween({ timeZone }: Resource, from: Date, to: Date): readonly string[] {
  const days: string[] = [];
  const last = dayOf(new Date(to.getTime() - 1), timeZone);
  for (let day = dayOf(from, timeZone); day <= last; day = addDays(day, 1)) days.push(day);
  return days;
}

/** Those of these that are slots, and who has them; in no order. */
export async function findSlots(
  db: Kysely<Database>,
  venueId: string,
  {
    wanted,
    now,
  }: {
    readonly wanted: readonly WantedStart[];
    readonly now: Date;
  },
): Promise<readonly Slot[]> {
  const ids = [...new Set(wanted.map(({ resourceId }) => resourceId))];
  const resources = new Map((await findResourcesByIds(db, venueId, ids)).map((each) => [each.id, each]));
  const placed = wanted.flatMap(({ resourceId, startsAt }) => {
    const resource = resources.get(resourceId);
    const time = resource && slotTimeAt(resource, startsAt, resource.timeZone);
    return time ? [{ resource, time: { ...time, day: dayOf(startsAt, resource.timeZone) } }] : [];
  });
  const times = placed.map(({ resource, time }) => ({ ...time, resourceId: resource.id }));
  const claims = await listClaimsOfEach(db, times, now);
  return placed.map(({ resource, time }, at) => slotOf(resource, time, claims[at] ?? []));
}

/**
 * The bookings somebody has of a slot, as the slot shows them to him: those that take any of its time, the first one
 * first. Where the resource has no slot then any more, those that begin then.
 */
export async function findOwnBookings(
  db: Kysely<Database>,
  venueId: string,
  { userId, now, ...wanted }: { readonly userId: string; readonly now: Date } & WantedStart,
): Promise<readonly string[]> {
  const [slot] = await findSlots(db, venueId, { wanted: [wanted], now });
  if (!slot) return await findOwnBookingsAt(db, venueId, { ...wanted, userId });
  return slot.claims.flatMap((claim) => (claim.userId === userId ? (claim.bookingId ?? []) : []));
}
