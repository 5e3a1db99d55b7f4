import { describe, expect, test } from 'vitest';
import { bits, coded } from '../../../src/sas/codec/coded.ts';
import { SasDecodeError } from '../../../src/sas/codec/decode-error.ts';
import { expiration } from '../../../src/sas/codec/expiration.ts';
import type { Field } from '../../../src/sas/codec/fields.ts';
import { AFT_STATUSES, type AftStatus, aftOutcome } from '../../../src/sas/codec/long-polls/aft-status.ts';
import { AFT_TRANSFER } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { ENABLE_GAME } from '../../../src/sas/codec/long-polls/games.ts';
import { handpayKind } from '../../../src/sas/codec/long-polls/handpay.ts';
import { BASE_POLLS, MULTI_DENOMINATION } from '../../../src/sas/codec/long-polls/multi-denomination.ts';
import { PROGRESSIVE_LEVELS } from '../../../src/sas/codec/long-polls/progressives.ts';
import { REDEEM_TICKET } from '../../../src/sas/codec/long-polls/tickets.ts';
import { READ_VALIDATION_RECORD } from '../../../src/sas/codec/long-polls/validation.ts';
import { decodeAnswer, encodeAnswer, encodeRequest } from '../../../src/sas/codec/poll-table.ts';
import { bytes, hexOf } from './hex.ts';

const read = <T>(field: Field<T>, hex: string): T => field.read({ bytes: bytes(hex), at: 0 });
function write<T>(field: Field<T>, value: T): string {
  const out: number[] = [];
  field.write(value, out);
  return hexOf(Uint8Array.from(out));
}

describe('codes', () => {
  const light = coded({ RED: 0x01, GREEN: 0x80 });

  test('a code of the table reads by name, any other as its number', () => {
    for (let code = 0; code < 256; code += 1) {
      const hex = hexOf(Uint8Array.of(code));
      expect(read(light, hex)).toBe(code === 0x01 ? 'RED' : code === 0x80 ? 'GREEN' : code);
      expect(write(light, read(light, hex))).toBe(hex);
    }
  });

  test('a number beyond a byte is refused', () => {
    expect(() => write(light, 256)).toThrow(RangeError);
  });

  test('bits read by name, those without one by their number', () => {
    const flags = bits(2, { FIRST: 0, TOP: 15 });
    expect(read(flags, '03 80')).toEqual(['FIRST', 1, 'TOP']);
    expect(write(flags, ['TOP', 1, 'FIRST', 'FIRST'])).toBe('03 80');
    expect(read(flags, '00 00')).toEqual([]);
    expect(() => write(flags, [16])).toThrow(RangeError);
  });
});

describe('expiration', () => {
  test.each([
    ['00 00 00 00', { kind: 'NONE' }],
    ['00 00 00 30', { kind: 'DAYS', days: 30 }],
    ['00 00 99 99', { kind: 'DAYS', days: 9999 }],
    ['01 17 20 20', { kind: 'DATE', year: 2020, month: 1, day: 17 }],
  ] as const)('%s is %o', (hex, value) => {
    expect(read(expiration, hex)).toEqual(value);
    expect(write(expiration, value)).toBe(hex);
  });

  test.each(['13 01 20 20', '02 30 20 20', '00 01 00 00', '00 0A 00 00'])('%s is unknown', (hex) => {
    expect(read(expiration, hex)).toBeNull();
  });

  test('what is unknown, or no number of days, is not sent', () => {
    expect(() => write(expiration, null)).toThrow(RangeError);
    expect(() => write(expiration, { kind: 'DAYS', days: 0 })).toThrow(RangeError);
    expect(() => write(expiration, { kind: 'DAYS', days: 10_000 })).toThrow(RangeError);
  });
});

describe('AFT', () => {
  test.each([
    ['FULL_DONE', 'DONE'],
    ['PARTIAL_DONE', 'DONE'],
    ['PENDING', 'PENDING'],
    ['NOT_NOW', 'FAILED'],
    ['UNEXPECTED_ERROR', 'FAILED'],
    ['CLASHES_WITH_TRANSFER', 'INCOMPATIBLE'],
    ['NO_INFORMATION', 'NONE'],
    [0x02, 'UNKNOWN'],
    [0x41, 'UNKNOWN'],
    [0xa0, 'UNKNOWN'],
  ] as readonly [AftStatus, string][])('status %s is %s', (status, outcome) => {
    expect(aftOutcome(status)).toBe(outcome);
  });

  test('every status of the table has an outcome', () => {
    expect(Object.keys(AFT_STATUSES).length).toBe(29);
    for (const status of Object.keys(AFT_STATUSES))
      expect(aftOutcome(status as AftStatus)).not.toBe('UNKNOWN');
  });

  test('a reply of all zeros is done by its status and nobody’s by its id', () => {
    const body = bytes(`29 ${'00 '.repeat(41)}`);
    expect(decodeAnswer(AFT_TRANSFER, body)).toMatchObject({ status: 'FULL_DONE', transactionId: '' });
  });

  test('an id that is not printable is nobody’s', () => {
    const body = bytes(`2A ${'00 '.repeat(24)}01 07 ${'00 '.repeat(16)}`);
    expect(decodeAnswer(AFT_TRANSFER, body)).toMatchObject({ form: 'FULL', transactionId: null });
  });

  test('an amount that is not BCD is unknown, not zero', () => {
    const body = bytes(`29 ${'00 '.repeat(4)}00 00 00 0A 00 ${'00 '.repeat(32)}`);
    expect(decodeAnswer(AFT_TRANSFER, body)).toMatchObject({ cashable: null, restricted: 0n });
  });

  test.each([0, 1, 3, 37])('a reply of %i bytes is neither the short form nor whole', (length) => {
    const body = Uint8Array.of(length, ...new Uint8Array(length));
    expect(() => decodeAnswer(AFT_TRANSFER, body)).toThrow(SasDecodeError);
  });
});

test.each([
  [0x00, 'NORMAL_WIN'],
  [0x01, 'PROGRESSIVE_WIN'],
  [0x20, 'PROGRESSIVE_WIN'],
  [0x21, null],
  [0x40, 'TOP_AWARD'],
  [0x80, 'CANCELLED_CREDITS'],
  [0xff, null],
])('a handpay of level %i is a %s', (level, kind) => {
  expect(handpayKind(level)).toBe(kind);
});

test('a poll stands behind B0 under its own name', () => {
  expect(Object.entries(BASE_POLLS).map(([name, poll]) => [name, poll.code])).toEqual(
    Object.values(BASE_POLLS).map((poll) => [poll.name, poll.code]),
  );
  expect(Object.values(BASE_POLLS).map((poll) => poll.code)).toEqual([
    0x09, 0x11, 0x12, 0x14, 0x15, 0x16, 0x17, 0x2f, 0x56, 0x6f, 0xaf, 0xb5,
  ]);
});

describe('what cannot be meant is not sent', () => {
  const key = new Uint8Array(20);
  const transfer = {
    code: 'FULL',
    index: 0,
    type: 'HOST_TO_MACHINE',
    cashable: 100n,
    restricted: 0n,
    nonrestricted: 0n,
    flags: [],
    assetNumber: 1,
    registrationKey: key,
    transactionId: 'T1',
    expiration: { kind: 'NONE' },
    pool: 0,
    receipt: new Uint8Array(),
    lockTimeoutHundredths: null,
  } as const;

  test.each([
    ['no id', { ...transfer, transactionId: '' }],
    ['an id of 21 characters', { ...transfer, transactionId: 'x'.repeat(21) }],
    ['an id that is not ASCII', { ...transfer, transactionId: 'ü' }],
    ['an unknown amount', { ...transfer, cashable: null }],
    ['a negative amount', { ...transfer, cashable: -1n }],
    ['more than ten digits', { ...transfer, cashable: 10n ** 10n }],
    ['a short key', { ...transfer, registrationKey: key.subarray(1) }],
  ])('a transfer with %s', (_, request) => {
    expect(() => encodeRequest(AFT_TRANSFER, 1, request)).toThrow(RangeError);
  });

  test('a barcode of other than 18 digits', () => {
    const ticket = { code: 'CASHABLE', cents: 0n, parsing: 'BCD', terms: null } as const;
    expect(() => encodeRequest(REDEEM_TICKET, 1, { ...ticket, data: '1234' })).toThrow(RangeError);
    expect(() => encodeRequest(REDEEM_TICKET, 1, { ...ticket, data: 'x'.repeat(18) })).toThrow(RangeError);
  });

  test('more progressive levels than one frame may have', () => {
    const levels = Array.from({ length: 33 }, (_, level) => ({ level, cents: 0n }));
    expect(() => encodeRequest(PROGRESSIVE_LEVELS, 0, { group: 1, levels })).toThrow(RangeError);
    expect(encodeRequest(PROGRESSIVE_LEVELS, 0, { group: 1, levels: levels.slice(1) }).length).toBe(198);
  });

  test('a validation record of nothing', () => {
    const record = {
      type: 'CASHABLE_TICKET',
      index: 0,
      printedAt: null,
      number: '0'.repeat(16),
      cents: 0n,
      ticketNumber: 0,
      systemId: 0,
      expiration: { kind: 'NONE' },
      pool: 0,
    } as const;
    expect(() => encodeAnswer(READ_VALIDATION_RECORD, 1, { record })).toThrow(RangeError);
  });
});

test('the types of a row are exact', () => {
  const base = { denomination: 4, base: 'ENABLE_GAME', request: { codes: [] } } as const;
  const ticket = { code: 'STATUS_QUERY', cents: 0n } as const;
  const wrong = [
    // @ts-expect-error a request needs all its fields
    () => encodeRequest(ENABLE_GAME, 1, { game: 1 }),
    // @ts-expect-error the request must be that of its base poll
    () => encodeRequest(MULTI_DENOMINATION, 1, base),
    // @ts-expect-error a ticket is not known by its amount alone
    () => encodeRequest(REDEEM_TICKET, 1, { ...ticket, code: 'CASHABLE' }),
  ];
  expect(wrong.length).toBe(3);
  const answer = decodeAnswer(MULTI_DENOMINATION, bytes('06 04 11 00 00 12 34'));
  const value: bigint | null = answer.base === 'COIN_IN' ? answer.answer.value : null;
  expect(value).toBe(1234n);
});
