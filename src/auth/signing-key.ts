import {
  type CryptoKey,
  calculateJwkThumbprint,
  exportJWK,
  exportPKCS8,
  generateKeyPair,
  importJWK,
  importPKCS8,
} from 'jose';
import type { Sealer } from './sealing.ts';

/** The one algorithm tokens are signed with: Ed25519. */
export const SIGNING_ALGORITHM = 'EdDSA';

/** What anyone may have, to verify our tokens with (RFC 8037). */
export interface PublicJwk {
  readonly kty: 'OKP';
  readonly crv: 'Ed25519';
  readonly x: string;
}

/** A signing key as it is kept. */
export interface StoredSigningKey {
  /** The RFC 7638 thumbprint of `publicJwk`. */
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  /** PKCS 8, sealed and bound to `kid`. */
  readonly privateKeyEncrypted: Buffer;
  /** Whether it still signs; if not, it only verifies what it has signed. */
  readonly signs: boolean;
  /** Null while it signs. */
  readonly retiredAt: Date | null;
}

export interface SigningKey {
  readonly kid: string;
  readonly publicJwk: PublicJwk;
  readonly publicKey: CryptoKey;
  readonly privateKey: CryptoKey;
  readonly signs: boolean;
  readonly retiredAt: Date | null;
}

/** A new key pair, ready to be kept. */
export async function makeSigningKey(sealer: Sealer): Promise<StoredSigningKey> {
  const pair = await generateKeyPair(SIGNING_ALGORITHM, { crv: 'Ed25519', extractable: true });
  const { x } = await exportJWK(pair.publicKey);
  if (x === undefined) throw new Error('an Ed25519 key without x');
  const publicJwk: PublicJwk = { kty: 'OKP', crv: 'Ed25519', x };
  const kid = await calculateJwkThumbprint(publicJwk);
  const privateKeyEncrypted = sealer.seal(Buffer.from(await exportPKCS8(pair.privateKey)), kid);
  return { kid, publicJwk, privateKeyEncrypted, signs: true, retiredAt: null };
}

/**
 * The usable key. The seal vouches for `kid` and `kid` for the public key, so a public key
 * that somebody else wrote into the table is not trusted.
 *
 * @throws KeyDecryptionError
 */
export async function openSigningKey(sealer: Sealer, stored: StoredSigningKey): Promise<SigningKey> {
  const { kid, publicJwk, signs, retiredAt } = stored;
  const pkcs8 = sealer.open(stored.privateKeyEncrypted, kid).toString();
  if ((await calculateJwkThumbprint(publicJwk)) !== kid) {
    throw new Error(`The signing key ${kid} in the database does not match its public key.`);
  }
  const publicKey = await importJWK(publicJwk, SIGNING_ALGORITHM);
  if (publicKey instanceof Uint8Array) throw new Error('an Ed25519 key came back as bytes');
  const privateKey = await importPKCS8(pkcs8, SIGNING_ALGORITHM);
  return { kid, publicJwk, publicKey, privateKey, signs, retiredAt };
}
