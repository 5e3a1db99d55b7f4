import { ValidationError } from '../lib/errors.ts';
import { parseWords } from './command.ts';

/** Whether a device is there, as the server judges it by what it hears. */
export type DeviceStatus = 'ONLINE' | 'STALE' | 'OFFLINE';

export const DEVICE_STATUSES = ['ONLINE', 'STALE', 'OFFLINE'] as const satisfies readonly DeviceStatus[];

/** What a device says of itself; null for what it does not say. */
export interface DeviceHealth {
  /** Since it started. */
  readonly uptimeSeconds: number | null;
  /** Of its storage. */
  readonly freeBytes: bigint | null;
  readonly temperatureCelsius: number | null;
  readonly softwareVersion: string | null;
  readonly firmwareVersion: string | null;
  readonly message: string | null;
}

/** How a device is known to be. */
export interface DeviceStanding {
  readonly deviceId: string;
  readonly venueId: string;
  readonly status: DeviceStatus;
  /** Since when; of one that never reported, since it is registered. */
  readonly since: Date;
  /** When it last reported; null: it never did. */
  readonly seenAt: Date | null;
  /** Grows with every change of the status; 0 before the first. */
  readonly version: bigint;
  /** What it said then. */
  readonly health: DeviceHealth | null;
}

/** A change of status. */
export interface DeviceStatusChange {
  readonly id: string;
  readonly venueId: string;
  readonly deviceId: string;
  readonly status: DeviceStatus;
  readonly previousStatus: DeviceStatus;
  readonly changedAt: Date;
  /** When the device had last reported. */
  readonly seenAt: Date;
}

/** A report counts as missed half an interval after it was due: networks and clocks are not exact. */
const GRACE = 0.5;

/** After so long without a report the first, or the second, is missed. */
const missedMs = (reports: 1 | 2, heartbeatMs: number) => (reports + GRACE) * heartbeatMs;

/** STALE with one report missed, OFFLINE with two. */
export function statusAfter(silentMs: number, heartbeatMs: number): DeviceStatus {
  if (silentMs < missedMs(1, heartbeatMs)) return 'ONLINE';
  return silentMs < missedMs(2, heartbeatMs) ? 'STALE' : 'OFFLINE';
}

/** When silence changes this status; null: never more. */
export function dueAt(status: DeviceStatus, seenAt: Date, heartbeatMs: number): Date | null {
  if (status === 'OFFLINE') return null;
  return new Date(seenAt.getTime() + missedMs(status === 'ONLINE' ? 1 : 2, heartbeatMs));
}

const VERSION = /^[\x21-\x7e]{1,64}$/;
/** Colder and hotter than anything that still reports. */
const CELSIUS = { min: -100, max: 200 };
const MAX_BYTES = 2n ** 63n - 1n;

/** @throws ValidationError */
export function parseHealth(said: DeviceHealth): DeviceHealth {
  const { uptimeSeconds, freeBytes, temperatureCelsius: celsius, softwareVersion, firmwareVersion } = said;
  if (uptimeSeconds !== null && uptimeSeconds < 0)
    throw new ValidationError('uptime is not negative.', { field: 'uptime' });
  if (freeBytes !== null && (freeBytes < 0n || freeBytes > MAX_BYTES))
    throw new ValidationError('freeBytes takes 0 to 2^63 - 1.', { field: 'freeBytes' });
  if (celsius !== null && (celsius < CELSIUS.min || celsius > CELSIUS.max))
    throw new ValidationError(`temperatureCelsius takes ${CELSIUS.min} to ${CELSIUS.max}.`, {
      field: 'temperatureCelsius',
    });
  for (const [name, version] of Object.entries({ softwareVersion, firmwareVersion }))
    if (version !== null && !VERSION.test(version))
      throw new ValidationError(`${name} takes 1 to 64 printable ASCII characters without blanks.`, {
        field: name,
      });
  return { ...said, message: parseWords(said.message) };
}
