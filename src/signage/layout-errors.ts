import { DomainError, VersionConflictError } from '../lib/errors.ts';

/** Another layout of the venue has this name. */
export class LayoutNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another layout of the venue has this name.', options);
  }
}

/** Somebody else has saved the layout since the caller read it. Nothing of either is lost: he has his, and reads the other. */
export class LayoutConflictError extends VersionConflictError {
  readonly layoutId: string;
  constructor(currentVersion: number, layoutId: string, options?: ErrorOptions) {
    super(currentVersion, options);
    this.layoutId = layoutId;
  }
}

/** Only what is published can be shown. */
export class LayoutNotPublishedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('The layout was never published: no screen can show it.', options);
  }
}

/** Screens show the layout, or are to by a schedule or a takeover. */
export class LayoutInUseError extends DomainError {
  readonly code = 'API_001';
  /** Which devices; at most 100. */
  readonly deviceIds: readonly string[];
  /** How many they are. */
  readonly devices: number;
  /** Which schedules; at most 100. */
  readonly scheduleIds: readonly string[];
  /** Which takeovers; at most 100. */
  readonly takeoverIds: readonly string[];
  constructor(
    {
      deviceIds,
      devices,
      scheduleIds,
      takeoverIds,
    }: Pick<LayoutInUseError, 'deviceIds' | 'devices' | 'scheduleIds' | 'takeoverIds'>,
    options?: ErrorOptions,
  ) {
    super('Screens show the layout, or are to. Say which one they show instead.', options);
    this.deviceIds = deviceIds;
    this.devices = devices;
    this.scheduleIds = scheduleIds;
    this.takeoverIds = takeoverIds;
  }
}
