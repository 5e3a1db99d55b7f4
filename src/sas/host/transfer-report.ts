/** Every answer to poll 72 is reported before the machine may forget it, whoever asked (SAS.md 10.6). */
import { readLayout } from '../codec/long-poll.ts';
import type { AftReply } from '../codec/long-polls/aft-reply.ts';
import { AFT_TRANSFER, type AftRequest } from '../codec/long-polls/aft-transfer.ts';
import { decodeAnswer } from '../codec/poll-table.ts';
import type { Fetch, Heard } from './machine-state.ts';
import type { TransferReport } from './report.ts';

export interface Told {
  readonly address: number;
  readonly asked: AftRequest;
  readonly answer: AftReply;
}

export const transferReport = (
  { address, asked, answer }: Told,
  { at, attempts, isResumed }: Heard,
): TransferReport => ({ kind: 'transfer', address, at, asked: isResumed ? null : asked, attempts, answer });

const HEAD_BYTES = 2;
const CRC_BYTES = 2;

/** What the answer to this frame is to be reported as; null for any other poll than 72. */
export function reportOfAnswer(frame: Uint8Array): Fetch['reportOf'] | null {
  const [address, code] = frame;
  if (address === undefined || code !== AFT_TRANSFER.code) return null;
  const asked = readLayout(AFT_TRANSFER.request, frame.subarray(HEAD_BYTES, -CRC_BYTES), 'EXACT');
  return (body, heard) => transferReport({ address, asked, answer: decodeAnswer(AFT_TRANSFER, body) }, heard);
}
