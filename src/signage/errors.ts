import { DomainError } from '../lib/errors.ts';
import type { UploadRejection } from './stored-file.ts';

/** A device that has to be reached at once does not report. */
export class DeviceOfflineError extends DomainError {
  readonly code = 'API_040';
  readonly deviceIds: readonly string[];
  constructor(deviceIds: readonly string[], options?: ErrorOptions) {
    super(deviceIds.length === 1 ? 'The device is offline.' : 'Some of the devices are offline.', options);
    this.deviceIds = deviceIds;
  }
}

/** What was told of a command comes too late, or contradicts what was told before. */
export class CommandEndedError extends DomainError {
  readonly code = 'API_001';
  readonly commandId: string;
  constructor(commandId: string, options?: ErrorOptions) {
    super('The command has ended otherwise.', options);
    this.commandId = commandId;
  }
}

/** Another group of the venue has this name. */
export class DeviceGroupNameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another group of devices has this name.', options);
  }
}

/** A file was not taken, and nothing of it is kept. */
export class UploadRejectedError extends DomainError {
  readonly code = 'API_041';
  readonly rejection: UploadRejection;
  constructor(rejection: UploadRejection, message: string, options?: ErrorOptions) {
    super(message, options);
    this.rejection = rejection;
  }
}

/** What keeps the files is away, or can do nothing now. */
export class StorageUnavailableError extends DomainError {
  readonly code = 'SYS_003';
  constructor(options?: ErrorOptions) {
    super('The storage of files does not answer. Try again shortly.', options);
  }
}

/** It is shown, or would be: what shows it is to let go of it first, hence API_001. */
export class MediaInUseError extends DomainError {
  readonly code = 'API_001';
  readonly playlistIds: readonly string[];
  readonly layoutIds: readonly string[];
  constructor(
    users: { readonly playlistIds: readonly string[]; readonly layoutIds: readonly string[] },
    options?: ErrorOptions,
  ) {
    super('Playlists or layouts show it. Take it out of them, or give detach.', options);
    this.playlistIds = users.playlistIds;
    this.layoutIds = users.layoutIds;
  }
}

/** Layouts show it, or would: they are to let go of it first, hence API_001. */
export class PlaylistInUseError extends DomainError {
  readonly code = 'API_001';
  readonly layoutIds: readonly string[];
  constructor(layoutIds: readonly string[], options?: ErrorOptions) {
    super('Layouts show it. Take it out of them first.', options);
    this.layoutIds = layoutIds;
  }
}

/** Another firmware for the same devices has this version. */
export class FirmwareVersionTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('Another firmware for the same devices has this version.', options);
  }
}

/** A device is given one firmware at a time. */
export class DeviceUpdatingError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('One of the devices is being given another firmware. Wait until that has ended.', options);
  }
}

/** What was told of a firmware comes too late, or contradicts what was told before. */
export class UpdateEndedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('The update has ended otherwise.', options);
  }
}
