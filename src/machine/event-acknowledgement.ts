import type { Requester } from './command.ts';

/** That somebody has taken note of a machine's event. There is one at most, and it stays. */
export interface EventAcknowledgement {
  readonly eventId: string;
  readonly venueId: string;
  /** What he wrote to it. */
  readonly note: string | null;
  readonly acknowledgedAt: Date;
  /** Null when floorwire itself did. */
  readonly acknowledgedBy: Requester | null;
}
