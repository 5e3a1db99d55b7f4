/** All long polls we speak, by code, and their frames in both directions (SAS.md 4 and 6). */
import { checkAddress } from './address.ts';
import { withCrc } from './crc.ts';
import { SasDecodeError } from './decode-error.ts';
import type { Layout, LongPoll } from './long-poll.ts';
import { CONTROL_POLLS } from './long-polls/control.ts';
import { IDENTITY_POLLS } from './long-polls/identity.ts';
import { METER_GROUP_POLLS } from './long-polls/meter-groups.ts';
import { SELECTED_METER_POLLS } from './long-polls/selected-meters.ts';
import { SINGLE_METER_POLLS } from './long-polls/single-meters.ts';

export const LONG_POLLS: ReadonlyMap<number, LongPoll> = new Map(
  [...CONTROL_POLLS, ...SINGLE_METER_POLLS, ...METER_GROUP_POLLS, ...IDENTITY_POLLS, ...SELECTED_METER_POLLS]
    .sort((one, other) => one.code - other.code)
    .map((poll) => [poll.code, poll]),
);

export interface DecodedRequest {
  /** 0 is a broadcast. */
  readonly address: number;
  readonly poll: LongPoll;
  readonly request: unknown;
}

const CRC_BYTES = 2;
const HEAD_BYTES = 2;

/**
 * The frame a host sends: type R without CRC, everything else with it. Address 0 is the broadcast.
 *
 * @throws RangeError
 */
export function encodeRequest<Request, Answer>(
  poll: LongPoll<Request, Answer>,
  address: number,
  request: Request,
): Uint8Array {
  if (checkAddress(address) === 0 && !poll.broadcast) throw new RangeError(`${poll.name} is never broadcast`);
  const frame = encodeFrame({ address, code: poll.code, layout: poll.request, value: request });
  return poll.type === 'R' ? frame : withCrc(frame);
}

/** A whole request whose length and CRC are known to be right. @throws SasDecodeError */
export function decodeRequest(frame: Uint8Array): DecodedRequest {
  const [address, code] = frame;
  if (address === undefined || code === undefined) throw new SasDecodeError('too short for a long poll');
  const poll = LONG_POLLS.get(code);
  if (poll === undefined) throw new SasDecodeError(`unknown long poll ${code.toString(16)}`);
  const data = frame.subarray(HEAD_BYTES, poll.type === 'R' ? frame.length : frame.length - CRC_BYTES);
  return { address, poll, request: decodeLayout(poll.request, data, 'EXACT') };
}

/** The frame a machine answers with; one byte for a poll that is only acknowledged. @throws RangeError */
export function encodeAnswer<Request, Answer>(
  poll: LongPoll<Request, Answer>,
  address: number,
  answer: Answer,
): Uint8Array {
  if (poll.answer === null) return Uint8Array.of(address);
  return withCrc(encodeFrame({ address, code: poll.code, layout: poll.answer, value: answer }));
}

/**
 * The data of an answer: the frame without address, command and CRC, the length byte included.
 *
 * An answer that is longer than expected is accepted and its tail ignored (SAS.md 4).
 *
 * @throws SasDecodeError
 */
export function decodeAnswer<Request, Answer>(poll: LongPoll<Request, Answer>, body: Uint8Array): Answer {
  if (poll.answer === null) throw new SasDecodeError(`${poll.name} has no answer but its acknowledgement`);
  return decodeLayout(poll.answer, body, 'TAIL_IGNORED');
}

function encodeFrame<T>(parts: { address: number; code: number; layout: Layout<T>; value: T }): Uint8Array {
  const data: number[] = [];
  parts.layout.field.write(parts.value, data);
  if (data.length > 0xff) throw new RangeError(`${data.length} bytes do not fit one frame`);
  const length = parts.layout.lengthByte ? [data.length] : [];
  return Uint8Array.of(parts.address, parts.code, ...length, ...data);
}

function decodeLayout<T>(layout: Layout<T>, body: Uint8Array, tail: 'EXACT' | 'TAIL_IGNORED'): T {
  const data = layout.lengthByte ? behindLength(body) : body;
  const cursor = { bytes: data, at: 0 };
  const value = layout.field.read(cursor);
  if (tail === 'EXACT' && cursor.at !== data.length) throw new SasDecodeError('more data than the poll has');
  return value;
}

function behindLength(body: Uint8Array): Uint8Array {
  if (body[0] !== body.length - 1) throw new SasDecodeError('the length byte does not fit the frame');
  return body.subarray(1);
}
