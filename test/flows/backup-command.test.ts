import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, readdir, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, onTestFinished, test } from 'vitest';
import { closeClient, connectClient } from '../../src/db/database.ts';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { eventually, withDeadline } from '../support/deadline.ts';
import { programFile } from '../support/program.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const children: { kill(signal: NodeJS.Signals): boolean }[] = [];
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

/** `floorwire …` on a database of the test. */
function floorwire(args: readonly string[], environment: Record<string, string>) {
  const child = spawn(process.execPath, [programFile('cli'), ...args], {
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const said = { out: '', err: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said.out += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said.err += text;
  });
  const closed = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, ended: withDeadline(closed, 60_000, `the end of floorwire ${args[0]}`) };
}

const source = await cloneDatabase();
const DATA_DIR = await temporaryFolder();
const SOURCE = { DATA_DIR, DATABASE_URL: source.connection };
expect(await floorwire(['seed'], SOURCE).ended).toMatchObject({ code: 0 });

async function takeBackup(folder: string): Promise<string> {
  const { code, out } = await floorwire(['backup', '--to', folder], SOURCE).ended;
  expect(code).toBe(0);
  return out.split(': ', 1)[0] ?? '';
}

test('backups that are started at once do not share a name', async () => {
  const folder = await temporaryFolder();
  const paths = await Promise.all([takeBackup(folder), takeBackup(folder), takeBackup(folder)]);
  expect(new Set(paths).size).toBe(3);
  expect(await readdir(folder)).toHaveLength(6);
});

test('what a killed backup left is removed by one of another day, and what a living one writes is not', async () => {
  const folder = await temporaryFolder();
  const blocking = await connectClient(source.connection, { applicationName: 'owner' });
  onTestFinished(() => closeClient(blocking));
  // However long the others take to begin.
  await blocking.query('begin; set local idle_in_transaction_session_timeout = 0');
  await blocking.query('lock table venue in access exclusive mode');
  const named = async (ending: string) => (await readdir(folder)).filter((name) => name.endsWith(ending));
  const partials = () => named('.partial');
  /** One that finds its name taken begins under another. */
  const haveBegun = async (count: number) =>
    (await partials()).length === count && (await named('.sha256')).length === count;
  const killed = floorwire(['backup', '--to', folder], SOURCE);
  await eventually(() => haveBegun(1));
  killed.child.kill('SIGKILL');
  await killed.ended;
  const [left = ''] = await partials();
  const slow = floorwire(['backup', '--to', folder], SOURCE);
  await eventually(() => haveBegun(2));
  const long = new Date(Date.now() - 2 * 86_400_000);
  for (const name of await partials()) await utimes(join(folder, name), long, long);

  // What waits for its table is told first what goes.
  const next = floorwire(['backup', '--to', folder], SOURCE);
  await eventually(async () => !(await partials()).includes(left));
  await blocking.query('rollback');
  expect(await slow.ended).toMatchObject({ code: 0, err: '' });
  const { code, out } = await next.ended;
  expect(code).toBe(0);
  expect(out).toMatch(
    new RegExp(`^removed ${left}, which an interrupted backup left\n\\S+\\.backup: \\d+ rows`),
  );
  expect((await readdir(folder)).map((name) => name.replace(/^.*Z(?:-\d)?/, '')).sort()).toEqual([
    '.backup',
    '.backup',
    '.backup.sha256',
    '.backup.sha256',
  ]);
});

test('a file that cannot be restored ends the command with a line, before there is a database', async () => {
  const file = join(await temporaryFolder(), 'diary.txt');
  await writeFile(file, 'Dear diary');
  const elsewhere = await temporaryFolder();
  expect(await floorwire(['restore', file], { DATA_DIR: elsewhere }).ended).toEqual({
    code: 1,
    out: '',
    err: 'floorwire: diary.txt is no backup of floorwire, whose names are floorwire-<when>.backup: name one of those.\n',
  });
  expect(await readdir(elsewhere)).not.toContain('postgres');
  const production = { DATA_DIR: elsewhere, NODE_ENV: 'production' };
  const { code, err } = await floorwire(['restore', file], production).ended;
  expect(code).toBe(1);
  expect(err).toMatch(/^floorwire: SECRET_KEY: is required in production: .*\n$/);
});

test('without the secret of its server a backup is not restored, and with it everything holds', async () => {
  const path = await takeBackup(await temporaryFolder());
  const { connection, floor } = await emptyDatabase();
  const elsewhere = { DATA_DIR: await temporaryFolder(), DATABASE_URL: connection };
  const { code, err } = await floorwire(['restore', path], elsewhere).ended;
  expect(code).toBe(1);
  expect(err).toMatch(/^floorwire: SECRET_KEY does not open what is sealed in the backup\. .*\n$/);
  expect((await floor.pool.query('select from venue')).rowCount).toBe(0);

  await copyFile(join(DATA_DIR, 'secret'), join(elsewhere.DATA_DIR, 'secret'));
  const restored = await floorwire(['restore', path, '--verify'], elsewhere).ended;
  expect(restored).toMatchObject({ code: 0, err: '' });
  expect(restored.out).toMatch(/^\d+ rows as of \S+ are back\..*\n(?:.*: hold\n)+$/);
  expect(await floorwire(['restore', path], elsewhere).ended).toMatchObject({
    code: 1,
    err: expect.stringMatching(/^floorwire: There is a venue in the database: .*\n$/),
  });

  const lost = await emptyDatabase();
  const anywhere = { DATA_DIR: await temporaryFolder(), DATABASE_URL: lost.connection };
  const forgetful = await floorwire(['restore', path, '--without-secret'], anywhere).ended;
  expect(forgetful).toMatchObject({ code: 0, err: '' });
  expect(forgetful.out).toMatch(/^1 of signing_key were left out: nobody can open them/m);
});
