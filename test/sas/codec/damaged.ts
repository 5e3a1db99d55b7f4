import { createRandom } from './generated/random.ts';

const BITS = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80];

/** Damage at every byte: changed in one bit, in all and in some; left out; another one put in. */
export function damaged(frame: Uint8Array, seed: number): Uint8Array[] {
  return [...changed(frame, seed), ...shortened(frame), ...lengthened(frame, seed)];
}

function* changed(frame: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let at = 0; at < frame.length; at += 1) {
    for (const mask of [...BITS, 0xff, 1 + random.below(255), 1 + random.below(255)]) {
      const copy = frame.slice();
      copy[at] = (frame[at] ?? 0) ^ mask;
      yield copy;
    }
  }
}

function* shortened(frame: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < frame.length; at += 1) {
    yield Uint8Array.of(...frame.subarray(0, at), ...frame.subarray(at + 1));
  }
}

function* lengthened(frame: Uint8Array, seed: number): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let at = 0; at <= frame.length; at += 1) {
    for (const byte of [0x00, 0xff, frame[at] ?? 0, random.below(256), random.below(256)]) {
      yield Uint8Array.of(...frame.subarray(0, at), byte, ...frame.subarray(at));
    }
  }
}
