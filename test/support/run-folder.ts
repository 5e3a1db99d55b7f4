import { execFile } from 'node:child_process';
import { chmod, mkdtemp, readdir, rm, statfs, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

/** Where Linux keeps files in memory. */
const MEMORY = '/dev/shm';
/** What a run writes at most is a part of it. */
const ROOM_BYTES = 3 * 2 ** 30;

/**
 * A new folder for all that a run of the tests writes: in memory where it has the room, else where temporary files
 * go. Most of what a database costs a test is the making of its thousand files.
 */
export async function makeRunFolder(): Promise<string> {
  await removeLeft().catch(() => {});
  return (await makeFolder(MEMORY, hasRoom).catch(() => null)) ?? (await makeFolder(tmpdir()));
}

const PREFIX = 'floorwire-tests-';

/** A run that was killed gives back no memory: the next one does. */
async function removeLeft(): Promise<void> {
  for (const name of await readdir(MEMORY)) {
    const [, pid] = new RegExp(`^${PREFIX}(\\d+)-`).exec(name) ?? [];
    if (pid && !isAlive(Number(pid))) await rm(join(MEMORY, name), { recursive: true, force: true });
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // Somebody else's.
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

async function makeFolder(parent: string, suits = async (_folder: string) => true): Promise<string> {
  const folder = await mkdtemp(join(parent, `${PREFIX}${process.pid}-`));
  try {
    // As open as a folder of temporary files is: a PostgreSQL that root starts is somebody else.
    await chmod(folder, 0o1777);
    if (await suits(folder)) return folder;
    throw new Error(`${folder} will not do`);
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Room for all of it, and programs may be started from there: a container may refuse either. */
async function hasRoom(folder: string): Promise<boolean> {
  const { bavail, bsize } = await statfs(folder);
  if (Math.min(bavail * bsize, process.availableMemory()) < ROOM_BYTES) return false;
  const program = join(folder, 'program');
  await writeFile(program, '#!/bin/sh\n', { mode: 0o755 });
  await promisify(execFile)(program);
  await rm(program);
  return true;
}
