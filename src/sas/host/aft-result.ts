/** What an answer to poll 72 says of one transfer, and what it does not say (SAS.md 10.4 and 10.6). */
import type { SasDateTime } from '../codec/date-time.ts';
import type { AftAmounts, AftType } from '../codec/long-polls/aft-fields.ts';
import type { AftResult } from '../codec/long-polls/aft-reply.ts';
import { type AftStatus, aftOutcome } from '../codec/long-polls/aft-status.ts';
import type { SizedBcd } from '../codec/number-fields.ts';
import { isRefused, REFUSALS, type Refusal, type RefusedStatus } from './aft-refusal.ts';
import type { CommandFailure } from './machine-state.ts';
import type { TransferReport } from './report.ts';

/** In cents. */
export interface MovedAmounts {
  readonly cashable: bigint;
  readonly restricted: bigint;
  readonly nonrestricted: bigint;
}

/** The transfer the answer is looked at for, as it was ordered. */
export interface ExpectedTransfer extends MovedAmounts {
  readonly transactionId: string;
  readonly type: AftType;
}

/** How the transfer ended, or that it goes on; nothing but this settles anything. */
export type TransferState =
  /** FULL when all that was asked for was moved, whatever the status calls it. */
  | {
      readonly kind: 'SETTLED';
      readonly extent: 'FULL' | 'PARTIAL';
      readonly moved: MovedAmounts;
      /** By the machine's clock; null when it shows nothing of the calendar. */
      readonly completedAt: SasDateTime | null;
      readonly bufferPosition: number;
      /** In cents: the machine's meters of cashable, restricted and nonrestricted; it may leave some out. */
      readonly cumulative: readonly SizedBcd[];
    }
  /** Not over yet, or a status that is in no table: to be asked again. */
  | { readonly kind: 'PENDING'; readonly status: AftStatus }
  /** Nothing was moved, and nothing will be. */
  | ({ readonly kind: 'REFUSED'; readonly status: RefusedStatus } & Refusal)
  | { readonly kind: 'CANCELLED' }
  /** The id is ours and the rest makes no sense. Nobody but a person can tell. */
  | {
      readonly kind: 'UNCLEAR';
      readonly why: 'OTHER_TYPE' | 'UNREADABLE' | 'MORE_THAN_ASKED' | 'NOT_IN_HISTORY';
      readonly status: AftStatus;
    };

export type TransferResult =
  | TransferState
  /** An earlier attempt got through: its end is to be asked for, and nothing is to be sent again. */
  | { readonly kind: 'LOGGED_BEFORE' }
  /** The machine has no transfer there. */
  | { readonly kind: 'NO_RECORD' }
  /** Another id, none, or an answer too short to have one: it says nothing of ours. */
  | { readonly kind: 'FOREIGN'; readonly transactionId: string | null; readonly status: AftStatus }
  /** Sent, and what came of it was not heard: it may be under way, done or refused. It can only be asked for. */
  | { readonly kind: 'UNKNOWN'; readonly failure: CommandFailure | RefusedStatus; readonly attempts: number }
  /** Not one byte of it was sent. */
  | { readonly kind: 'NOT_SENT' };

/** What the report says of the expected transfer. */
export function transferResult(said: Said, expected: ExpectedTransfer): TransferResult {
  const { answer, attempts } = said;
  const { status } = answer;
  if (status === 'NO_INFORMATION') return { kind: 'NO_RECORD' };
  const isOurs = answer.form === 'FULL' && answer.transactionId === expected.transactionId;
  // Too short for an id it is ours only when it answers the order itself, and then only as a refusal.
  if (!isOurs && !(answer.form === 'SHORT' && isRefused(status) && isOrder(said, expected)))
    return { kind: 'FOREIGN', transactionId: answer.form === 'FULL' ? answer.transactionId : null, status };
  if (status === 'ID_NOT_UNIQUE') return { kind: 'LOGGED_BEFORE' };
  if (isRefused(status))
    return isEnd(said, status, expected) ? refused(status) : { kind: 'UNKNOWN', failure: status, attempts };
  if (status === 'CANCELLED_BY_HOST') return { kind: 'CANCELLED' };
  const isDone = status === 'FULL_DONE' || status === 'PARTIAL_DONE';
  return answer.form === 'FULL' && isDone ? settled(answer, expected) : { kind: 'PENDING', status };
}

/** Whether the machine said something, and not how the transfer stands: it may still say that when asked otherwise. */
export const isBesideThePoint = (result: TransferResult): boolean =>
  result.kind === 'FOREIGN' ||
  result.kind === 'NO_RECORD' ||
  result.kind === 'LOGGED_BEFORE' ||
  (result.kind === 'UNKNOWN' && Object.hasOwn(REFUSALS, result.failure));

type Said = Pick<TransferReport, 'asked' | 'attempts' | 'answer'>;

const isOrder = ({ asked }: Said, { transactionId }: ExpectedTransfer): boolean =>
  asked !== null && 'transactionId' in asked && asked.transactionId === transactionId;

/**
 * A machine may clash with, or not want now, what it has just been told by a try whose answer was lost: the answer to
 * an order is sure after one try. What it refuses when it is to cancel may be that. What an interrogation finds is how
 * the transfer ended.
 */
function isEnd(said: Said, status: RefusedStatus, expected: ExpectedTransfer): boolean {
  if (said.asked === null || said.asked.code === 'CANCEL') return false;
  return isOrder(said, expected) ? said.attempts === 1 : aftOutcome(status) === 'FAILED';
}

const refused = (status: RefusedStatus): TransferState => ({ kind: 'REFUSED', status, ...REFUSALS[status] });

function settled(answer: AftResult, expected: ExpectedTransfer): TransferState {
  const { status, completedAt, bufferPosition, cumulative } = answer;
  if (answer.type !== expected.type) return { kind: 'UNCLEAR', why: 'OTHER_TYPE', status };
  const moved = readable(answer);
  if (moved === null) return { kind: 'UNCLEAR', why: 'UNREADABLE', status };
  const kinds = ['cashable', 'restricted', 'nonrestricted'] as const;
  if (kinds.some((kind) => moved[kind] > expected[kind]))
    return { kind: 'UNCLEAR', why: 'MORE_THAN_ASKED', status };
  const extent = kinds.every((kind) => moved[kind] === expected[kind]) ? 'FULL' : 'PARTIAL';
  return { kind: 'SETTLED', extent, moved, completedAt, bufferPosition, cumulative };
}

function readable({ cashable, restricted, nonrestricted }: AftAmounts): MovedAmounts | null {
  if (cashable === null || restricted === null || nonrestricted === null) return null;
  return { cashable, restricted, nonrestricted };
}
