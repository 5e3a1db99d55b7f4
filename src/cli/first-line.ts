import { createInterface } from 'node:readline';
import { CommandError } from './command-error.ts';

/** What was piped in, to its first end of line: where no list of processes shows it. @throws CommandError when nothing was */
export async function firstLine(option: string, what: string): Promise<string> {
  for await (const line of createInterface({ input: process.stdin })) if (line !== '') return line;
  throw new CommandError(`${option} takes ${what} on standard input.`);
}
