import { existsSync } from 'node:fs';
import { readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { processStart } from '../db/embedded-process.ts';
import { codeOf } from '../db/errors.ts';
import { backupName } from './backup-format.ts';

/** A backup that is being written, under a name that no other gets. Disposed before it is whole, it leaves nothing. */
export interface Draft extends AsyncDisposable {
  /** What it is to be called when it is whole. */
  readonly path: string;
  /** There from the beginning and empty: whoever makes this file has the name. */
  readonly sumPath: string;
  /** Where it is written. It says by which process. */
  readonly partialPath: string;
}

const PARTIAL = /^(floorwire-\w+(?:-\d+)?\.backup)(?:\.(\d+))?\.partial$/;
const SUM = /^(floorwire-\w+(?:-\d+)?\.backup)\.sha256$/;
/** How often a draft shows that somebody is at it, also while the database keeps him waiting. */
const TOUCH_MS = 60_000;
/** What nobody has touched for so long is left over, unless a process of its number lives. */
const ABANDONED_MS = 86_400_000;

/** The first name of that second that nobody has. */
export async function beginDraft(folder: string, takenAt: Date): Promise<Draft> {
  for (let number = 1; ; number += 1) {
    const path = join(folder, backupName(takenAt, number));
    const [sumPath, partialPath] = [`${path}.sha256`, `${path}.${process.pid}.partial`];
    // Before the name is taken: what a killed process leaves is found by it.
    if (!(await create(partialPath))) continue;
    if (await create(sumPath)) {
      if (!existsSync(path)) return draftOf({ path, sumPath, partialPath });
      await rm(sumPath, { force: true });
    }
    await rm(partialPath, { force: true });
  }
}

function draftOf(paths: Pick<Draft, 'path' | 'sumPath' | 'partialPath'>): Draft {
  const { path, sumPath, partialPath } = paths;
  const touch = () => {
    const now = new Date();
    utimes(partialPath, now, now).catch(() => {});
  };
  const touching = setInterval(touch, TOUCH_MS).unref();
  return {
    ...paths,
    async [Symbol.asyncDispose]() {
      clearInterval(touching);
      if (!existsSync(path)) await rm(sumPath, { force: true });
      await rm(partialPath, { force: true });
    },
  };
}

/** Removes what killed backups left in a folder, never what somebody still writes, here or on another computer. Answers its names. */
export async function removeAbandoned(folder: string, now: Date): Promise<readonly string[]> {
  const names = await readdir(folder);
  const removed: string[] = [];
  const [interrupted, written] = [new Set<string>(), new Set<string>()];
  for (const name of names) {
    const [, backup, pid] = PARTIAL.exec(name) ?? [];
    if (backup === undefined) continue;
    const isLeft = await isAbandoned(join(folder, name), pid, now);
    (isLeft ? interrupted : written).add(backup);
    if (isLeft) removed.push(name);
  }
  for (const name of names) {
    const [, backup] = SUM.exec(name) ?? [];
    if (backup === undefined || written.has(backup) || existsSync(join(folder, backup))) continue;
    // Or else its backup was removed, and somebody was killed at it.
    if (interrupted.has(backup)) await rm(join(folder, name), { force: true });
    else if (await isOld(join(folder, name), now)) removed.push(name);
  }
  for (const name of removed) await rm(join(folder, name), { force: true });
  return removed;
}

/** Unlike when it was written, when it came to be there is not copied from elsewhere with it. */
async function isOld(path: string, now: Date): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  return !!found?.isFile() && now.getTime() - found.ctimeMs >= ABANDONED_MS;
}

async function isAbandoned(path: string, pid: string | undefined, now: Date): Promise<boolean> {
  const found = await stat(path).catch(() => null);
  if (!found?.isFile() || now.getTime() - found.mtimeMs < ABANDONED_MS) return false;
  // In a container each run may have the same number; this run has begun nothing a day ago that it does not touch.
  if (pid === undefined || Number(pid) === process.pid) return true;
  return (await processStart(Number(pid))) === null;
}

/** For its owner alone: a backup has everything, addresses, hashes of passwords, money. False when it exists. */
async function create(path: string): Promise<boolean> {
  try {
    await writeFile(path, '', { flag: 'wx', mode: 0o600 });
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}
