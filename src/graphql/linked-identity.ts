import { AccountLockedError, InvalidCredentialsError, SessionRevokedError } from '../auth/errors.ts';
import type { LinkedIdentity } from '../auth/linked-identity.ts';
import { listIdentities } from '../auth/linked-identity-store.ts';
import {
  FreshSignInRequiredError,
  IdentityTakenError,
  LastWayInError,
  OAuthStateInvalidError,
  ProviderLinkedError,
  ProviderNotOfferedError,
  ProviderRefusedError,
  ProviderUnavailableError,
  RedirectUriNotAllowedError,
} from '../auth/oauth-errors.ts';
import { findOwnCredentials } from '../auth/own-credentials-store.ts';
import { NotFoundError } from '../lib/errors.ts';
import { ViewerType } from './auth.ts';
import './auth-errors.ts';
import { builder } from './builder.ts';
import { signedInUser } from './caller.ts';
import './domain-errors.ts';
import { decodeIdOf } from './ids.ts';
import { begunAnswer, OAuthProviderEnum, OAuthReturnInput } from './oauth.ts';
import './oauth-errors.ts';
import { messageDescription, ownPasswordDescription, successDescription } from './result-descriptions.ts';

const LinkedIdentityType = builder.objectRef<LinkedIdentity>('LinkedIdentity').implement({
  description: 'Somebody at a provider whose sign-in there is one to an account here.',
  fields: (t) => ({
    id: t.globalID({
      description: 'Opaque global id, for `unlinkIdentity`.',
      resolve: ({ id }) => ({ type: 'LinkedIdentity', id }),
    }),
    provider: t.expose('provider', { type: OAuthProviderEnum, description: 'Where he is somebody.' }),
    email: t.exposeString('email', {
      nullable: true,
      description:
        'The e-mail address the provider told last, to tell accounts there apart; null when it vouched for none. Not used to sign in.',
    }),
    linkedAt: t.expose('linkedAt', { type: 'DateTime', description: 'Since when.' }),
    lastUsedAt: t.expose('lastUsedAt', {
      type: 'DateTime',
      description: 'When it was linked or last signed in with.',
    }),
  }),
});

builder.objectFields(ViewerType, (t) => ({
  identities: t.field({
    type: [LinkedIdentityType],
    description:
      'With whom a person can sign in besides his password, the oldest first; of others none. `beginIdentityLink` adds one, `unlinkIdentity` removes one.',
    resolve: async (actor, _args, { db }) =>
      actor.kind === 'user' ? await listIdentities(db, actor.userId) : [],
  }),
  hasPassword: t.boolean({
    description:
      'Whether a person has a password to be asked for; else `changePassword` gives him one. False for others.',
    resolve: async (actor, _args, { db }) =>
      actor.kind === 'user' && ((await findOwnCredentials(db, actor.userId))?.hasPassword ?? false),
  }),
}));

const BeginIdentityLinkSuccessType = begunAnswer(
  'BeginIdentityLinkSuccess',
  'A link that the provider is to confirm.',
);

const BeginIdentityLinkInput = builder.inputType('BeginIdentityLinkInput', {
  description: 'With whom to sign in from now on.',
  fields: (t) => ({
    provider: t.field({ type: OAuthProviderEnum, required: true, description: 'Who is to confirm it.' }),
    redirectUri: t.string({
      required: true,
      description:
        'The page to come back to: one of OAUTH_REDIRECT_URIS, to the letter (RedirectUriNotAllowedError).',
    }),
    password: t.string({ description: ownPasswordDescription }),
  }),
});

builder.mutationField('beginIdentityLink', (t) =>
  t.field({
    type: BeginIdentityLinkSuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Begins to let who the caller is elsewhere sign in to his account. `linkIdentity` ends it, in the same session. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: BeginIdentityLinkInput,
        required: true,
        description: 'With whom to sign in from now on.',
      }),
    },
    errors: {
      types: [
        ProviderNotOfferedError,
        RedirectUriNotAllowedError,
        ProviderUnavailableError,
        InvalidCredentialsError,
        FreshSignInRequiredError,
        AccountLockedError,
      ],
      directResult: true,
    },
    resolve: (_root, { input: { password = null, ...input } }, { auth, actor, client }) =>
      auth.oauth.beginLink(signedInUser(actor), { ...input, password }, client),
  }),
);

const LinkIdentitySuccessType = builder.objectRef<LinkedIdentity>('LinkIdentitySuccess').implement({
  description: 'Whoever this is signs in to the account of the caller from now on.',
  fields: (t) => ({
    success: t.boolean({ description: successDescription, resolve: () => true }),
    message: t.string({ description: messageDescription, resolve: () => 'The identity was linked.' }),
    identity: t.field({
      type: LinkedIdentityType,
      description: 'Who it is.',
      resolve: (identity) => identity,
    }),
  }),
});

builder.mutationField('linkIdentity', (t) =>
  t.field({
    type: LinkIdentitySuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    takesCredentials: true,
    description:
      'Ends a link that `beginIdentityLink` began, in the session and the browser that began it. The owner is told by mail. Needs PROFILE (AUTH_004).',
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
        IdentityTakenError,
        ProviderLinkedError,
        SessionRevokedError,
      ],
      directResult: true,
    },
    resolve: (_root, { input }, { auth, actor, client }) =>
      auth.oauth.link(signedInUser(actor), input, client),
  }),
);

const UnlinkIdentitySuccessType = builder
  .objectRef<{ readonly identityId: string }>('UnlinkIdentitySuccess')
  .implement({
    description: 'It signs nobody in any more.',
    fields: (t) => ({
      success: t.boolean({ description: successDescription, resolve: () => true }),
      message: t.string({ description: messageDescription, resolve: () => 'The identity was unlinked.' }),
      identityId: t.globalID({
        description: 'Which one.',
        resolve: ({ identityId }) => ({ type: 'LinkedIdentity', id: identityId }),
      }),
    }),
  });

const UnlinkIdentityInput = builder.inputType('UnlinkIdentityInput', {
  description: 'What not to sign in with any more.',
  fields: (t) => ({
    identityId: t.id({ required: true, description: 'One of `viewer { identities }` (NotFoundError).' }),
  }),
});

builder.mutationField('unlinkIdentity', (t) =>
  t.field({
    type: UnlinkIdentitySuccessType,
    nullable: true,
    authScopes: { scope: 'PROFILE' },
    description:
      'Ends that an identity signs in to the account of the caller. Sessions go on: `revokeSession` ends one. LastWayInError when he has no password and no other identity of a provider that is offered. Needs PROFILE (AUTH_004).',
    args: {
      input: t.arg({
        type: UnlinkIdentityInput,
        required: true,
        description: 'What not to sign in with any more.',
      }),
    },
    errors: { types: [NotFoundError, LastWayInError, SessionRevokedError], directResult: true },
    resolve: async (_root, { input }, { auth, actor, client }) => {
      const identityId = decodeIdOf('LinkedIdentity', input.identityId);
      await auth.oauth.unlink(signedInUser(actor), identityId, client);
      return { identityId };
    },
  }),
);
