import { expect, test } from 'vitest';
import { plainOf } from '../../src/machine/recovery-service.ts';

test('of what is worth money to whoever knows it the last four digits are kept', () => {
  expect(
    plainOf({
      status: 'REDEEMED',
      ticket: { cents: 2_000n, parsing: 'BCD', data: '012345678901234567' },
      record: { number: '9876543210123456', systemId: 1, expiration: null },
    }),
  ).toEqual({
    status: 'REDEEMED',
    ticket: { cents: '2000', parsing: 'BCD', data: '…4567' },
    record: { number: '…3456', systemId: 1, expiration: null },
  });
});

test('bytes are told in hexadecimal, and lists as lists', () => {
  expect(plainOf({ receipt: Uint8Array.of(0x0a, 0xff), flags: ['ONE', 'TWO'] })).toEqual({
    receipt: '0AFF',
    flags: ['ONE', 'TWO'],
  });
});
