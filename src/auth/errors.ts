import { DomainError } from '../lib/errors.ts';
import type { PasswordRule } from './password.ts';

/** The sign-in is wrong: unknown user, wrong password or wrong venue, all alike; or an account that may not sign in. */
export class InvalidCredentialsError extends DomainError {
  readonly code = 'AUTH_001';
  constructor(options?: ErrorOptions) {
    super('The username, the password or the venue is wrong.', options);
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
    super(`Choose a stronger password of at least ${minLength} characters.`, options);
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
      'SECRET_KEY does not open the signing key kept in the database. Start with the SECRET_KEY it was made with.',
      options,
    );
  }
}
