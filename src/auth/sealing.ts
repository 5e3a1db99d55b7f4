import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { KeyDecryptionError } from './errors.ts';

/** Keeps secrets in the database so that the database alone does not reveal them. */
export interface Sealer {
  /** @param boundTo what the secret belongs to: it opens only for the same */
  seal(secret: Uint8Array, boundTo: string): Buffer;
  /** @throws KeyDecryptionError when made with another SECRET_KEY, for another purpose or owner, or damaged */
  open(sealed: Uint8Array, boundTo: string): Buffer;
}

const ALGORITHM = 'aes-256-gcm';
const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * AES-256-GCM under a key that HKDF-SHA-256 derives from SECRET_KEY for one purpose.
 * Sealed is: 12 bytes of IV, 16 of tag, the ciphertext.
 */
export function createSealer(secretKey: string | Uint8Array, purpose: string): Sealer {
  const key = Buffer.from(hkdfSync('sha256', secretKey, '', `floorwire/${purpose}/1`, KEY_BYTES));
  return {
    seal(secret, boundTo) {
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES });
      cipher.setAAD(Buffer.from(boundTo));
      const ciphertext = Buffer.concat([cipher.update(secret), cipher.final()]);
      return Buffer.concat([iv, cipher.getAuthTag(), ciphertext]);
    },
    open(sealed, boundTo) {
      try {
        const decipher = createDecipheriv(ALGORITHM, key, sealed.subarray(0, IV_BYTES), {
          authTagLength: TAG_BYTES,
        });
        decipher.setAAD(Buffer.from(boundTo));
        decipher.setAuthTag(sealed.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
        return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES + TAG_BYTES)), decipher.final()]);
      } catch (error) {
        throw new KeyDecryptionError({ cause: error });
      }
    },
  };
}
