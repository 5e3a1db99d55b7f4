import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { createReplyReader } from '../../../src/sas/codec/frame.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import * as control from '../../../src/sas/codec/long-polls/control.ts';
import * as identity from '../../../src/sas/codec/long-polls/identity.ts';
import * as selected from '../../../src/sas/codec/long-polls/selected-meters.ts';
import * as single from '../../../src/sas/codec/long-polls/single-meters.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  LONG_POLLS,
} from '../../../src/sas/codec/poll-table.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { bytes, hexOf } from './hex.ts';
import { ANSWERS, REQUESTS } from './samples/all.ts';
import { answerFrame, requestFrame, titled } from './samples/sample.ts';

/** A request that is answered by this frame. */
function asked(poll: LongPoll, frame: Uint8Array): Uint8Array {
  const row = REQUESTS.find((each) => each.poll === poll);
  return encodeRequest(poll, frame[0] ?? 0, row?.value);
}

function replyTo(poll: LongPoll, frame: Uint8Array, heard = frame) {
  const reader = createReplyReader(asked(poll, frame));
  for (const byte of heard) reader.push(byte);
  return reader;
}

describe('requests', () => {
  test.each(titled(REQUESTS))('%s is read and written', (_, row) => {
    const frame = requestFrame(row);
    expect(hexOf(encodeRequest(row.poll, frame[0] ?? 0, row.value))).toBe(hexOf(frame));
    expect(decodeRequest(frame)).toEqual({ address: frame[0], poll: row.poll, request: row.value });
  });

  test.each(titled(REQUESTS))('%s ends at its last symbol', (_, row) => {
    const frame = requestFrame(row);
    const reader = createRequestReader();
    const heard = messageSymbols(frame).map((symbol) => reader.push(symbol));
    expect(heard[0]).toEqual({ kind: 'longPollStart', address: frame[0] });
    expect(heard.slice(1, -1).every((message) => message === null)).toBe(true);
    expect(heard.at(-1)).toEqual({
      kind: 'longPoll',
      address: frame[0],
      code: row.poll.code,
      frame,
      crcOk: true,
    });
  });

  test('every poll of the table has its row in this file', () => {
    const tested = new Set(REQUESTS.map((row) => row.poll.code));
    expect([...LONG_POLLS.keys()].filter((code) => !tested.has(code))).toEqual([]);
    const answered = new Set(ANSWERS.map((row) => row.poll.code));
    const unanswered = [...LONG_POLLS.values()].filter((poll) => !poll.ack && !answered.has(poll.code));
    expect(unanswered.map((poll) => poll.name)).toEqual([]);
  });

  test.each([
    ['a flag that is neither off nor on', '01 0E 02'],
    ['a month 13', '01 7F 13 01 20 20 00 00 00'],
    ['the 29th of February of a common year', '01 7F 02 29 20 23 00 00 00'],
    ['a day zero', '01 7F 01 00 20 23 00 00 00'],
    ['an hour 24', '01 7F 01 01 20 23 24 00 00'],
    ['a second 60', '01 7F 01 01 20 23 00 00 60'],
    ['a date that is not BCD', '01 7F 0A 01 20 23 00 00 00'],
    ['a game that is not BCD', '01 A0 00 0F'],
    ['a length byte that does not fit', '01 2F 03 00 00'],
    ['half a meter code', '01 6F 03 00 00 01'],
    ['more data than the poll has', '01 01 00'],
    ['a poll we do not know', '01 8B'],
    ['nothing but an address', '01'],
  ])('%s is refused', (_, hex) => {
    expect(() => decodeRequest(withCrc(bytes(hex)))).toThrow(/./);
    expect(() => decodeRequest(withCrc(bytes(hex)))).toThrow(
      expect.objectContaining({ name: 'SasDecodeError' }),
    );
  });

  test('only a poll with a broadcast form goes to address 0, and no address is above 127', () => {
    expect(() => encodeRequest(control.SHUTDOWN, 0, {})).toThrow(RangeError);
    expect(() => encodeRequest(control.SHUTDOWN, 128, {})).toThrow(RangeError);
    expect(() => encodeRequest(single.COIN_IN, 1.5, {})).toThrow(RangeError);
  });

  test('too many meter codes for one frame are refused', () => {
    const codes = Array.from({ length: 127 }, (_, code) => code);
    expect(() => encodeRequest(selected.EXTENDED_METERS, 1, { game: 0, codes })).toThrow(RangeError);
  });
});

describe('answers', () => {
  test.each(titled(ANSWERS))('%s is read and written', (_, row) => {
    const frame = answerFrame(row);
    expect(hexOf(encodeAnswer(row.poll, frame[0] ?? 0, row.value))).toBe(hexOf(frame));
    const reply = replyTo(row.poll, frame).take();
    if (reply.kind !== 'data') throw new Error(`read as ${reply.kind}`);
    expect(hexOf(reply.frame)).toBe(hexOf(frame));
    expect(decodeAnswer(row.poll, reply.body)).toEqual(row.value);
  });

  test.each(titled(ANSWERS))('%s is whole at its last byte and not before', (_, row) => {
    const frame = answerFrame(row);
    const reader = createReplyReader(asked(row.poll, frame));
    for (const byte of frame) {
      expect(reader.state).toBe('NEED_MORE');
      reader.push(byte);
    }
    expect(reader.state).toBe('COMPLETE');
    for (let length = 1; length < frame.length; length += 1) {
      const cut = replyTo(row.poll, frame, frame.subarray(0, length)).take();
      expect(cut).toEqual({ kind: 'damaged', reason: 'length', bytes: frame.slice(0, length) });
    }
  });

  test('a tail behind the expected data is ignored', () => {
    expect(decodeAnswer(identity.SELECTED_GAME, bytes('00 01 AA BB'))).toEqual({ game: 1 });
  });

  test('a digit above 9 makes that meter unknown and leaves the others', () => {
    const body = bytes('0D 00 00 0C 00 00 01 0A A0 00 00 01 23 45');
    expect(decodeAnswer(selected.SELECTED_METERS, body)).toEqual({
      game: 0,
      meters: [
        { code: 0x0c, value: null },
        { code: 0xa0, value: 12345n },
      ],
    });
    expect(decodeAnswer(single.COIN_IN, bytes('00 00 00 F0'))).toEqual({ value: null });
    expect(decodeAnswer(identity.NUMBER_OF_GAMES, bytes('0A 00'))).toEqual({ games: null });
  });

  test('text that is not printable ASCII reads as question marks', () => {
    expect(decodeAnswer(identity.SAS_VERSION, bytes('06 36 30 32 00 FF 41'))).toEqual({
      version: '602',
      serialNumber: '??A',
    });
  });

  test('a serial number is cut at 40 characters', () => {
    const body = bytes(`33 36 30 32 ${'41 '.repeat(48)}`);
    expect(decodeAnswer(identity.SAS_VERSION, body)).toEqual({
      version: '602',
      serialNumber: 'A'.repeat(40),
    });
    const long = { version: '602', serialNumber: 'A'.repeat(41) };
    expect(() => encodeAnswer(identity.SAS_VERSION, 1, long)).toThrow(RangeError);
  });

  test('a 2F meter without a known size cannot be read', () => {
    expect(() => decodeAnswer(selected.SELECTED_METERS, bytes('07 00 00 B7 00 00 00 00'))).toThrow(/b7/);
  });

  test('a poll that is only acknowledged is answered with the lone address', () => {
    expect(hexOf(encodeAnswer(control.SHUTDOWN, 0x51, null))).toBe('51');
    expect(() => decodeAnswer(control.SHUTDOWN, bytes('00'))).toThrow(/SHUTDOWN/);
  });
});
