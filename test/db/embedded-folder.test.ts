import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, chown, cp, lstat, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test, vi } from 'vitest';
import { copyBinaries, findBinaries, linkLibraries } from '../../src/db/embedded-binaries.ts';
import { joinEmbedded } from '../../src/db/embedded-join.ts';
import { findPostmaster } from '../../src/db/embedded-postmaster.ts';
import { chooseLauncher } from '../../src/db/embedded-privileges.ts';
import { DatabaseSetupError } from '../../src/db/errors.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isRoot, rowsOf, start } from './embedded-fixture.ts';

const socketFolderOf = (connection: string): string => decodeURIComponent(new URL(connection).hostname);

async function exitCodeOf(command: string, args: readonly string[]): Promise<number | null> {
  const child = spawn(command, args, { stdio: 'ignore' });
  const [code] = await once(child, 'exit');
  return code;
}

describe('the native programs', () => {
  test('run after an install that made none of their library links', async () => {
    const folder = join(await temporaryFolder(), 'native');
    const binaries = await findBinaries();
    await cp(binaries.folder, folder, {
      recursive: true,
      filter: async (path) => !(await lstat(path)).isSymbolicLink(),
    });
    const program = join(folder, 'bin', 'postgres');
    expect(await exitCodeOf(program, ['--version'])).toBe(127);
    expect(await linkLibraries(folder)).toBe(true);
    expect(await linkLibraries(folder)).toBe(true);
    expect(await exitCodeOf(program, ['--version'])).toBe(0);
  });

  test('are copied for everybody to read, once for each version', async () => {
    const dataDir = await temporaryFolder();
    await mkdir(join(dataDir, 'postgres-native-17.0.0', 'native'), { recursive: true });
    const binaries = await findBinaries();
    const copy = await copyBinaries(binaries, dataDir);
    const { mtimeMs } = await stat(copy);
    expect(await exitCodeOf(join(copy, 'bin', 'postgres'), ['--version'])).toBe(0);
    expect((await stat(join(copy, 'lib'))).mode & 0o777).toBe(0o755);
    await expect(stat(join(dataDir, 'postgres-native-17.0.0'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(await copyBinaries(binaries, dataDir)).toBe(copy);
    expect((await stat(copy)).mtimeMs).toBe(mtimeMs);
  });

  test('missing for a platform are told with the way out', async () => {
    const platform = vi.spyOn(process, 'platform', 'get').mockReturnValue('sunos');
    try {
      await expect(findBinaries()).rejects.toThrow(/no embedded PostgreSQL for sunos-.*: set DATABASE_URL/);
    } finally {
      platform.mockRestore();
    }
  });
});

describe('a folder that is not ours to serve', async () => {
  const dataDir = await temporaryFolder();
  await (await start(dataDir))[Symbol.asyncDispose]();

  test('because another major version wrote it is refused with what to do', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'postgres'));
    await writeFile(join(folder, 'postgres', 'PG_VERSION'), '16\n');
    await expect(start(folder)).rejects.toThrow(
      /written by PostgreSQL 16, this floorwire brings 18: .*pg_dump.*DATABASE_URL/,
    );
    expect(await readFile(join(folder, 'postgres', 'PG_VERSION'), 'utf8')).toBe('16\n');
  });

  test('because it holds something else is refused and left as it is', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'postgres'));
    await writeFile(join(folder, 'postgres', 'diary.txt'), 'dear');
    await expect(start(folder)).rejects.toThrow(/not a PostgreSQL data folder/);
    expect(await readFile(join(folder, 'postgres', 'diary.txt'), 'utf8')).toBe('dear');
  });

  test('because its password is lost is refused, and a refused start can be repeated', async () => {
    const file = join(dataDir, 'postgres.password');
    const password = await readFile(file, 'utf8');
    await rm(file);
    await expect(start(dataDir)).rejects.toThrow(/postgres\.password is missing/);
    await writeFile(file, 'another', { mode: 0o600 });
    await expect(start(dataDir)).rejects.toThrow(/does not start: password authentication failed/);
    await writeFile(file, password);
    await using server = await start(dataDir);
    expect(await rowsOf(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  test('because somebody serves it by hand is refused, and theirs goes on', async () => {
    const clusterDir = join(dataDir, 'postgres');
    const launcher = await chooseLauncher(clusterDir);
    const program = join((await findBinaries()).folder, 'bin', 'postgres');
    const [command = '', ...args] = [
      ...launcher.prefix,
      program,
      '-D',
      clusterDir,
      '-k',
      clusterDir,
      '-h',
      '',
    ];
    const child = spawn(command, args, { stdio: 'ignore' });
    try {
      await eventually(async () => (await findPostmaster(clusterDir))?.ready);
      await expect(start(dataDir)).rejects.toThrow(
        new RegExp(`pid ${child.pid}.*which floorwire did not start`),
      );
      expect(child.exitCode).toBeNull();
    } finally {
      child.kill('SIGINT');
      await once(child, 'exit');
    }
  });
});

describe('the socket folder', async () => {
  const dataDir = await temporaryFolder();

  test.each([
    ['that others may enter', async (folder: string) => chmod(folder, 0o777)],
    ...(isRoot ? [['of another user', async (folder: string) => chown(folder, 1234, 1234)] as const] : []),
  ] as const)('%s is not used: the server takes another', async (_what, spoil) => {
    const before = await start(dataDir);
    const folder = socketFolderOf(before.connection);
    await before[Symbol.asyncDispose]();
    await mkdir(folder, { mode: 0o700 });
    try {
      await spoil(folder);
      await using server = await start(dataDir);
      const taken = socketFolderOf(server.connection);
      expect(taken).not.toBe(folder);
      expect((await stat(taken)).mode & 0o777).toBe(0o700);
      expect(await joinEmbedded(dataDir)).toBe(server.connection);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('is not trusted by who joins once others may enter it', async () => {
    await using server = await start(dataDir);
    const folder = socketFolderOf(server.connection);
    await chmod(folder, 0o755);
    await expect(joinEmbedded(dataDir)).rejects.toThrow(DatabaseSetupError);
    await chmod(folder, 0o700);
    expect(await joinEmbedded(dataDir)).toBe(server.connection);
  });

  test('with what a killed server left in it is used again', async () => {
    const before = await start(dataDir);
    const folder = socketFolderOf(before.connection);
    await before[Symbol.asyncDispose]();
    await mkdir(folder, { mode: 0o700 });
    await writeFile(join(folder, '.s.PGSQL.5432.lock'), `${process.pid}\n${dataDir}\n`);
    await using server = await start(dataDir);
    expect(socketFolderOf(server.connection)).toBe(folder);
  });
});
