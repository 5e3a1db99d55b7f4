/** Addresses on a SAS line (SAS.md 1). */

/** The highest address a machine can have; 0 is "not configured", and the broadcast. */
export const HIGHEST_ADDRESS = 0x7f;

/** Set on the one byte of a general poll, and on the one byte of a NACK. */
export const TOP_BIT = 0x80;

/** @throws RangeError when it is neither a machine's address nor 0. */
export function checkAddress(address: number): number {
  if (!Number.isInteger(address) || address < 0 || address > HIGHEST_ADDRESS) {
    throw new RangeError(`${address} is not a SAS address`);
  }
  return address;
}
