/** A takeover that began, or ended. */
export interface TakeoverSnapshot {
  readonly takeoverId: string;
  readonly layoutId: string;
  readonly reason: string;
  /** How many screens it is for. */
  readonly devices: number;
  /** ISO 8601 in UTC. */
  readonly startedAt: string;
  readonly endsAt: string | null;
  readonly endedAt: string | null;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.takeover-started': TakeoverSnapshot;
    'signage.takeover-ended': TakeoverSnapshot;
  }
}
