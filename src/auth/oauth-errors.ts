import { DomainError } from '../lib/errors.ts';

/** This installation is not known to the provider: whoever runs it has not set it up. */
export class ProviderNotOfferedError extends DomainError {
  readonly code = 'SYS_001';
  constructor(options?: ErrorOptions) {
    super('Nobody signs in with this provider here. Choose another way.', options);
  }
}

/** The provider is not to send people there. The request is to be changed, hence API_001. */
export class RedirectUriNotAllowedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('redirectUri is none of those this server allows.', options);
  }
}

/** The provider does not answer, not in time, or not as it should. */
export class ProviderUnavailableError extends DomainError {
  readonly code = 'SYS_003';
  constructor(options?: ErrorOptions) {
    super('The provider does not answer as it should. Try again.', options);
  }
}

/** The state was never given out, is used or too old, or came back from another browser, page or person. */
export class OAuthStateInvalidError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('This sign-in is over, or was not begun here. Begin again.', options);
  }
}

/** The provider does not take the code, or what it says of it does not hold. */
export class ProviderRefusedError extends DomainError {
  readonly code = 'AUTH_003';
  constructor(options?: ErrorOptions) {
    super('The provider did not confirm this sign-in. Begin again.', options);
  }
}

/** Nobody has linked this person, and the provider vouches for no address to know him by. */
export class ProviderEmailUnverifiedError extends DomainError {
  readonly code = 'AUTH_008';
  constructor(options?: ErrorOptions) {
    super(
      'The provider knows of no verified e-mail address. Verify one there, or sign in with the password and link it from there.',
      options,
    );
  }
}

/** The address is that of an account, which is linked by nobody but its owner. */
export class IdentityNotLinkedError extends DomainError {
  readonly code = 'AUTH_010';
  constructor(options?: ErrorOptions) {
    super(
      'There is an account with this e-mail address. Sign in to it with the password, and link from there.',
      options,
    );
  }
}

/** It is linked to another account. The request is to be changed, hence API_001. */
export class IdentityTakenError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This identity is linked to another account.', options);
  }
}

/** The account has linked somebody else of this provider. The request is to be changed, hence API_001. */
export class ProviderLinkedError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('The account is linked with this provider already. Unlink that first: unlinkIdentity.', options);
  }
}

/** The owner could not sign in any more. He is to choose a password first, hence API_001. */
export class LastWayInError extends DomainError {
  readonly code = 'API_001';
  constructor(options?: ErrorOptions) {
    super('This is the only way into the account. Choose a password first: changePassword.', options);
  }
}

/** An account without a password shows by a sign-in of just now that it is its owner who asks. */
export class FreshSignInRequiredError extends DomainError {
  readonly code = 'AUTH_001';
  constructor(options?: ErrorOptions) {
    super('Sign in again, and ask within ten minutes.', options);
  }
}
