import { expect, test } from 'vitest';
import { SasDecodeError } from '../../../src/sas/codec/decode-error.ts';
import { decodeAnswer, encodeAnswer, encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { damaged } from './damaged.ts';
import { POLLS } from './generated/all.ts';
import type { Generated } from './generated/generated.ts';
import { createRandom, seedOf } from './generated/random.ts';
import { taken, takenAnswer } from './heard.ts';
import { hexOf } from './hex.ts';

/**
 * A CRC of 16 bits lets one of 65536 random frames pass, so the seed is fixed. A frame of which one byte is changed
 * never passes as long as its length stays, whatever the seed.
 */
const seed = seedOf(602);

const titled = POLLS.map((each): [string, Generated] => [each.poll.name, each]);
const withCrc = titled.filter(([, { poll }]) => poll.type !== 'R');
const withAnswer = titled.filter(([, { answer }]) => answer !== null);

test.each(withCrc)('a machine takes no %s that was damaged', (_, { poll, request }) => {
  const frame = encodeRequest(poll, 1, request(createRandom(seed)));
  const isWrong = (heard: Uint8Array): boolean => {
    const message = taken(heard);
    return message?.code === poll.code && hexOf(message.frame) !== hexOf(frame);
  };
  expect(damaged(frame, seed).find(isWrong)).toBeUndefined();
});

test.each(withAnswer)('a host takes no answer to %s that was damaged', (_, { poll, request, answer }) => {
  const random = createRandom(seed);
  const asked = encodeRequest(poll, 1, request(random));
  const frame = encodeAnswer(poll, 1, answer?.(random));
  expect(takenAnswer(asked, frame)?.body).toEqual(frame.subarray(2, -2));
  expect(damaged(frame, seed).find((heard) => takenAnswer(asked, heard) !== null)).toBeUndefined();
});

test.each(withAnswer)('a part of an answer to %s is refused without a CRC as well', (_, { poll, answer }) => {
  const body = encodeAnswer(poll, 1, answer?.(createRandom(seed))).subarray(2, -2);
  for (let length = 0; length < body.length; length += 1) {
    expect(() => decodeAnswer(poll, body.subarray(0, length))).toThrow(SasDecodeError);
  }
});
