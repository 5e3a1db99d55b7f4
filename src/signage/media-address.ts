import { createHmac, hkdfSync, timingSafeEqual } from 'node:crypto';
import type { SecretKeys } from '../auth/sealing.ts';
import type { Media } from './media.ts';

/** What an address of a medium says of itself. */
export interface MediaAddress {
  readonly mediaId: string;
  readonly revision: number;
  /** In seconds since 1970. */
  readonly expires: number;
  readonly signature: string;
}

/** Where the bytes of media are fetched, by whoever was given the address. */
export interface MediaAddresses {
  /**
   * The path and the query of what a medium is now. For half a day it is always the same, so that caches know it, and it
   * lasts a day at most.
   */
  pathOf(media: Pick<Media, 'id' | 'revision'>, now: Date): string;
  /** Whether it was given out and still lasts. */
  accepts(address: MediaAddress, now: Date): boolean;
}

const KEY_BYTES = 32;
const STEP_SECONDS = 12 * 3_600;

/** HMAC-SHA-256 under a key that HKDF derives from SECRET_KEY; the one before is accepted too. */
export function createMediaAddresses({ secretKey, secretKeyOld }: SecretKeys): MediaAddresses {
  const keys = [secretKey, secretKeyOld].flatMap((secret) => (secret == null ? [] : [derive(secret)]));
  return {
    pathOf({ id, revision }, now) {
      const expires = (Math.floor(now.getTime() / 1_000 / STEP_SECONDS) + 2) * STEP_SECONDS;
      const [key = Buffer.alloc(0)] = keys;
      const signature = sign(key, { mediaId: id, revision, expires }).toString('base64url');
      return `/media/${id}/${revision}?expires=${expires}&signature=${signature}`;
    },
    accepts(address, now) {
      if (address.expires * 1_000 <= now.getTime()) return false;
      const shown = Buffer.from(address.signature, 'base64url');
      return keys.some((key) => {
        const signature = sign(key, address);
        return shown.length === signature.length && timingSafeEqual(shown, signature);
      });
    },
  };
}

const derive = (secret: string | Uint8Array): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, '', 'floorwire/media-address/1', KEY_BYTES));

const sign = (key: Buffer, { mediaId, revision, expires }: Omit<MediaAddress, 'signature'>): Buffer =>
  createHmac('sha256', key).update(`${mediaId}/${revision}/${expires}`).digest();
