import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { NAMED_POLLS } from '../../src/sas/codec/long-polls/named-only.ts';
import { LONG_POLLS } from '../../src/sas/codec/poll-table.ts';
import { programFile } from '../support/program.ts';

const CLI = programFile('cli');

async function floorwire(...args: string[]): Promise<string> {
  const options = { env: { PATH: process.env.PATH }, timeout: 60_000 };
  const { stdout } = await promisify(execFile)(process.execPath, [CLI, ...args], options);
  return stdout;
}

test('every poll is printed once, in order, with the chapter and the mark of its row', async () => {
  const lines = (await floorwire('sas', 'polls')).split('\n').filter((line) => /^[\dA-F]{2} {2}/.test(line));
  const codes = lines.map((line) => Number.parseInt(line.slice(0, 2), 16));
  expect(codes).toEqual([...codes].sort((one, other) => one - other));
  expect(codes.length).toBe(LONG_POLLS.size + NAMED_POLLS.length);
  for (const { code, name, chapter, mark } of LONG_POLLS.values()) {
    const line = lines[codes.indexOf(code)]?.split(/ +/);
    expect(line?.slice(2, 5)).toEqual([mark, chapter, name]);
  }
});

test('single polls are printed in the notation of the protocol, with what their codes mean', async () => {
  const printed = await floorwire('sas', 'polls', '09', '1b', '94', '8B');
  expect(printed).toContain(`
09  M   ◐  6.1   ENABLE_GAME                       Enable or disable a game
    request  A 09 game:2BCD enabled:1 c c  (7 bytes)
    reply    A  (1 byte)

1B  R   ●  6.3   HANDPAY_INFORMATION               The handpay that waits
    request  A 1B  (2 bytes)
    reply    A 1B group:1 level:1 cents:5BCD partialPay:2BCD resetId:1 reserved:10 c c  (24 bytes)

94  S   ●  6.1   RESET_HANDPAY                     Reset the handpay from the host
    request  A 94 c c  (4 bytes)
    reply    A 94 result:1 c c  (5 bytes)
    result of the reply
      00  RESET
      01  UNABLE
      02  NO_HANDPAY

8B  S   ○  6.6   –                                 Multiplied jackpot, obsolete
`);
});

test('a code that is no poll, and a word the command does not know, are refused in one line', async () => {
  for (const args of [['polls', 'FE'], ['meters']]) {
    await expect(floorwire('sas', ...args)).rejects.toMatchObject({
      code: 1,
      stdout: '',
      stderr: expect.stringMatching(/^floorwire: [^\n]+\n$/),
    });
  }
});
