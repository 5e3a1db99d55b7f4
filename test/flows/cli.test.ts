import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { eventually, withDeadline } from '../support/deadline.ts';
import { programFile } from '../support/program.ts';

const CLI = programFile('cli');
const folder = await mkdtemp(join(tmpdir(), 'floorwire-cli-'));
const started: { kill(signal: NodeJS.Signals): boolean }[] = [];
afterAll(async () => {
  for (const child of started) child.kill('SIGKILL');
  await rm(folder, { recursive: true, force: true });
});

function floorwire(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args], {
    env: { PATH: process.env.PATH, DATA_DIR: join(folder, 'data') },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  started.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const closed = once(child, 'close').then(([code]) => code as number | null);
  return {
    said,
    ended: () => withDeadline(closed, 60_000, 'the end of the command'),
    interrupt: () => child.kill('SIGINT'),
  };
}

test('simulated machines are watched, come back after they went away, and leave nothing behind', async () => {
  const tty = join(folder, 'line');
  const watch = floorwire('watch', '--port', tty, '--poll', '1,2');
  await eventually(() => watch.said.err.includes('cannot be opened yet'));

  for (const [round, pace] of [
    [1, []],
    [2, ['--paced']],
  ] as const) {
    const before = watch.said.out.length;
    const machines = floorwire('simulate', '--tty', tty, '--machines', '2', ...pace);
    await eventually(() => machines.said.out.includes('2 machines, addresses 1 to 2'));
    await eventually(() =>
      [1, 2].every((address) => watch.said.out.slice(before).includes(`${address} → host  `)),
    );
    machines.interrupt();
    expect(await machines.ended()).toBe(0);
    expect(existsSync(tty)).toBe(false);
    await eventually(() => watch.said.err.split(`${tty} closed`).length === round + 1);
  }
  watch.interrupt();
  expect(await watch.ended()).toBe(0);
  expect(watch.said.err).toMatch(/^(floorwire: .*\n)+$/);
  expect(watch.said.err).toMatch(
    /floorwire: line: polls [1-9]\d* {2}.*replies [1-9].* {2}longGaps 0 {2}worstGapMs – /,
  );
  expect(watch.said.err).toMatch(/floorwire: machine 2: state OFFLINE {2}polls /);
});

test.each([
  [['simulate'], /--tty PATH or --tcp PORT/],
  [['simulate', '--tty', 'a', '--tcp', '1'], /--tty PATH or --tcp PORT/],
  [['simulate', '--tcp', 'abc'], /--tcp takes a port/],
  [['simulate', '--tcp', ''], /--tcp takes a port/],
  [['simulate', '--tty', 'a', '--machines', '0'], /--machines takes 1 to 127/],
  [['simulate', '--bogus'], /--bogus/],
  [['watch', '--poll', '1'], /--port PATH/],
  [['watch', '--port', 'tcp://127.0.0.1:99999'], /--port PATH/],
  [['watch', '--port', 'tcp://127.0.0.1:1'], /tcp:\/\/127\.0\.0\.1:1 cannot be opened: .*ECONNREFUSED/],
  [['watch', '--port', '/nowhere/line'], /\/nowhere\/line cannot be opened: /],
  [['watch', '--port', 'a', '--poll', '0'], /--poll takes addresses/],
  [['watch', '--port', 'a', '--wakeup', 'rfc2217'], /--wakeup takes marked, plain, parity, even-odd for/],
  [['watch', '--port', 'tcp://a:1', '--wakeup', 'parity'], /--wakeup takes marked, plain, rfc2217 for/],
  [['watch', '--port', 'a', '--profile', 'nobody'], /--profile takes novomatic, /],
  [['watch', '--port', '/nowhere/line', '--wakeup', 'parity'], /\/nowhere\/line cannot be opened: /],
  [['seed', 'extra'], /extra/],
  [['cursors'], /cursors takes revoke/],
])('floorwire %j is refused in one line', async (args, line) => {
  const command = floorwire(...args);
  expect(await command.ended()).toBe(1);
  expect(command.said.err).toMatch(/^floorwire: [^\n]*\n$/);
  expect(command.said.err).toMatch(line);
});

test.each([
  ['backup', '--to', join(folder, 'backups')],
  ['users', 'list'],
  ['keys', 'list'],
])('floorwire %s makes no database where there is none', async (...args) => {
  const command = floorwire(...args);
  expect(await command.ended()).toBe(1);
  expect(command.said.err).toMatch(/^floorwire: There is no database in [^\n]*: set DATA_DIR, [^\n]*\n$/);
  expect(existsSync(join(folder, 'data', 'postgres'))).toBe(false);
  await rm(join(folder, 'data'), { recursive: true, force: true });
});

test('a dry run of the migrations tells what is missing where there is no database, and makes none', async () => {
  const command = floorwire('migrate', '--dry-run');
  expect(await command.ended()).toBe(0);
  expect(command.said.out).toMatch(/^There is no database in [^\n]* yet\.\nMissing: 0001-[^\n]*\n$/);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test.each([
  ['backup', '--to', join(folder, 'backups')],
  ['audit', 'verify'],
  ['cursors', 'revoke'],
])('floorwire %s, which takes no secret, makes none', async (...args) => {
  const command = floorwire(...args);
  expect(await command.ended()).toBe(1);
  expect(command.said.err).toMatch(/^floorwire: There is no database in /);
  expect(existsSync(join(folder, 'data'))).toBe(false);
});

test('a data folder that is none is refused in one line', async () => {
  const file = join(folder, 'data');
  await writeFile(file, '');
  const command = floorwire('migrate');
  expect(await command.ended()).toBe(1);
  expect(command.said.err).toMatch(/^floorwire: DATA_DIR: [^\n]* cannot be used: [^\n]*\n$/);
});

test.each(['nope', 'constructor'])('floorwire %s is said to be none, and ends with 2', async (name) => {
  const command = floorwire(name);
  expect(await command.ended()).toBe(2);
  expect(command.said).toEqual({
    out: '',
    err: `floorwire: There is no command ${name}: floorwire help lists them.\n`,
  });
});

test('help is all of the commands, or what one of them takes', async () => {
  const help = async (...args: string[]) => {
    const command = floorwire(...args);
    expect(await command.ended()).toBe(0);
    return command.said.out;
  };
  const all = await help('help');
  expect(all).toMatch(/^floorwire serve /);
  expect(await help('-h')).toBe(all);
  for (const name of ['serve', 'watch', 'users', 'sas']) {
    const its = await help(name, '--help');
    expect(all).toContain(its.trimEnd());
    expect(its.match(/^floorwire \w+/gm)).toEqual(
      all.match(/^floorwire \w+/gm)?.filter((line) => line === `floorwire ${name}`),
    );
  }
  expect(await help('watch', '-h')).toMatch(/\n {10}\[--profile NAME\] .*\n$/);
});

test('it says which version it is', async () => {
  const command = floorwire('--version');
  expect(await command.ended()).toBe(0);
  const manifest = JSON.parse(await readFile(new URL('../../package.json', import.meta.url), 'utf8'));
  expect(command.said.out).toBe(`${manifest.version}\n`);
});
