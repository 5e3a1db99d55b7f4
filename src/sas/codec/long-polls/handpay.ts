/** Polls about wins an attendant pays (SAS.md 6.1 and 6.3). */
import { coded } from '../coded.ts';
import { nothing, padded, record } from '../fields.ts';
import { answeredPoll, fixed, type LongPoll, readPoll } from '../long-poll.ts';
import { amountOf, byte, cents } from '../number-fields.ts';

const HANDPAY_RESERVED_BYTES = 10;

/**
 * The handpay at the head of the queue, all zeros when none waits. `handpayKind` says what a `level` means, and
 * `CAN_GO_TO_CREDIT_METER` is a `resetId`; both rest on one source.
 */
export const HANDPAY_INFORMATION = readPoll(0x1b, 'HANDPAY_INFORMATION', {
  chapter: '6.3',
  summary: 'The handpay that waits',
  answer: fixed(
    padded(
      record({
        group: byte,
        level: byte,
        cents: cents(5),
        partialPay: amountOf('', 2),
        resetId: byte,
      }),
      HANDPAY_RESERVED_BYTES,
    ),
  ),
});

/** The `resetId` of a handpay that A8 may send to the credit meter. */
export const CAN_GO_TO_CREDIT_METER = 0x01;

export type HandpayKind = 'NORMAL_WIN' | 'PROGRESSIVE_WIN' | 'TOP_AWARD' | 'CANCELLED_CREDITS';

const HIGHEST_PROGRESSIVE_LEVEL = 0x20;
const TOP_AWARD_LEVEL = 0x40;
const CANCELLED_CREDITS_LEVEL = 0x80;

/** What the `level` of a handpay stands for; null for one nobody has described. */
export function handpayKind(level: number): HandpayKind | null {
  if (level === 0) return 'NORMAL_WIN';
  if (level <= HIGHEST_PROGRESSIVE_LEVEL) return 'PROGRESSIVE_WIN';
  if (level === TOP_AWARD_LEVEL) return 'TOP_AWARD';
  return level === CANCELLED_CREDITS_LEVEL ? 'CANCELLED_CREDITS' : null;
}

export const RESET_HANDPAY = answeredPoll(0x94, 'RESET_HANDPAY', {
  chapter: '6.1',
  summary: 'Reset the handpay from the host',
  request: fixed(nothing),
  answer: fixed(record({ result: coded({ RESET: 0x00, UNABLE: 0x01, NO_HANDPAY: 0x02 }) })),
});

/** To be acknowledged before the handpay is reset by 94. */
export const HANDPAY_RESET_METHOD = answeredPoll(0xa8, 'HANDPAY_RESET_METHOD', {
  chapter: '6.1',
  summary: 'Where a jackpot goes when its handpay is reset',
  request: fixed(record({ method: coded({ STANDARD: 0x00, CREDIT_METER: 0x01 }) })),
  answer: fixed(record({ result: coded({ OK: 0x00, UNABLE: 0x01, NO_HANDPAY: 0x02 }) })),
});

export const HANDPAY_POLLS: readonly LongPoll[] = [HANDPAY_INFORMATION, RESET_HANDPAY, HANDPAY_RESET_METHOD];
