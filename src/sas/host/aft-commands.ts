/** Transfers between host and machine, one poll each (SAS.md 10). Amounts are in cents. */

import type { CodeIn } from '../codec/coded.ts';
import { type Expiration, NO_EXPIRATION } from '../codec/expiration.ts';
import type { AnswerOf, RequestOf } from '../codec/long-poll.ts';
import type { AFT_TYPES, AftFlag } from '../codec/long-polls/aft-fields.ts';
import { AFT_LOCK, type LOCK_CONDITIONS } from '../codec/long-polls/aft-lock.ts';
import { AFT_TRANSFER, type AftRequest, type AftTransfer } from '../codec/long-polls/aft-transfer.ts';
import {
  type ExpectedTransfer,
  type MovedAmounts,
  type TransferResult,
  transferResult,
} from './aft-result.ts';
import type { SasHost } from './host.ts';
import type { CommandFailure } from './machine-state.ts';

/** A host, or what it gives while a machine is held. */
export type AftLine = Pick<SasHost, 'execute'>;

export interface AftOrder extends MovedAmounts {
  /** All of the amounts or nothing, or as much as goes. */
  readonly code: 'FULL' | 'PARTIAL';
  readonly type: keyof typeof AFT_TYPES;
  /** As the machine tells it by poll 74; never made up. */
  readonly assetNumber: number;
  /** 1 to 20 printable characters, used for this intent alone. */
  readonly transactionId: string;
  /**
   * Whether the machine asks the host to take cash-outs from now on; HARD waits for the host, SOFT pays by itself when
   * the host is late. The machine forgets it with the link. LEAVE, the default, changes nothing.
   */
  readonly hostCashOut?: 'LEAVE' | 'OFF' | 'SOFT' | 'HARD';
  /** The machine asked for it, by exception 6A or 6B. */
  readonly answersCashOut?: boolean;
  readonly onlyIfLocked?: boolean;
  readonly lockAfter?: boolean;
  /** 20 bytes; zeros, the default, without a registration. */
  readonly registrationKey?: Uint8Array;
  /** With `lockAfter`, for machines that take it (SAS.md 10.3). Null, the default, leaves it out. */
  readonly lockTimeoutHundredths?: number | null;
  /** Of restricted credits; none by default. */
  readonly expiration?: Expiration;
  readonly pool?: number;
}

/**
 * Sends a transfer: the same bytes three times at most, and never anything like it again. What the machine answered is
 * on record before it hears that it arrived.
 *
 * @throws RangeError for an order no machine takes; HostStoppedError when the host ends before: what came of it is
 * UNKNOWN then.
 */
export async function sendAftTransfer(
  line: AftLine,
  address: number,
  order: AftOrder,
): Promise<TransferResult> {
  if (order.assetNumber === 0) throw new RangeError('a machine without an asset number takes no transfer');
  return await ask(line, address, { asked: transferOf(order), expected: order });
}

/** Asks that a transfer under way ends without moving anything. What came of that is in the answer, and may be the transfer. */
export function cancelAftTransfer(
  line: AftLine,
  address: number,
  expected: ExpectedTransfer,
): Promise<TransferResult> {
  return ask(line, address, { asked: { code: 'CANCEL' }, expected });
}

/** @param index 0 is the transfer under way or the last, 1 to 127 a place of the machine's history */
export function interrogateAft(
  line: AftLine,
  address: number,
  { index = 0, ...expected }: ExpectedTransfer & { readonly index?: number },
): Promise<TransferResult> {
  return ask(line, address, { asked: { code: 'INTERROGATE', index }, expected });
}

async function ask(
  line: AftLine,
  address: number,
  { asked, expected }: { readonly asked: AftRequest; readonly expected: ExpectedTransfer },
): Promise<TransferResult> {
  const result = await line.execute(address, AFT_TRANSFER, asked);
  const { attempts } = result;
  if ('answer' in result) return transferResult({ asked, attempts, answer: result.answer }, expected);
  return attempts === 0 ? { kind: 'NOT_SENT' } : { kind: 'UNKNOWN', failure: result.outcome, attempts };
}

const NO_KEY = new Uint8Array(20);
const NO_RECEIPT = new Uint8Array();

const transferOf = (order: AftOrder): AftTransfer => ({
  code: order.code,
  index: 0,
  type: order.type,
  cashable: order.cashable,
  restricted: order.restricted,
  nonrestricted: order.nonrestricted,
  flags: flagsOf(order),
  assetNumber: order.assetNumber,
  registrationKey: order.registrationKey ?? NO_KEY,
  transactionId: order.transactionId,
  expiration: order.expiration ?? NO_EXPIRATION,
  pool: order.pool ?? 0,
  receipt: NO_RECEIPT,
  lockTimeoutHundredths: (order.lockAfter && order.lockTimeoutHundredths) || null,
});

const CASH_OUT_FLAGS: Readonly<Record<NonNullable<AftOrder['hostCashOut']>, readonly AftFlag[]>> = {
  LEAVE: [],
  OFF: ['CONTROL_HOST_CASH_OUT'],
  SOFT: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED'],
  HARD: ['CONTROL_HOST_CASH_OUT', 'HOST_CASH_OUT_ENABLED', 'HARD_HOST_CASH_OUT'],
};

const flagsOf = (order: AftOrder): readonly AftFlag[] => [
  ...CASH_OUT_FLAGS[order.hostCashOut ?? 'LEAVE'],
  ...(order.answersCashOut ? (['ANSWERS_CASH_OUT'] as const) : []),
  ...(order.lockAfter ? (['LOCK_AFTER_TRANSFER'] as const) : []),
  ...(order.onlyIfLocked ? (['ONLY_IF_LOCKED'] as const) : []),
];

/** What the machine holds and can do now, and its lock. */
export type AftMachineStatus = AnswerOf<typeof AFT_LOCK>;

export interface NoAnswer {
  readonly kind: 'NO_ANSWER';
  /** SILENT: it does not know the poll. */
  readonly failure: CommandFailure;
  readonly attempts: number;
}

export type AftStatusResult = { readonly kind: 'STATUS'; readonly status: AftMachineStatus } | NoAnswer;

export const aftStatus = (line: AftLine, address: number): Promise<AftStatusResult> =>
  askLock(line, address, { lock: 'STATUS_ONLY', conditions: [], timeoutHundredths: 0 });

export interface AftLockRequest {
  /** At least one: a lock for nothing is never had. */
  readonly conditions: readonly CodeIn<typeof LOCK_CONDITIONS>[];
  /** How long the machine waits for the transfer. */
  readonly timeoutHundredths: number;
}

/** PENDING becomes LOCKED when the game is over, which exception 6F tells. @throws RangeError for no condition */
export async function requestAftLock(
  line: AftLine,
  address: number,
  { conditions, timeoutHundredths }: AftLockRequest,
): Promise<AftStatusResult> {
  if (conditions.length === 0) throw new RangeError('a lock for nothing');
  return await askLock(line, address, { lock: 'REQUEST', conditions, timeoutHundredths });
}

export const cancelAftLock = (line: AftLine, address: number): Promise<AftStatusResult> =>
  askLock(line, address, { lock: 'CANCEL', conditions: [], timeoutHundredths: 0 });

async function askLock(
  line: AftLine,
  address: number,
  request: RequestOf<typeof AFT_LOCK>,
): Promise<AftStatusResult> {
  const result = await line.execute(address, AFT_LOCK, request);
  if ('answer' in result) return { kind: 'STATUS', status: result.answer };
  return { kind: 'NO_ANSWER', failure: result.outcome, attempts: result.attempts };
}
