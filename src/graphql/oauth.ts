import {
  AccountLockedError,
  EmailNotVerifiedError,
  InvalidCredentialsError,
  SecondFactorRequiredError,
} from '../auth/errors.ts';
import { OAUTH_PROVIDERS, type OAuthProviderName, PROVIDER_NAMES } from '../auth/oauth.ts';
import {
  IdentityNotLinkedError,
  OAuthStateInvalidError,
  ProviderEmailUnverifiedError,
  ProviderNotOfferedError,
  ProviderRefusedError,
  ProviderUnavailableError,
  RedirectUriNotAllowedError,
} from '../auth/oauth-errors.ts';
import type { BegunOAuth } from '../auth/oauth-service.ts';
import { NotFoundError } from '../lib/errors.ts';
import './auth-errors.ts';
import { tokenAnswer } from './auth-session.ts';
import { builder } from './builder.ts';
import './domain-errors.ts';
import './oauth-errors.ts';
import { ApiInfo } from './platform.ts';
import { messageDescription, successDescription } from './result-descriptions.ts';

export const OAuthProviderEnum = builder.enumType('OAuthProvider', {
  description: 'Who says elsewhere who somebody is.',
  values: Object.fromEntries(
    OAUTH_PROVIDERS.map((name) => [name, { value: name, description: `${PROVIDER_NAMES[name]}.` }]),
  ) as Record<OAuthProviderName, { value: OAuthProviderName; description: string }>,
});

builder.objectField(ApiInfo, 'oauthProviders', (t) =>
  t.field({
    type: [OAuthProviderEnum],
    description:
      'With which providers people sign in here (`beginOAuth`): a sign-in page shows a button for each. Empty where none is set up.',
    resolve: (_info, _args, { auth }) => [...auth.oauth.offered],
  }),
);

/** Where to go and what to keep, for a sign-in and for a link alike. */
export const begunAnswer = (name: string, description: string) =>
  builder.objectRef<BegunOAuth>(name).implement({
    description,
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({
        description: messageDescription,
        resolve: () => 'Go to authorizationUrl, and come back with the code.',
      }),
      authorizationUrl: t.expose('authorizationUrl', {
        type: 'URL',
        description:
          'Where to send the browser. The provider sends it back to `redirectUri` with `state` and `code`, or with `error` when the person does not want to.',
      }),
      state: t.exposeString('state', {
        description:
          'What comes back with the code. Keep it, and take no code that comes back with another one.',
      }),
      verifier: t.exposeString('verifier', {
        description:
          'What shows that whoever comes back is who began. Keep it in the browser, in `sessionStorage`, and put it into no URL.',
      }),
      expiresAt: t.expose('expiresAt', {
        type: 'DateTime',
        description: 'Until when to come back: ten minutes from now.',
      }),
    }),
  });

const BeginOAuthSuccessType = begunAnswer('BeginOAuthSuccess', 'A sign-in that the provider is to confirm.');

const BeginOAuthInput = builder.inputType('BeginOAuthInput', {
  description: 'With whom to sign in, and where.',
  fields: (t) => ({
    provider: t.field({ type: OAuthProviderEnum, required: true, description: 'Who is to confirm it.' }),
    redirectUri: t.string({
      required: true,
      description:
        'The page to come back to: one of OAUTH_REDIRECT_URIS, to the letter (RedirectUriNotAllowedError).',
    }),
    venue: t.string({
      description:
        'The slug of the venue to sign in to (NotFoundError); without it the user’s home venue, and the oldest venue for who is new.',
    }),
  }),
});

builder.mutationField('beginOAuth', (t) =>
  t.field({
    type: BeginOAuthSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: true,
    description: 'Begins a sign-in with an account elsewhere. `completeOAuth` ends it.',
    args: {
      input: t.arg({
        type: BeginOAuthInput,
        required: true,
        description: 'With whom to sign in, and where.',
      }),
    },
    errors: {
      types: [ProviderNotOfferedError, RedirectUriNotAllowedError, ProviderUnavailableError, NotFoundError],
      directResult: true,
    },
    resolve: (_root, { input }, { auth }) => auth.oauth.begin(input),
  }),
);

const CompleteOAuthSuccessType = tokenAnswer('CompleteOAuthSuccess', {
  description: 'A sign-in and its tokens.',
  message: 'Signed in.',
});

export const OAuthReturnInput = builder.inputType('OAuthReturnInput', {
  description: 'What a browser that was sent to a provider comes back with, and what it kept.',
  fields: (t) => ({
    state: t.string({ required: true, description: '`state` of the URL it came back to.' }),
    code: t.string({ required: true, description: '`code` of that URL.' }),
    verifier: t.string({ required: true, description: 'The `verifier` that was kept.' }),
    redirectUri: t.string({
      required: true,
      description: 'The page it came back to: the one that was begun with.',
    }),
  }),
});

builder.mutationField('completeOAuth', (t) =>
  t.field({
    type: CompleteOAuthSuccessType,
    nullable: true,
    authScopes: { anonymous: true },
    takesCredentials: true,
    description:
      'Ends a sign-in that `beginOAuth` began, in the browser that began it: answers as `login` does. Somebody whom no account has linked gets one as by `register`, without a password, unless there is one with his e-mail address (IdentityNotLinkedError). Each state is taken once. Too many at once are answered with SYS_003.',
    args: {
      input: t.arg({
        type: OAuthReturnInput,
        required: true,
        description: 'What the browser came back with, and what it kept.',
      }),
    },
    errors: {
      types: [
        OAuthStateInvalidError,
        ProviderRefusedError,
        ProviderUnavailableError,
        ProviderNotOfferedError,
        ProviderEmailUnverifiedError,
        IdentityNotLinkedError,
        InvalidCredentialsError,
        AccountLockedError,
        SecondFactorRequiredError,
        EmailNotVerifiedError,
        NotFoundError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, client }) => auth.oauth.complete(input, client),
  }),
);
