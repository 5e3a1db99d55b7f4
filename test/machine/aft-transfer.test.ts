import { describe, expect, test } from 'vitest';
import { newId } from '../../src/lib/ids.ts';
import { centsOf, minorOfCents } from '../../src/lib/money.ts';
import { errorOfTransfer } from '../../src/machine/aft-errors.ts';
import { snapshotOf, transferOfSnapshot } from '../../src/machine/aft-snapshot.ts';
import { stepOf } from '../../src/machine/aft-step.ts';
import { type AftTransfer, parseCents, sasTransactionIdOf, stepped } from '../../src/machine/aft-transfer.ts';
import { REFUSALS, type RefusedStatus } from '../../src/sas/host/aft-refusal.ts';

const NOW = new Date('2026-03-01T12:00:00.000Z');

const aTransfer = (fields: Partial<AftTransfer> = {}): AftTransfer => ({
  id: newId(),
  venueId: newId(),
  machineId: newId(),
  walletId: newId(),
  userId: newId(),
  direction: 'TO_MACHINE',
  amountMinor: 2_000n,
  currency: 'USD',
  cents: 2_000n,
  allowPartial: false,
  cause: 'ORDER',
  causeEventId: null,
  state: 'SENT',
  sasTransactionId: 'A',
  holdId: newId(),
  movedMinor: null,
  ledgerTransactionId: null,
  failure: null,
  doubt: null,
  resolution: null,
  requestedBy: null,
  requestedAt: NOW,
  expiresAt: NOW,
  cancelRequestedAt: null,
  sentAt: NOW,
  changedAt: NOW,
  finishedAt: null,
  version: 2,
  ...fields,
});

const settledFor = (cents: bigint) => ({
  kind: 'SETTLED' as const,
  extent: 'FULL' as const,
  moved: { cashable: cents, restricted: 0n, nonrestricted: 0n },
  completedAt: null,
  bufferPosition: 1,
  cumulative: [],
});

test.each([
  ['USD', 2_000n, 2_000n],
  ['JPY', 20n, 2_000n],
  ['KWD', 1_230n, 123n],
])('%s: %d minor units ⇄ %d cents', (currency, amountMinor, cents) => {
  expect(centsOf({ amountMinor, currency })).toBe(cents);
  expect(minorOfCents(cents, currency)).toBe(amountMinor);
});

test('what is no whole number of the other is null, and refused as an order', () => {
  expect(centsOf({ amountMinor: 1_234n, currency: 'KWD' })).toBeNull();
  expect(minorOfCents(50n, 'JPY')).toBeNull();
  expect(() => parseCents(1_234n, 'KWD')).toThrow(/hundredths/);
  expect(() => parseCents(0n, 'USD')).toThrow(/more than 0/);
  expect(() => parseCents(10_000_000_000n, 'USD')).toThrow(/at most/);
  expect(parseCents(9_999_999_999n, 'USD')).toBe(9_999_999_999n);
});

test('each id gives another name of 20 digits and capital letters, in the order of the ids', () => {
  const names = Array.from({ length: 5_000 }, () => newId()).map(sasTransactionIdOf);
  expect(new Set(names).size).toBe(names.length);
  expect(names.every((name) => /^[0-9A-Z]{20}$/.test(name))).toBe(true);
  const [early, late] = ['01900000-0000-7000-8000-000000000000', '01a00000-0000-7000-8000-000000000000'];
  expect(sasTransactionIdOf(early) < sasTransactionIdOf(late)).toBe(true);
});

describe('what the machine says', () => {
  test('settles what moved, and not what was asked', () => {
    expect(stepOf(aTransfer(), settledFor(2_000n))).toEqual({ to: 'SETTLED', movedMinor: 2_000n });
    expect(stepOf(aTransfer(), settledFor(1_999n))).toEqual({ to: 'PARTIALLY_SETTLED', movedMinor: 1_999n });
    expect(stepOf(aTransfer(), settledFor(0n))).toEqual({ to: 'PARTIALLY_SETTLED', movedMinor: 0n });
  });

  test('is in doubt where it is no amount of the currency', () => {
    const yen = aTransfer({ currency: 'JPY', amountMinor: 20n });
    expect(stepOf(yen, settledFor(50n))).toEqual({ to: 'IN_DOUBT', doubt: 'NOT_IN_CURRENCY' });
  });

  test.each([
    { kind: 'FOREIGN', transactionId: 'B', status: 'FULL_DONE' },
    { kind: 'NO_RECORD' },
    { kind: 'LOGGED_BEFORE' },
    { kind: 'UNKNOWN', failure: 'SILENT', attempts: 3 },
    { kind: 'NOT_SENT' },
    { kind: 'NO_ANSWER', failure: 'OFFLINE', attempts: 0 },
  ] as const)('changes nothing when it is $kind', (said) => {
    expect(stepOf(aTransfer(), said)).toBeNull();
  });

  test.each(Object.entries(REFUSALS))('%s is told by its code', (status, refusal) => {
    const step = stepOf(aTransfer(), { kind: 'REFUSED', status: status as RefusedStatus, ...refusal });
    if (!step) throw new Error('no step');
    const rejected = stepped(aTransfer(), step, NOW);
    expect(rejected).toMatchObject({ state: 'REJECTED', finishedAt: NOW, version: 3 });
    expect(errorOfTransfer(rejected)?.code).toBe(refusal.code);
  });
});

test('a machine that wants to be locked gives SAS_008', () => {
  const failure = { code: 'SAS_008', status: 'NOT_LOCKED' } as const;
  expect(errorOfTransfer(aTransfer({ state: 'REJECTED', failure }))?.code).toBe('SAS_008');
});

test('a transfer is the same again from the log', () => {
  const transfer = aTransfer({ movedMinor: 3n, finishedAt: NOW, state: 'PARTIALLY_SETTLED' });
  const logged = JSON.parse(JSON.stringify(snapshotOf(transfer)));
  expect(transferOfSnapshot(transfer.venueId, logged)).toEqual(transfer);
});
