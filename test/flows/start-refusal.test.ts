import { existsSync } from 'node:fs';
import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { cloneDatabase, emptyDatabase } from '../support/database.ts';
import { withDeadline } from '../support/deadline.ts';
import { type ServerProcess, startServerProcess } from '../support/server-process.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';

const running: ServerProcess[] = [];
afterAll(() => {
  for (const { process } of running) process.kill('SIGKILL');
});

/** What a server says that does not start. */
async function refusalOf(environment: Record<string, string>): Promise<string> {
  const server = await startServerProcess(environment);
  running.push(server);
  expect(await withDeadline(server.exited, 60_000, 'the end of the server')).toEqual({
    code: 1,
    signal: null,
  });
  return server.stderr();
}

test('a folder that cannot be written or a scanner that cannot be run is told by its setting, all of them at once', async () => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  const file = join(DATA_DIR, 'file');
  await writeFile(file, '', { mode: 0o600 });
  const settings = { DATA_DIR, DATABASE_URL: connection, UPLOAD_DIR: file, STORAGE_DIR: join(file, 'below') };
  const said = await refusalOf({ ...settings, UPLOAD_SCANNER: '/nowhere/clamdscan --fdpass' });
  expect(said.trimEnd().split('\n')).toEqual([
    expect.stringMatching(`^floorwire: UPLOAD_DIR: ${file} cannot be written: EEXIST: `),
    expect.stringMatching(`^floorwire: STORAGE_DIR: ${file}/below cannot be written: EEXIST: `),
    expect.stringMatching('^floorwire: UPLOAD_SCANNER: /nowhere/clamdscan cannot be run: ENOENT: '),
  ]);
});

test.each([
  ['is no program', async (folder: string) => await mkdir(join(folder, 'scanner')), /is no program$/],
  [
    'may not be run',
    async (folder: string) => await writeFile(join(folder, 'scanner'), '#!/bin/sh\n', { mode: 0o600 }),
    /cannot be run: EACCES: /,
  ],
])('a scanner that %s ends the start', async (_what, make, message) => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  await make(DATA_DIR);
  const UPLOAD_SCANNER = join(DATA_DIR, 'scanner');
  const said = await refusalOf({ DATA_DIR, DATABASE_URL: connection, UPLOAD_SCANNER });
  expect(said.trimEnd()).toMatch(message);
  expect(said).toMatch(/^floorwire: UPLOAD_SCANNER: .*\n$/);
});

test('a DATA_DIR for the embedded PostgreSQL that cannot be written ends the start before there is one', async () => {
  const file = join(await temporaryFolder(), 'file');
  await writeFile(file, '');
  const said = await refusalOf({ DATA_DIR: file, SECRET_KEY: 'k3eP7his0ut0fTheLogsAndTheRepo!!' });
  expect(said).toMatch(/^floorwire: DATA_DIR: \S+file cannot be written: EEXIST: .*\n$/);
});

test.runIf(existsSync('/proc'))('folders of /proc are refused, and do not hang', async () => {
  const { connection } = await emptyDatabase();
  const DATA_DIR = await temporaryFolder();
  expect(await refusalOf({ DATA_DIR, DATABASE_URL: connection, STORAGE_DIR: '/proc/x' })).toMatch(
    /^floorwire: STORAGE_DIR: \/proc\/x cannot be written: ENOENT: .*\n$/,
  );
  expect(await refusalOf({ DATA_DIR: '/proc/x' })).toMatch(
    /^floorwire: DATA_DIR: \/proc\/x cannot be used: ENOENT: .*\n$/,
  );
});

test('what is tried at the start leaves nothing behind', async () => {
  const DATA_DIR = await temporaryFolder();
  const { connection } = await cloneDatabase();
  const server = await startServerProcess({ DATA_DIR, DATABASE_URL: connection });
  running.push(server);
  expect(server.url).not.toBe('');
  for (const folder of ['uploads', 'files']) expect(await readdir(join(DATA_DIR, folder))).toEqual([]);
  server.process.kill('SIGTERM');
  expect(await server.exited).toEqual({ code: 0, signal: null });
});
