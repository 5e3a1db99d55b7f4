import type { Resource } from './resource.ts';
import { type SlotTime, slotTimesOf } from './slot-times.ts';

/** AVAILABLE: somebody can have it. HELD: held or offered to somebody. BLOCKED: taken out by the venue. */
export type SlotState = 'AVAILABLE' | 'HELD' | 'BOOKED' | 'BLOCKED';

/** What claims time of a resource. */
export interface Claim {
  readonly id: string;
  readonly kind: 'BOOKING' | 'HOLD' | 'OFFER' | 'BLOCK';
  readonly firstSeat: number;
  readonly lastSeat: number;
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** Null for a block. */
  readonly userId: string | null;
  readonly bookingId: string | null;
  readonly holdId: string | null;
  readonly expiresAt: Date | null;
  readonly reason: string | null;
}

/** One interval of a resource, and who has it. */
export interface Slot<C extends Claim = Claim> extends SlotTime {
  readonly resource: Resource;
  readonly day: string;
  readonly state: SlotState;
  /** How many more can have it. */
  readonly free: number;
  readonly claims: readonly C[];
}

/** A slot that could be had when it was looked at. */
export type FreeSlot = Slot;

/** What of a claim tells which slots it takes, and how. */
export type ClaimedTime = Pick<Claim, 'kind' | 'firstSeat' | 'startsAt' | 'endsAt'>;

/** An interval, and how the claims on it leave it. */
export interface ClaimedSlot<C extends ClaimedTime> {
  readonly time: SlotTime;
  readonly state: SlotState;
  /** How many more can have it. */
  readonly free: number;
  readonly claims: readonly C[];
}

type Seats = Pick<Resource, 'capacity' | 'status'>;

/** A day's slots, as its claims leave them. */
export function slotsOf<C extends Claim>(
  resource: Resource,
  day: string,
  claims: readonly C[],
): readonly Slot<C>[] {
  const inOrder = [...claims].sort((a, b) => a.startsAt.getTime() - b.startsAt.getTime());
  return claimedSlots(resource, slotTimesOf(resource, day, resource.timeZone), inOrder).map(
    ({ time, ...slot }) => ({ ...time, ...slot, day, resource }),
  );
}

/** Both in order of their beginnings: slots do not overlap, claims may, and take parts of slots as well. */
export function claimedSlots<C extends ClaimedTime>(
  seats: Seats,
  times: readonly SlotTime[],
  claims: readonly C[],
): readonly ClaimedSlot<C>[] {
  const taken: C[][] = times.map(() => []);
  let first = 0;
  for (const claim of claims) {
    const startsMs = claim.startsAt.getTime();
    const endsMs = claim.endsAt.getTime();
    while (first < times.length && msOf(times[first]?.endsAt) <= startsMs) first += 1;
    for (let at = first; at < times.length && msOf(times[at]?.startsAt) < endsMs; at += 1)
      taken[at]?.push(claim);
  }
  return times.map((time, at) => ({ time, ...leftBy(seats, taken[at] ?? []) }));
}

const msOf = (at: Date | undefined): number => at?.getTime() ?? Number.NaN;

/** One slot, of whatever claims there are. */
export function slotOf<C extends Claim>(
  resource: Resource,
  time: SlotTime & { readonly day: string },
  claims: readonly C[],
): Slot<C> {
  const own = claims.filter(({ startsAt, endsAt }) => startsAt < time.endsAt && endsAt > time.startsAt);
  return { ...time, resource, ...leftBy(resource, own) };
}

function leftBy<C extends ClaimedTime>(seats: Seats, claims: readonly C[]) {
  const free = freeSeats(seats, claims);
  return { free, state: stateOf(free, claims), claims };
}

/** Seats that were given when there were more of them count as well. */
function freeSeats({ capacity, status }: Seats, claims: readonly ClaimedTime[]): number {
  if (status === 'CLOSED' || claims.some(({ kind }) => kind === 'BLOCK')) return 0;
  if (claims.length <= 1) return capacity - claims.length;
  return Math.max(0, capacity - new Set(claims.map(({ firstSeat }) => firstSeat)).size);
}

function stateOf(free: number, claims: readonly ClaimedTime[]): SlotState {
  if (free > 0) return 'AVAILABLE';
  const isEvery = (kind: Claim['kind']) => claims.every((claim) => claim.kind === kind);
  if (claims.length === 0 || claims.some(({ kind }) => kind === 'BLOCK')) return 'BLOCKED';
  return isEvery('BOOKING') ? 'BOOKED' : 'HELD';
}
