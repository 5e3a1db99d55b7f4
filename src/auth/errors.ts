import { DomainError } from '../lib/errors.ts';
import type { PasswordRule } from './password.ts';

/** The sign-in is wrong: unknown user, wrong password or wrong venue, all alike; or an account that may not sign in. */
export class InvalidCredentialsError extends DomainError {
  readonly code = 'AUTH_001';
  constructor(options?: ErrorOptions) {
    super('The username, the password or the venue is wrong.', options);
  }
}

/** Too many wrong guesses: nothing is tried until the time is over, and the right one is refused too. */
export class AccountLockedError extends DomainError {
  readonly code = 'AUTH_005';
  readonly until: Date;
  readonly retryAfterMs: number;
  constructor(
    { until, retryAfterMs }: { readonly until: Date; readonly retryAfterMs: number },
    options?: ErrorOptions,
  ) {
    super('Too many wrong sign-ins. Try again later.', options);
    this.until = until;
    this.retryAfterMs = retryAfterMs;
  }
}

/** The sign-in of a device is wrong: unknown venue or number, wrong serial number or code, all alike; or a device that was removed. */
export class DeviceCredentialsError extends DomainError {
  readonly code = 'AUTH_001';
  constructor(options?: ErrorOptions) {
    super('The venue, the device number, the serial number or the pairing code is wrong.', options);
  }
}

/** Another device of the venue has this number. */
export class DeviceNumberTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This device number is already taken.', options);
  }
}

/** Another device of the venue has this serial number. */
export class SerialNumberTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('A device with this serial number is already registered.', options);
  }
}

/** The access token was genuine, and its time is over. */
export class TokenExpiredError extends DomainError {
  readonly code = 'AUTH_002';
  constructor(options?: ErrorOptions) {
    super('The access token has expired. Refresh it, or sign in again.', options);
  }
}

/** Not a token of ours: malformed, forged, of another kind, for another server, or not valid yet. */
export class TokenInvalidError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('The access token is not valid.', options);
  }
}

/** A realtime token, where the power of an access token is asked for. */
export class TokenKindError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('This is a realtime token, and an access token is expected here.', options);
  }
}

/** What a socket was to begin or go on with is not good for it. The text says what would be. */
export class SocketTokenRefusedError extends DomainError {
  readonly code = 'WS_002';
}

/** Not a refresh token of ours, or one of a session that is long over. */
export class RefreshTokenInvalidError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('The refresh token is not valid. Sign in again.', options);
  }
}

/** A refresh token came a second time: somebody has a copy, so its session is over for everybody. */
export class RefreshTokenReusedError extends DomainError {
  readonly code = 'AUTH_009';
  constructor(options?: ErrorOptions) {
    super('This refresh token was used before, so its session was ended. Sign in again.', options);
  }
}

/** The password was right, and the account asks for a code besides. */
export class SecondFactorRequiredError extends DomainError {
  readonly code = 'AUTH_006';
  /** What `verifySecondFactor` takes beside the code. */
  readonly challenge: string;
  readonly expiresAt: Date;
  constructor({ challenge, expiresAt }: { challenge: string; expiresAt: Date }, options?: ErrorOptions) {
    super('Enter a code of your second factor: verifySecondFactor.', options);
    this.challenge = challenge;
    this.expiresAt = expiresAt;
  }
}

/** The code is wrong, or was taken before. */
export class SecondFactorWrongError extends DomainError {
  readonly code = 'AUTH_007';
  /** How many more codes the challenge takes; null where there is no challenge. */
  readonly triesLeft: number | null;
  constructor(triesLeft: number | null = null, options?: ErrorOptions) {
    super('The code is wrong or was used before.', options);
    this.triesLeft = triesLeft;
  }
}

/** The challenge was never given out, is over, or its account is not what it was when it was given. */
export class SignInChallengeInvalidError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('This sign-in is over. Start again with the password.', options);
  }
}

/** There is a second factor already. The request is to be changed, hence API_001. */
export class SecondFactorEnabledError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('There is a second factor already. Disable it first: disableSecondFactor.', options);
  }
}

export class EmailTakenError extends DomainError {
  readonly code = 'AUTH_010';
  constructor(options?: ErrorOptions) {
    super('This e-mail address is already registered.', options);
  }
}

/** Another account has this username. The input is to be changed, hence API_001. */
export class UsernameTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This username is already taken.', options);
  }
}

/** Another venue has this slug. */
export class VenueSlugTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This venue slug is already taken.', options);
  }
}

/** The venue would be left without an ADMIN who can sign in. Somebody else is to become one first, hence API_001. */
export class LastAdminError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This is the last ADMIN of a venue. Make somebody else ADMIN first.', options);
  }
}

/** The account has money, or money is on its way to or from it. It is to be paid out first, hence API_001. */
export class AccountHasMoneyError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super(
      'A wallet of the account has money, or a transfer with a machine is under way. Have it paid out first.',
      options,
    );
  }
}

const MESSAGES: Readonly<Record<PasswordRule, (minLength: number) => string>> = {
  TOO_SHORT: (minLength) => `Choose a password of at least ${minLength} characters.`,
  TOO_LONG: () => 'Choose a shorter password.',
  COMMON: () => 'Choose a password that nobody hits on: this one is among the first that are tried.',
  CONTAINS_IDENTITY: () => 'Choose a password without your name or e-mail address.',
  UNCHANGED: () => 'Choose another password than the one you have.',
};

export class WeakPasswordError extends DomainError {
  readonly code = 'AUTH_011';
  /** Every rule the password breaks, never empty. */
  readonly failedRules: readonly PasswordRule[];
  /** In characters. */
  readonly minLength: number;
  constructor(
    { failedRules, minLength }: { failedRules: readonly PasswordRule[]; minLength: number },
    options?: ErrorOptions,
  ) {
    super(MESSAGES[failedRules[0] ?? 'TOO_SHORT'](minLength), options);
    this.failedRules = failedRules;
    this.minLength = minLength;
  }
}

/** The sign-in behind a genuine token is over: revoked, expired, or its user is locked, deleted or without a role. */
export class SessionRevokedError extends DomainError {
  readonly code = 'AUTH_012';
  constructor(options?: ErrorOptions) {
    super('This session is over. Sign in again.', options);
  }
}

/** The API key was genuine, and its time is over. */
export class ApiKeyExpiredError extends DomainError {
  readonly code = 'AUTH_002';
  constructor(options?: ErrorOptions) {
    super('This API key has expired. Ask the venue for another.', options);
  }
}

/** The API key was genuine, and the venue has withdrawn it. */
export class ApiKeyRevokedError extends DomainError {
  readonly code = 'AUTH_012';
  constructor(options?: ErrorOptions) {
    super('This API key was revoked. Ask the venue for another.', options);
  }
}

/** The token of a mail was never given out, is used, void or too old, or its account is not what it was. */
export class AccountTokenInvalidError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('This token is not good, or not any more. Ask for another mail.', options);
  }
}

/** The password or token is right, and nobody has shown yet that the e-mail address is the account's. */
export class EmailNotVerifiedError extends DomainError {
  readonly code = 'AUTH_008';
  constructor(options?: ErrorOptions) {
    super('Confirm the e-mail address first: verifyEmail takes the token of the mail.', options);
  }
}

/** No mail leaves this installation: it is not configured. */
export class MailUnavailableError extends DomainError {
  readonly code = 'SYS_001';
  constructor(options?: ErrorOptions) {
    super('This server sends no mail. Ask whoever runs it.', options);
  }
}

/** The account has had its mails of this hour. */
export class MailLimitError extends DomainError {
  readonly code = 'API_005';
  constructor(options?: ErrorOptions) {
    super('Enough mail was sent for now. Try again in an hour.', options);
  }
}

/** Somebody else chose the password, so it is good for choosing another and for nothing else. */
export class PasswordChangeRequiredError extends DomainError {
  readonly code = 'AUTH_013';
  constructor(options?: ErrorOptions) {
    super('Choose another password first: changePassword.', options);
  }
}

/** What is kept encrypted does not open with this SECRET_KEY. A fault of the installation, not an answer to a caller. */
export class KeyDecryptionError extends Error {
  override readonly name = 'KeyDecryptionError';
  constructor(options?: ErrorOptions) {
    super(
      'SECRET_KEY does not open what is sealed in the database. Give the one it was sealed with, as SECRET_KEY or as SECRET_KEY_OLD.',
      options,
    );
  }
}
