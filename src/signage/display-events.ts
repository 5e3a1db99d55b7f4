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

interface ReportSnapshot {
  readonly deviceId: string;
  /** Null with nothing to show. */
  readonly layoutId: string | null;
  readonly revision: number | null;
  readonly displayVersion: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.layout-pushed': LayoutPushedSnapshot;
    /** The device says that it shows it. */
    'signage.layout-applied': ReportSnapshot & { readonly appliedAt: string };
    /** The device says that it cannot show it, and why in its words. */
    'signage.layout-failed': ReportSnapshot & { readonly reason: string; readonly failedAt: string };
  }
}
