/** How long each host message is: what a machine or a line monitor must know to find its end (SAS.md 6.9). */
import type { LongPoll } from './long-poll.ts';
import { NAMED_POLLS } from './long-polls/named-only.ts';
import { LONG_POLLS } from './poll-table.ts';
import type { RequestLength } from './request-length.ts';

/** Address, command, length byte and CRC around `L` bytes of data. */
export const LENGTH_BYTE_OVERHEAD = 5;

/** The longest frame there is: L = 255. */
export const LONGEST_FRAME = 0xff + LENGTH_BYTE_OVERHEAD;

const HEAD_BYTES = 2;
const CRC_BYTES = 2;

/** Bytes of a request of this row. */
export function requestBytesOf({ type, request }: LongPoll): RequestLength {
  if (request.lengthByte) return 'LENGTH_BYTE';
  return HEAD_BYTES + (request.field.size ?? 0) + (type === 'R' ? 0 : CRC_BYTES);
}

const LENGTHS: ReadonlyMap<number, RequestLength | null> = new Map([
  ...NAMED_POLLS.map(({ code, request }) => [code, request?.bytes ?? null] as const),
  ...Array.from(LONG_POLLS, ([code, poll]) => [code, requestBytesOf(poll)] as const),
]);

/** Null when the length of that command is not known: its end is the next message start. */
export const requestLengthOf = (code: number): RequestLength | null => LENGTHS.get(code) ?? null;

/** Whether a request ends with a CRC: all but type R, which is two bytes long, do. */
export const requestHasCrc = (code: number): boolean => requestLengthOf(code) !== HEAD_BYTES;
