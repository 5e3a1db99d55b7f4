import type { DeviceSignedIn } from '../auth/device-sign-in.ts';
import { AccountLockedError, DeviceCredentialsError } from '../auth/errors.ts';
import './auth-errors.ts';
import { sessionAnswer } from './auth-session.ts';
import { builder } from './builder.ts';
import { DeviceType } from './device-type.ts';

const AuthenticateDeviceSuccessType = sessionAnswer<DeviceSignedIn>('AuthenticateDeviceSuccess', {
  description: 'The sign-in of a device and its tokens. The session it had before is over.',
  message: 'Signed in.',
});

builder.objectField(AuthenticateDeviceSuccessType, 'device', (t) =>
  t.field({ type: DeviceType, description: 'Whose tokens they are.', resolve: ({ device }) => device }),
);

const AuthenticateDeviceInput = builder.inputType('AuthenticateDeviceInput', {
  description: 'Which device signs in, and how it shows that it is that one.',
  fields: (t) => ({
    venue: t.string({ required: true, description: 'The slug of its venue.' }),
    deviceNumber: t.string({ required: true, description: 'The number it is registered under.' }),
    serialNumber: t.string({ required: true, description: 'Its serial number, exactly as registered.' }),
    pairingCode: t.string({
      required: true,
      description:
        'The code that was shown when it was registered, in any case, with or without its hyphens.',
    }),
  }),
});

builder.mutationField('authenticateDevice', (t) =>
  t.field({
    type: AuthenticateDeviceSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: ({ input }) => input.deviceNumber,
    description:
      'Signs a device in, with the scope DEVICE and no other, and ends the session it had: a device has one at a time. Go on with `refreshToken`.',
    args: {
      input: t.arg({
        type: AuthenticateDeviceInput,
        required: true,
        description: 'Which device, and how it shows it.',
      }),
    },
    errors: { types: [DeviceCredentialsError, AccountLockedError], directResult: true },
    resolve: (_root, { input }, { auth, client }) => auth.authenticateDevice(input, client),
  }),
);
