import { constants, copyFile, open, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { makeFolder } from '../lib/folder.ts';
import { isMissingFile } from '../lib/missing-file.ts';
import type { Storage } from './storage.ts';

/** Files in a folder of this computer, for its owner alone: `<folder>/<last two digits of the id>/<id>`. */
export function diskStorage(folder: string): Storage {
  const pathOf = (id: string): string => join(folder, id.slice(-2), id);
  return {
    async put(id, { path }) {
      const target = pathOf(id);
      await makeFolder(dirname(target), 0o700);
      await move(path, target);
      await syncFolder(dirname(target));
    },
    async read(id, range) {
      try {
        const handle = await open(pathOf(id));
        return handle.createReadStream(range);
      } catch (error) {
        if (isMissingFile(error)) return null;
        throw error;
      }
    },
    async delete(id) {
      await rm(pathOf(id), { force: true });
    },
  };
}

/** What arrives may lie on another disk than what is kept. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error;
    await copyOver(from, to);
  }
}

async function copyOver(from: string, to: string): Promise<void> {
  await copyFile(from, to, constants.COPYFILE_FICLONE);
  const copied = await open(to, 'r+');
  try {
    await copied.sync();
  } finally {
    await copied.close();
  }
  await rm(from);
}

/** That a name leads to a file is kept with its folder. */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
