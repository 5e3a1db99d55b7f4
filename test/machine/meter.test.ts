import { expect, test } from 'vitest';
import { accountingDenomination, isInSet, meterDelta, meterMoney } from '../../src/machine/meter.ts';
import { meterCode } from '../../src/sas/codec/meters.ts';

const four = (value: bigint) => ({ value, bcdBytes: 4 });

test.each([
  ['an equal counter changes nothing', 100n, 100n, { kind: 'same' }],
  ['a counter that grew stepped', 100n, 250n, { kind: 'step', delta: 150n }],
  ['a counter at the top of its range rolls over', 99_999_990n, 10n, { kind: 'step', delta: 20n }],
  ['the lowest value from which it rolls over', 99_000_000n, 0n, { kind: 'step', delta: 1_000_000n }],
  ['a counter below the top 1 % does not roll over', 98_999_999n, 0n, { kind: 'reset' }],
  ['a step across zero larger than 1 % is no roll-over', 99_500_000n, 600_000n, { kind: 'reset' }],
  ['a counter that was cleared is reset', 12_345n, 0n, { kind: 'reset' }],
  ['a counter that went back a little is reset', 12_345n, 12_344n, { kind: 'reset' }],
] as const)('%s', (_title, previous, current, change) => {
  expect(meterDelta('COUNTER', four(previous), four(current))).toEqual(change);
});

test('a five-byte counter has a range of its own', () => {
  const five = (value: bigint) => ({ value, bcdBytes: 5 });
  expect(meterDelta('COUNTER', five(99_999_999n), five(5n))).toEqual({ kind: 'reset' });
  expect(meterDelta('COUNTER', five(9_999_999_999n), five(5n))).toEqual({ kind: 'step', delta: 6n });
});

test('a counter read in another width that goes back is reset', () => {
  expect(meterDelta('COUNTER', four(99_999_999n), { value: 5n, bcdBytes: 5 })).toEqual({ kind: 'reset' });
});

test('a counter read with fewer digits, and with more again, moves by what it counted', () => {
  const [wide, narrow] = [
    { value: 100_000_050n, bcdBytes: 5 },
    { value: 60n, bcdBytes: 4 },
  ];
  expect(meterDelta('COUNTER', wide, narrow)).toEqual({ kind: 'step', delta: 10n });
  expect(meterDelta('COUNTER', narrow, { value: 100_000_075n, bcdBytes: 5 })).toEqual({
    kind: 'step',
    delta: 15n,
  });
  expect(meterDelta('COUNTER', wide, { value: 50n, bcdBytes: 4 })).toEqual({ kind: 'same' });
  expect(meterDelta('COUNTER', narrow, { value: 300_000_000n, bcdBytes: 5 })).toEqual({ kind: 'reset' });
  expect(meterDelta('COUNTER', narrow, { value: 9_000_060n, bcdBytes: 5 })).toEqual({
    kind: 'step',
    delta: 9_000_000n,
  });
});

test('a gauge goes back without having been reset', () => {
  expect(meterDelta('GAUGE', four(500n), four(20n))).toEqual({ kind: 'step', delta: -480n });
});

test.each([
  ['COIN_IN', 0x01, 'USD', 1_234n, 1_234n],
  ['COIN_IN', 0x03, 'USD', 1_234n, 12_340n],
  ['COIN_IN', 0x1f, 'USD', 1_234n, 62n],
  ['COIN_IN', 0x06, 'JPY', 1_234n, 1_234n],
  ['COIN_IN', 0x01, 'KWD', 1_234n, 12_340n],
  ['VALIDATED_CASHABLE_TICKET_IN_CENTS', null, 'USD', 1_234n, 1_234n],
  ['VALIDATED_CASHABLE_TICKET_IN_CENTS', null, 'KWD', 1_234n, 12_340n],
] as const)(
  '%s in denomination %s and %s: %s is %s minor units',
  (name, denominationCode, currency, amount, amountMinor) => {
    expect(meterMoney({ code: meterCode(name), amount }, { denominationCode, currency })).toEqual({
      amountMinor,
      currency,
    });
  },
);

test('credits of an unknown denomination and counts of games are no money', () => {
  const coinIn = { code: meterCode('COIN_IN'), amount: 1n };
  expect(meterMoney(coinIn, { denominationCode: null, currency: 'USD' })).toBeNull();
  expect(meterMoney(coinIn, { denominationCode: 0xee, currency: 'USD' })).toBeNull();
  expect(
    meterMoney({ code: meterCode('GAMES_PLAYED'), amount: 1n }, { denominationCode: 1, currency: 'USD' }),
  ).toBeNull();
});

test('a denomination below the smallest coin is not rounded into one', () => {
  expect(accountingDenomination(0x01, 'USD')).toEqual({ amountMinor: 1n, currency: 'USD' });
  expect(accountingDenomination(0x1b, 'USD')).toBeNull();
  expect(accountingDenomination(null, 'USD')).toBeNull();
});

test('the sets choose by meter', () => {
  expect(isInSet(meterCode('CURRENT_CREDITS'), 'BASIC')).toBe(true);
  expect(isInSet(meterCode('BILLS_ACCEPTED_5'), 'BASIC')).toBe(false);
  expect(isInSet(meterCode('BILLS_ACCEPTED_5'), 'BILLS')).toBe(true);
  expect(isInSet(0xbeef, 'BASIC')).toBe(false);
  expect(isInSet(0xbeef, 'ALL')).toBe(true);
});
