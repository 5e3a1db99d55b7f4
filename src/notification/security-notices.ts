import type { EventType, LoggedEvent } from '../events/events.ts';
import { type Notice, type NoticeRule, type NoticeRules, STAFF } from './notice.ts';

/** What people are told of their own accounts; and staff of devices that sign in. */
export const SECURITY_NOTICES: NoticeRules = {
  'auth.password-changed': toOwner('WARNING', 'Your password was changed.'),
  'auth.password-reset': toOwner('WARNING', 'Your password was reset by mail, and all sessions ended.'),
  'auth.email-changed': toOwner('WARNING', 'Your account has another e-mail address.'),
  'auth.second-factor-confirmed': toOwner('SUCCESS', 'Sign-ins ask for a second factor from now on.'),
  'auth.second-factor-disabled': toOwner('WARNING', 'Sign-ins ask for no second factor any more.'),
  'auth.user-locked': toOwner('CRITICAL', 'Your account was locked.'),
  'auth.user-unlocked': toOwner('INFO', 'Your account is open again.'),
  'auth.recovery-code-used': ({ payload: { userId, codesLeft } }) =>
    aboutAccount(userId, 'WARNING', `Somebody signed in with a recovery code; ${codesLeft} are left.`, {
      codesLeft,
    }),
  'auth.roles-changed': ({ payload: { userId, roles, grants } }) =>
    aboutAccount(
      userId,
      'INFO',
      roles.length === 0
        ? 'You have no role here any more.'
        : `You are ${roles.join(', ')} here from now on.`,
      { roles, grants },
    ),
  // A stranger who guesses from one address is shut out there; that is no news to who is let in.
  'auth.account-locked-out': ({ payload: { userId, deviceId, kind, scope } }) => {
    if (scope !== 'ACCOUNT') return null;
    if (deviceId !== undefined)
      return {
        ...aboutDevice('WARNING', 'A device was shut out: its pairing code is being guessed.'),
        data: { deviceId },
      };
    if (userId === null) return null;
    const message = 'Somebody keeps guessing how to sign in to your account: it is shut for a while.';
    return aboutAccount(userId, 'CRITICAL', message, { kind });
  },
  'auth.session-revoked': ({ payload }) =>
    payload.reason === 'REFRESH_TOKEN_REUSED' && 'userId' in payload
      ? aboutAccount(
          payload.userId,
          'CRITICAL',
          'A session of yours was ended: what it is renewed with was used twice, so somebody may have a copy.',
          { sessionId: payload.sessionId },
        )
      : null,
  'auth.api-key-created': ({ actor, payload: { apiKeyId, scopes } }) =>
    actor.kind === 'user' && actor.id !== null
      ? aboutAccount(actor.id, 'INFO', 'An API key was made in your name.', { apiKeyId, scopes })
      : null,
  'auth.device-registered': ({ payload: { deviceId } }) => ({
    ...aboutDevice('INFO', 'A device was registered.'),
    data: { deviceId },
  }),
};

type OwnEventType = {
  [T in EventType]: LoggedEvent<T>['payload'] extends { readonly userId: string } ? T : never;
}[EventType];

function toOwner(severity: Notice['severity'], message: string): NoticeRule<OwnEventType> {
  return ({ payload: { userId } }) => aboutAccount(userId, severity, message);
}

const aboutAccount = (
  userId: string,
  severity: Notice['severity'],
  message: string,
  data: Notice['data'] = {},
): Notice => ({ to: { userIds: [userId] }, type: 'SECURITY', severity, message, data });

const aboutDevice = (severity: Notice['severity'], message: string) =>
  ({ to: STAFF, type: 'DEVICE', severity, message }) as const;
