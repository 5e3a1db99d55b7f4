/** Bytes that are framed correctly but do not say what their layout promises. */
export class SasDecodeError extends Error {
  override readonly name = 'SasDecodeError';
}
