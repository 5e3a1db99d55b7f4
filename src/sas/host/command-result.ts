import { SasDecodeError } from '../codec/decode-error.ts';
import type { LongPoll } from '../codec/long-poll.ts';
import { decodeAnswer } from '../codec/poll-table.ts';
import type { CommandResult } from './machine-state.ts';

/** The answer is the body of a frame; null is an acknowledgement. */
export type RawResult = CommandResult<Uint8Array | null>;

/** What a machine answered, by the poll it was asked. An answer that makes no sense is DAMAGED. */
export function decodeResult<Request, Answer>(
  poll: LongPoll<Request, Answer>,
  raw: RawResult,
): CommandResult<Answer> {
  if (!('answer' in raw)) return raw;
  const { outcome, answer, attempts } = raw;
  // A poll that is only acknowledged has null for an answer.
  if (answer === null) return { outcome, answer: null as Answer, attempts };
  try {
    return { outcome, answer: decodeAnswer(poll, answer), attempts };
  } catch (error) {
    if (error instanceof SasDecodeError) return { outcome: 'DAMAGED', attempts };
    throw error;
  }
}
