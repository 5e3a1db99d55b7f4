import { expect, test } from 'vitest';
import { SasDecodeError } from '../../../src/sas/codec/decode-error.ts';
import { decodeAnswer, encodeAnswer, encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { POLLS } from './generated/all.ts';
import type { Generated } from './generated/generated.ts';
import { createRandom, seedOf } from './generated/random.ts';
import { taken, takenAnswer } from './heard.ts';
import { hexOf } from './hex.ts';

/**
 * A CRC of 16 bits lets one of 65536 random frames pass, so the seed is fixed. No byte that is changed within a frame
 * of its length passes, whatever the seed.
 */
const seed = seedOf(602);

const titled = POLLS.map((each): [string, Generated] => [each.poll.name, each]);

const BITS = [0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x40, 0x80];

/** Each byte with one bit changed, with all of them, and with some. */
function* flips(frame: Uint8Array): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let at = 0; at < frame.length; at += 1) {
    for (const mask of [...BITS, 0xff, 1 + random.below(255), 1 + random.below(255)]) {
      const changed = frame.slice();
      changed[at] = (frame[at] ?? 0) ^ mask;
      yield changed;
    }
  }
}

/** Each byte left out, and one put in before each and at the end. */
function* slips(frame: Uint8Array): Generator<Uint8Array> {
  const random = createRandom(seed);
  for (let at = 0; at < frame.length; at += 1) {
    yield Uint8Array.of(...frame.subarray(0, at), ...frame.subarray(at + 1));
  }
  for (let at = 0; at <= frame.length; at += 1) {
    for (const byte of [0x00, 0xff, frame[at] ?? 0, random.below(256), random.below(256)]) {
      yield Uint8Array.of(...frame.subarray(0, at), byte, ...frame.subarray(at));
    }
  }
}

test.each(titled.filter(([, { poll }]) => poll.type !== 'R'))(
  'a machine takes no %s that was damaged',
  (_, { poll, request }) => {
    const frame = encodeRequest(poll, 1, request(createRandom(seed)));
    const isWrong = (heard: Uint8Array): boolean => {
      const message = taken(heard);
      return message?.code === poll.code && hexOf(message.frame) !== hexOf(frame);
    };
    expect([...flips(frame)].find(isWrong)).toBeUndefined();
    expect([...slips(frame)].find(isWrong)).toBeUndefined();
  },
);

test.each(titled.filter(([, { answer }]) => answer !== null))(
  'a host takes no answer to %s that was damaged',
  (_, { poll, request, answer }) => {
    const random = createRandom(seed);
    const asked = encodeRequest(poll, 1, request(random));
    const frame = encodeAnswer(poll, 1, answer?.(random));
    expect(takenAnswer(asked, frame)?.body).toEqual(frame.subarray(2, -2));
    const isTaken = (heard: Uint8Array): boolean => takenAnswer(asked, heard) !== null;
    expect([...flips(frame)].find(isTaken)).toBeUndefined();
    expect([...slips(frame)].find(isTaken)).toBeUndefined();
  },
);

test.each(titled.filter(([, { answer }]) => answer !== null))(
  'a part of an answer to %s is refused even where no CRC is left to tell',
  (_, { poll, answer }) => {
    const body = encodeAnswer(poll, 1, answer?.(createRandom(seed))).subarray(2, -2);
    for (let length = 0; length < body.length; length += 1) {
      expect(() => decodeAnswer(poll, body.subarray(0, length))).toThrow(SasDecodeError);
    }
  },
);
