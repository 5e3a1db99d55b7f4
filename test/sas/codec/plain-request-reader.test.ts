import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { NAMED_POLLS } from '../../../src/sas/codec/long-polls/named-only.ts';
import { createPlainRequestReader } from '../../../src/sas/codec/plain-request-reader.ts';
import { encodeRequest, LONG_POLLS } from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { POLLS } from './generated/all.ts';
import { createRandom, seedOf } from './generated/random.ts';
import { bytes, hexOf } from './hex.ts';

const seed = seedOf(602);

/** What is heard, in short; `|` is a pause. */
function heard(hex: string): string[] {
  const reader = createPlainRequestReader();
  return hex.split(' ').flatMap((each) => {
    if (each === '|') reader.quiet();
    const message = each === '|' ? null : reader.push(Number.parseInt(each, 16));
    if (message === null) return [];
    if (message.kind !== 'longPoll') return [`${message.kind} ${message.address}`];
    return [`longPoll ${hexOf(message.frame)}${message.crcOk ? '' : ' damaged'}`];
  });
}

describe('a line without the ninth bit', () => {
  test('says the same as one with it', () => {
    const random = createRandom(seed);
    const messages = POLLS.flatMap(({ poll, request }) => {
      const frame = encodeRequest(poll, 1 + random.below(127), request(random));
      const all = poll.broadcast ? [encodeRequest(poll, 0, request(random))] : [];
      return [frame, ...all, Uint8Array.of(0x80 + random.below(128))];
    });
    const [marked, plain] = [createRequestReader(), createPlainRequestReader()];
    for (const message of messages) {
      const expected = messageSymbols(message).map((symbol) => marked.push(symbol));
      const found = Array.from(message, (byte) => plain.push(byte));
      // Only its second byte tells a broadcast from noise.
      if (message[0] === 0) expected.splice(0, 2, null, { kind: 'longPollStart', address: 0 });
      expect(found).toEqual(expected);
    }
  });

  test.each([
    ['general polls', '81 FF 80', ['generalPoll 1', 'generalPoll 127', 'generalPoll 0']],
    ['a sync before each poll', '80 01 11', ['generalPoll 0', 'longPollStart 1', 'longPoll 01 11']],
    ['zeros as noise', '00 00 81 00 01 11', ['generalPoll 1', 'longPollStart 1', 'longPoll 01 11']],
    ['a broadcast without known length', '00 7A 12 81 | 81', ['unknownPoll 0', 'generalPoll 1']],
    [
      'a command nobody knows, until a pause',
      '01 8B 81 82 | 83',
      ['longPollStart 1', 'unknownPoll 1', 'generalPoll 3'],
    ],
    [
      'a damaged poll, until a pause',
      '01 01 51 09 81 | 82',
      ['longPollStart 1', 'longPoll 01 01 51 09 damaged', 'generalPoll 2'],
    ],
    ['a poll cut short by a pause', '01 01 51 | 81', ['longPollStart 1', 'generalPoll 1']],
  ])('%s', (_, hex, expected) => {
    expect(heard(hex)).toEqual(expected);
  });

  test('a byte that was lost costs its message and no other once there was a pause', () => {
    const frame = withCrc(bytes('01 2F 06 00 00 00 01 0C A0'));
    for (let lost = 0; lost < frame.length; lost += 1) {
      const rest = Array.from(frame).filter((_, at) => at !== lost);
      const said = heard(`${hexOf(Uint8Array.from(rest))} | 01 01 51 08`);
      expect(said.filter((each) => each.startsWith('longPoll 01 2F') && !each.endsWith('damaged'))).toEqual(
        [],
      );
      expect(said.slice(-2)).toEqual(['longPollStart 1', 'longPoll 01 01 51 08']);
    }
  });

  test('an error of the stream is skipped like damage', () => {
    const reader = createPlainRequestReader();
    expect([0x01, 0x01, 'error' as const, 0x81].map((symbol) => reader.push(symbol)?.kind)).toEqual([
      'longPollStart',
      undefined,
      undefined,
      undefined,
    ]);
    reader.quiet();
    expect(reader.push(0x81)).toEqual({ kind: 'generalPoll', address: 1 });
  });
});

describe('a line with the ninth bit', () => {
  test('a pause voids the message under way', () => {
    const reader = createRequestReader();
    const [first = 0, ...rest] = messageSymbols(bytes('01 01 51 08'));
    expect(reader.push(first)).toEqual({ kind: 'longPollStart', address: 1 });
    reader.quiet();
    expect(rest.map((symbol) => reader.push(symbol))).toEqual([null, null, null]);
  });
});

test('the broadcasts are those of SAS.md 13.3', () => {
  const rows = [...LONG_POLLS.values()].filter((poll) => poll.broadcast).map((poll) => poll.code);
  const names = NAMED_POLLS.filter((poll) => poll.type === 'S/G').map((poll) => poll.code);
  expect([...rows, ...names].sort()).toEqual([0x75, 0x7a, 0x7b, 0x7c, 0x7d, 0x7f, 0x80, 0x86]);
});
