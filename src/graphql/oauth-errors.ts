import {
  FreshSignInRequiredError,
  IdentityNotLinkedError,
  IdentityTakenError,
  LastWayInError,
  OAuthStateInvalidError,
  ProviderEmailUnverifiedError,
  ProviderLinkedError,
  ProviderNotOfferedError,
  ProviderRefusedError,
  ProviderUnavailableError,
  RedirectUriNotAllowedError,
} from '../auth/oauth-errors.ts';
import { errorType } from './error-type.ts';

/** What signing in with Google or GitHub may answer with; importing this file puts it into the schema. */

errorType(ProviderNotOfferedError, {
  name: 'ProviderNotOfferedError',
  description:
    'Whoever runs this server has not set the provider up: `apiInfo { oauthProviders }` says which there are. Code SYS_001.',
});

errorType(RedirectUriNotAllowedError, {
  name: 'RedirectUriNotAllowedError',
  description: '`redirectUri` is none of OAUTH_REDIRECT_URIS, to the letter. Code API_001.',
});

errorType(ProviderUnavailableError, {
  name: 'ProviderUnavailableError',
  description:
    'The provider does not answer, or not as it should. The state is as good as before: send the same again. Code SYS_003.',
});

errorType(OAuthStateInvalidError, {
  name: 'OAuthStateInvalidError',
  description:
    'The state was never given out, is used, or is older than ten minutes; or the verifier, the redirectUri or the caller is not of whoever began. Begin again. Code AUTH_003.',
});

errorType(ProviderRefusedError, {
  name: 'ProviderRefusedError',
  description:
    'The provider does not take the code, or what it says of it is not for this server, this sign-in and this moment. Begin again. Code AUTH_003.',
});

errorType(ProviderEmailUnverifiedError, {
  name: 'ProviderEmailUnverifiedError',
  description:
    'No account has linked this person, and the provider knows of no verified e-mail address in ASCII to know him by. Code AUTH_008.',
});

errorType(IdentityNotLinkedError, {
  name: 'IdentityNotLinkedError',
  description:
    'There is an account with this e-mail address, and nobody is linked by that alone. Sign in with the password, and link from there: `beginIdentityLink`. Code AUTH_010.',
});

errorType(IdentityTakenError, {
  name: 'IdentityTakenError',
  description: 'It is linked to another account. Code API_001.',
});

errorType(ProviderLinkedError, {
  name: 'ProviderLinkedError',
  description:
    'The account has linked another person of this provider: `unlinkIdentity` that first. Code API_001.',
});

errorType(LastWayInError, {
  name: 'LastWayInError',
  description:
    'The account has no password, and nothing else to sign in with: `changePassword` first. Code API_001.',
});

errorType(FreshSignInRequiredError, {
  name: 'FreshSignInRequiredError',
  description:
    'The account has no password, and its owner signed in more than ten minutes ago: sign in again, and ask then. Code AUTH_001.',
});
