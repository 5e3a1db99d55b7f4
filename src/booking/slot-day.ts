import type { Booking } from './booking.ts';
import type { Resource } from './resource.ts';
import { type Claim, type Slot, slotsOf } from './slot.ts';

/** A claim, and the booking it is of. */
export interface DayClaim extends Claim {
  readonly booking: Booking | null;
}

/** A day of a resource as one statement read it. */
export interface SlotDay {
  readonly resource: Resource;
  /** `YYYY-MM-DD`, by the venue's clock. */
  readonly day: string;
  readonly claims: readonly DayClaim[];
  readonly readAt: Date;
  /** Behind it in the log nothing lies that this shows. */
  readonly cursor: string;
}

/** Its slots in order. Computed once. */
export function slotsOfDay(day: SlotDay): readonly Slot<DayClaim>[] {
  const known = slots.get(day);
  if (known) return known;
  const made = slotsOf(day.resource, day.day, day.claims);
  slots.set(day, made);
  return made;
}

const slots = new WeakMap<SlotDay, readonly Slot<DayClaim>[]>();
