import type { DeviceStatus } from './device-status.ts';

/** What a device is from then on. Times are ISO 8601 in UTC. */
export interface DeviceStatusSnapshot {
  readonly deviceId: string;
  readonly status: DeviceStatus;
  readonly previousStatus: DeviceStatus;
  readonly changedAt: string;
  readonly lastSeenAt: string;
  /** Grows; a text. */
  readonly statusVersion: string;
}

declare module '../events/events.ts' {
  interface EventMap {
    'signage.device-status-changed': DeviceStatusSnapshot;
  }
}

export const STATUS_EVENTS = ['signage.device-status-changed'] as const;
