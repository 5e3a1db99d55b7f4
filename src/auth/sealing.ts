import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.ts';

/** Keeps secrets in the database so that the database alone does not reveal them. */
export interface Sealer {
  /** @param boundTo what the secret belongs to: it opens only for the same */
  seal(secret: Uint8Array, boundTo: string): Buffer;
  /** @throws KeyDecryptionError when made with another SECRET_KEY, for another purpose or owner, or damaged */
  open(sealed: Uint8Array, boundTo: string): Buffer;
  /** Whether it would. */
  opens(sealed: Uint8Array, boundTo: string): boolean;
}

/** What secrets are sealed with. */
export interface SecretKeys {
  readonly secretKey: string | Uint8Array;
  /** What some of them may still be sealed with. */
  readonly secretKeyOld?: string | Uint8Array | null;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key that HKDF-SHA-256 derives from SECRET_KEY for one purpose.
 * Sealed is: 12 bytes of IV, 16 of tag, the ciphertext.
 */
export function createSealer({ secretKey, secretKeyOld }: SecretKeys, purpose: string): Sealer {
  const key = derive(secretKey, purpose);
  const keys = secretKeyOld == null ? [key] : [key, derive(secretKeyOld, purpose)];
  return {
    seal: (secret, boundTo) => encrypt(key, secret, boundTo),
    open(sealed, boundTo) {
      for (const each of keys) {
        const secret = decrypt(each, sealed, boundTo);
        if (secret) return secret;
      }
      throw new KeyDecryptionError();
    },
    opens: (sealed, boundTo) => keys.some((each) => decrypt(each, sealed, boundTo) !== null),
  };
}

const derive = (secretKey: string | Uint8Array, purpose: string): Buffer =>
  Buffer.from(hkdfSync('sha256', secretKey, '', `floorwire/${purpose}/1`, KEY_BYTES));

function encrypt(key: Buffer, secret: Uint8Array, boundTo: string): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(boundTo));
  const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
}

/** Null when it was sealed with another key or for another owner, or is damaged. */
function decrypt(key: Buffer, sealed: Uint8Array, boundTo: string): Buffer | null {
  try {
    const iv = sealed.subarray(0, IV_BYTES);
    const decipher = createDecipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(boundTo));
    decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
    return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
  } catch {
    return null;
  }
}
