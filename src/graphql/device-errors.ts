import { DeviceNumberTakenError, SerialNumberTakenError } from '../auth/errors.ts';
import { CommandEndedError, DeviceGroupNameTakenError, DeviceOfflineError } from '../signage/errors.ts';
import { DeviceType } from './device-type.ts';
import './domain-errors.ts';
import { errorType } from './error-type.ts';

/** What registering devices and telling them to do something may answer with besides; importing this file puts it into the schema. */

errorType(DeviceNumberTakenError, {
  name: 'DeviceNumberTakenError',
  description: 'Another device of the venue has this number. Code API_001.',
});

errorType(SerialNumberTakenError, {
  name: 'SerialNumberTakenError',
  description: 'Another device of the venue has this serial number. Code API_001.',
});

errorType(DeviceGroupNameTakenError, {
  name: 'DeviceGroupNameTakenError',
  description: 'Another group of devices of the venue has this name. Code API_001.',
});

errorType(DeviceOfflineError, {
  name: 'DeviceOfflineError',
  description:
    'A device that has to be reached at once is not ONLINE; nothing was sent to any. Code API_040.',
  fields: (t) => ({
    devices: t.field({
      type: [DeviceType],
      description: 'Which are not.',
      resolve: ({ deviceIds }) => [...deviceIds],
    }),
  }),
});

errorType(CommandEndedError, {
  name: 'CommandEndedError',
  description:
    'It is too late to say anything of this command, or it was said to have ended otherwise. Code API_001.',
  fields: (t) => ({
    commandId: t.globalID({
      description: 'Which command.',
      resolve: ({ commandId }) => ({ type: 'DeviceCommand', id: commandId }),
    }),
  }),
});
