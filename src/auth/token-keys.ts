import type { CryptoKey, JSONWebKeySet } from 'jose';

/** What access tokens are signed with and checked by: key pairs of our own, or a secret that is shared. */
export interface TokenKeys {
  /** The only one that is issued and accepted. */
  readonly algorithm: 'EdDSA' | 'HS256';
  /** What the next token is signed with; `kid` stands in its header. */
  readonly signing: { readonly kid: string | null; readonly key: CryptoKey | Uint8Array };
  /** What a token with this `kid` can have been signed with, the likeliest first. */
  find(kid: string | undefined, now: Date): Promise<readonly VerificationKey[]>;
  /** Whether tokens that a key was found to have signed are still accepted. */
  accepts(keyId: string, now: Date): boolean;
  /** What `/.well-known/jwks.json` publishes (RFC 7517). */
  published(now: Date): JSONWebKeySet;
  /** Takes up what changed in the database. @throws KeyDecryptionError */
  reload(): Promise<void>;
}

export interface VerificationKey {
  readonly id: string;
  readonly key: CryptoKey | Uint8Array;
}

/**
 * HS256 with secrets of the configuration: the first signs, each verifies. They have no `kid`, and a
 * token with one is of somebody else. Nothing is published, because who could verify could sign.
 */
export function sharedSecretKeys(secrets: readonly [string, ...string[]]): TokenKeys {
  const keys = secrets.map((secret, at) => ({ id: String(at), key: Buffer.from(secret) }));
  const signing = { kid: null, key: Buffer.from(secrets[0]) };
  return {
    algorithm: 'HS256',
    signing,
    find: async (kid) => (kid === undefined ? keys : []),
    accepts: () => true,
    published: () => ({ keys: [] }),
    reload: async () => {},
  };
}
