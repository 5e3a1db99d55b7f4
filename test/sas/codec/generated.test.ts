import { describe, expect, test } from 'vitest';
import { createReplyReader } from '../../../src/sas/codec/frame.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  LONG_POLLS,
} from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader, type HostMessage } from '../../../src/sas/codec/request-reader.ts';
import { POLLS } from './generated/all.ts';
import type { Generated } from './generated/generated.ts';
import { createRandom, seedOf } from './generated/random.ts';
import { cut, mustBeSame } from './heard.ts';

/** Another one each day keeps looking; SAS_SEED repeats one. */
const seed = seedOf(Math.floor(Date.now() / 86_400_000));
const ROUNDS = 30;

const titled = POLLS.map((each): [string, Generated] => [each.poll.name, each]);

test('every poll of the table has generated values, and every poll of this folder is in the table', () => {
  expect(POLLS.map(({ poll }) => poll.code).sort()).toEqual([...LONG_POLLS.keys()].sort());
  for (const { poll, answer } of POLLS) expect([poll.name, answer === null]).toEqual([poll.name, poll.ack]);
});

describe(`generated from seed ${seed}`, () => {
  test.each(titled)('%s is read as it was written', (_, { poll, request, answer }) => {
    const random = createRandom(seed);
    for (let round = 0; round < ROUNDS; round += 1) {
      const address = 1 + random.below(127);
      const asked = request(random);
      const frame = encodeRequest(poll, address, asked);
      mustBeSame(decodeRequest(frame), { address, poll, request: asked }, { seed, frame });
      if (answer === null) continue;
      const said = answer(random);
      const reply = encodeAnswer(poll, address, said);
      mustBeSame(decodeAnswer(poll, reply.subarray(2, -2)), said, { seed, frame: reply });
    }
  });

  test.each(titled)('%s is whole at its last byte and not before, however it comes in', (_, generated) => {
    const { poll, request, answer } = generated;
    const random = createRandom(seed);
    const frame = encodeRequest(poll, 1, request(random));
    for (const symbols of cut(frame, 'HOST')) {
      const reader = createRequestReader();
      const heard = symbols.map((symbol) => reader.push(symbol));
      const whole: HostMessage = { kind: 'longPoll', address: 1, code: poll.code, frame, crcOk: true };
      const expected = [{ kind: 'longPollStart', address: 1 }, ...frame.slice(2).fill(0), whole];
      mustBeSame(
        heard.map((each) => each ?? 0),
        expected,
        { seed, frame },
      );
    }
    if (answer === null) return;
    const reply = encodeAnswer(poll, 1, answer(random));
    for (const symbols of cut(reply, 'MACHINE')) {
      const reader = createReplyReader(frame);
      const states = symbols.map((symbol) => {
        reader.push(symbol);
        return reader.state;
      });
      const expected = [...Array.from(reply.subarray(1), () => 'NEED_MORE'), 'COMPLETE'];
      mustBeSame(states, expected, { seed, frame: reply });
      mustBeSame(
        reader.take(),
        { kind: 'data', body: reply.slice(2, -2), frame: reply },
        { seed, frame: reply },
      );
    }
  });
});
