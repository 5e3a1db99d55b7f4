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

/** Prints the long polls: all of them, or those of these codes. @throws CommandError */
export function sasPollsCommand(codes: readonly string[]): void {
  const polls = documentPolls();
  const chosen = codes.length === 0 ? polls : codes.map((code) => pollOf(code, polls));
  process.stdout.write(`${LEGEND}\n${chosen.map(pollText).join('\n')}`);
}

function pollOf(text: string, polls: readonly PollDocumentation[]): PollDocumentation {
  const code = /^[\da-f]{2}$/i.test(text) ? Number.parseInt(text, 16) : null;
  const poll = polls.find((each) => each.code === code);
  if (poll === undefined)
    throw new CommandError(`${text} is no long poll: codes are two hex digits, such as 1B.`);
  return poll;
}

const NAME_COLUMN = 32;

function pollText({ code, type, mark, chapter, name, summary, request, answer }: PollDocumentation): string {
  const hex = code.toString(16).toUpperCase().padStart(2, '0');
  const head = `${hex}  ${(type ?? '–').padEnd(3)} ${mark}  ${chapter.padEnd(4)}  ${(name ?? '–').padEnd(NAME_COLUMN)}  ${summary}\n`;
  const asked = request ? `    request  ${frameText(request)}\n` : '';
  return `${head}${asked}${answer ? `    reply    ${frameText(answer)}\n` : ''}`;
}

const frameText = ({ frame, bytes }: FrameDocumentation): string =>
  `${frame}  (${bytes === 'LENGTH_BYTE' ? 'L + 5 bytes' : bytes === 1 ? '1 byte' : `${bytes} bytes`})`;
