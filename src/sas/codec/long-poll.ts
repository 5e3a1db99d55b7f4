/** What a long poll is: one declarative row, both directions (SAS.md 4 and 6). */
import { type Field, type NoFields, nothing } from './fields.ts';

/** R reads and carries no CRC in the request; S sets; M is about one game. */
export type LongPollType = 'R' | 'S' | 'M';

/** The data of a frame, with or without a length byte in front of it. */
export interface Layout<T> {
  readonly lengthByte: boolean;
  readonly field: Field<T>;
}

export interface LongPoll<Request = unknown, Answer = unknown> {
  readonly code: number;
  readonly name: string;
  readonly type: LongPollType;
  /** Whether it also exists as a broadcast to address 00, which nobody answers. */
  readonly broadcast: boolean;
  readonly request: Layout<Request>;
  /** Whether the answer is the lone address byte. */
  readonly ack: boolean;
  /** Null when the poll is only acknowledged. */
  readonly answer: Layout<Answer> | null;
}

/** Data of a fixed size. */
export const fixed = <T>(field: Field<T>): Layout<T> => ({ lengthByte: false, field });

/** Data behind a length byte; the frame is then `L + 5` bytes long. */
export const prefixed = <T>(field: Field<T>): Layout<T> => ({ lengthByte: true, field });

/** A type R poll: two bytes out, data back. */
export function readPoll<Answer>(
  code: number,
  name: string,
  answer: Layout<Answer>,
): LongPoll<NoFields, Answer> {
  return { code, name, type: 'R', broadcast: false, request: fixed(nothing), ack: false, answer };
}

/** A type S poll that the machine only acknowledges. */
export function acknowledgedPoll<Request>(
  code: number,
  name: string,
  request: Field<Request>,
  options: { readonly broadcast?: boolean } = {},
): LongPoll<Request, null> {
  const broadcast = options.broadcast ?? false;
  return { code, name, type: 'S', broadcast, request: fixed(request), ack: true, answer: null };
}

/** A poll about one game (0000 is the machine) that is answered with data. */
export function gamePoll<Request, Answer>(
  code: number,
  name: string,
  layouts: { readonly request: Layout<Request>; readonly answer: Layout<Answer> },
): LongPoll<Request, Answer> {
  return { code, name, type: 'M', broadcast: false, ack: false, ...layouts };
}
