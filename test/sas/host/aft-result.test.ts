import { describe, expect, test } from 'vitest';
import { AFT_STATUSES } from '../../../src/sas/codec/long-polls/aft-status.ts';
import type { AftRequest } from '../../../src/sas/codec/long-polls/aft-transfer.ts';
import { isRefused, REFUSALS } from '../../../src/sas/host/aft-refusal.ts';
import { type ExpectedTransfer, transferResult } from '../../../src/sas/host/aft-result.ts';
import type { TransferReport } from '../../../src/sas/host/report.ts';
import { anOrder, aReply } from './aft-orders.ts';

const expected: ExpectedTransfer = anOrder();
const interrogation: AftRequest = { code: 'INTERROGATE', index: 0 };
const order = { ...anOrder(), index: 0, flags: [], registrationKey: new Uint8Array(20) } as const;
const asked = { ...order, expiration: null, pool: 0, receipt: new Uint8Array(), lockTimeoutHundredths: null };

type Said = Partial<Pick<TransferReport, 'asked' | 'attempts' | 'answer'>>;

const judged = (said: Said) =>
  transferResult({ asked: interrogation, attempts: 1, answer: aReply(), ...said }, expected);

describe('a transfer that is done', () => {
  test("is settled by the amounts, the machine's time and its meters", () => {
    expect(judged({})).toEqual({
      kind: 'SETTLED',
      extent: 'FULL',
      moved: { cashable: 500n, restricted: 0n, nonrestricted: 0n },
      completedAt: aReply().completedAt,
      bufferPosition: 1,
      cumulative: [{ size: 5, value: 500n }],
    });
  });

  test.each([
    ['FULL_DONE', 500n, 'FULL'],
    ['PARTIAL_DONE', 120n, 'PARTIAL'],
    // Some machines call every transfer partial, and none may call half of one full.
    ['PARTIAL_DONE', 500n, 'FULL'],
    ['FULL_DONE', 120n, 'PARTIAL'],
  ] as const)('as %s of %d cents is %s', (status, cashable, extent) => {
    expect(judged({ answer: aReply({ status, cashable }) })).toMatchObject({
      kind: 'SETTLED',
      extent,
      moved: { cashable },
    });
  });

  test.each([
    ['with another id', { transactionId: 'FW-2' }, 'FW-2'],
    ['with an id in other letters', { transactionId: 'fw-1' }, 'fw-1'],
    ['with a longer id', { transactionId: 'FW-1 ' }, 'FW-1 '],
    ['with an empty id', { transactionId: '' }, ''],
    ['with an id that is not printable', { transactionId: null }, null],
  ])('%s settles nothing', (_, change, transactionId) => {
    const answer = aReply(change);
    expect(judged({ answer })).toEqual({ kind: 'FOREIGN', transactionId, status: 'FULL_DONE' });
  });

  test('is the affair of a person when nobody can tell what was moved', () => {
    const why = (change: Parameters<typeof aReply>[0]) => judged({ answer: aReply(change) });
    expect(why({ cashable: null })).toMatchObject({ kind: 'UNCLEAR', why: 'UNREADABLE' });
    expect(why({ cashable: 501n })).toMatchObject({ kind: 'UNCLEAR', why: 'MORE_THAN_ASKED' });
    expect(why({ cashable: 499n, restricted: 1n })).toMatchObject({
      kind: 'UNCLEAR',
      why: 'MORE_THAN_ASKED',
    });
    expect(why({ type: 'MACHINE_TO_HOST' })).toMatchObject({ kind: 'UNCLEAR', why: 'OTHER_TYPE' });
  });

  test('in short form is done by nobody knows whom', () => {
    const answer = { form: 'SHORT', bufferPosition: 0, status: 'FULL_DONE' } as const;
    expect(judged({ asked, answer })).toMatchObject({ kind: 'FOREIGN', transactionId: null });
  });
});

test.each([['PENDING'], [0x5f], [0x02]] as const)('status %s is not final', (status) => {
  expect(judged({ answer: aReply({ status }) })).toEqual({ kind: 'PENDING', status });
});

test('a transfer that was cancelled, logged before, or is not there, is told as that', () => {
  expect(judged({ answer: aReply({ status: 'CANCELLED_BY_HOST' }) })).toEqual({ kind: 'CANCELLED' });
  expect(judged({ answer: aReply({ status: 'ID_NOT_UNIQUE' }) })).toEqual({ kind: 'LOGGED_BEFORE' });
  const nothing = { form: 'SHORT', bufferPosition: 0, status: 'NO_INFORMATION' } as const;
  expect(judged({ answer: nothing })).toEqual({ kind: 'NO_RECORD' });
  expect(judged({ answer: aReply({ status: 'NO_INFORMATION', transactionId: '' }) })).toEqual({
    kind: 'NO_RECORD',
  });
});

describe.each(Object.keys(AFT_STATUSES).filter(isRefusedName))('%s', (status) => {
  const told = { kind: 'REFUSED', status, ...REFUSALS[status] };
  const short = { form: 'SHORT', bufferPosition: 0, status } as const;

  test('in answer to the order refuses it, in either form', () => {
    expect(judged({ asked, answer: aReply({ status }) })).toEqual(told);
    expect(judged({ asked, answer: short })).toEqual(told);
  });

  test('after a try whose answer was lost leaves open what became of that one', () => {
    const unknown = { kind: 'UNKNOWN', failure: status, attempts: 2 };
    expect(judged({ asked, attempts: 2, answer: aReply({ status }) })).toEqual(unknown);
    expect(judged({ asked, attempts: 2, answer: short })).toEqual(unknown);
  });

  test('as a record is how the transfer ended, unless it only says what else is under way', () => {
    const isNone = status === 'CLASHES_WITH_TRANSFER' || status === 'UNSUPPORTED_CODE';
    expect(judged({ attempts: 3, answer: aReply({ status }) })).toMatchObject(
      isNone ? { kind: 'UNKNOWN', failure: status } : told,
    );
    expect(judged({ answer: short })).toMatchObject({ kind: 'FOREIGN' });
  });

  test('in answer to a cancel may be about that alone', () => {
    const cancel = { code: 'CANCEL' } as const;
    expect(judged({ asked: cancel, answer: aReply({ status }) })).toMatchObject({
      kind: 'UNKNOWN',
      failure: status,
    });
    expect(judged({ asked: cancel, answer: short })).toMatchObject({ kind: 'FOREIGN' });
  });

  test('may be an earlier answer when the port was closed meanwhile, and is asked for anew', () => {
    expect(judged({ asked: null, answer: aReply({ status }) })).toMatchObject({ kind: 'UNKNOWN' });
  });

  test('of another id, or of an order that was not this one, is nothing of ours', () => {
    expect(judged({ asked, answer: aReply({ status, transactionId: '' }) })).toMatchObject({
      kind: 'FOREIGN',
    });
    expect(judged({ asked: { ...asked, transactionId: 'FW-2' }, answer: short })).toMatchObject({
      kind: 'FOREIGN',
    });
    expect(judged({ asked: null, answer: short })).toMatchObject({ kind: 'FOREIGN' });
  });
});

test('every failure has a code of the API', () => {
  expect(REFUSALS.OVER_TRANSFER_LIMIT.code).toBe('SAS_009');
  expect(REFUSALS.NOT_LOCKED.code).toBe('SAS_008');
  expect(REFUSALS.NOT_NOW.code).toBe('SAS_004');
  expect(REFUSALS.BAD_FUNCTION.code).toBe('SAS_005');
  expect(REFUSALS.BAD_AMOUNT.code).toBe('SAS_006');
  const failures = Object.entries(AFT_STATUSES).filter(([, code]) => code > 0x81 && code !== 0xff);
  expect(failures.map(([name]) => name).sort()).toEqual(Object.keys(REFUSALS).sort());
});

function isRefusedName(name: string): name is keyof typeof REFUSALS {
  return isRefused(name as keyof typeof AFT_STATUSES);
}
