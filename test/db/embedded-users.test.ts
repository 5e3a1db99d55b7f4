import { chmod, chown, mkdir, readFile, stat, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { joinEmbedded } from '../../src/db/embedded-join.ts';
import { findBarrier } from '../../src/db/embedded-privileges.ts';
import { eventually } from '../support/deadline.ts';
import { temporaryFolder } from '../support/temporary-folder.ts';
import { isAlive, isRoot, rowsOf, spawnOwner, start } from './embedded-fixture.ts';

const ORDINARY = 1000;
const NOBODY = 65534;
/** A checkout below /root cannot be run by anybody else. */
const isOpenToOthers =
  (await findBarrier({ uid: ORDINARY, gid: ORDINARY, prefix: [], confined: true }, import.meta.dirname)) ===
  null;

/** A `PATH` that leads to nothing but these programs of the system. */
async function pathOf(...programs: string[]): Promise<string> {
  const folder = await temporaryFolder();
  await chmod(folder, 0o755);
  for (const program of programs) await symlink(join('/usr/bin', program), join(folder, program));
  return folder;
}

async function userOf(pid: number | undefined): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^Uid:\t(\d+)/m.exec(status)?.[1]);
}

describe.runIf(isRoot && process.platform === 'linux')('root', () => {
  afterEach(() => {
    vi.unstubAllEnvs();
  });

  test('keeps the data folder its own where it may enter a user namespace', async () => {
    const dataDir = await temporaryFolder();
    await using server = await start(dataDir);
    expect(await rowsOf(server.connection, 'select 1 as one')).toEqual([{ one: 1 }]);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(await userOf(server.pid));
  });

  test('serves as nobody where it may not, and gets the folder back when it may again', async () => {
    const dataDir = await temporaryFolder();
    await chmod(dataDir, 0o755);
    vi.stubEnv('PATH', await pathOf('setpriv', 'true'));
    const asNobody = await start(dataDir);
    expect(await userOf(asNobody.pid)).toBe(NOBODY);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(NOBODY);
    expect(await joinEmbedded(dataDir)).toBe(asNobody.connection);
    await rowsOf(asNobody.connection, 'create table kept as select 1 as n');
    await asNobody[Symbol.asyncDispose]();

    vi.unstubAllEnvs();
    await using server = await start(dataDir);
    expect(await rowsOf(server.connection, 'select n from kept')).toEqual([{ n: 1 }]);
    expect((await stat(join(dataDir, 'postgres'))).uid).toBe(await userOf(server.pid));
  });

  test('is told which folder keeps nobody out', async () => {
    const closed = await temporaryFolder();
    vi.stubEnv('PATH', await pathOf('setpriv', 'true'));
    await expect(start(join(closed, 'data'))).rejects.toThrow(
      new RegExp(`runs as user ${NOBODY}, who may not pass ${closed}: .*DATA_DIR.*DATABASE_URL`),
    );
  });

  test('is told the ways out where nothing helps', async () => {
    vi.stubEnv('PATH', await pathOf('true'));
    await expect(start(await temporaryFolder())).rejects.toThrow(
      /neither unshare nor setpriv works here: .*ordinary user.*DATABASE_URL/,
    );
  });

  test.runIf(isOpenToOthers)(
    "serves an ordinary user's folder as that user, who can go on with it",
    async () => {
      const dataDir = join(await temporaryFolder(), 'data');
      await chmod(join(dataDir, '..'), 0o755);
      await mkdir(dataDir);
      await chown(dataDir, ORDINARY, ORDINARY);
      for (const whose of ['first', 'second']) {
        await using owner = spawnOwner(dataDir, ORDINARY);
        const { connection, serverPid, error } = await owner.answer;
        expect(error).toBeUndefined();
        expect(await userOf(serverPid)).toBe(ORDINARY);
        await rowsOf(connection, `create table ${whose}_user ()`);
        await owner.kill('SIGTERM');

        await using server = await start(dataDir);
        expect(await userOf(server.pid)).toBe(ORDINARY);
        await rowsOf(server.connection, `drop table ${whose}_user`);
      }
    },
  );

  async function killOwner(uid?: number): Promise<void> {
    const parent = await temporaryFolder();
    await chmod(parent, 0o755);
    const dataDir = join(parent, 'data');
    await mkdir(dataDir);
    if (uid) await chown(dataDir, uid, uid);
    else vi.stubEnv('PATH', await pathOf('setpriv', 'true'));
    const owner = spawnOwner(dataDir, uid);
    const { serverPid } = await owner.answer;
    expect(await userOf(serverPid)).toBe(uid ?? NOBODY);
    await owner.kill('SIGKILL');
    await eventually(async () => !(await isAlive(serverPid)));
    await (await start(dataDir))[Symbol.asyncDispose]();
  }

  test("that is killed takes nobody's server with it", () => killOwner());

  test.runIf(isOpenToOthers)("that is killed takes an ordinary user's server with it", () =>
    killOwner(ORDINARY),
  );
});
