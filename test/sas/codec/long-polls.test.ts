import { describe, expect, test } from 'vitest';
import { withCrc } from '../../../src/sas/codec/crc.ts';
import { NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { createReplyReader } from '../../../src/sas/codec/frame.ts';
import type { LongPoll } from '../../../src/sas/codec/long-poll.ts';
import * as control from '../../../src/sas/codec/long-polls/control.ts';
import * as identity from '../../../src/sas/codec/long-polls/identity.ts';
import * as groups from '../../../src/sas/codec/long-polls/meter-groups.ts';
import * as selected from '../../../src/sas/codec/long-polls/selected-meters.ts';
import * as single from '../../../src/sas/codec/long-polls/single-meters.ts';
import {
  decodeAnswer,
  decodeRequest,
  encodeAnswer,
  encodeRequest,
  LONG_POLLS,
} from '../../../src/sas/codec/poll-table.ts';
import { requestHasCrc, requestLengthOf } from '../../../src/sas/codec/request-lengths.ts';
import { createRequestReader } from '../../../src/sas/codec/request-reader.ts';
import { messageSymbols } from '../../../src/sas/codec/symbol.ts';
import { bytes, hexOf, oneBitFlips } from './hex.ts';

/** Frames are written without their CRC where they have one; the CRC has its own tests. */
interface RequestRow {
  readonly poll: LongPoll;
  readonly hex: string;
  readonly value: unknown;
}

const request = <Q, A>(poll: LongPoll<Q, A>, hex: string, value: Q): RequestRow => ({ poll, hex, value });
const answer = <Q, A>(poll: LongPoll<Q, A>, hex: string, value: A): RequestRow => ({ poll, hex, value });

const REQUESTS: readonly RequestRow[] = [
  request(control.SHUTDOWN, '01 01', {}),
  request(control.STARTUP, '01 02', {}),
  request(control.SOUND_OFF, '01 03', {}),
  request(control.SOUND_ON, '7F 04', {}),
  request(control.BILL_ACCEPTOR_ON, '01 06', {}),
  request(control.BILL_ACCEPTOR_OFF, '01 07', {}),
  request(control.REAL_TIME_EVENTS, '01 0E 01', { enabled: true }),
  request(control.REAL_TIME_EVENTS, '01 0E 00', { enabled: false }),
  request(control.DATE_TIME, '01 7F 07 12 20 20 02 15 01', {
    year: 2020,
    month: 7,
    day: 12,
    hour: 2,
    minute: 15,
    second: 1,
  }),
  request(control.DATE_TIME, '00 7F 02 29 20 24 23 59 59', {
    year: 2024,
    month: 2,
    day: 29,
    hour: 23,
    minute: 59,
    second: 59,
  }),
  ...single.SINGLE_METER_POLLS.map((poll) => request(poll, hexOf(Uint8Array.of(0x21, poll.code)), {})),
  request(groups.METERS_10_15, '01 0F', {}),
  request(groups.GAMES_SINCE, '01 18', {}),
  request(groups.METERS_11_15, '01 19', {}),
  request(groups.HANDPAY_INFORMATION, '01 1B', {}),
  request(groups.EIGHT_METERS, '01 1C', {}),
  request(groups.BILL_COUNTS, '01 1E', {}),
  request(identity.MACHINE_ID, '01 1F', {}),
  request(identity.NUMBER_OF_GAMES, '51 51', {}),
  request(identity.SAS_VERSION, '01 54', {}),
  request(identity.SELECTED_GAME, '01 55', {}),
  request(identity.FEATURES, '01 A0 00 12', { game: 12 }),
  request(selected.SELECTED_METERS, '01 2F 06 00 00 00 01 0C A0', {
    game: 0,
    codes: [0x00, 0x01, 0x0c, 0xa0],
  }),
  request(selected.EXTENDED_METERS, '01 6F 08 00 05 00 00 01 00 A0 00', { game: 5, codes: [0, 1, 0xa0] }),
  request(selected.EXTENDED_METERS_TWIN, '01 AF 04 00 00 34 12', { game: 0, codes: [0x1234] }),
];

const ANSWERS: readonly RequestRow[] = [
  ...single.SINGLE_METER_POLLS.map((poll) =>
    answer(poll, `21 ${hexOf(Uint8Array.of(poll.code))} 12 34 56 78`, { value: 12345678n }),
  ),
  answer(
    groups.METERS_10_15,
    '01 0F 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06',
    {
      cancelledCredits: 1n,
      coinIn: 2n,
      coinOut: 3n,
      totalDrop: 4n,
      jackpot: 5n,
      gamesPlayed: 6n,
    },
  ),
  answer(groups.GAMES_SINCE, '01 18 00 12 99 99', { gamesSincePowerReset: 12n, gamesSinceDoorClosed: 9999n }),
  answer(groups.METERS_11_15, '01 19 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 99 99 99 99', {
    coinIn: 2n,
    coinOut: 3n,
    totalDrop: 4n,
    jackpot: 5n,
    gamesPlayed: 99_999_999n,
  }),
  answer(groups.HANDPAY_INFORMATION, '01 1B 00 80 00 00 01 25 00 00 07 01 00 00 00 00 00 00 00 00 00 00', {
    group: 0,
    level: 0x80,
    cents: 12500n,
    partialPay: 7n,
    resetId: 1,
  }),
  answer(
    groups.EIGHT_METERS,
    '01 1C 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06 00 00 00 07 00 00 00 08',
    {
      coinIn: 1n,
      coinOut: 2n,
      totalDrop: 3n,
      jackpot: 4n,
      gamesPlayed: 5n,
      gamesWon: 6n,
      slotDoorOpens: 7n,
      powerResets: 8n,
    },
  ),
  answer(
    groups.BILL_COUNTS,
    '01 1E 00 00 00 01 00 00 00 02 00 00 00 03 00 00 00 04 00 00 00 05 00 00 00 06',
    {
      bills1: 1n,
      bills5: 2n,
      bills10: 3n,
      bills20: 4n,
      bills50: 5n,
      bills100: 6n,
    },
  ),
  answer(identity.MACHINE_ID, '01 1F 46 57 30 30 31 01 0A 00 34 12 50 54 30 30 30 31 39 30 36 38', {
    gameId: 'FW',
    additionalId: '001',
    denomination: 0x01,
    maxBet: 10,
    progressiveGroup: 0,
    gameOptions: 0x1234,
    paytableId: 'PT0001',
    basePercent: '9068',
  }),
  answer(identity.NUMBER_OF_GAMES, '51 51 00 12', { games: 12 }),
  answer(identity.SAS_VERSION, '01 54 0A 36 30 32 46 57 2D 30 30 30 31', {
    version: '602',
    serialNumber: 'FW-0001',
  }),
  answer(identity.SAS_VERSION, '01 54 03 36 30 32', { version: '602', serialNumber: '' }),
  answer(identity.SELECTED_GAME, '01 55 00 10', { game: 10 }),
  answer(identity.FEATURES, '01 A0 00 00 D7 E9 03 00 00 00', {
    game: 0,
    features: {
      ...NO_FEATURES,
      jackpotMultiplier: true,
      aftBonus: true,
      legacyBonus: true,
      validationExtensions: true,
      validationStyle: 'SECURE_ENHANCED',
      ticketRedemption: true,
      meterModel: 'WHEN_WON',
      extendedMeters: true,
      features2Bit5: true,
      aft: true,
      multiDenomination: true,
      fastPolling: true,
      multipleProgressiveWins: true,
    },
  }),
  answer(identity.FEATURES, '01 A0 00 05 28 16 04 00 00 00', {
    game: 5,
    features: {
      ...NO_FEATURES,
      tournament: true,
      validationStyle: 'SYSTEM',
      meterModel: 'WHEN_PLAYED_OR_PAID',
      ticketsInTotalDrop: true,
      componentAuthentication: true,
      features3High: 1,
    },
  }),
  answer(selected.SELECTED_METERS, '01 2F 0D 00 05 0C 00 00 01 00 A0 00 00 01 23 45', {
    game: 5,
    meters: [
      { code: 0x0c, value: 100n },
      { code: 0xa0, value: 12345n },
    ],
  }),
  answer(selected.EXTENDED_METERS, '01 6F 10 00 00 00 00 04 00 45 20 40 01 00 00 B7 00 01 10', {
    game: 0,
    meters: [
      { code: 0x00, size: 4, value: 452040n },
      { code: 0x01, size: 0, value: null },
      { code: 0xb7, size: 1, value: 10n },
    ],
  }),
  answer(selected.EXTENDED_METERS_TWIN, '01 AF 0E 00 00 00 00 09 12 34 56 78 90 12 34 56 78', {
    game: 0,
    meters: [{ code: 0x00, size: 9, value: 123456789012345678n }],
  }),
];

const title = ({ poll, hex }: RequestRow): string => `${poll.name}: ${hex}`;
const rows = (table: readonly RequestRow[]): [string, RequestRow][] => table.map((row) => [title(row), row]);
const onWire = ({ poll, hex }: RequestRow): Uint8Array =>
  poll.type === 'R' ? bytes(hex) : withCrc(bytes(hex));

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
  test.each(rows(REQUESTS))('%s is read and written', (_, row) => {
    const frame = onWire(row);
    expect(hexOf(encodeRequest(row.poll, frame[0] ?? 0, row.value))).toBe(hexOf(frame));
    expect(decodeRequest(frame)).toEqual({ address: frame[0], poll: row.poll, request: row.value });
  });

  test.each(rows(REQUESTS))('%s ends at its last symbol', (_, row) => {
    const frame = onWire(row);
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

  test.each(rows(REQUESTS.filter((row) => row.poll.type !== 'R')))(
    '%s with a flipped bit is not taken',
    (_, row) => {
      for (const damaged of oneBitFlips(onWire(row))) {
        const reader = createRequestReader();
        for (const symbol of messageSymbols(damaged)) {
          const message = reader.push(symbol);
          const taken = message?.kind === 'longPoll' && message.crcOk && message.code === row.poll.code;
          expect(taken).toBe(false);
        }
      }
    },
  );

  test('every poll has the request length and the CRC rule of SAS.md 6.9', () => {
    for (const poll of LONG_POLLS.values()) {
      const crc = poll.type === 'R' ? 0 : 2;
      const fixed = poll.request.lengthByte
        ? 'LENGTH_BYTE'
        : 2 + (poll.request.field.size ?? Number.NaN) + crc;
      expect([poll.name, requestLengthOf(poll.code)]).toEqual([poll.name, fixed]);
      expect(requestHasCrc(poll.code)).toBe(poll.type !== 'R');
    }
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
  test.each(rows(ANSWERS))('%s is read and written', (_, row) => {
    const frame = withCrc(bytes(row.hex));
    expect(hexOf(encodeAnswer(row.poll, frame[0] ?? 0, row.value))).toBe(hexOf(frame));
    const reply = replyTo(row.poll, frame).take();
    if (reply.kind !== 'data') throw new Error(`read as ${reply.kind}`);
    expect(hexOf(reply.frame)).toBe(hexOf(frame));
    expect(decodeAnswer(row.poll, reply.body)).toEqual(row.value);
  });

  test.each(rows(ANSWERS))('%s is whole at its last byte and not before', (_, row) => {
    const frame = withCrc(bytes(row.hex));
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

  test.each(rows(ANSWERS))('%s with a flipped bit is never data', (_, row) => {
    const frame = withCrc(bytes(row.hex));
    for (const damaged of oneBitFlips(frame)) {
      expect(replyTo(row.poll, frame, damaged).take().kind).not.toBe('data');
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
