/** A device told what it showed. */
interface PlaysReported {
  readonly deviceId: string;
  readonly batchId: string;
  /** How many of them were not on record yet. */
  readonly recorded: number;
  /** When the first of those began and when the last; ISO 8601 in UTC. */
  readonly from: string;
  readonly to: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.plays-reported': PlaysReported;
  }
}
