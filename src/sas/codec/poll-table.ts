/** All long polls we speak, by code, and their frames in both directions (SAS.md 4 and 6). */
import { checkAddress } from './address.ts';
import { withCrc } from './crc.ts';
import { SasDecodeError } from './decode-error.ts';
import { type Layout, type LongPoll, readLayout, writeLayout } from './long-poll.ts';
import { AFT_LOCK } from './long-polls/aft-lock.ts';
import { AFT_REGISTRATION } from './long-polls/aft-registration.ts';
import { AFT_TRANSFER } from './long-polls/aft-transfer.ts';
import { AUTHENTICATION_POLLS } from './long-polls/authentication.ts';
import { BONUS_POLLS } from './long-polls/bonus.ts';
import { CASH_POLLS } from './long-polls/cash.ts';
import { CONTROL_POLLS } from './long-polls/control.ts';
import { DENOMINATION_POLLS } from './long-polls/denominations.ts';
import { GAME_DETAIL_POLLS } from './long-polls/game-detail.ts';
import { GAME_POLLS } from './long-polls/games.ts';
import { HANDPAY_POLLS } from './long-polls/handpay.ts';
import { IDENTITY_POLLS } from './long-polls/identity.ts';
import { LEGACY_POLLS } from './long-polls/legacy.ts';
import { METER_GROUP_POLLS } from './long-polls/meter-groups.ts';
import { MULTI_DENOMINATION } from './long-polls/multi-denomination.ts';
import { PROGRESSIVE_POLLS } from './long-polls/progressives.ts';
import { SELECTED_METER_POLLS } from './long-polls/selected-meters.ts';
import { SINGLE_METER_POLLS } from './long-polls/single-meters.ts';
import { TICKET_TEXT_POLLS } from './long-polls/ticket-texts.ts';
import { TICKET_POLLS } from './long-polls/tickets.ts';
import { TOURNAMENT_POLLS } from './long-polls/tournament.ts';
import { VALIDATION_POLLS } from './long-polls/validation.ts';

const FAMILIES: readonly (readonly LongPoll[])[] = [
  CONTROL_POLLS,
  CASH_POLLS,
  HANDPAY_POLLS,
  SINGLE_METER_POLLS,
  METER_GROUP_POLLS,
  SELECTED_METER_POLLS,
  IDENTITY_POLLS,
  GAME_POLLS,
  DENOMINATION_POLLS,
  VALIDATION_POLLS,
  TICKET_POLLS,
  TICKET_TEXT_POLLS,
  PROGRESSIVE_POLLS,
  BONUS_POLLS,
  TOURNAMENT_POLLS,
  GAME_DETAIL_POLLS,
  AUTHENTICATION_POLLS,
  LEGACY_POLLS,
  [AFT_TRANSFER, AFT_REGISTRATION, AFT_LOCK, MULTI_DENOMINATION],
];

/** By code, in order of code. */
export const LONG_POLLS: ReadonlyMap<number, LongPoll> = new Map(
  FAMILIES.flat()
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
  return { address, poll, request: readLayout(poll.request, data, 'EXACT') };
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
  return readLayout(poll.answer, body, 'TAIL_IGNORED');
}

function encodeFrame<T>(parts: { address: number; code: number; layout: Layout<T>; value: T }): Uint8Array {
  const frame = [parts.address, parts.code];
  writeLayout(parts.layout, parts.value, frame);
  return Uint8Array.from(frame);
}
