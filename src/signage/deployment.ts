import type { Actor } from '../lib/actor.ts';
import { ValidationError } from '../lib/errors.ts';

/** One firmware on its way to devices, so many at a time. */
export interface Deployment {
  readonly id: string;
  readonly venueId: string;
  readonly firmwareId: string;
  readonly batchSize: number;
  /** With more of them nothing more is offered. */
  readonly maxFailures: number;
  /** For so long a device may be silent before it counts as failed. */
  readonly timeoutSeconds: number;
  readonly state: DeploymentState;
  readonly createdAt: Date;
  readonly createdBy: { readonly kind: Actor['kind']; readonly id: string | null };
  /** When the last of its devices was through. */
  readonly finishedAt: Date | null;
}

export type DeploymentState = 'RUNNING' | 'STOPPED' | 'FINISHED';

/** What a deployment is to one of its devices. */
export interface FirmwareUpdate {
  readonly id: string;
  readonly venueId: string;
  readonly deploymentId: string;
  readonly deviceId: string;
  /** From 0 on. */
  readonly batch: number;
  readonly state: UpdateState;
  /** How much of the state it is in is done; null: not said. */
  readonly percent: number | null;
  /** Of one that has failed. */
  readonly failure: UpdateFailure | null;
  /** What the device says of it. */
  readonly message: string | null;
  readonly createdAt: Date;
  readonly offeredAt: Date | null;
  readonly progressedAt: Date | null;
  readonly finishedAt: Date | null;
  /** With no word until then it has failed. */
  readonly dueAt: Date | null;
}

/** In the order it goes through them; the last three are ends. */
const UPDATE_STATES = [
  'PENDING',
  'OFFERED',
  'DOWNLOADING',
  'VERIFYING',
  'INSTALLING',
  'UP_TO_DATE',
  'FAILED',
  'CANCELLED',
] as const;

export type UpdateState = (typeof UPDATE_STATES)[number];

/** What a device says has become of what it was offered. */
export type UpdateReport = Exclude<UpdateState, 'PENDING' | 'OFFERED' | 'CANCELLED'>;

export const UPDATE_FAILURES = [
  'CHECKSUM_MISMATCH',
  'DOWNLOAD_FAILED',
  'INCOMPATIBLE',
  'INSTALL_FAILED',
  'TIMED_OUT',
  'OTHER',
] as const;

export type UpdateFailure = (typeof UPDATE_FAILURES)[number];

export const MAX_DEVICES = 100;
export const MAX_GROUP_DEVICES = 1_000;
const TIMEOUT_SECONDS = { min: 60, max: 7 * 86_400 };

/** How a deployment goes about it. @throws ValidationError */
export function parsePace(pace: {
  readonly batchSize: number;
  readonly maxFailures: number;
  readonly timeoutSeconds: number;
}): Pick<Deployment, 'batchSize' | 'maxFailures' | 'timeoutSeconds'> {
  const { batchSize, maxFailures, timeoutSeconds } = pace;
  if (batchSize < 1 || batchSize > MAX_GROUP_DEVICES)
    throw new ValidationError(`batchSize takes 1 to ${MAX_GROUP_DEVICES}.`, { field: 'batchSize' });
  if (maxFailures < 0) throw new ValidationError('maxFailures takes 0 or more.', { field: 'maxFailures' });
  const { min, max } = TIMEOUT_SECONDS;
  if (timeoutSeconds < min || timeoutSeconds > max)
    throw new ValidationError('timeout takes PT1M to P7D.', { field: 'timeout' });
  return { batchSize, maxFailures, timeoutSeconds };
}

const placeOf = (state: UpdateState): number => UPDATE_STATES.indexOf(state);

export const hasEnded = (state: UpdateState): boolean => placeOf(state) >= placeOf('UP_TO_DATE');

/** Whether a device that says this says nothing new: it has said so, or has gone on since. */
export function isRepeated(
  { state, percent }: Pick<FirmwareUpdate, 'state' | 'percent'>,
  report: { readonly state: UpdateReport; readonly percent: number | null },
): boolean {
  if (state === 'CANCELLED' || state === 'PENDING') return false;
  if (state === report.state) return hasEnded(state) || (report.percent ?? 0) <= (percent ?? 0);
  return !hasEnded(report.state) && placeOf(report.state) < placeOf(state);
}
