/** What became of a transfer whose answer was lost: the machine knows, the host only asks (SAS.md 10.6). */
import type { AftReply } from '../codec/long-polls/aft-reply.ts';
import { AFT_TRANSFER } from '../codec/long-polls/aft-transfer.ts';
import { type AftLine, aftStatus, type NoAnswer } from './aft-commands.ts';
import { type ExpectedTransfer, type TransferState, transferResult } from './aft-result.ts';

export type Recovery =
  | TransferState
  /** Neither under way nor in the history: the machine never began it. */
  | { readonly kind: 'NEVER_HAPPENED' }
  | NoAnswer;

/**
 * Asks for the transfer under way or the last, and where that is another one for the whole history, from the newest
 * back. NO_ANSWER leaves everything open, as does PENDING: to be asked again.
 */
export async function recoverAft(
  line: AftLine,
  address: number,
  expected: ExpectedTransfer,
): Promise<Recovery> {
  const status = await aftStatus(line, address);
  if (status.kind === 'NO_ANSWER') return status;
  const last = await recordAt(line, address, 0);
  if (last.kind === 'NO_ANSWER') return last;
  const state = stateIn(last.answer, expected);
  if (state) return state;
  const { maxBufferIndex } = status.status;
  const newest = last.answer.bufferPosition;
  const found = await searchHistory(line, address, { expected, maxBufferIndex, newest });
  const isSpokenOf = last.answer.form === 'FULL' && last.answer.transactionId === expected.transactionId;
  if (found.kind !== 'NEVER_HAPPENED' || !isSpokenOf) return found;
  // The last the machine has of it is that it did not want it again.
  return { kind: 'UNCLEAR', why: 'NOT_IN_HISTORY', status: last.answer.status };
}

export interface HistorySearch {
  readonly expected: ExpectedTransfer;
  /** How many records the machine keeps at most, by poll 74. */
  readonly maxBufferIndex: number;
  /** Where the newest is, as far as known: the search goes back from there, and all the way round. */
  readonly newest: number;
}

/** A place without a record is passed by: only the whole ring shows that there is none. */
export async function searchHistory(
  line: AftLine,
  address: number,
  { expected, maxBufferIndex, newest }: HistorySearch,
): Promise<Recovery> {
  const size = Math.min(maxBufferIndex, LAST_POSITION);
  const start = newest >= 1 && newest <= size ? newest : size;
  for (let back = 0; back < size; back += 1) {
    const record = await recordAt(line, address, ((start - 1 - back + size) % size) + 1);
    if (record.kind === 'NO_ANSWER') return record;
    const state = stateIn(record.answer, expected);
    if (state) return state;
  }
  return { kind: 'NEVER_HAPPENED' };
}

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
