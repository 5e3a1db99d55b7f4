import type { DisplayCause } from './display.ts';

/** What a device shall show from then on. Times are ISO 8601 in UTC. */
export interface LayoutPushedSnapshot {
  readonly deviceId: string;
  /** Null with nothing to show. */
  readonly layoutId: string | null;
  readonly revision: number | null;
  readonly cause: DisplayCause | null;
  /** With cause SCHEDULE. */
  readonly scheduleId: string | null;
  /** With cause TAKEOVER. */
  readonly takeoverId: string | null;
  /** Grows; a text. With it the device answers. */
  readonly displayVersion: string;
  readonly desiredAt: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.layout-pushed': LayoutPushedSnapshot;
  }
}
