import { expect, test } from 'vitest';
import { isStillHis, wholeMinorOfCents } from '../../src/machine/aft-cash-out.ts';
import type { MachineEventType } from '../../src/machine/machine-event.ts';

const SERVED_AT = new Date('2026-03-01T12:00:00.000Z');
const after = (seconds: number) => new Date(SERVED_AT.getTime() + seconds * 1_000);
const request = { type: 'AFT_CASH_OUT_REQUESTED', occurredAt: after(60) } as const;
const told = (...events: readonly [MachineEventType, number][]) =>
  isStillHis({
    servedAt: SERVED_AT,
    request,
    events: [request, ...events.map(([type, seconds]) => ({ type, occurredAt: after(seconds) }))],
  });

test('who brought money last is asked for with nothing but the button', () => {
  expect(told(['CASH_OUT_PRESSED', 61], ['HANDPAY_PENDING', 30])).toBe(true);
  expect(told(['CASH_OUT_PRESSED', 58])).toBe(true);
});

test('until the button is told, what happened before it may not have been', () => {
  expect(told()).toBe(false);
});

test.each<[string, MachineEventType, number]>([
  ['a bill', 'BILL_ACCEPTED_20', 30],
  ['a bill of about then, by a clock that is late', 'BILL_ACCEPTED', -3],
  ['a ticket', 'TICKET_TRANSFER_COMPLETE', 30],
  ['a ticket that came out', 'CASH_OUT_TICKET_PRINTED', 30],
  ['a cash-out that the machine paid', 'CASH_OUT_PRESSED', 30],
])('%s since then makes it somebody’s', (_, type, seconds) => {
  expect(told(['CASH_OUT_PRESSED', 60], [type, seconds])).toBe(false);
});

test('asked again by the machine it is still his', () => {
  expect(told(['AFT_CASH_OUT_REQUESTED', 50], ['CASH_OUT_PRESSED', 50])).toBe(true);
});

test('a request of before he came is none of his', () => {
  expect(isStillHis({ servedAt: SERVED_AT, request: { occurredAt: SERVED_AT }, events: [] })).toBe(false);
});

test.each([
  [1_999n, 'USD', { cents: 1_999n, amountMinor: 1_999n }],
  [1_999n, 'KWD', { cents: 1_999n, amountMinor: 19_990n }],
  [1_999n, 'JPY', { cents: 1_900n, amountMinor: 19n }],
  [99n, 'JPY', { cents: 0n, amountMinor: 0n }],
])('%d cents are taken as whole units of %s', (cents, currency, whole) => {
  expect(wholeMinorOfCents(cents, currency)).toEqual(whole);
});
