import { DeviceUpdatingError, FirmwareVersionTakenError, UpdateEndedError } from '../signage/errors.ts';
import { errorType } from './error-type.ts';

/** What giving devices another firmware may answer with besides; importing this file puts it into the schema. */

errorType(FirmwareVersionTakenError, {
  name: 'FirmwareVersionTakenError',
  description: 'Another firmware for the same devices has this version. Code API_001.',
});

errorType(DeviceUpdatingError, {
  name: 'DeviceUpdatingError',
  description:
    'One of the devices is being given another firmware, which has to end first; nothing was begun. Code API_001.',
});

errorType(UpdateEndedError, {
  name: 'UpdateEndedError',
  description:
    'What the device was offered has ended otherwise: it was cancelled, gave out, or was said to have ended. Code API_001.',
});
