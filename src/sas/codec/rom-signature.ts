/** A finished ROM signature, which a machine sends in place of an exception: `A 21 sig:2LE c c` (SAS.md 5.2). */
import { withCrc } from './crc.ts';
import { ROM_SIGNATURE } from './long-polls/authentication.ts';
import { binary } from './number-fields.ts';

export const SIGNATURE_CODE = ROM_SIGNATURE.code;

/** Address, code, signature and CRC. */
export const SIGNATURE_BYTES = 6;

const field = binary(2);

/** @throws RangeError when it is no number of 16 bits. */
export function encodeSignature(address: number, signature: number): Uint8Array {
  const frame = [address, SIGNATURE_CODE];
  field.write(signature, frame);
  return withCrc(Uint8Array.from(frame));
}

/** The signature in a whole frame whose CRC is known to be right. */
export const signatureIn = (frame: Uint8Array): number => field.read({ bytes: frame, at: 2 });
