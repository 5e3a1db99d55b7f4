import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { SasDecodeError } from '../../../src/sas/codec/decode-error.ts';
import { createReplyReader } from '../../../src/sas/codec/frame.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
} from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { POLLS } from './generated/all.ts';
import type { Generated } from './generated/generated.ts';
import { createRandom, type Random, seedOf } from './generated/random.ts';
import { mustBeSame } from './heard.ts';

/** What holds, holds for every seed: each run takes another. SAS_SEED repeats one. */
const seed = seedOf(Date.now() % 1_000_000_000);
const ROUNDS = 25;
const titled = POLLS.map((each): [string, Generated] => [each.poll.name, each]);

/** A few bytes of a body replaced, its length byte made right again. */
function disturbed(body: Uint8Array, lengthByte: boolean, random: Random): Uint8Array {
  const changed = body.slice(0, random.below(4) === 0 ? random.below(body.length + 1) : body.length);
  for (let times = random.below(4); times >= 0; times -= 1) {
    if (changed.length > 0) changed[random.below(changed.length)] = random.below(256);
  }
  if (lengthByte && changed.length > 0) changed[0] = changed.length - 1;
  return changed;
}

const noise = (length: number, random: Random): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(256));

/** The value, or null where the bytes are refused. @throws whatever else goes wrong */
function readOrRefuse<T>(read: () => T): { readonly value: T } | null {
  try {
    return { value: read() };
  } catch (error) {
    if (error instanceof SasDecodeError) return null;
    throw error;
  }
}

/** Null when the value cannot be sent: it holds something unknown. */
function writeOrRefuse(write: () => Uint8Array): Uint8Array | null {
  try {
    return write();
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

function checkAnswer(poll: LongPoll, body: Uint8Array): void {
  const read = readOrRefuse(() => decodeAnswer(poll, body));
  const frame = read && writeOrRefuse(() => encodeAnswer(poll, 1, read.value));
  if (read && frame) mustBeSame(decodeAnswer(poll, frame.subarray(2, -2)), read.value, { seed, frame });
}

function checkRequest(frame: Uint8Array): void {
  const read = readOrRefuse(() => decodeRequest(frame));
  const again = read && writeOrRefuse(() => encodeRequest(read.value.poll, 1, read.value.request));
  if (read && again) mustBeSame(decodeRequest(again), read.value, { seed, frame });
}

describe(`fuzzed with seed ${seed}`, () => {
  test.each(titled.filter(([, { answer }]) => answer !== null))(
    'an answer to %s with any data is refused, or means the same when it is written again',
    (_, { poll, answer }) => {
      const random = createRandom(seed);
      for (let round = 0; round < ROUNDS; round += 1) {
        const body = encodeAnswer(poll, 1, answer?.(random)).subarray(2, -2);
        checkAnswer(poll, disturbed(body, poll.answer?.lengthByte ?? false, random));
        checkAnswer(poll, noise(body.length, random));
      }
    },
  );

  test.each(titled)(
    '%s with any data is refused, or means the same when it is written again',
    (_, generated) => {
      const { poll, request } = generated;
      const random = createRandom(seed);
      const bare = poll.type === 'R';
      for (let round = 0; round < ROUNDS; round += 1) {
        const frame = encodeRequest(poll, 1, request(random));
        const body = frame.subarray(2, bare ? frame.length : -2);
        for (const data of [disturbed(body, poll.request.lengthByte, random), noise(body.length, random)]) {
          const changed = Uint8Array.of(1, poll.code, ...data);
          checkRequest(bare ? changed : withCrc(changed));
        }
      }
    },
  );

  test.each(titled)('no bytes in answer to %s make a reader fail', (_, { poll, request }) => {
    const random = createRandom(seed);
    const asked = encodeRequest(poll, 1, request(random));
    for (let round = 0; round < ROUNDS; round += 1) {
      const reader = createReplyReader(asked);
      const head = [[], [1], [1, poll.code], [1, 0xff]][random.below(4)] ?? [];
      for (const byte of [...head, ...noise(random.below(40), random)]) reader.push(byte);
      expect(reader.take().kind).toBeTypeOf('string');
    }
  });

  test('no symbols make the reader of requests fail', () => {
    const random = createRandom(seed);
    const reader = createRequestReader();
    for (let count = 0; count < 20_000; count += 1) {
      const symbol = random.below(30) === 0 ? 'error' : random.below(0x120);
      const message = reader.push(symbol);
      if (message?.kind === 'longPoll') readOrRefuse(() => decodeRequest(message.frame));
    }
  });
});
