import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { takeBackup } from '../../src/backup/backup.ts';
import { beginDraft, removeAbandoned } from '../../src/backup/draft.ts';
import { openDatabase } from '../../src/db/database.ts';
import { cloneDatabase } from '../support/database.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

afterEach(() => void vi.useRealTimers());

const NOON = new Date('2026-01-31T12:00:00Z');
const DAY_MS = 86_400_000;

test('backups of one second have names of their own, and each is whole', async () => {
  const { connection } = await cloneDatabase();
  const folder = await temporaryFolder();
  vi.useFakeTimers({ toFake: ['Date'], now: NOON });
  const first = await Promise.all([takeBackup(connection, folder), takeBackup(connection, folder)]);
  const backups = [...first, await takeBackup(connection, folder)];

  const stem = 'floorwire-20260131T120000Z';
  const names = [`${stem}.backup`, `${stem}-2.backup`, `${stem}-3.backup`];
  expect(backups.map(({ path }) => basename(path)).sort()).toEqual([...names].sort());
  expect((await readdir(folder)).sort()).toEqual(names.flatMap((name) => [name, `${name}.sha256`]).sort());
  for (const { path, sha256 } of backups) {
    expect(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(sha256);
    expect(await readFile(`${path}.sha256`, 'utf8')).toBe(`${sha256}  ${basename(path)}\n`);
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  }
});

test('a name is not taken from a backup whose checksum is gone', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'floorwire-20260131T120000Z.backup'), 'kept');
  await using draft = await beginDraft(folder, NOON);
  expect(basename(draft.path)).toBe('floorwire-20260131T120000Z-2.backup');
  expect(await readFile(join(folder, 'floorwire-20260131T120000Z.backup'), 'utf8')).toBe('kept');
});

test('a backup whose database goes away leaves nothing', async () => {
  const { connection } = await cloneDatabase();
  const folder = await temporaryFolder();
  await using owner = openDatabase({ connection, poolSize: 1, applicationName: 'owner' });
  const blocking = await owner.pool.connect();
  await blocking.query('begin; set local idle_in_transaction_session_timeout = 0');
  await blocking.query('lock table venue in access exclusive mode');
  const taking = takeBackup(connection, folder);
  taking.catch(() => {});
  await eventually(async () => (await readdir(folder)).length === 2);
  await blocking.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
     where datname = current_database() and application_name = 'floorwire backup'`,
  );
  await expect(taking).rejects.toThrow();
  expect(await readdir(folder)).toEqual([]);
  await blocking.query('rollback');
  blocking.release();
});

/** The number of a process that is no more. */
async function aDeadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--eval', '']);
  await once(child, 'exit');
  return child.pid ?? 0;
}

test('what killed backups left is removed after a day, and nothing that is still written', async () => {
  const folder = await temporaryFolder();
  const now = new Date();
  const long = new Date(now.getTime() - 2 * DAY_MS);
  const put = async (name: string, touched: Date, content = '') => {
    await writeFile(join(folder, name), content);
    await utimes(join(folder, name), touched, touched);
  };
  const dead = await aDeadPid();
  const left = [
    `floorwire-20260101T000000Z.backup.${dead}.partial`,
    `floorwire-20260102T000000Z-2.backup.${dead}.partial`,
    // As floorwire called them before.
    'floorwire-20260103T000000Z.backup.partial',
  ];
  for (const name of left) await put(name, long, 'half');
  await put('floorwire-20260101T000000Z.backup.sha256', long);
  const kept = [
    // Its process lives.
    `floorwire-20260104T000000Z.backup.${process.ppid}.partial`,
    'floorwire-20260104T000000Z.backup.sha256',
    // Whole, with the sum of it.
    'floorwire-20260105T000000Z.backup',
    'floorwire-20260105T000000Z.backup.sha256',
    'notes.partial',
  ];
  for (const name of kept) await put(name, long);
  const someFolder = 'floorwire-20260104T000001Z.backup.partial';
  await mkdir(join(folder, someFolder));
  await utimes(join(folder, someFolder), long, long);
  kept.push(someFolder);
  // Killed just now, or written on another computer.
  await put(`floorwire-20260106T000000Z.backup.${dead}.partial`, now, 'half');
  await put('floorwire-20260106T000000Z.backup.sha256', now);
  await using draft = await beginDraft(folder, now);

  expect((await removeAbandoned(folder, now)).toSorted()).toEqual(left);
  expect((await readdir(folder)).sort()).toEqual(
    [
      ...kept,
      `floorwire-20260106T000000Z.backup.${dead}.partial`,
      'floorwire-20260106T000000Z.backup.sha256',
      basename(draft.partialPath),
      basename(draft.sumPath),
    ].sort(),
  );
});

test('a checksum that no backup belongs to any more is removed after a day', async () => {
  const folder = await temporaryFolder();
  const put = (name: string, text = '') => writeFile(join(folder, name), text);
  const dead = await aDeadPid();
  // Killed between writing the sum and giving the backup its name, and between removing the backup and its sum.
  await put('floorwire-20260101T000000Z.backup.sha256', 'sum');
  await put(`floorwire-20260101T000000Z.backup.${dead}.partial`);
  await put('floorwire-20260102T000000Z-2.backup.sha256', 'sum');
  const kept = [
    'floorwire-20260103T000000Z.backup',
    'floorwire-20260103T000000Z.backup.sha256',
    // Its process lives, however long it takes.
    `floorwire-20260104T000000Z.backup.${process.ppid}.partial`,
    'floorwire-20260104T000000Z.backup.sha256',
    'notes.sha256',
  ];
  for (const name of kept) await put(name);

  const now = Date.now();
  expect(await removeAbandoned(folder, new Date(now))).toEqual([]);
  expect((await removeAbandoned(folder, new Date(now + 2 * DAY_MS))).toSorted()).toEqual([
    `floorwire-20260101T000000Z.backup.${dead}.partial`,
    'floorwire-20260102T000000Z-2.backup.sha256',
  ]);
  expect((await readdir(folder)).toSorted()).toEqual(kept.toSorted());
});

test('a draft whose database keeps it waiting shows that it is still written', async () => {
  const folder = await temporaryFolder();
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
  await using draft = await beginDraft(folder, NOON);
  const long = new Date(Date.now() - 2 * DAY_MS);
  await utimes(draft.partialPath, long, long);
  vi.advanceTimersByTime(60_000);
  await eventually(async () => (await stat(draft.partialPath)).mtimeMs > long.getTime() + DAY_MS);
  expect(await removeAbandoned(folder, new Date())).toEqual([]);
});
