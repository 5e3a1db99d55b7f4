import { isDeepStrictEqual } from 'node:util';
import { createReplyReader } from '../../../src/sas/codec/frame.ts';
import { createMarkedStreamDecoder, encodeMarkedStream } from '../../../src/sas/codec/marked-stream.ts';
import { createRequestReader, type HostMessage } from '../../../src/sas/codec/request-reader.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { hexOf } from './hex.ts';

/** The long poll a machine takes from these bytes; null when it takes none. */
export function taken(message: Uint8Array): Extract<HostMessage, { kind: 'longPoll' }> | null {
  const reader = createRequestReader();
  for (const symbol of messageSymbols(message)) {
    const heard = reader.push(symbol);
    if (heard?.kind === 'longPoll') return heard.crcOk ? heard : null;
  }
  return null;
}

/** The data a host takes for the answer; null for anything else. Bytes behind the answer spoil it. */
export function takenAnswer(request: Uint8Array, reply: Uint8Array): { body: Uint8Array } | null {
  const reader = createReplyReader(request);
  for (const byte of reply) reader.push(byte);
  const heard = reader.take();
  return reader.surplus === 0 && heard.kind === 'data' ? heard : null;
}

/** The symbols of a marked stream that comes in two pieces, for every place to cut it. */
export function* cut(message: Uint8Array, from: 'HOST' | 'MACHINE') {
  const stream = encodeMarkedStream(from === 'HOST' ? messageSymbols(message) : Array.from(message));
  for (let at = 0; at <= stream.length; at += 1) {
    const decoder = createMarkedStreamDecoder();
    yield [...decoder.push(stream.subarray(0, at)), ...decoder.push(stream.subarray(at))];
  }
}

/** Fails with what it takes to repeat it. */
export function mustBeSame(
  found: unknown,
  expected: unknown,
  about: { seed: number; frame: Uint8Array },
): void {
  if (isDeepStrictEqual(found, expected)) return;
  const show = (value: unknown): string =>
    JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each));
  throw new Error(
    `SAS_SEED=${about.seed}, frame ${hexOf(about.frame)}: ${show(found)} instead of ${show(expected)}`,
  );
}
