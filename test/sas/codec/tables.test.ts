import { describe, expect, test } from 'vitest';
import {
  billCodeOf,
  billOfException,
  billValueOf,
  denominationOf,
  exceptionOfBill,
} from '../../../src/sas/codec/denominations.ts';
import { EXCEPTIONS, exceptionCode, isIdle } from '../../../src/sas/codec/exceptions.ts';
import { features, NO_FEATURES } from '../../../src/sas/codec/features.ts';
import { acceptedBillsMeter, METERS, meterCode, modulusOf } from '../../../src/sas/codec/meters.ts';

describe('meters', () => {
  test('there are 118 of the table and 54 bill counts, each with its own code and name', () => {
    expect(METERS.size).toBe(118 + 24 + 3 * 10);
    expect(new Set(Array.from(METERS.values(), (meter) => meter.name)).size).toBe(METERS.size);
    for (const [code, meter] of METERS) expect([meter.code, meterCode(meter.name)]).toEqual([code, code]);
  });

  test.each([
    [0x0000, 'COIN_IN', 'CREDITS', 'COUNTER', 4],
    [0x0004, 'CANCELLED_CREDITS', 'CREDITS', 'COUNTER', 4],
    [0x0005, 'GAMES_PLAYED', 'COUNT', 'COUNTER', 4],
    [0x000c, 'CURRENT_CREDITS', 'CREDITS', 'GAUGE', 4],
    [0x000d, 'SAS_CASHABLE_TICKET_IN_CENTS', 'CENTS', 'COUNTER', 5],
    [0x0024, 'TOTAL_DROP', 'CREDITS', 'COUNTER', 4],
    [0x0026, 'GAMES_SINCE_DOOR_CLOSED', 'COUNT', 'GAUGE', 4],
    [0x003e, 'BILLS_IN_STACKER', 'BILLS', 'GAUGE', 4],
    [0x0040, 'BILLS_ACCEPTED_1', 'BILLS', 'COUNTER', 4],
    [0x0057, 'BILLS_ACCEPTED_1000000', 'BILLS', 'COUNTER', 4],
    [0x005c, 'BILLS_TO_DROP_10', 'BILLS', 'COUNTER', 4],
    [0x006d, 'BILLS_DIVERTED_1000', 'BILLS', 'COUNTER', 4],
    [0x0078, 'BILLS_DISPENSED_1000', 'BILLS', 'COUNTER', 4],
    [0x007f, 'WEIGHTED_AVERAGE_PAYBACK', 'HUNDREDTHS_PERCENT', 'GAUGE', 4],
    [0x00a0, 'AFT_CASHABLE_IN_CENTS', 'CENTS', 'COUNTER', 5],
    [0x00a1, 'AFT_CASHABLE_IN_COUNT', 'COUNT', 'COUNTER', 4],
    [0x00b8, 'AFT_CASHABLE_OUT_CENTS', 'CENTS', 'COUNTER', 5],
  ])('%i is %s in %s', (code, name, unit, kind, bcdBytes2F) => {
    expect(METERS.get(code)).toMatchObject({ code, name, unit, kind, bcdBytes2F });
  });

  test('a meter in cents has five bytes in 2F, every other four', () => {
    for (const meter of METERS.values()) expect(meter.bcdBytes2F).toBe(meter.unit === 'CENTS' ? 5 : 4);
  });

  test.each([0x3a, 0x3d, 0x7d, 0x7e, 0x94, 0x9f, 0xb2, 0xb7, 0xbe, 0xf9])('%i is not assigned', (code) => {
    expect(METERS.has(code)).toBe(false);
  });

  test('four BCD bytes roll over at a hundred million', () => {
    expect(modulusOf(4)).toBe(100_000_000n);
    expect(modulusOf(5)).toBe(10_000_000_000n);
    expect(modulusOf(9)).toBe(10n ** 18n);
  });

  test('a bill has its counter by value', () => {
    expect(acceptedBillsMeter(20n)).toBe(0x44);
    expect(acceptedBillsMeter(250n)).toBe(0x49);
    expect(acceptedBillsMeter(3n)).toBeNull();
  });
});

describe('exceptions', () => {
  test('there are 119, each with its own code and name', () => {
    expect(EXCEPTIONS.size).toBe(119);
    for (const [code, row] of EXCEPTIONS) expect([row.code, exceptionCode(row.name)]).toEqual([code, code]);
  });

  test.each([
    [0x11, 'SLOT_DOOR_OPENED', 'QUEUE'],
    [0x2b, 'BILL_REJECTED', 'QUEUE'],
    [0x51, 'HANDPAY_PENDING', 'QUEUE_OR_PRIORITY'],
    [0x69, 'AFT_TRANSFER_COMPLETE', 'PRIORITY'],
    [0x70, 'QUEUE_OVERFLOW', 'PRIORITY'],
    [0x7e, 'GAME_STARTED', 'QUEUE'],
    [0x7f, 'GAME_ENDED', 'QUEUE'],
    [0xa0, 'METER_CHANGE_PENDING', 'UNKNOWN'],
  ])('%i is %s of class %s', (code, name, class_) => {
    expect(EXCEPTIONS.get(code)).toMatchObject({ name, class: class_ });
  });

  test('only 00 and 1F say that nothing happened', () => {
    expect([...EXCEPTIONS.keys()].filter(isIdle)).toEqual([0x00, 0x1f]);
    expect(isIdle(0xe7)).toBe(false);
  });
});

describe('denominations', () => {
  test.each([
    [0x01, 100n],
    [0x04, 2500n],
    [0x06, 10_000n],
    [0x0a, 1_000_000n],
    [0x0d, 25_000n],
    [0x16, 50_000_000n],
    [0x17, 200n],
    [0x1a, 4000n],
    [0x1b, 50n],
    [0x1c, 25n],
    [0x1d, 20n],
    [0x1e, 10n],
    [0x1f, 5n],
  ])('code %i is %d ten-thousandths', (code, tenThousandths) => {
    expect(denominationOf(code)).toEqual({ code, tenThousandths });
  });

  test('a code outside the table has no value', () => {
    for (let code = 0; code < 256; code += 1)
      expect(denominationOf(code) === null).toBe(code < 0x01 || code > 0x1f);
  });

  test.each([
    [0x00, 1n],
    [0x04, 20n],
    [0x09, 250n],
    [0x10, 500n],
    [0x15, 10_000n],
    [0x23, 1_000_000n],
  ])('bill code %i is BCD and worth %d', (code, value) => {
    expect(billValueOf(code)).toBe(value);
    expect(billCodeOf(value)).toBe(code);
  });

  test('a bill code that is not BCD or not in the table has no value', () => {
    for (const code of [0x0a, 0x0f, 0x1a, 0x24, 0xff]) expect(billValueOf(code)).toBeNull();
    expect(billCodeOf(3n)).toBeNull();
  });

  test.each([
    [0x47, 1n],
    [0x48, 5n],
    [0x49, 10n],
    [0x4a, 20n],
    [0x4b, 50n],
    [0x4c, 100n],
    [0x4d, 2n],
    [0x4e, 500n],
    [0x50, 200n],
  ])('exception %i reports a bill of %d', (code, dollars) => {
    expect(billOfException(code)).toBe(dollars);
    expect(exceptionOfBill(dollars)).toBe(code);
  });

  test('4F reports every other bill, and its value is in its data', () => {
    expect(exceptionOfBill(25n)).toBe(0x4f);
    expect(billOfException(0x4f)).toBeNull();
    expect(billOfException(0x51)).toBeNull();
  });
});

describe('feature bits', () => {
  test('every value of the three bytes survives reading and writing', () => {
    for (let byte = 0; byte < 256; byte += 1) {
      for (const wire of [
        [byte, 0, 0],
        [0, byte, 0],
        [0, 0, byte],
        [byte, 255 - byte, byte],
      ]) {
        const read = features.read({ bytes: Uint8Array.from([...wire, 0, 0, 0]), at: 0 });
        const out: number[] = [];
        features.write(read, out);
        expect(out).toEqual([...wire, 0, 0, 0]);
      }
    }
  });

  test('the validation style is bits 5 and 6 of the first byte', () => {
    const style = (f1: number) =>
      features.read({ bytes: Uint8Array.of(f1, 0, 0, 0, 0, 0), at: 0 }).validationStyle;
    expect([0x00, 0x20, 0x40, 0x60, 0x9f].map(style)).toEqual([
      'STANDARD',
      'SYSTEM',
      'SECURE_ENHANCED',
      'RESERVED',
      'STANDARD',
    ]);
  });

  test('the 40 ms bit is bit 0 of the third byte', () => {
    const out: number[] = [];
    features.write({ ...NO_FEATURES, fastPolling: true }, out);
    expect(out).toEqual([0, 0, 1, 0, 0, 0]);
  });
});
