import { execFile } from 'node:child_process';
import { mkdir, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** What the programs look for beside `dist`. */
const BESIDE = ['package.json', 'migrations', 'node_modules'];

/** Makes a folder that has floorwire in its `dist`, as the sources are now, and what belongs beside it. */
export async function makeBuild(folder: string): Promise<void> {
  await mkdir(folder);
  for (const name of BESIDE) await symlink(join(ROOT, name), join(folder, name));
  await compileInto(folder);
}

/** The same for a folder that is there already. */
export async function compileInto(folder: string): Promise<void> {
  await promisify(execFile)(process.execPath, [join(ROOT, 'scripts/bundle.js'), join(folder, 'dist')]);
}
