import { ANONYMOUS, type UserActor } from '../lib/actor.ts';
import { NotFoundError } from '../lib/errors.ts';
import type { AccountMail } from './account-mail-service.ts';
import { createGithub } from './github-provider.ts';
import { createGoogle } from './google-provider.ts';
import { linkIdentity, unlinkIdentity } from './identity-linking.ts';
import type { LinkedIdentity } from './linked-identity.ts';
import {
  type OAuthProvider,
  type OAuthProviderName,
  type OAuthProviderSettings,
  type OAuthSettings,
  type ProviderAccount,
  STATE_SECONDS,
} from './oauth.ts';
import {
  OAuthStateInvalidError,
  ProviderNotOfferedError,
  ProviderUnavailableError,
  RedirectUriNotAllowedError,
} from './oauth-errors.ts';
import { signInArrival } from './oauth-sign-in.ts';
import { insertState, type Linker, type OAuthState, takeState } from './oauth-state-store.ts';
import { makeOpaqueToken, opaqueTokenHash } from './opaque-token.ts';
import { credentialsOf } from './own-credentials.ts';
import { type ClientTrace, originOf } from './session.ts';
import type { SignedIn, SignInParts } from './sign-in.ts';
import { readDisplayName, readIdentifier } from './user.ts';
import { findNamedVenue } from './venue-store.ts';

export interface BeginOAuth {
  readonly provider: OAuthProviderName;
  /** A venue's slug; without it the home venue, or the default one for who is new. */
  readonly venue?: string | null | undefined;
  readonly redirectUri: string;
}

/** What a link is begun with. */
export interface BeginLink extends Pick<BeginOAuth, 'provider' | 'redirectUri'> {
  /** Of the account; null from who has none. */
  readonly password: string | null;
}

/** Where to go, and what to come back with. */
export interface BegunOAuth {
  readonly authorizationUrl: string;
  /** Comes back from the provider with the code. */
  readonly state: string;
  /** Told to nobody but this server. */
  readonly verifier: string;
  readonly expiresAt: Date;
}

/** What the client that began comes back with. */
export interface OAuthReturn {
  readonly state: string;
  readonly verifier: string;
  readonly code: string;
  /** Where the provider sent it. */
  readonly redirectUri: string;
}

/** Signing in with who one is elsewhere. */
export interface OAuth {
  /** In the order of OAUTH_PROVIDERS. */
  readonly offered: readonly OAuthProviderName[];
  /** @throws ProviderNotOfferedError, RedirectUriNotAllowedError, ProviderUnavailableError, NotFoundError for a venue */
  begin(input: BeginOAuth): Promise<BegunOAuth>;
  /**
   * @throws OAuthStateInvalidError, ProviderRefusedError, ProviderUnavailableError, ProviderNotOfferedError
   * @throws what `signInArrival` throws
   */
  complete(input: OAuthReturn, client: ClientTrace): Promise<SignedIn>;
  /**
   * Begins what `link` completes in the same session. A thief of that session does not know the password.
   *
   * @throws ProviderNotOfferedError, RedirectUriNotAllowedError, ProviderUnavailableError
   * @throws InvalidCredentialsError, FreshSignInRequiredError, AccountLockedError, SessionRevokedError, TimeoutError
   */
  beginLink(actor: UserActor, input: BeginLink, client: ClientTrace): Promise<BegunOAuth>;
  /**
   * @throws OAuthStateInvalidError, ProviderRefusedError, ProviderUnavailableError, ProviderNotOfferedError
   * @throws IdentityTakenError, ProviderLinkedError, SessionRevokedError
   */
  link(actor: UserActor, input: OAuthReturn, client: ClientTrace): Promise<LinkedIdentity>;
  /** @throws NotFoundError, LastWayInError, SessionRevokedError */
  unlink(actor: UserActor, identityId: string, client: ClientTrace): Promise<void>;
}

/** Longer than any provider's. */
const MAX_CODE_LENGTH = 4_096;

/** What signing in by a provider takes. */
export interface OAuthParts extends SignInParts {
  readonly mail: AccountMail;
}

export function createOAuth(
  parts: OAuthParts,
  { settings, onError }: { readonly settings: OAuthSettings; readonly onError: (error: unknown) => void },
): OAuth {
  const { db, runWork, mail } = parts;
  const offered = settings.providers.map(providerOf);

  function providerNamed(wanted: OAuthProviderName): OAuthProvider {
    const provider = offered.find(({ name }) => name === wanted);
    if (!provider) throw new ProviderNotOfferedError();
    return provider;
  }

  /** What the provider answers; whoever runs this is told when it does not. */
  async function told<T>(answer: Promise<T>): Promise<T> {
    return await answer.catch((error: unknown) => {
      if (error instanceof ProviderUnavailableError) onError(error);
      throw error;
    });
  }

  async function beginAt(
    name: OAuthProviderName,
    wish: Pick<OAuthState, 'redirectUri' | 'venueId' | 'linker'>,
  ): Promise<BegunOAuth> {
    const provider = providerNamed(name);
    const { redirectUri } = wish;
    if (!settings.redirectUris.includes(redirectUri)) throw new RedirectUriNotAllowedError();
    const { token: state, hash } = makeOpaqueToken();
    const { token: verifier, hash: verifierHash } = makeOpaqueToken();
    const codeChallenge = verifierHash.toString('base64url');
    const authorizationUrl = await told(
      provider.authorizationUrl({ redirectUri, state, nonce: nonceOf({ hash }), codeChallenge }),
    );
    const expiresAt = await runWork(ANONYMOUS, async ({ tx, now: createdAt }) => {
      const end = new Date(createdAt.getTime() + STATE_SECONDS * 1_000);
      await insertState(tx, { ...wish, hash, verifierHash, provider: name, createdAt, expiresAt: end });
      return end;
    });
    return { authorizationUrl, state, verifier, expiresAt };
  }

  /** Who came back. The state is used up, unless the provider was not there to be asked. */
  async function personOf(
    { state: shown, verifier, code, redirectUri }: OAuthReturn,
    linker: Linker | null,
  ): Promise<{ readonly person: ProviderAccount; readonly state: OAuthState }> {
    const hash = opaqueTokenHash(shown);
    const verifierHash = opaqueTokenHash(verifier);
    const isReadable = code.length <= MAX_CODE_LENGTH && !redirectUri.includes('\0');
    if (!hash || !verifierHash || !isReadable) throw new OAuthStateInvalidError();
    const state = await runWork(ANONYMOUS, ({ tx, now }) =>
      takeState(tx, { hash, verifierHash, redirectUri, linker, now }),
    );
    if (!state) throw new OAuthStateInvalidError();
    const provider = providerNamed(state.provider);
    try {
      const grant = { code, verifier, redirectUri, nonce: nonceOf(state) };
      return { person: readable(await told(provider.accountOf(grant))), state };
    } catch (error) {
      if (error instanceof ProviderUnavailableError)
        await runWork(ANONYMOUS, ({ tx }) => insertState(tx, state));
      throw error;
    }
  }

  return {
    offered: offered.map(({ name }) => name),
    async begin({ provider, redirectUri, venue: slug }) {
      const venue = slug == null ? null : await findNamedVenue(db, slug);
      if (slug != null && !venue) throw new NotFoundError('venue');
      return await beginAt(provider, { redirectUri, venueId: venue?.id ?? null, linker: null });
    },
    async beginLink(actor, { provider, redirectUri, password }, client) {
      await credentialsOf(parts, { actor, password, client });
      const { userId, sessionId } = actor;
      return await beginAt(provider, { redirectUri, venueId: null, linker: { userId, sessionId } });
    },
    async complete(input, client) {
      const { person, state } = await personOf(input, null);
      return await signInArrival(parts, { person, venueId: state.venueId, client });
    },
    async link(actor, input, client) {
      const { userId, sessionId } = actor;
      const { person } = await personOf(input, { userId, sessionId });
      const identity = await runWork(
        actor,
        (work) => linkIdentity(work, actor, { person, mail }),
        originOf(client),
      );
      mail.mailroom.wake();
      return identity;
    },
    unlink: (actor, identityId, client) =>
      runWork(actor, (work) => unlinkIdentity(work, actor, { identityId, offered }), originOf(client)),
  };
}

const providerOf = (settings: OAuthProviderSettings): OAuthProvider =>
  settings.name === 'GOOGLE' ? createGoogle(settings) : createGithub(settings);

/** Of one sign-in alone, and known by its state: nothing has to be kept for it. */
const nonceOf = ({ hash }: Pick<OAuthState, 'hash'>): string => hash.toString('base64url');

/** What of it an account here can have. */
function readable(person: ProviderAccount): ProviderAccount {
  const { verifiedEmail, displayName } = person;
  const identifier = verifiedEmail === null ? null : readIdentifier(verifiedEmail);
  return {
    ...person,
    verifiedEmail: identifier?.kind === 'email' ? identifier.email : null,
    displayName: displayName === null ? null : readDisplayName(displayName),
  };
}
