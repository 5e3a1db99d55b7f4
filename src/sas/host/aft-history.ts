/** What became of a transfer whose answer was lost: the machine knows, the host only asks (SAS.md 10.6). */
import type { AftReply } from '../codec/long-polls/aft-reply.ts';
import { AFT_TRANSFER } from '../codec/long-polls/aft-transfer.ts';
import { type AftLine, aftStatus, type NoAnswer } from './aft-commands.ts';
import { type ExpectedTransfer, type TransferState, transferResult } from './aft-result.ts';

export type Recovery =
  | TransferState
  /** Neither under way nor in the history, which has what was before it: the machine never began it. */
  | { readonly kind: 'NEVER_HAPPENED' }
  /** The machine has neither a record of it nor any from before: it never began it, or forgot it. */
  | { readonly kind: 'NO_TRACE' }
  /** Another machine than the one it was sent to answers: what that one knows says nothing. */
  | { readonly kind: 'OTHER_MACHINE' }
  | NoAnswer;

export interface LostTransfer extends ExpectedTransfer {
  /** Of the machine it was sent to; null, the default: of whichever answers. */
  readonly assetNumber?: number | null;
  /** Whether a transfer was over before this one was sent: what the machine has from before that is not looked at. */
  readonly isEarlier?: (transactionId: string) => boolean;
}

/**
 * Asks for the transfer under way or the last, and where that is another one for the history, from the newest back.
 * NO_ANSWER leaves everything open, as does PENDING: to be asked again.
 */
export async function recoverAft(line: AftLine, address: number, lost: LostTransfer): Promise<Recovery> {
  const status = await aftStatus(line, address);
  if (status.kind === 'NO_ANSWER') return status;
  if (status.status.assetNumber !== (lost.assetNumber ?? status.status.assetNumber))
    return { kind: 'OTHER_MACHINE' };
  const last = await recordAt(line, address, 0);
  if (last.kind === 'NO_ANSWER') return last;
  const state = stateIn(last.answer, lost);
  if (state) return state;
  if (isFromBefore(last.answer, lost)) return NEVER_HAPPENED;
  const { maxBufferIndex } = status.status;
  const found = await searchHistory(line, address, {
    lost,
    maxBufferIndex,
    newest: last.answer.bufferPosition,
  });
  const isSpokenOf = last.answer.form === 'FULL' && last.answer.transactionId === lost.transactionId;
  if (!isSpokenOf || (found.kind !== 'NEVER_HAPPENED' && found.kind !== 'NO_TRACE')) return found;
  // The last the machine has of it is that it did not want it again.
  return { kind: 'UNCLEAR', why: 'NOT_IN_HISTORY', status: last.answer.status };
}

export interface HistorySearch {
  readonly lost: LostTransfer;
  /** How many records the machine keeps at most, by poll 74. */
  readonly maxBufferIndex: number;
  /** Where the newest is; 0 when that is not known. */
  readonly newest: number;
}

/**
 * Goes back from the newest record to the first place, and on from the last place of the ring: it is written from the
 * first on, so an empty place there has nothing older before it. Where the newest is not known, only two empty ends show
 * that there is nothing at all.
 */
async function searchHistory(
  line: AftLine,
  address: number,
  { lost, maxBufferIndex, newest }: HistorySearch,
): Promise<Recovery> {
  const size = Math.min(maxBufferIndex, LAST_POSITION);
  const isKnown = newest >= 1 && newest <= size;
  const start = isKnown ? newest : 1;
  let endsAtEmpty = isKnown;
  for (const place of [...backwards(start, 1), ...backwards(size, start + 1)]) {
    const record = await recordAt(line, address, place);
    if (record.kind === 'NO_ANSWER') return record;
    const { answer } = record;
    const state = stateIn(answer, lost);
    if (state) return state;
    const isEmpty = answer.status === 'NO_INFORMATION';
    if (!isKnown && place === start) endsAtEmpty = isEmpty;
    if (isFromBefore(answer, lost)) return NEVER_HAPPENED;
    if (isEmpty && endsAtEmpty && place > start) break;
  }
  return NO_TRACE;
}

const NEVER_HAPPENED = { kind: 'NEVER_HAPPENED' } as const;
const NO_TRACE = { kind: 'NO_TRACE' } as const;

const backwards = (from: number, to: number): number[] =>
  Array.from({ length: Math.max(0, from - to + 1) }, (_, at) => from - at);

const isFromBefore = (answer: AftReply, { transactionId, isEarlier }: LostTransfer): boolean =>
  answer.form === 'FULL' &&
  answer.transactionId !== null &&
  answer.transactionId !== transactionId &&
  (isEarlier?.(answer.transactionId) ?? false);

const LAST_POSITION = 127;

type Found = { readonly kind: 'ANSWER'; readonly answer: AftReply } | NoAnswer;

async function recordAt(line: AftLine, address: number, index: number): Promise<Found> {
  const result = await line.execute(address, AFT_TRANSFER, { code: 'INTERROGATE', index });
  if ('answer' in result) return { kind: 'ANSWER', answer: result.answer };
  return { kind: 'NO_ANSWER', failure: result.outcome, attempts: result.attempts };
}

/** Null when the record is of another transfer or of none, or does not tell how ours ended. */
function stateIn(answer: AftReply, expected: ExpectedTransfer): TransferState | null {
  const asked = { code: 'INTERROGATE', index: 0 } as const;
  const result = transferResult({ asked, attempts: 1, answer }, expected);
  switch (result.kind) {
    case 'FOREIGN':
    case 'NO_RECORD':
    case 'LOGGED_BEFORE':
    case 'UNKNOWN':
    case 'NOT_SENT':
      return null;
    default:
      return result;
  }
}
