import { NotFoundError, ValidationError } from '../lib/errors.ts';
import type { Work } from '../work.ts';
import {
  countStays,
  findFreeSpaces,
  findFreeUntil,
  findOtherLots,
  isSpaceTakenNow,
} from './claim-search-store.ts';
import type { Time } from './claim-store.ts';
import { LotFullError, ParkingClosedError, SpaceTakenError } from './errors.ts';
import type { ParkingLot } from './lot.ts';
import type { SpaceKind } from './space.ts';
import { findSpacesByIds } from './space-store.ts';

const MOST_ALTERNATIVES = 5;
const DAY_MS = 86_400_000;

/** A place that is wanted: one space, any of a kind, or anywhere on the lot. */
export interface WantedPlace {
  readonly spaceId: string | null;
  readonly kind: SpaceKind | null;
}

/** Which cars stand in the way: what a sensor sees on a space may be the very car that asks for it. */
type Cars = 'ALL' | 'OF_STAYS' | 'NONE';

/**
 * The space to claim of a lot that is locked, or null for anywhere on it. Where the time has begun there must be room
 * among the cars that stand there as well, and for those who have reserved and are expected.
 *
 * @throws NotFoundError, ParkingClosedError, LotFullError, SpaceTakenError
 */
export async function findPlace(
  work: Work,
  lot: ParkingLot,
  { spaceId, kind, startsAt, endsAt, isThere }: WantedPlace & Time & { readonly isThere: boolean },
): Promise<string | null> {
  const time = { startsAt, endsAt };
  await refuseClosed(work, lot, spaceId);
  const isNow = startsAt <= work.now;
  const cars = isThere && spaceId !== null ? 'OF_STAYS' : 'ALL';
  if (isNow && (await roomNow(work, lot, cars)) <= 0) throw await lotFull(work, lot, time);
  await refuseClaimed(work, lot, { spaceId, ...time, cars: isNow ? cars : 'NONE' });
  if (spaceId !== null || kind === null) return spaceId;
  const wanted = { kind, ...time, now: isNow ? work.now : null, limit: 1 };
  const [free] = await findFreeSpaces(work.tx, lot, wanted);
  if (free === undefined) throw await lotFull(work, lot, time);
  return free;
}

/**
 * Refuses what others have claimed of a lot that is locked, and of a space of it, and a space on which a car stands.
 *
 * @throws LotFullError, SpaceTakenError
 */
export async function refuseClaimed(
  work: Work,
  lot: ParkingLot,
  {
    spaceId,
    startsAt,
    endsAt,
    cars,
    except = null,
  }: Time & {
    readonly spaceId: string | null;
    readonly cars: Cars;
    /** The reservation whose own claim does not stand in the way. */
    readonly except?: string | null;
  },
): Promise<void> {
  const time = { startsAt, endsAt, except };
  const lotUntil = await findFreeUntil(work.tx, lot, { spaceId: null, ...time });
  if (lotUntil === null || lotUntil < endsAt) throw await lotFull(work, lot, time, lotUntil);
  if (spaceId === null) return;
  const isTaken = await isStoodOn(work, lot, { spaceId, cars });
  const freeUntil = isTaken ? null : await findFreeUntil(work.tx, lot, { spaceId, ...time });
  if (freeUntil !== null && freeUntil >= endsAt) return;
  const otherSpaceIds = await findFreeSpaces(work.tx, lot, {
    kind: null,
    like: spaceId,
    startsAt,
    endsAt,
    now: startsAt <= work.now ? work.now : null,
    limit: MOST_ALTERNATIVES,
  });
  throw new SpaceTakenError(spaceId, { freeUntil, otherSpaceIds });
}

/** Refuses a lot that takes no cars, and a space of it that is none or takes none. @throws NotFoundError, ParkingClosedError */
export async function refuseClosed(work: Work, lot: ParkingLot, spaceId: string | null): Promise<void> {
  if (lot.status !== 'ACTIVE') throw new ParkingClosedError('lot');
  if (spaceId !== null) await refuseClosedSpace(work, lot, spaceId);
}

/** Refuses a space that is none of the lot, or takes no cars. @throws NotFoundError, ParkingClosedError */
export async function refuseClosedSpace({ tx, now }: Work, lot: ParkingLot, spaceId: string): Promise<void> {
  const [space] = await findSpacesByIds(tx, lot.venueId, { ids: [spaceId], now });
  if (space?.lotId !== lot.id) throw new NotFoundError('parking space');
  if (space.status !== 'ACTIVE') throw new ParkingClosedError('space');
}

/**
 * How many cars get in now besides those that are expected. As many stand there as the stays say, or as gates and
 * sensors saw lately, if that is more.
 */
export async function roomNow(
  { tx }: Work,
  { id, capacity, countedBy, occupancy }: ParkingLot,
  cars: Cars = 'ALL',
): Promise<number> {
  const isSeen = countedBy === 'GATES' || (countedBy === 'SENSORS' && cars === 'ALL');
  const seen = isSeen && !occupancy.isStale ? occupancy.occupied : 0;
  return capacity - Math.max(await countStays(tx, id), seen) - occupancy.reserved;
}

/** Whether as many cars of stays stand there as it takes: nobody gets in, whatever he has reserved. */
export const isPacked = async ({ tx }: Work, { id, capacity }: ParkingLot): Promise<boolean> =>
  (await countStays(tx, id)) >= capacity;

/** Whether a car stands on a space. */
export async function isStoodOn(
  { tx, now }: Work,
  { staleAfterSeconds }: ParkingLot,
  { spaceId, cars }: { readonly spaceId: string; readonly cars: Cars },
): Promise<boolean> {
  if (cars === 'NONE') return false;
  return await isSpaceTakenNow(tx, spaceId, { now: cars === 'ALL' ? now : null, staleAfterSeconds });
}

/**
 * Refuses a time that is none, is over, or is too far ahead.
 *
 * @throws ValidationError of what the command calls its end
 */
export function refuseTooLong(
  { reservableDays }: ParkingLot,
  { startsAt, endsAt, field = 'endsAt' }: Time & { readonly field?: string },
  now: Date,
): void {
  if (endsAt <= startsAt) throw new ValidationError('The time ends after it begins.', { field });
  if (endsAt <= now) throw new ValidationError('The time does not lie in the past.', { field });
  if (endsAt.getTime() - now.getTime() > reservableDays * DAY_MS)
    throw new ValidationError(`Places of this lot can be had ${reservableDays} days ahead.`, { field });
}

async function lotFull(
  { tx, now }: Work,
  lot: ParkingLot,
  { startsAt, endsAt }: Time,
  freeUntil: Date | null = null,
): Promise<LotFullError> {
  const otherLotIds = await findOtherLots(tx, lot, { startsAt, endsAt, now, limit: MOST_ALTERNATIVES });
  return new LotFullError(lot.id, { freeUntil, otherLotIds });
}
