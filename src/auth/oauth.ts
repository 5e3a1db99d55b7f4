/** Who says elsewhere who somebody is. */
export const OAUTH_PROVIDERS = ['GOOGLE', 'GITHUB'] as const;
export type OAuthProviderName = (typeof OAUTH_PROVIDERS)[number];

/** What people call them. */
export const PROVIDER_NAMES: Readonly<Record<OAuthProviderName, string>> = {
  GOOGLE: 'Google',
  GITHUB: 'GitHub',
};

/** How this installation is known to a provider, and where that is. */
export type OAuthProviderSettings = {
  readonly clientId: string;
  readonly clientSecret: string;
} & (
  | { readonly name: 'GOOGLE'; readonly issuer: string }
  | {
      readonly name: 'GITHUB';
      /** Where people sign in, without a trailing slash. */
      readonly url: string;
      /** Where its API answers, likewise. */
      readonly apiUrl: string;
    }
);

export interface OAuthSettings {
  /** Those that are offered. */
  readonly providers: readonly OAuthProviderSettings[];
  /** Where a provider may send people back to, to the letter. */
  readonly redirectUris: readonly string[];
}

export const NO_OAUTH: OAuthSettings = { providers: [], redirectUris: [] };

/** How long somebody may take at the provider. */
export const STATE_SECONDS = 10 * 60;

/** Somebody as a provider tells of him. */
export interface ProviderAccount {
  readonly provider: OAuthProviderName;
  /** Within which `subject` is one person's for ever. */
  readonly issuer: string;
  readonly subject: string;
  /** An address the provider has seen to be his; null where there is none. */
  readonly verifiedEmail: string | null;
  /** What he is called there. */
  readonly displayName: string | null;
}

/** What an authorization is asked for with. Nothing of it is a secret. */
export interface AuthorizationRequest {
  readonly redirectUri: string;
  readonly state: string;
  /** Comes back in what the provider signs. */
  readonly nonce: string;
  /** BASE64URL(SHA-256(verifier)): `S256` of RFC 7636. */
  readonly codeChallenge: string;
}

/** What a code is redeemed with. */
export interface CodeGrant {
  readonly code: string;
  readonly verifier: string;
  readonly redirectUri: string;
  readonly nonce: string;
}

/** A provider, over the network: never inside a Work. */
export interface OAuthProvider {
  readonly name: OAuthProviderName;
  readonly issuer: string;
  /** Where to send somebody. @throws ProviderUnavailableError */
  authorizationUrl(request: AuthorizationRequest): Promise<string>;
  /**
   * Who it was that came back with the code.
   *
   * @throws ProviderRefusedError when the provider does not take the code, or what it says of it does not hold
   * @throws ProviderUnavailableError
   */
  accountOf(grant: CodeGrant): Promise<ProviderAccount>;
}
