import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { type EventData, encodeEvent, wagerDenomination } from '../../../src/sas/codec/event-data.ts';
import { createReplyReader, generalPoll, SYNC_POLL } from '../../../src/sas/codec/frame.ts';
import { SHUTDOWN } from '../../../src/sas/codec/long-polls/control.ts';
import { COIN_IN } from '../../../src/sas/codec/long-polls/single-meters.ts';
import { encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { mark, messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { bytes, hexOf, oneBitFlips } from './hex.ts';

const GENERAL = generalPoll(1);
const READ = encodeRequest(COIN_IN, 1, {});
const SET = encodeRequest(SHUTDOWN, 1, {});

function heard(request: Uint8Array, hex: string) {
  const reader = createReplyReader(request);
  for (const byte of bytes(hex)) reader.push(byte);
  return { state: reader.state, reply: reader.take(), surplus: reader.surplus };
}

describe('general polls', () => {
  test('are one byte with the top bit set', () => {
    expect(hexOf(generalPoll(1))).toBe('81');
    expect(hexOf(generalPoll(127))).toBe('FF');
    expect(hexOf(SYNC_POLL)).toBe('80');
    expect(() => generalPoll(128)).toThrow(RangeError);
    expect(() => generalPoll(-1)).toThrow(RangeError);
  });
});

describe('short replies', () => {
  const exception = (code: number) => ({ kind: 'exception', code, data: null, realTime: false });

  test.each([
    ['nothing yet', GENERAL, '', 'NEED_MORE', { kind: 'silence' }],
    ['no activity', GENERAL, '00', 'COMPLETE', exception(0x00)],
    ['an exception', GENERAL, '51', 'COMPLETE', exception(0x51)],
    ['an exception with the value of the NACK', GENERAL, '81', 'COMPLETE', exception(0x81)],
    [
      'an exception with the value of the address',
      generalPoll(0x11),
      '11',
      'MAYBE_COMPLETE',
      exception(0x11),
    ],
    ['an acknowledgement', SET, '01', 'MAYBE_COMPLETE', { kind: 'ack' }],
    ['a refusal', SET, '81', 'COMPLETE', { kind: 'nack' }],
    ['busy for a set poll', SET, '01 00', 'COMPLETE', { kind: 'busy' }],
    ['busy for a read poll', READ, '01 00', 'COMPLETE', { kind: 'busy' }],
    [
      'a signature for a general poll',
      GENERAL,
      '01 21 CD AB 57 24',
      'COMPLETE',
      { kind: 'signature', signature: 0xabcd },
    ],
    [
      'a signature for a long poll',
      READ,
      '01 21 CD AB 57 24',
      'COMPLETE',
      { kind: 'signature', signature: 0xabcd },
    ],
  ])('%s', (_, request, hex, state, reply) => {
    expect(heard(request, hex)).toMatchObject({ state, reply });
  });

  test.each([
    ['a lone address after a read poll', READ, '01', 'length'],
    ['a NACK after a read poll', READ, '81', 'address'],
    ['another address', SET, '02', 'address'],
    ['another command', READ, '01 12 00 00 00 00', 'command'],
    ['data for a poll that has none', SET, '01 01 51 08', 'command'],
    ['a second byte that means nothing after a general poll', GENERAL, '01 00', 'command'],
    ['a wrong CRC', READ, '01 11 00 00 00 00 00 00', 'crc'],
    ['a signature with a wrong CRC', GENERAL, '01 21 CD AB 57 25', 'crc'],
  ])('%s is damage', (_, request, hex, reason) => {
    expect(heard(request, hex).reply).toMatchObject({ kind: 'damaged', reason });
  });

  test('marks on a reply are ignored', () => {
    const reader = createReplyReader(SET);
    reader.push(mark(0x81));
    expect(reader.take()).toEqual({ kind: 'nack' });
  });

  test('a stream error is damage, whatever follows', () => {
    const reader = createReplyReader(READ);
    for (const symbol of [0x01, 0x11, 'error', 0x00] as const) reader.push(symbol);
    expect(reader.state).toBe('MAYBE_COMPLETE');
    expect(reader.take()).toEqual({ kind: 'damaged', reason: 'stream', bytes: bytes('01 11 00') });
  });

  test('bytes behind a complete reply are counted, not kept', () => {
    expect(heard(GENERAL, '00 11 12')).toMatchObject({ surplus: 2, reply: { code: 0x00 } });
  });

  test('endless noise is held to the longest frame', () => {
    const reader = createReplyReader(READ);
    for (let at = 0; at < 100_000; at += 1) reader.push(0xee);
    const reply = reader.take();
    if (reply.kind !== 'damaged') throw new Error(`read as ${reply.kind}`);
    expect(reply.bytes.length).toBe(260);
    expect(reader.surplus).toBe(100_000 - 260);
  });

  test('a request that is no poll of ours cannot be answered', () => {
    expect(() => createReplyReader(bytes('01 8B'))).toThrow(RangeError);
  });
});

describe('real-time events', () => {
  const rows: readonly [string, number, EventData | null][] = [
    ['01 FF 11', 0x11, null],
    ['01 FF 00', 0x00, null],
    ['01 FF 89', 0x89, null],
    [
      '01 FF 4F 37 10 00 00 00 37',
      0x4f,
      { kind: 'BILL_ACCEPTED', country: 37, denomination: 0x10, count: 37n },
    ],
    [
      '01 FF 7C 02 00 00 01 00 01 00 00 05 00',
      0x7c,
      { kind: 'LEGACY_BONUS', multiplier: 2, multipliedWin: 100n, tax: 'NOT_DEDUCTIBLE', bonus: 500n },
    ],
    [
      '01 FF 7E 00 05 00 45 20 40 41 03',
      0x7e,
      { kind: 'GAME_STARTED', wagered: 5n, coinIn: 452040n, wagerType: 0x41, progressiveGroup: 3 },
    ],
    ['01 FF 7F 00 00 01 20', 0x7f, { kind: 'GAME_ENDED', win: 120n }],
    ['01 FF 88 01 12', 0x88, { kind: 'REEL_STOPPED', reel: 1, stop: 0x12 }],
    ['01 FF 8A 00 01 00 03', 0x8a, { kind: 'GAME_RECALL', game: 1, entry: 3 }],
    ['01 FF 8B 82', 0x8b, { kind: 'CARD_HELD', card: 0x82 }],
    ['01 FF 8C 00 03', 0x8c, { kind: 'GAME_SELECTED', game: 3 }],
  ];

  test.each(rows)('%s ⇄ %i answers a general poll and a long poll', (hex, code, data) => {
    const frame = withCrc(bytes(hex));
    expect(hexOf(encodeEvent(1, code, data))).toBe(hexOf(frame));
    for (const request of [GENERAL, READ, SET]) {
      const { state, reply } = heard(request, hexOf(frame));
      expect(state).toBe('COMPLETE');
      expect(reply).toEqual({ kind: 'exception', code, data, realTime: true });
    }
  });

  test.each(rows)('%s split anywhere and damaged anywhere is no event', (hex, _code, _data) => {
    const frame = withCrc(bytes(hex));
    for (let length = 2; length < frame.length; length += 1) {
      expect(heard(READ, hexOf(frame.subarray(0, length)))).toMatchObject({
        state: 'NEED_MORE',
        reply: { kind: 'damaged', reason: 'length' },
      });
    }
    for (const flipped of oneBitFlips(frame)) {
      expect(heard(READ, hexOf(flipped)).reply.kind).not.toBe('exception');
    }
  });

  test('an event that left its data out is whole only when the line stays quiet', () => {
    const { state, reply } = heard(GENERAL, '01 FF 88 5C AD');
    expect(state).toBe('MAYBE_COMPLETE');
    expect(reply).toEqual({ kind: 'exception', code: 0x88, data: null, realTime: true });
  });

  test('an event code nobody knows is reported, without data', () => {
    const frame = withCrc(bytes('01 FF E7'));
    expect(heard(GENERAL, hexOf(frame)).reply).toMatchObject({
      kind: 'exception',
      code: 0xe7,
      realTime: true,
    });
  });

  test('a digit above 9 makes that number unknown', () => {
    const frame = withCrc(bytes('01 FF 7F 00 00 01 2A'));
    expect(heard(GENERAL, hexOf(frame)).reply).toMatchObject({ data: { kind: 'GAME_ENDED', win: null } });
  });

  test('data of another event, or for one without data, are refused', () => {
    expect(() => encodeEvent(1, 0x11, { kind: 'CARD_HELD', card: 1 })).toThrow(RangeError);
  });

  test('the denomination of a wager is in the low six bits', () => {
    expect([0x41, 0xc1, 0x57, 0xd7, 0x40].map(wagerDenomination)).toEqual([0x01, 0x01, 0x17, 0x17, 0x00]);
  });
});

describe('requests on the line', () => {
  const read = (symbols: readonly (number | 'error')[]) => {
    const reader = createRequestReader();
    return symbols.map((symbol) => reader.push(symbol)).filter((message) => message !== null);
  };

  test('80 before an address is a message of its own', () => {
    expect(read([mark(0x80), mark(0x01), 0x11])).toEqual([
      { kind: 'generalPoll', address: 0 },
      { kind: 'longPollStart', address: 1 },
      { kind: 'longPoll', address: 1, code: 0x11, frame: bytes('01 11'), crcOk: true },
    ]);
  });

  test('a mark cancels the message under way', () => {
    expect(read([mark(0x01), 0x01, 0x51, mark(0x81), 0x08])).toEqual([
      { kind: 'longPollStart', address: 1 },
      { kind: 'generalPoll', address: 1 },
    ]);
  });

  test('unmarked bytes outside a message are noise', () => {
    expect(read([0x81, 0x01, 0x01, mark(0x81), 0x11, 0x12])).toEqual([{ kind: 'generalPoll', address: 1 }]);
  });

  test('a stream error drops the message under way until the next mark', () => {
    expect(read([mark(0x01), 'error', 0x11, mark(0x01), 0x11])).toEqual([
      { kind: 'longPollStart', address: 1 },
      { kind: 'longPollStart', address: 1 },
      expect.objectContaining({ kind: 'longPoll', code: 0x11 }),
    ]);
  });

  test('a wrong CRC is reported with the message', () => {
    expect(read(messageSymbols(bytes('01 01 51 09'))).at(-1)).toMatchObject({
      kind: 'longPoll',
      crcOk: false,
    });
  });

  test.each([0x00, 0x59, 0x77, 0x8b, 0xff])('a command of unknown length (%i) ends at once', (code) => {
    expect(read([mark(0x01), code, 0x11])).toEqual([
      { kind: 'longPollStart', address: 1 },
      { kind: 'unknownPoll', address: 1, code },
    ]);
  });

  test('the longest frame is read whole', () => {
    const frame = withCrc(Uint8Array.of(0x00, 0x86, 0xff, ...new Array<number>(0xff).fill(0)));
    expect(read(messageSymbols(frame)).at(-1)).toMatchObject({
      kind: 'longPoll',
      code: 0x86,
      crcOk: true,
      frame,
    });
  });
});
