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

/** A day's slots, as its claims leave them. */
export function slotsOf<C extends Claim>(
  resource: Resource,
  day: string,
  claims: readonly C[],
): readonly Slot<C>[] {
  return slotTimesOf(resource, day, resource.timeZone).map((time) =>
    slotOf(resource, { ...time, day }, claims),
  );
}

export function slotOf<C extends Claim>(
  resource: Resource,
  time: SlotTime & { readonly day: string },
  claims: readonly C[],
): Slot<C> {
  const own = claims.filter(({ startsAt, endsAt }) => startsAt < time.endsAt && endsAt > time.startsAt);
  const free = freeSeats(resource, own);
  return { ...time, resource, free, state: stateOf(free, own), claims: own };
}

/** Seats that were given when there were more of them count as well. */
function freeSeats({ capacity, status }: Resource, claims: readonly Claim[]): number {
  if (status === 'CLOSED' || claims.some(({ kind }) => kind === 'BLOCK')) return 0;
  return Math.max(0, capacity - new Set(claims.map(({ firstSeat }) => firstSeat)).size);
}

function stateOf(free: number, claims: readonly Claim[]): SlotState {
  if (free > 0) return 'AVAILABLE';
  const isEvery = (kind: Claim['kind']) => claims.every((claim) => claim.kind === kind);
  if (claims.length === 0 || claims.some(({ kind }) => kind === 'BLOCK')) return 'BLOCKED';
  return isEvery('BOOKING') ? 'BOOKED' : 'HELD';
}
