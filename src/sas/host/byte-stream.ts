/** Line symbols as bytes: with the ninth bit in the stream (SAS.md 13.2), or without any (13.3). */
import { createMarkedStreamDecoder, encodeMarkedStream } from '../codec/marked-stream.ts';
import { byteOf, type LineSymbol } from '../codec/symbol.ts';
import type { HeardSymbol } from './port.ts';

export interface ByteStream {
  encode(symbols: readonly LineSymbol[]): Uint8Array;
  /** For the other direction; what a chunk leaves incomplete waits for the next. */
  createDecoder(): { push(chunk: Uint8Array): readonly HeardSymbol[] };
}

export const MARKED_STREAM: ByteStream = {
  encode: encodeMarkedStream,
  createDecoder: createMarkedStreamDecoder,
};

export const PLAIN_STREAM: ByteStream = {
  encode: (symbols) => Uint8Array.from(symbols, byteOf),
  createDecoder: () => ({ push: (chunk) => Array.from(chunk) }),
};
