import type { CodeTable } from '../sas/codec/fields.ts';
import {
  documentPolls,
  type FrameDocumentation,
  type PollDocumentation,
} from '../sas/codec/poll-documentation.ts';
import { CommandError } from './command-error.ts';

const LEGEND = `A is the address, L the number of bytes after it, c c the CRC. x:2BCD is packed BCD, x:2LE binary with the least
byte first, x:3A ASCII, x:1 a byte; ( )* repeats, [ ] may be missing, | is another form. Type R reads, S sets, M asks
about a game, G goes to all machines too. ● is sure, ◐ has two sources, ○ one.
`;

/**
 * Prints the long polls: all of them, or those of these codes, and then also what the codes in their frames mean.
 *
 * @throws CommandError
 */
export function sasPollsCommand(codes: readonly string[]): void {
  const polls = documentPolls();
  const chosen =
    codes.length === 0 ? polls.map(pollText) : codes.map((code) => detailedText(pollOf(code, polls)));
  process.stdout.write(`${LEGEND}\n${chosen.join('\n')}`);
}

function pollOf(text: string, polls: readonly PollDocumentation[]): PollDocumentation {
  const code = /^[\da-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : null;
  const poll = polls.find((each) => each.code === code);
  if (poll === undefined)
    throw new CommandError(`${text} is no long poll: codes are two hex digits, such as 1B.`);
  return poll;
}

const NAME_COLUMN = 32;
const hex = (code: number): string => code.toString(16).toUpperCase().padStart(2, '0');

function pollText({ code, type, mark, chapter, name, summary, request, answer }: PollDocumentation): string {
  const columns = [
    hex(code),
    `${(type ?? '–').padEnd(3)} ${mark}`,
    chapter.padEnd(4),
    (name ?? '–').padEnd(NAME_COLUMN),
  ];
  const asked = request ? `    request  ${frameText(request)}\n` : '';
  const answered = answer ? `    reply    ${frameText(answer)}\n` : '';
  return `${columns.join('  ')}  ${summary}\n${asked}${answered}`;
}

const frameText = ({ frame, bytes }: FrameDocumentation): string =>
  `${frame}  (${bytes === 'LENGTH_BYTE' ? 'L + 5 bytes' : bytes === 1 ? '1 byte' : `${bytes} bytes`})`;

function detailedText(poll: PollDocumentation): string {
  const tables = [
    ...(poll.request?.codes ?? []).map((table) => codesText('request', table)),
    ...(poll.answer?.codes ?? []).map((table) => codesText('reply', table)),
  ];
  return `${pollText(poll)}${tables.join('')}`;
}

function codesText(of: 'request' | 'reply', { field, kind, codes }: CodeTable): string {
  const lines = Object.entries(codes)
    .sort(([, one], [, other]) => one - other)
    .map(([name, code]) => `      ${kind === 'BIT' ? `bit ${code}`.padEnd(6) : hex(code)}  ${name}\n`);
  return `    ${field} of the ${of}\n${lines.join('')}`;
}
