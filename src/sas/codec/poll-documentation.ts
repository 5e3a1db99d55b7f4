/** The table of long polls in the notation of SAS.md 0, made from the rows that encode and decode them. */
import type { CodeTable } from './fields.ts';
import type { Layout, LongPoll, Mark } from './long-poll.ts';
import { NAMED_POLLS, type NamedPoll } from './long-polls/named-only.ts';
import { LONG_POLLS } from './poll-table.ts';
import type { RequestLength } from './request-length.ts';
import { requestBytesOf } from './request-lengths.ts';

export interface FrameDocumentation {
  /** `A 09 game:2BCD enabled:1 c c`. */
  readonly frame: string;
  readonly bytes: RequestLength;
  /** What its codes and bits mean. */
  readonly codes: readonly CodeTable[];
}

export interface PollDocumentation {
  readonly code: number;
  /** R, S or M, with G when it is also broadcast; null where nobody says. */
  readonly type: string | null;
  readonly mark: Mark;
  readonly chapter: string;
  /** Null for a poll of which only the name is known. */
  readonly name: string | null;
  readonly summary: string;
  readonly request: FrameDocumentation | null;
  readonly answer: FrameDocumentation | null;
}

/** Every poll there is, in order of code. */
export function documentPolls(): PollDocumentation[] {
  const rows = [...Array.from(LONG_POLLS.values(), documentPoll), ...NAMED_POLLS.map(documentName)];
  return rows.sort((one, other) => one.code - other.code);
}

function documentPoll(poll: LongPoll): PollDocumentation {
  const { code, type, mark, chapter, name, summary, request, answer } = poll;
  const bare = type === 'R';
  return {
    code,
    type: poll.broadcast ? `${type}/G` : type,
    mark,
    chapter,
    name,
    summary,
    request: {
      frame: frameText(code, request, bare ? '' : 'c c'),
      bytes: requestBytesOf(poll),
      codes: request.field.codes?.('') ?? [],
    },
    answer: answer === null ? ACKNOWLEDGED : documentAnswer(code, answer),
  };
}

function documentName(poll: NamedPoll): PollDocumentation {
  return { ...poll, name: null, request: poll.request && { ...poll.request, codes: [] }, answer: null };
}

const ACKNOWLEDGED: FrameDocumentation = { frame: 'A', bytes: 1, codes: [] };
const ADDRESS_CODE_AND_CRC = 4;

function documentAnswer(code: number, answer: Layout<unknown>): FrameDocumentation {
  const codes = answer.field.codes?.('') ?? [];
  return { frame: frameText(code, answer, 'c c'), bytes: answerBytesOf(answer), codes };
}

function answerBytesOf({ lengthByte, field }: Layout<unknown>): RequestLength {
  return lengthByte ? 'LENGTH_BYTE' : ADDRESS_CODE_AND_CRC + (field.size ?? 0);
}

function frameText(code: number, { lengthByte, field }: Layout<unknown>, crc: string): string {
  const head = `A ${code.toString(16).toUpperCase().padStart(2, '0')}`;
  return [head, lengthByte ? 'L' : '', field.notation(''), crc].filter(Boolean).join(' ');
}
