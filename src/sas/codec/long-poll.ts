/** What a long poll is: one declarative row, both directions and its documentation (SAS.md 4 and 6). */
import { SasDecodeError } from './decode-error.ts';
import { type Cursor, type Field, type NoFields, nothing, record, restOf, takeBytes } from './fields.ts';
import { gameNumber } from './number-fields.ts';

/** R reads and carries no CRC in the request; S sets; M is about one game. */
export type LongPollType = 'R' | 'S' | 'M';

/** How sure SAS.md is of a row: ● seen or three sources, ◐ two, ○ one or a guess. */
export type Mark = '●' | '◐' | '○';

/** The data of a frame, with or without a length byte in front of it. */
export interface Layout<T> {
  readonly lengthByte: boolean;
  readonly field: Field<T>;
}

export interface LongPoll<Request = unknown, Answer = unknown> {
  readonly code: number;
  readonly name: string;
  readonly type: LongPollType;
  /** Where SAS.md has it. */
  readonly chapter: string;
  readonly summary: string;
  readonly mark: Mark;
  /** Whether it also exists as a broadcast to address 00, which nobody answers. */
  readonly broadcast: boolean;
  readonly request: Layout<Request>;
  /** Whether the answer is the lone address byte. */
  readonly ack: boolean;
  /** Null when the poll is only acknowledged. */
  readonly answer: Layout<Answer> | null;
}

export type RequestOf<P> = P extends LongPoll<infer Request, unknown> ? Request : never;
export type AnswerOf<P> = P extends LongPoll<unknown, infer Answer> ? Answer : never;

/** Data of a fixed size. */
export const fixed = <T>(field: Field<T>): Layout<T> => ({ lengthByte: false, field });

/** Data behind a length byte; the frame is then `L + 5` bytes long. */
export const prefixed = <T>(field: Field<T>): Layout<T> => ({ lengthByte: true, field });

interface About {
  readonly chapter: string;
  readonly summary: string;
  /** ● where nothing is said. */
  readonly mark?: Mark;
}

interface Asked<Request> extends About {
  readonly request: Layout<Request>;
  readonly type?: 'S' | 'M';
  readonly broadcast?: boolean;
}

/** A type R poll: two bytes out, data back. */
export function readPoll<Answer>(
  code: number,
  name: string,
  { answer, ...about }: About & { readonly answer: Layout<Answer> },
): LongPoll<NoFields, Answer> {
  const row = { code, name, mark: '●', ...about } as const;
  return { ...row, type: 'R', broadcast: false, request: fixed(nothing), ack: false, answer };
}

/** A type S or M poll that the machine only acknowledges. */
export function acknowledgedPoll<Request>(
  code: number,
  name: string,
  about: Asked<Request>,
): LongPoll<Request, null> {
  return { code, name, mark: '●', type: 'S', broadcast: false, ...about, ack: true, answer: null };
}

/** A type S poll that is answered with data. */
export function answeredPoll<Request, Answer>(
  code: number,
  name: string,
  about: Asked<Request> & { readonly answer: Layout<Answer> },
): LongPoll<Request, Answer> {
  return { code, name, mark: '●', type: 'S', broadcast: false, ...about, ack: false };
}

/** A poll about one game (0000 is the machine) that is answered with data. */
export function gamePoll<Request, Answer>(
  code: number,
  name: string,
  about: Asked<Request> & { readonly answer: Layout<Answer> },
): LongPoll<Request, Answer> {
  return answeredPoll(code, name, { ...about, type: 'M' });
}

/** The request of most polls about a game: its number alone. */
export const ofGame: Layout<{ readonly game: number }> = fixed(record({ game: gameNumber }));

/** What stands behind the command, without CRC. @throws SasDecodeError */
export function readLayout<T>(layout: Layout<T>, body: Uint8Array, tail: 'EXACT' | 'TAIL_IGNORED'): T {
  const cursor: Cursor = { bytes: layout.lengthByte ? behindLength(body) : body, at: 0 };
  const value = layout.field.read(cursor);
  if (tail === 'EXACT' && restOf(cursor) > 0) throw new SasDecodeError('more data than the poll has');
  return value;
}

/** Puts behind `out` what stands behind the command, without CRC. @throws RangeError */
export function writeLayout<T>(layout: Layout<T>, value: T, out: number[]): void {
  const data: number[] = [];
  layout.field.write(value, data);
  if (data.length > 0xff) throw new RangeError(`${data.length} bytes do not fit one frame`);
  if (layout.lengthByte) out.push(data.length);
  out.push(...data);
}

function behindLength(body: Uint8Array): Uint8Array {
  const cursor = { bytes: body, at: 0 };
  const [length] = takeBytes(cursor, 1);
  if (length !== restOf(cursor)) throw new SasDecodeError('the length byte does not fit the frame');
  return body.subarray(1);
}
