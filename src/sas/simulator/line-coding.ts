/** How a byte stream between host and machines carries line symbols, from the machines' end. */
import { createMarkedStreamDecoder, encodeMarkedStream } from '../codec/marked-stream.ts';
import { byteOf, type LineSymbol } from '../codec/symbol.ts';
import { type Clock, type HeardSymbol, systemClock } from '../host/port.ts';
import { createPlainReader } from './plain-reader.ts';

export interface LineCoding {
  encode(symbols: readonly LineSymbol[]): Uint8Array;
  /** For one connection: what a chunk leaves incomplete waits for the next. */
  createDecoder(): { push(chunk: Uint8Array): readonly HeardSymbol[] };
}

/** The ninth bit in the stream (SAS.md 13.2). */
export const MARKED_CODING: LineCoding = {
  encode: encodeMarkedStream,
  createDecoder: createMarkedStreamDecoder,
};

/** No ninth bit at all: where messages begin follows from what they are (SAS.md 13.3). */
export const plainCoding = (clock: Clock = systemClock): LineCoding => ({
  encode: (symbols) => Uint8Array.from(symbols, byteOf),
  createDecoder: () => createPlainReader(clock),
});
