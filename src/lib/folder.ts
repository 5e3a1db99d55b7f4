import { mkdirSync, statSync } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { dirname } from 'node:path';

/**
 * Makes a folder and those above it that are missing; what is there stays as it is. Node's own `recursive` tries for
 * ever where the folder above is there and takes none, as /proc does.
 *
 * @throws what the operating system says
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if (await isFolder(path)) return;
  const above = dirname(path);
  if (above !== path) await makeFolder(above, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    // Somebody else was first.
    if (!(await isFolder(path))) throw error;
  }
}

/** The same at once, for what is read and written before anything else goes on. */
export function makeFolderSync(path: string, mode = 0o777): void {
  if (isFolderSync(path)) return;
  const above = dirname(path);
  if (above !== path) makeFolderSync(above, mode);
  try {
    mkdirSync(path, { mode });
  } catch (error) {
    if (!isFolderSync(path)) throw error;
  }
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => null))?.isDirectory() ?? false;

function isFolderSync(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}
